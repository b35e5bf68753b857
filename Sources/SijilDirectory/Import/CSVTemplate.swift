import SijilCore

/// A text with the names of columns in braces: `{id}/voice`.
///
/// Doubled braces stand for themselves.
struct CSVTemplate: Hashable, Sendable {
    private enum Part: Hashable, Sendable {
        case literal(String)
        case column(String)
    }

    private let parts: [Part]

    /// - Throws: `configuration` for a brace without its other half.
    init(_ text: String, place: String) throws(SijilError) {
        let unbalanced = SijilError(
            .configuration, "A brace in the mapping has no other half.",
            hint: "Write {{ and }} for braces that are meant.", place: place)
        var parts: [Part] = []
        var literal = ""
        var rest = text[...]
        while let character = rest.popFirst() {
            switch character {
            case "{" where rest.first == "{", "}" where rest.first == "}":
                rest.removeFirst()
                literal.append(character)
            case "{":
                guard let end = rest.firstIndex(of: "}") else { throw unbalanced }
                if !literal.isEmpty { parts.append(.literal(literal)) }
                literal = ""
                parts.append(.column(String(rest[..<end])))
                rest = rest[rest.index(after: end)...]
            case "}": throw unbalanced
            default: literal.append(character)
            }
        }
        if !literal.isEmpty { parts.append(.literal(literal)) }
        self.parts = parts
    }

    var columns: [String] {
        parts.compactMap { if case .column(let name) = $0 { name } else { nil } }
    }

    /// The text for a row; empty when the template has columns and all of them are.
    func text(_ row: CSVColumns.Row) -> String {
        var text = ""
        var hasColumn = false
        var isFilled = false
        for part in parts {
            switch part {
            case .literal(let literal): text += literal
            case .column(let name):
                let cell = row[name]
                hasColumn = true
                isFilled = isFilled || !cell.isEmpty
                text += cell
            }
        }
        return hasColumn && !isFilled ? "" : text
    }
}

/// The columns of a CSV by their names in the header.
struct CSVColumns {
    let names: [String]
    /// Of the row of tags below the header, where there is one.
    let tags: [HXLTag?]
    private let places: [String: Int]
    private let placesByTag: [HXLTag: Int]

    /// A row's cells by column, without the white space at their ends; a blank one is empty.
    struct Row {
        let columns: CSVColumns
        let cells: [String]

        subscript(name: String) -> String {
            guard let place = columns.place(of: name), place < cells.count else { return "" }
            let cell = cells[place]
            if CSVText.isBlank(cell) { return "" }
            guard cell.first?.isWhitespace == true || cell.last?.isWhitespace == true else {
                return cell
            }
            return String(
                cell.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
        }
    }

    /// - Throws: `badData` for two columns of one name.
    init(header: [String], tags: [String] = []) throws(SijilError) {
        var names: [String] = []
        var places: [String: Int] = [:]
        for (place, cell) in header.enumerated() {
            let name = try EnteredText(cell, field: "column \(place + 1)", limit: 256).text
            names.append(name)
            guard !name.isEmpty else { continue }
            guard places.updateValue(place, forKey: name) == nil else {
                throw SijilError(
                    .badData, "Two columns of the header have one name.",
                    place: "line 1, column \(place + 1)")
            }
        }
        self.names = names
        self.places = places
        self.tags = tags.map { HXLTag($0) }
        placesByTag = Dictionary(
            self.tags.enumerated().compactMap { place, tag in tag.map { ($0, place) } }
        ) { first, _ in first }
    }

    func contains(_ name: String) -> Bool { place(of: name) != nil }

    /// The place of a column by its name, or by its tag however that is spelt.
    private func place(of name: String) -> Int? {
        places[name] ?? HXLTag(name).flatMap { placesByTag[$0] }
    }
}

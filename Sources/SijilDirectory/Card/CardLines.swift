import SijilCore

/// The lines of a card, put together from those that its record's fields make and those that the record keeps:
/// a kept line goes in place of the one that says the same with less.
///
/// Of the kept lines of one name all come back, or none: an import takes those away that a card with others of
/// the name does not have. Lines that say what the fields no longer say stay behind.
struct CardLines {
    private let own: [CardProperty]
    /// Where the own lines of a name stand.
    private let places: [String: [Int]]
    private let schema: Schema
    /// What stands at each of these places.
    private var lines: [[CardProperty]]
    /// What has no place beside the own lines.
    private var rest: [CardProperty] = []

    var all: [CardProperty] { lines.flatMap(\.self) + rest }

    init(_ own: [CardProperty], keeping kept: [CardProperty], of shape: CardShape, schema: Schema) {
        self.own = own
        self.schema = schema
        places = Dictionary(grouping: own.indices) { own[$0].name }
        lines = own.map { [$0] }
        let isPerson = shape.type == CardShape.person.type
        let byName = Dictionary(grouping: kept, by: \.name).sorted { $0.key < $1.key }
        for (name, kept) in byName {
            switch name {
            // They have their place at the beginning of the card.
            case "UID", "KIND": break
            case "FN": addNames(kept)
            case "N": addStructuredNames(kept)
            case _ where isPerson && CardShape.plainFields[name] != nil: addPlain(kept, name)
            case _ where isPerson && CardShape.seatNames.contains(name): addSeats(kept, name)
            default: rest += kept
            }
        }
    }

    /// Our line has the name and its language, a kept one what else was said of it.
    private mutating func addNames(_ kept: [CardProperty]) {
        var lines = lines
        var free = places["FN", default: []].filter { own[$0]["X-SIJIL-DERIVED"].isEmpty }
        for line in kept {
            guard let index = free.firstIndex(where: { own[$0].text == line.text }) else { return }
            lines[free.remove(at: index)][0].take(line.without(CardShape.nameParameters))
        }
        self.lines = lines
    }

    /// `N` as it came, as long as it still is a name of the record.
    private mutating func addStructuredNames(_ kept: [CardProperty]) {
        let texts = places["FN", default: []].map { own[$0].text.lowercased() }
        let words = Set(texts.flatMap { $0.split(separator: " ") })
        let fits = kept.contains { property in
            // A second given name may not be shown; family and given name are.
            CardText.components(property.value).prefix(2).joined()
                .flatMap { $0.lowercased().split(separator: " ") }
                .allSatisfy { word in
                    // Names of some scripts are written without a space.
                    words.contains(word)
                        || texts.contains { !$0.contains(" ") && $0.contains(word) }
                }
        }
        if fits, let place = places["N"]?.first { lines[place] = kept }
    }

    /// Lines of a field of a person, as long as it still has all that they say.
    private mutating func addPlain(_ kept: [CardProperty], _ name: String) {
        let person = schema[CardShape.person.type]
        let isSet = CardShape.plainFields[name].flatMap { person?[$0] }?.shape == .set
        let places = places[name] ?? []
        let known = places.map { CardShape.values(of: own[$0], in: person) }
        let values = kept.flatMap { CardShape.values(of: $0, in: person) }
        let said = Set(values)
        // Beside a single value none that could not be read; and of several notes, which are one, none is it.
        guard said.isSubset(of: known.joined()), isSet || said.isEmpty == places.isEmpty,
            name != "NOTE" || values.count < 2
        else { return }
        for (place, values) in zip(places, known)
        where !values.isEmpty && said.isSuperset(of: values) { lines[place] = [] }
        if let first = places.first {
            lines[first].insert(contentsOf: kept, at: 0)
        } else {
            rest += kept
        }
    }

    /// Lines of another system that tell of an office: ours say the same, unless these say more.
    private mutating func addSeats(_ kept: [CardProperty], _ name: String) {
        func texts(_ name: String) -> Set<String> {
            Set(places[name, default: []].map { own[$0].text })
        }
        let said = texts(name)
        // An office that the person no longer holds is not told of.
        let held = texts("TITLE").union(name == "ROLE" ? said : [])
        let isHeld =
            !["TITLE", "ROLE"].contains(name)
            || kept.allSatisfy {
                held.contains($0.text)
                    || !CardShape.isFit(.text($0.text), "title", in: schema["office"])
            }
        let isTold = kept.allSatisfy {
            said.contains($0.text) && !$0.says(moreThan: CardShape.seatParameters)
        }
        if isHeld, !isTold { rest += kept }
    }
}

import SijilCore
import SijilStore

/// Makes a vCard 4.0 of a person, an office or a community.
///
/// A card holds all fields of its record that its version's schema has, so ``CardRecords`` reads it back as it
/// was: names as `FN` with `LANGUAGE` and one `ALTID`, a transliteration with `PHONETIC` and `SCRIPT`; what has no
/// property of its own as `X-SIJIL-…`. A conflict is written as what it shows.
struct CardWriter {
    /// An office that a person holds, as far as a card tells.
    struct Seat {
        var tenure: RecordView
        var office: RecordView
        /// The names of the community that the office leads, by key.
        var community: [(key: Value, value: Value)]
    }

    private let schema: Schema

    init(schema: Schema) { self.schema = schema }

    func channel(_ channel: RecordView) -> CardProperty {
        CardChannel.property(of: channel, schema: schema)
    }

    /// The card's lines, without `BEGIN` and `END`.
    ///
    /// - Parameter label: what stands for a name that is not there.
    func card(
        of record: RecordView, _ shape: CardShape, channels: [CardProperty], seats: [Seat] = [],
        label: String
    ) -> [CardProperty] {
        var written = [CardProperty("VERSION", text: "4.0")]
        let kept = record.keyed("card_properties")
            .compactMap { try? CardProperty(parsing: $0.value.plainText.utf8) }
        if let kind = kept.first(where: { $0.name == "KIND" }) {
            written.append(kind)
        } else if let kind = shape.kind {
            written.append(CardProperty("KIND", text: kind))
        }
        if shape.type == "office" { written.append(CardProperty("X-SIJIL-RECORD", text: "office")) }
        var lines = Lines(kept)
        let uid = kept.first { $0.name == "UID" }
        written.append(uid ?? CardProperty("UID", value: record.id.urn))
        for name in names(of: record, shape, label: label) { lines.add(name) }
        lines.addStructuredName()
        let present = Set(record.cells.keys.map(\.field))
        for field in schema[shape.type]?.fields ?? []
        where present.contains(field.name) && field.name != shape.name
            && field.name != "card_properties"
        {
            for property in properties(of: field, record, shape) { lines.add(property) }
        }
        for channel in channels { lines.add(channel) }
        for seat in seats {
            for property in properties(of: seat, holder: record) { lines.add(property) }
        }
        lines.addKept(beside: schema[shape.type])
        written += lines.all
        if let revision = revision(of: record) { written.append(revision) }
        return written
    }

    static func write(_ card: [CardProperty], to bytes: inout [UInt8]) {
        bytes += "BEGIN:VCARD\r\n".utf8
        for property in card { property.write(to: &bytes) }
        bytes += "END:VCARD\r\n".utf8
    }

    // MARK: Names

    private func names(
        of record: RecordView, _ shape: CardShape, label: String
    ) -> [CardProperty] {
        let names = record.keyed(shape.name)
            .compactMap { key, value -> (key: String, text: String)? in
                guard case .text(let key) = key else { return nil }
                let text = value.plainText
                return text.allSatisfy(\.isWhitespace) ? nil : (key, text)
            }
        guard !names.isEmpty else {
            // A card must have a name; this one is none, and an import passes over it.
            var property = CardProperty("FN", text: label)
            property["X-SIJIL-DERIVED"] = ["yes"]
            return [property]
        }
        let keys = Set(names.map(\.key))
        return names.map { key, text in
            var property = CardProperty("FN", text: text)
            if names.count > 1 { property["ALTID"] = ["1"] }
            if key != CardLanguage.unknown {
                CardLanguage.write(key, among: keys, to: &property)
            }
            return property
        }
    }

    // MARK: Fields

    private func properties(
        of field: Field, _ record: RecordView, _ shape: CardShape
    ) -> [CardProperty] {
        let plain =
            shape.type == "person"
            ? CardShape.plainFields.first { $0.value == field.name }?.key : nil
        let name = plain ?? CardShape.extensionName(field.name)
        switch field.shape {
        case .single:
            var text = record[field.name].plainText
            guard !text.allSatisfy(\.isWhitespace) else { return [] }
            var property = CardProperty(name, text: text)
            if plain == "GENDER" {
                guard let letter = CardShape.genders[text] else { return [] }
                text = letter
                property.value = letter
            } else if plain == "BDAY" {
                property["VALUE"] = ["date"]
            }
            return [property]
        case .set:
            return record.members(field.name).map { CardProperty(name, text: $0.plainText) }
        case .keyed:
            return record.keyed(field.name)
                .compactMap { key, value in
                    guard case .text(let key) = key else { return nil }
                    var property = CardProperty(name, text: value.plainText)
                    property["LANGUAGE"] = [key]
                    return property
                }
        }
    }

    private func properties(of seat: Seat, holder: RecordView) -> [CardProperty] {
        let titles = seat.office.keyed("title")
            .compactMap { key, value -> CardProperty? in
                guard case .text(let key) = key else { return nil }
                var property = CardProperty("TITLE", text: value.plainText)
                property["LANGUAGE"] = [key]
                property["PROP-ID"] = [Self.propertyID(seat.tenure.id, key)]
                property["ALTID"] = [String(seat.tenure.id.description.prefix(8))]
                // What another collection has cannot be read into the holder's.
                if [seat.tenure, seat.office].allSatisfy({ $0.collection == holder.collection }) {
                    property["X-SIJIL-OFFICE"] = [seat.office.id.description]
                    for field in CardSeat.tenureFields {
                        let text = seat.tenure[field].plainText
                        property[CardShape.extensionName(field)] = text.isEmpty ? [] : [text]
                    }
                }
                return property
            }
        guard !titles.isEmpty else { return [] }
        var properties = titles
        for (name, field) in [("ROLE", "type"), ("CATEGORIES", "category")] {
            let text = seat.office[field].plainText
            guard !text.isEmpty else { continue }
            var property = CardProperty(name, text: text)
            property["PROP-ID"] = [seat.tenure.id.description]
            properties.append(property)
        }
        for (key, value) in seat.community {
            guard case .text(let key) = key else { continue }
            var property = CardProperty("ORG", text: value.plainText)
            property["LANGUAGE"] = [key]
            property["PROP-ID"] = [Self.propertyID(seat.tenure.id, key)]
            property["ALTID"] = [String(seat.tenure.id.description.prefix(8))]
            properties.append(property)
        }
        return properties
    }

    /// An identifier of its own for each language: RFC 9554, section 4.7.
    private static func propertyID(_ id: RecordID, _ key: String) -> String {
        id.description + "-"
            + String(
                key.filter { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }.prefix(40))
    }

    private func revision(of record: RecordView) -> CardProperty? {
        let latest = record.cells.values.flatMap(\.siblings).map(\.at).max()
        guard let latest, latest > 0 else { return nil }
        let text = Timestamp.text(milliseconds: latest).prefix(19)
            .replacing("-", with: "").replacing(":", with: "")
        return CardProperty("REV", value: text + "Z")
    }
}

/// The lines of a card as they are put together: one that the record keeps goes in place of the line that says
/// the same with less.
private struct Lines {
    private(set) var all: [CardProperty] = []
    private var kept: [CardProperty]
    /// Lines of another system that ours of an office say too, and the names of those that say more.
    private var told: [CardProperty] = []
    private var saysMore: Set<String> = []
    /// Lines that the record keeps and that stand for several members of a set.
    private var shared: [CardProperty] = []

    init(_ kept: [CardProperty]) { self.kept = kept }

    mutating func add(_ property: CardProperty) {
        let isSame: (CardProperty) -> Bool = { kept in
            guard kept.name == property.name else { return false }
            switch kept.name {
            // What follows is more than the field holds.
            case "GENDER": return kept.text.uppercased().hasPrefix(property.text)
            case "BDAY": return kept.text.hasPrefix(property.text)
            case "NICKNAME": return CardText.parts(kept.value, at: ",").contains(property.text)
            default: return kept.text == property.text
            }
        }
        if let place = kept.firstIndex(where: isSame) {
            let line = kept.remove(at: place)
            let isSeat = CardShape.seatNames.contains(property.name)
            // Where there are no records yet, the office is known by what only our line says.
            if isSeat { all.append(property) }
            if isSeat, !line.says(moreThan: CardShape.seatParameters) {
                told.append(line)
            } else {
                all.append(line)
                saysMore.insert(line.name)
                if ["NICKNAME", "LANG"].contains(line.name) { shared.append(line) }
            }
        } else if !shared.contains(where: { isSame($0) && $0 != property }) {
            all.append(property)
        }
    }

    /// `N` as it came, as long as it still is a name of the record; else all of the first name as the given
    /// one: nobody's name is split by us, and many programs need an `N`.
    mutating func addStructuredName() {
        let names = all.filter { $0.name == "FN" }
        let texts = names.map { $0.text.lowercased() }
        let words = Set(texts.flatMap { $0.split(separator: " ") })
        let structured = kept.filter { $0.name == "N" }
        let fits = structured.contains { property in
            // A second given name may not be shown; family and given name are.
            CardText.components(property.value).prefix(2).joined()
                .flatMap { $0.lowercased().split(separator: " ") }
                .allSatisfy { word in
                    // Names of some scripts are written without a space.
                    words.contains(word)
                        || texts.contains { !$0.contains(" ") && $0.contains(word) }
                }
        }
        let derived = CardProperty("N", value: ";" + (names.first?.value ?? "") + ";;;")
        all += fits ? structured : [derived]
    }

    /// What is left of what the record keeps; lines that are fields of ours, and say what these no longer
    /// say, stay behind.
    mutating func addKept(beside type: RecordType?) {
        let rest = kept.filter { property in
            switch property.name {
            case "UID", "KIND", "FN", "N", "NOTE": return false
            case "BDAY", "GENDER": return !all.contains { $0.name == property.name }
            case "NICKNAME", "LANG":
                let field = property.name == "LANG" ? "languages" : "aliases"
                return !CardText.parts(property.value, at: ",")
                    .contains { CardShape.isFit(.text($0), field, in: type) }
            // An office that the person no longer holds is not told of.
            case "TITLE", "ROLE":
                let text = property.text
                return all.contains {
                    ["TITLE", "ROLE"].contains($0.name) && $0.text == text
                }
            default: return true
            }
        }
        all += rest
        // Of the lines of one name all come back, or none: a card that has some takes the others away.
        let names = saysMore.union(rest.map(\.name))
        all += told.filter { names.contains($0.name) }
    }
}

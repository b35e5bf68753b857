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
        /// How many names of a community a card of somebody else has.
        static let communityNames = 8

        var tenure: RecordView
        var office: RecordView
        /// Names of the community that the office leads, by key.
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
        let uid = kept.first { $0.name == "UID" }
        written.append(uid ?? CardProperty("UID", value: record.id.urn))
        var own = names(of: record, shape, label: label)
        // Nobody's name is split by us, and many programs need an N: all of the first name is the given one.
        own.append(CardProperty("N", value: ";" + own[0].value + ";;;"))
        let present = Set(record.cells.keys.map(\.field))
        for field in schema[shape.type]?.fields ?? []
        where present.contains(field.name) && field.name != shape.name
            && field.name != "card_properties"
        {
            own += properties(of: field, record, shape)
        }
        own += channels
        var told = Set<RecordID>()
        for seat in seats { own += properties(of: seat, holder: record, &told) }
        written += CardLines(own, keeping: kept, of: shape, schema: schema).all
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

    /// - Parameter told: the offices and communities whose names the card has already; an office needs one in
    ///   each seat.
    private func properties(
        of seat: Seat, holder: RecordView, _ told: inout Set<RecordID>
    ) -> [CardProperty] {
        let isNew = told.insert(seat.office.id).inserted
        let titles = seat.office.keyed("title").prefix(isNew ? .max : 1)
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
        guard case .reference(let community) = seat.office["community"],
            told.insert(community).inserted
        else { return properties }
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

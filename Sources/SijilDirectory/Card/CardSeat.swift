import SijilCore

/// An office that a person holds, as the lines `TITLE`, `ROLE`, `ORG` and `CATEGORIES` of their card.
///
/// Ours name the tenure in `PROP-ID` and the office in `X-SIJIL-OFFICE`, so they are found again. Those of
/// another system are named by what they say: two cards with one `ORG` and one `TITLE` mean one office. Such a
/// line beside one of ours with the same text says nothing of its own.
struct CardSeat {
    typealias Record = (type: String, id: RecordID, fields: [ImportedField])

    private(set) var records: [Record] = []
    /// How one of another system is found; `nil` for ours.
    private(set) var resemblance: Resemblance?

    // MARK: Reading

    /// The tenure that a line of ours belongs to.
    static func tenure(of property: CardProperty) -> RecordID? {
        guard let id = property["PROP-ID"].first else { return nil }
        let digits = id.prefix(32)
        guard id.count == 32 || id.dropFirst(32).first == "-" else { return nil }
        return RecordID(digits)
    }

    /// The seats of a card.
    ///
    /// What is no title or no name for an office or a community stays a line of the card.
    static func seats(
        of properties: [CardProperty], person: RecordID, in collection: CollectionID, schema: Schema
    ) -> [CardSeat] {
        var seats: [CardSeat] = []
        var titles: [[CardProperty]] = []
        var ours: [RecordID: [CardProperty]] = [:]
        var foreign: [CardProperty] = []
        for property in properties where CardShape.seatNames.contains(property.name) {
            if let tenure = tenure(of: property) {
                ours[tenure, default: []].append(property)
            } else if !property.isBlank {
                foreign.append(property)
            }
        }
        func isTitle(_ property: CardProperty) -> Bool {
            CardShape.isFit(.text(property.text), "title", in: schema["office"])
        }
        var told = Set<String>()
        for property in properties where property.name == "TITLE" {
            if let tenure = tenure(of: property) {
                told.insert(property.text)
                guard let lines = ours.removeValue(forKey: tenure),
                    let office = property["X-SIJIL-OFFICE"].first.flatMap({ RecordID($0) })
                else { continue }
                seats.append(
                    CardSeat(
                        tenure: tenure, office: office, person: person, lines))
                continue
            }
            guard isTitle(property) else { continue }
            // Titles with one ALTID are one title in several languages.
            let group = titles.firstIndex {
                !property["ALTID"].isEmpty && $0[0]["ALTID"] == property["ALTID"]
            }
            if let group { titles[group].append(property) } else { titles.append([property]) }
        }
        titles.removeAll { $0.allSatisfy { told.contains($0.text) } }
        let roles = foreign.filter { $0.name == "ROLE" }
        if titles.isEmpty, told.isEmpty, let role = roles.first(where: isTitle) {
            titles = [[role]]
        }
        let organisation = foreign.lazy.filter { $0.name == "ORG" }.map(Self.community)
            .first { CardShape.isFit(.text($0), "name", in: schema["community"]) }
        for title in titles {
            seats.append(
                CardSeat(
                    title, role: titles.count == 1 ? roles.first : nil, organisation,
                    person: person, in: collection))
        }
        return seats
    }

    /// One of ours.
    private init(
        tenure: RecordID, office: RecordID, person: RecordID, _ properties: [CardProperty]
    ) {
        var held = [
            ImportedField(name: "person", content: .reference(person, key: nil)),
            ImportedField(name: "office", content: .reference(office, key: nil)),
        ]
        var fields: [ImportedField] = []
        for property in properties where !property.isBlank {
            switch property.name {
            case "TITLE":
                let key = property["LANGUAGE"].first ?? CardLanguage.unknown
                fields.append(
                    ImportedField(name: "title", content: .text(property.text, key: key)))
                guard held.count == 2 else { continue }
                for field in Self.tenureFields {
                    guard let text = property[CardShape.extensionName(field)].first else {
                        continue
                    }
                    held.append(ImportedField(name: field, content: .text(text, key: nil)))
                }
            case "ROLE":
                fields.append(
                    ImportedField(name: "type", content: .text(property.text, key: nil)))
            case "CATEGORIES":
                fields.append(
                    ImportedField(name: "category", content: .text(property.text, key: nil)))
            default: break
            }
        }
        records = [("office", office, fields), ("tenure", tenure, held)]
    }

    /// The name of the community that `ORG` names with its parts.
    static func community(_ organisation: CardProperty) -> String {
        CardText.components(organisation.value).map { $0.joined(separator: ", ") }
            .filter { !$0.isEmpty }.joined(separator: ", ")
    }

    static let tenureFields = ["from", "to", "mode", "recognition", "ended_how", "predecessor"]

    /// One of another system.
    private init(
        _ title: [CardProperty], role: CardProperty?, _ organisation: String?,
        person: RecordID, in collection: CollectionID
    ) {
        var fields: [ImportedField] = []
        if let name = organisation {
            let community = RecordID(
                foreign: "card/" + name, type: "community", in: collection)
            records.append(
                (
                    "community", community,
                    [
                        ImportedField(
                            name: "name", content: .keyless(name, key: CardLanguage.unknown))
                    ]
                ))
            fields.append(
                ImportedField(name: "community", content: .reference(community, key: nil)))
        }
        let words = (title + [role].compactMap(\.self)).map(\.text).joined(separator: "/")
        // An office without a community is one of this person's.
        let place = organisation ?? person.description
        let office = RecordID(foreign: "card/\(place)/\(words)", type: "office", in: collection)
        var keys = Set<String>()
        for property in title {
            let tag = CardLanguage.key(of: property, among: title)
                .flatMap { try? LanguageTag.read($0, field: "title") }
            guard keys.insert(tag ?? CardLanguage.unknown).inserted else { continue }
            fields.append(
                ImportedField(
                    name: "title",
                    content: tag.map { .text(property.text, key: $0) }
                        ?? .keyless(property.text, key: CardLanguage.unknown)))
        }
        if let role, role.name == "ROLE", title[0].name == "TITLE" {
            fields.append(ImportedField(name: "type", content: .text(role.text, key: nil)))
        }
        let tenure = RecordID(foreign: "\(person)/\(office)", type: "tenure", in: collection)
        resemblance = .seat(
            person: person, tenure: tenure, titles: title.map(\.text), community: organisation)
        records.append(("office", office, fields))
        records.append(
            (
                "tenure", tenure,
                [
                    ImportedField(name: "person", content: .reference(person, key: nil)),
                    ImportedField(name: "office", content: .reference(office, key: nil)),
                ]
            ))
    }
}

import SijilCore

/// Which records a card stands for, and which of its properties are which of their fields.
///
/// What has no place of its own in a vCard is written as `X-SIJIL-` and the field's name, so a card
/// holds all of its record's fields; see ``CardWriter`` and ``CardRecords``.
struct CardShape: Sendable {
    let type: String
    /// The field that `FN` shows.
    let name: String
    /// `KIND`; nothing for a person.
    let kind: String?

    static let person = CardShape(type: "person", name: "name", kind: nil)
    static let office = CardShape(type: "office", name: "title", kind: "org")
    static let community = CardShape(type: "community", name: "name", kind: "group")

    /// What others are part of comes first, so that a reader meets the whole of it before they do.
    static let all = [community, office, person]

    static func named(_ type: String) -> CardShape? { all.first { $0.type == type } }

    /// The shape of a card: an organisation of somebody else's is a community.
    init(of properties: [CardProperty]) {
        let kind = properties.first { $0.name == "KIND" }?.text.lowercased()
        let isOffice = properties.contains { $0.name == "X-SIJIL-RECORD" && $0.text == "office" }
        switch kind {
        case "org" where isOffice: self = .office
        case "org", "group": self = .community
        default: self = .person
        }
    }

    private init(type: String, name: String, kind: String?) {
        self.type = type
        self.name = name
        self.kind = kind
    }

    /// The properties of a person that are fields, each with one of them; a name has more to it.
    static let plainFields = [
        "NICKNAME": "aliases", "LANG": "languages", "NOTE": "notes", "GENDER": "gender",
        "BDAY": "birth_year",
    ]
    static let channelNames = ["TEL", "EMAIL", "URL", "IMPP", "ADR", "X-SIJIL-CHANNEL"]
    static let seatNames = ["TITLE", "ROLE", "ORG", "CATEGORIES"]
    /// What our line of a name says of itself.
    static let nameParameters: Set = ["LANGUAGE", "ALTID", "PHONETIC", "SCRIPT", "PREF", "VALUE"]
    /// What a line of another system says of itself that ours says too.
    static let seatParameters: Set = ["ALTID", "LANGUAGE", "VALUE"]

    /// Whether a field can hold what a card says; a line that it cannot hold is kept as it is, and the card
    /// is not refused for it.
    static func isFit(_ value: Value, _ field: String, in type: RecordType?) -> Bool {
        if case .text(let text) = value { return usual(text, field, in: type) != nil }
        guard let type, type[field] != nil else { return false }
        guard let rule = type.rules[field] else { return true }
        return (try? rule.checked(value, field: field, year: 9999)) != nil
    }

    /// What a line says of the field of a person that it stands for, in its usual form; nothing when the field
    /// cannot hold it.
    static func values(of property: CardProperty, in person: RecordType?) -> [String] {
        guard let field = plainFields[property.name] else { return [] }
        switch field {
        case "aliases":
            return CardText.parts(property.value, at: ",")
                .compactMap { usual($0, field, in: person) }
        case "gender":
            let letter = CardText.components(property.value)[0].first?.uppercased()
            return genders.filter { $0.value == letter }.map(\.key)
        case "birth_year":
            // Four digits at the beginning are the year, with or without what follows.
            let year = property.text.prefix(4)
            let isYear = year.utf8.count == 4 && year.utf8.allSatisfy { (0x30...0x39).contains($0) }
            let isFit = isYear && isFit(.integer(Int64(year) ?? 0), field, in: person)
            return isFit ? [String(year)] : []
        default: return [usual(property.text, field, in: person)].compactMap(\.self)
        }
    }

    /// A text as a field would hold it; `nil` when it cannot.
    static func usual(_ text: String, _ field: String, in type: RecordType?) -> String? {
        guard let type, let shape = type[field]?.shape else { return nil }
        let limit = shape == .set ? Limits.nameBytes : Limits.valueBytes
        guard let entered = try? EnteredText(text, field: field, limit: limit).text,
            !entered.isEmpty
        else { return nil }
        guard let rule = type.rules[field] else { return entered }
        let checked = try? rule.checked(.text(entered), field: field, year: 9999)
        return checked?.plainText
    }

    static let genders = ["f": "F", "m": "M", "x": "O", "unknown": "U"]

    /// `contact_rule` is `X-SIJIL-CONTACT-RULE`.
    static func extensionName(_ field: String) -> String {
        "X-SIJIL-" + field.uppercased().replacing("_", with: "-")
    }

    static func field(ofExtension name: String) -> String? {
        guard name.hasPrefix("X-SIJIL-") else { return nil }
        return name.dropFirst("X-SIJIL-".count).lowercased().replacing("-", with: "_")
    }
}

/// The key of a name, as the parameters of a property tell it.
enum CardLanguage {
    /// What is said when nothing is: a tag of BCP 47 for a language that is not determined.
    static let unknown = "und"

    /// `ar-Latn` beside `ar` is a transliteration: RFC 9554, section 4.6.
    static func write(_ key: String, among keys: Set<String>, to property: inout CardProperty) {
        let parts = key.split(separator: "-", maxSplits: 1).map(String.init)
        if parts.count == 2, isScript(parts[1]), keys.contains(parts[0]) {
            property["LANGUAGE"] = [parts[0]]
            property["PHONETIC"] = ["script"]
            property["SCRIPT"] = [parts[1]]
        } else {
            property["LANGUAGE"] = [key]
        }
    }

    /// `nil` when the property says nothing of it.
    static func key(of property: CardProperty, among all: [CardProperty]) -> String? {
        let language = property["LANGUAGE"].first.flatMap { $0.isEmpty ? nil : $0 }
        guard let script = property["SCRIPT"].first, isScript(script) else { return language }
        let original = all.first {
            $0.name == property.name && $0["ALTID"] == property["ALTID"] && $0["PHONETIC"].isEmpty
                && !$0["LANGUAGE"].isEmpty
        }
        let base = language ?? original?["LANGUAGE"].first ?? unknown
        return base.contains("-") ? base : base + "-" + script
    }

    private static func isScript(_ text: String) -> Bool {
        text.utf8.count == 4
            && text.utf8.allSatisfy {
                (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
            }
    }
}

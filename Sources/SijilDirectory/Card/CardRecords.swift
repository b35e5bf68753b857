import SijilCore
import SijilStore

/// What a card says: a person, office or community, its channels, and the seats that a person holds.
///
/// An import of a card adds and corrects, and takes nothing away: what a program did not carry over stays.
///
/// - The record is the one that `UID` names: a UUID or 32 hexadecimal digits are an identifier of ours, anything
///   else is another system's. Without a `UID` the whole card tells the record.
/// - A channel is the one that `PROP-ID` names; without it, the value tells which of its owner's it is.
/// - `TITLE` and `ROLE` of another system are an office of that title in the community that `ORG` names, and
///   that the person holds it.
struct CardRecords {
    private(set) var records: [ImportedRecord] = []

    private let shape: CardShape
    private let collection: CollectionID
    private let schema: Schema
    private let properties: [CardProperty]
    private let id: RecordID
    private let identity: ImportedRecord.Identity
    private var fields: [ImportedField] = []
    /// The members of sets, by field: one list each, however many lines they stand in.
    private var members: [String: [String]] = [:]
    /// Lines that mean nothing to us, or more than the field that they are.
    private var kept: [CardProperty] = []
    private var notes: [String] = []
    /// The names that ``CardWriter`` may make an `N` of.
    private var names = Set<String>()
    private var channelCounts: [RecordID: Int] = [:]

    /// - Throws: `badData` for a version that we do not know, a card without a name, a `UID` that is none, or
    ///   more records than a card may have.
    init(
        _ lines: [CardProperty], into collection: CollectionID, schema: Schema
    ) throws(SijilError) {
        // What is decided of a line is decided of the one that will be kept.
        let properties = lines.map(\.asKept)
        let version = properties.first { $0.name == "VERSION" }?.text
        guard version.map({ ["4.0", "3.0", "2.1"].contains($0) }) ?? true else {
            throw SijilError(
                .badData, "The card has a version other than 4.0, 3.0 and 2.1.", place: "VERSION")
        }
        shape = CardShape(of: properties)
        self.collection = collection
        self.schema = schema
        self.properties = properties
        let uid = properties.first { $0.name == "UID" && !$0.text.isEmpty }
        if let uid {
            id = try Self.record(uid.text, type: shape.type, in: collection)
            identity = .named
        } else {
            let content = JSON.array(lines.map { .string($0.line) })
            id = RecordID(content: content, type: shape.type, in: collection)
            identity = .content
        }
        if let uid, RecordID(uuid: uid.text) == nil { kept.append(uid) }
        // A community may come as an organisation, a person as something that we have no name for.
        if let kind = properties.first(where: { $0.name == "KIND" }),
            ![shape.kind, "individual"].contains(kind.text.lowercased())
        {
            kept.append(kind)
        }
        try readNames()
        for property in properties { try read(property) }
        // Several notes are one, with an empty line between them.
        if !notes.isEmpty { addSingle(notes.joined(separator: "\n\n"), "notes") }
        for (field, members) in members.sorted(by: { $0.key < $1.key }) {
            fields.append(
                ImportedField(name: field, content: .members(members, replaces: false)))
        }
        records.append(record(shape.type, id, fields))
        readSeats()
        addKept()
        guard records.count <= ImportLimits.recordsPerCard else {
            throw SijilError(.badData, "The card has more channels than allowed.")
        }
        guard Set(records.map(\.id)).count == records.count else {
            throw SijilError(
                .badData, "Two things in the card have one identifier.", place: "PROP-ID")
        }
    }

    private static func record(
        _ uid: String, type: String, in collection: CollectionID
    ) throws(SijilError) -> RecordID {
        if let id = RecordID(uuid: uid) { return id }
        let foreign = try RowIdentifier.clean(uid)
        guard !foreign.isEmpty else {
            throw SijilError(.badData, "The card's UID is empty.", place: "UID")
        }
        return RecordID(foreign: foreign, type: type, in: collection)
    }

    /// - Parameter isNamed: whether a line of its own names it, whatever names the card.
    private func record(
        _ type: String, _ id: RecordID, _ fields: [ImportedField], isNamed: Bool = false
    ) -> ImportedRecord {
        ImportedRecord(
            type: type, id: id, identity: isNamed ? .named : identity, life: .untold, fields: fields
        )
    }

    // MARK: Names

    private mutating func readNames() throws(SijilError) {
        var names: [(property: CardProperty, key: String?)] = []
        for property in properties where property.name == "FN" {
            guard property["X-SIJIL-DERIVED"].isEmpty, !property.isBlank else { continue }
            let tag = CardLanguage.key(of: property, among: properties)
                .flatMap { try? LanguageTag.read($0, field: shape.name) }
            names.append((property, tag))
        }
        let label = properties.first { $0.name == "FN" && !$0["X-SIJIL-DERIVED"].isEmpty }
        if names.isEmpty, label == nil, let other = otherName() { names = [(other, nil)] }
        guard let first = names.first?.property ?? label else {
            throw SijilError(
                .badData, "The card has no name.", hint: "FN is the name as it is shown.",
                place: "FN")
        }
        self.names = Set(names.map(\.property.text) + [first.text])
        var keys = Set<String>()
        for (property, key) in names {
            let text = property.text
            guard keys.insert(key ?? CardLanguage.unknown).inserted else {
                // A second name in one language is another name of the person.
                addMembers([text], "aliases", property)
                continue
            }
            let content: ImportedField.Content =
                key.map { .text(text, key: $0) } ?? .keyless(text, key: CardLanguage.unknown)
            fields.append(ImportedField(name: shape.name, content: content))
            if property.name == "FN", property.says(moreThan: CardShape.nameParameters),
                property.parameters.count <= ImportLimits.parametersBesideOurs
            {
                kept.append(property.without(CardShape.nameParameters))
            }
        }
    }

    /// Of a card of version 2.1, where `FN` may be missing.
    private func otherName() -> CardProperty? {
        for name in ["N", "ORG", "NICKNAME"] {
            guard let property = properties.first(where: { $0.name == name }) else { continue }
            var parts = CardText.components(property.value).map { $0.joined(separator: " ") }
            if name == "N" {
                parts += Array(repeating: "", count: max(0, 5 - parts.count))
                parts = [parts[3], parts[1], parts[2], parts[0], parts[4]]
            }
            let text = parts.filter { !$0.allSatisfy(\.isWhitespace) }
                .joined(separator: name == "ORG" ? ", " : " ")
            if !text.isEmpty { return CardProperty(name, text: text) }
        }
        return nil
    }

    /// Whether `N` is what ``CardWriter`` makes of a name, all of it as the given name, or empty.
    private func isDerived(_ name: CardProperty) -> Bool {
        if CardText.components(name.value).allSatisfy(\.isEmpty) { return true }
        let parts = CardText.parts(name.value, at: ";")
        return !name.says(moreThan: []) && parts.count == 5 && names.contains(parts[1])
            && parts.joined() == parts[1]
    }

    // MARK: Properties

    private mutating func read(_ property: CardProperty) throws(SijilError) {
        switch property.name {
        case "BEGIN", "END", "VERSION", "UID", "KIND", "FN", "REV", "PRODID", "X-SIJIL-RECORD":
            break
        case "N": if !isDerived(property) { kept.append(property) }
        case let name where CardShape.channelNames.contains(name): try readChannel(property)
        case let name where CardShape.seatNames.contains(name) && shape.type == "person":
            // Those of ours are read with their office; another system's stay as they are besides.
            if CardSeat.tenure(of: property) == nil { kept.append(property) }
        default:
            if let field = CardShape.field(ofExtension: property.name) {
                readExtension(property, field)
            } else if shape.type == "person", let field = CardShape.plainFields[property.name] {
                readPlain(property, field)
            } else {
                kept.append(property)
            }
        }
    }

    private mutating func readPlain(_ property: CardProperty, _ field: String) {
        var isWhole = !property.says(moreThan: ["VALUE", "TYPE"])
        var value: String? { CardShape.values(of: property, in: schema[shape.type]).first }
        switch field {
        case "aliases": addMembers(CardText.parts(property.value, at: ","), field, property)
        case "languages": addMembers([property.text], field, property)
        case "notes" where value != nil: notes.append(property.text)
        case "notes": isWhole = isWhole && property.isBlank
        default:
            // A letter or a year; what follows is more than the field holds.
            if let value { addSingle(value, field) }
            let length = field == "gender" ? 1 : 4
            isWhole = isWhole && value != nil && property.text.utf8.count == length
        }
        if !isWhole { kept.append(property) }
    }

    private mutating func addSingle(_ text: String, _ field: String) {
        guard !fields.contains(where: { $0.name == field }) else { return }
        fields.append(ImportedField(name: field, content: .text(text, key: nil)))
    }

    /// Members that are too long for a set, or do not suit it, stay a line of the card.
    private mutating func addMembers(_ texts: [String], _ field: String, _ property: CardProperty) {
        let texts = texts.filter { !$0.allSatisfy(\.isWhitespace) }
        let fit = texts.filter { CardShape.usual($0, field, in: schema[shape.type]) != nil }
        if fit.count < texts.count { kept.append(property) }
        if !fit.isEmpty { members[field, default: []] += fit }
    }

    private mutating func readExtension(_ property: CardProperty, _ name: String) {
        let key = property["LANGUAGE"].first ?? CardLanguage.unknown
        guard let field = schema[shape.type]?[name], name != "card_properties",
            // Names are told by FN.
            name != shape.name,
            field.shape != .keyed || (try? LanguageTag.read(key, field: name)) != nil
        else {
            kept.append(property)
            return
        }
        if property.isBlank { return }
        switch field.shape {
        case .single: addSingle(property.text, name)
        case .set: addMembers([property.text], name, property)
        case .keyed:
            fields.append(
                ImportedField(name: name, content: .text(property.text, key: key)))
        }
    }

    private mutating func addKept() {
        var seen = Set<String>()
        let distinct = kept.filter { seen.insert($0.key).inserted }
        let short = distinct.filter { $0.line.utf8.count <= Limits.valueBytes }
        records[0].leftOut = distinct.count - short.count
        guard !short.isEmpty else { return }
        records[0].fields
            .append(
                ImportedField(name: "card_properties", content: .properties(short)))
    }

    // MARK: Channels and seats

    private mutating func readChannel(_ property: CardProperty) throws(SijilError) {
        var channel = CardChannel(property)
        // A line that would have too many parameters with ours stays as it is.
        guard property.parameters.count <= ImportLimits.parametersBesideOurs,
            channel.isNamed || channel.isFit
        else {
            kept.append(property)
            return
        }
        var channelID = try channel.id(owner: id, in: collection)
        let count = channelCounts[channelID, default: 0]
        channelCounts[channelID] = count + 1
        if count > 0 {
            channelID = RecordID(
                foreign: "\(channelID)/\(count)", type: "channel", in: collection)
            channel.forgetName()
        }
        var record = record(
            "channel", channelID, channel.fields(owner: id, schema: schema),
            isNamed: channel.isNamed)
        if !channel.isNamed { record.resembles = .channel(owner: id, value: channel.value) }
        channels.append(record)
    }

    private var channels: [ImportedRecord] = []

    private mutating func readSeats() {
        records += channels
        guard shape.type == "person" else { return }
        let seats = CardSeat.seats(of: properties, person: id, in: collection, schema: schema)
        for seat in seats {
            for (type, id, fields) in seat.records {
                var record = record(type, id, fields, isNamed: seat.resemblance == nil)
                record.resembles = seat.resemblance
                // Offices and communities are named by what they are called, whatever names the person.
                let isKnown = records.contains { $0.id == id && $0.type == type }
                if !isKnown { records.append(record) }
            }
        }
    }
}

extension CardProperty {
    /// The line as a record will hold it, so that its key is that of the line which is written out again: a
    /// value loses white space at its end, and its letters are composed.
    fileprivate var asKept: CardProperty {
        var property = self
        // What is taken out may make another line of the rest; it does so no more than a few times.
        for _ in 0..<4 {
            let line = property.line
            guard let entered = try? EnteredText(line, field: "card_properties"),
                !entered.text.hasSameBytes(as: line),
                let next = try? CardProperty(parsing: entered.text.utf8)
            else { return property }
            property = next
        }
        return property
    }

    var isBlank: Bool { text.allSatisfy(\.isWhitespace) }

    /// Whether it has a group, or parameters other than these.
    func says(moreThan known: Set<String>) -> Bool {
        group != nil || parameters.contains { !known.contains($0.name) }
    }
}

extension Identifier {
    /// Reads a UUID, with or without `urn:uuid:` and hyphens.
    init?(uuid text: String) {
        var digits = text[...]
        if digits.lowercased().hasPrefix("urn:uuid:") { digits = digits.dropFirst(9) }
        let parts = digits.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 1 || parts.map(\.utf8.count) == [8, 4, 4, 4, 12] else { return nil }
        self.init(parts.joined())
    }

    /// `urn:uuid:0198c0de-0000-7000-8000-0000000000ff`.
    var urn: String {
        var text = "urn:uuid:"
        for (index, digit) in description.enumerated() {
            if [8, 12, 16, 20].contains(index) { text.append("-") }
            text.append(digit)
        }
        return text
    }
}

import SijilCore
import SijilStore

/// A channel as a line of a card: `TEL`, `EMAIL`, `URL`, `IMPP`, `ADR`, and for the kinds of which a vCard knows
/// nothing `X-SIJIL-CHANNEL`.
struct CardChannel {
    /// Without the scheme of a `tel:` address; of a postal address its parts with commas.
    let value: String
    /// Whether `PROP-ID` names a record of ours.
    let isNamed: Bool

    private let property: CardProperty
    /// What remains for `card_parameters` when all that we know is taken out.
    private var rest: CardProperty
    private var kind: String?
    private var preference: String?
    private var features: [String] = []
    private var structure: String?

    /// Types of a telephone that are features.
    private static let features = ["voice": "voice", "text": "sms", "video": "video"]
    private static let kinds = [
        "TEL": "landline", "EMAIL": "email", "URL": "web", "IMPP": "messaging", "ADR": "address",
    ]

    /// The property that a kind is written as, and the type of a telephone that says it.
    private static func form(of kind: String?) -> (name: String, type: String?) {
        switch kind {
        case "mobile": ("TEL", "cell")
        case "fax": ("TEL", "fax")
        case "sat": ("TEL", nil)
        default: (kinds.first { $0.value == kind }?.key ?? "X-SIJIL-CHANNEL", nil)
        }
    }

    // MARK: Reading

    init(_ property: CardProperty) {
        self.property = property
        rest = property
        kind = property["X-SIJIL-KIND"].first.map(Self.entered) ?? Self.kinds[property.name]
        let propertyID = property["PROP-ID"].first
        isNamed = propertyID.map { RecordID($0) != nil } ?? false
        if isNamed { rest["PROP-ID"] = [] }
        var text = Self.entered(property.text)
        if property.name == "ADR" {
            let components = CardText.components(property.value)
            let parts = components.map { $0.joined(separator: ", ") }
            text = parts.filter { !$0.isEmpty }.joined(separator: ", ")
            let hasStreetAlone = components.indices.allSatisfy { $0 == 2 || parts[$0].isEmpty }
            let isSimple = hasStreetAlone && components.count > 2 && components[2].count < 2
            if !isSimple { structure = CardText.structured(components) }
        } else if property.name == "TEL", text.lowercased().hasPrefix("tel:") {
            text = String(text.dropFirst(4))
        }
        value = Self.entered(text)
        readTypes()
        if rest.removeType("pref") { preference = "1" }
        if let pref = property["PREF"].first, let number = Int(pref), (1...100).contains(number) {
            preference = String(number)
            rest["PREF"] = []
        }
        for name in ["VALUE", "X-SIJIL-KIND"] { rest[name] = [] }
    }

    /// As a field holds it.
    private static func entered(_ text: String) -> String {
        (try? EnteredText(text, field: "value"))?.text ?? text
    }

    /// Reads types by the property as which the channel will be written.
    private mutating func readTypes() {
        var form = Self.form(of: kind)
        if form.name == "EMAIL" { _ = rest.removeType("internet") }
        guard form.name == "TEL" else { return }
        // Programs write `TYPE="cell,voice"`, which means two.
        rest["TYPE"] = rest["TYPE"].flatMap { $0.split(separator: ",").map(String.init) }
        if property["X-SIJIL-KIND"].isEmpty {
            let types = Set(rest["TYPE"].map { $0.lowercased() })
            kind = ["mobile", "fax"].first { types.contains(Self.form(of: $0).type ?? "") } ?? kind
            form = Self.form(of: kind)
        }
        if let type = form.type { _ = rest.removeType(type) }
        for (type, feature) in Self.features.sorted(by: { $0.key < $1.key })
        where rest.removeType(type) { features.append(feature) }
    }

    /// Whether a channel can hold it; no rule refuses a telephone number.
    var isFit: Bool {
        kind == "email" ? FieldRule.isEmail(value) : !value.allSatisfy(\.isWhitespace)
    }

    /// Leaves out what another system calls it, because something else in the card is called so too.
    mutating func forgetName() { rest["PROP-ID"] = [] }

    func id(
        owner: RecordID, in collection: CollectionID
    ) throws(SijilError) -> RecordID {
        if let id = property["PROP-ID"].first {
            if let record = RecordID(id) { return record }
            return RecordID(
                foreign: "\(owner)/\(property.name)/\(id)", type: "channel", in: collection)
        }
        let text = try EnteredText(value, field: property.name).text
        return RecordID(
            foreign: "\(owner)/\(property.name)=\(text)", type: "channel", in: collection)
    }

    func fields(owner: RecordID, schema: Schema) -> [ImportedField] {
        var rest = rest
        var fields = [
            ImportedField(name: "owner", content: .reference(owner, key: nil))
        ]
        func add(_ text: String?, _ name: String) {
            guard let text, !text.allSatisfy(\.isWhitespace) else { return }
            fields.append(ImportedField(name: name, content: .text(text, key: nil)))
        }
        add(kind, "kind")
        add(value, "value")
        add(structure, "raw")
        add(preference, "preference")
        var features = features
        for parameter in rest.parameters {
            guard let name = CardShape.field(ofExtension: parameter.name),
                let field = schema["channel"]?[name], !Self.ownFields.contains(name),
                name != "raw" || structure == nil
            else { continue }
            rest[parameter.name] = []
            if name == "features" {
                features += parameter.values
            } else if field.shape == .set {
                fields.append(
                    ImportedField(
                        name: name, content: .members(parameter.values, replaces: false)))
            } else {
                add(parameter.values.joined(separator: ","), name)
            }
        }
        if !features.isEmpty {
            fields.append(
                ImportedField(name: "features", content: .members(features, replaces: false)))
        }
        if rest.says(moreThan: []) { add(Self.header(of: rest), "card_parameters") }
        return fields
    }

    /// The group and the parameters, under one name whatever the channel's is: its kind may change.
    private static func header(of property: CardProperty) -> String {
        var property = property
        property.name = "TEL"
        let header = entered(property.header)
        return (try? CardProperty(parsing: (header + ":").utf8))?.header ?? header
    }

    /// Fields that have a place in the line; the others are parameters.
    private static let ownFields: Set = [
        "owner", "kind", "value", "preference", "card_parameters",
    ]

    // MARK: Writing

    /// The line of a channel that is here.
    static func property(of channel: RecordView, schema: Schema) -> CardProperty {
        let kind = channel["kind"].plainText
        let value = channel["value"].plainText
        let (name, type) = form(of: kind)
        // What looks like a scheme would be taken off as one.
        let hasScheme = name == "TEL" && value.lowercased().hasPrefix("tel:")
        var property = CardProperty(name, text: (hasScheme ? "tel:" : "") + value)
        var isStructured = false
        if name == "ADR" {
            let structure = CardProperty("ADR", value: channel["raw"].plainText)
            let read = CardChannel(structure)
            isStructured = read.value == value && read.structure == channel["raw"].plainText
            property.value =
                isStructured
                ? structure.value
                : CardText.structured([[], [], value.isEmpty ? [] : [value], [], [], [], []])
        }
        property["PROP-ID"] = [channel.id.description]
        if let kept = kept(of: channel) { property.take(kept) }
        // What another system calls it is no help where that means another record.
        if !isFound(channel, by: property) { property["PROP-ID"] = [channel.id.description] }
        var types = [type].compactMap(\.self)
        var members = channel.members("features").map(\.plainText)
        if name == "TEL" {
            for (type, feature) in features.sorted(by: { $0.key < $1.key })
            where members.contains(feature) {
                types.append(type)
                members.removeAll { $0 == feature }
            }
        }
        property["TYPE"] = types + property["TYPE"]
        if !kind.isEmpty, CardChannel(property).kind != kind { property["X-SIJIL-KIND"] = [kind] }
        property["X-SIJIL-FEATURES"] = members
        let preference = channel["preference"].plainText
        if let number = Int(preference), (1...100).contains(number) {
            property["PREF"] = [preference]
        } else if !preference.isEmpty {
            property["X-SIJIL-PREFERENCE"] = [preference]
        }
        for field in schema["channel"]?.fields ?? []
        where !ownFields.contains(field.name) && field.name != "features" {
            if field.name == "raw", isStructured { continue }
            let parameter = CardShape.extensionName(field.name)
            property[parameter] =
                field.shape == .set
                ? channel.members(field.name).map(\.plainText)
                : [channel[field.name].plainText].filter { !$0.isEmpty }
        }
        return property
    }

    private static func isFound(_ channel: RecordView, by property: CardProperty) -> Bool {
        guard case .reference(let owner) = channel["owner"] else { return false }
        return (try? CardChannel(property).id(owner: owner, in: channel.collection)) == channel.id
    }

    private static func kept(of channel: RecordView) -> CardProperty? {
        let header = channel["card_parameters"].plainText
        guard !header.isEmpty else { return nil }
        return try? CardProperty(parsing: (header + ":").utf8)
    }
}

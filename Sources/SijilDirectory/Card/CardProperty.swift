import SijilStore

/// One line of a vCard: `item1.TEL;TYPE=cell;PREF=1:+999 55 000 2001`.
///
/// The source is RFC 6350, section 3.3, with the parameters of RFC 6868; vCard 3.0 and 2.1 differ in details
/// that ``init(parsing:)`` levels out.
struct CardProperty: Hashable, Sendable {
    struct Parameter: Hashable, Sendable {
        /// In capitals.
        var name: String
        var values: [String]
    }

    var group: String?
    /// In capitals.
    var name: String
    /// In the order of their names, each name once.
    private(set) var parameters: [Parameter] = []
    /// As it stands in the line, with its escapes; it has no line ends and no other controls.
    var value: String

    /// - Parameter value: with its escapes; controls are taken out of it.
    init(_ name: String, group: String? = nil, value: String) {
        self.name = name
        self.group = group
        self.value = CardText.withoutControls(value)
    }

    init(_ name: String, text: String) { self.init(name, value: CardText.escaped(text)) }

    /// The values of a parameter, as they are written; empty when it is not there.
    subscript(parameter: String) -> [String] {
        get { parameters.first { $0.name == parameter }?.values ?? [] }
        set {
            parameters.removeAll { $0.name == parameter }
            guard !newValue.isEmpty else { return }
            let place = parameters.firstIndex { parameter < $0.name } ?? parameters.endIndex
            let values = newValue.map { CardText.withoutControls($0, keepsLines: true) }
            parameters.insert(Parameter(name: parameter, values: values), at: place)
        }
    }

    /// The value as one text, escapes resolved.
    var text: String { CardText.plain(value) }

    /// Takes values out of `TYPE`, and says whether one was there.
    mutating func removeType(_ type: String) -> Bool {
        let types = self["TYPE"]
        let rest = types.filter { $0.lowercased() != type }
        guard rest.count < types.count else { return false }
        self["TYPE"] = rest
        return true
    }

    /// The line without some of its parameters.
    func without(_ names: Set<String>) -> CardProperty {
        var rest = self
        rest.parameters.removeAll { names.contains($0.name) }
        return rest
    }

    /// Takes over the group and the parameters of another line.
    mutating func take(_ other: CardProperty) {
        group = other.group
        for parameter in other.parameters { self[parameter.name] = parameter.values }
    }

    // MARK: Identity

    /// The key under which a record keeps the property: the same for spellings that programs turn into each
    /// other, namely the case of names, the order of parameters, and escapes.
    ///
    /// It has the form of a private language tag, because that is what keys are.
    var key: String {
        var loose = [group?.lowercased() ?? "", name]
        for parameter in parameters {
            loose.append(parameter.name)
            loose += parameter.values.map { $0.lowercased() }.sorted()
        }
        loose.append(text)
        let digest = hexadecimal(sha256(Array(loose.joined(separator: "\u{0}").utf8)).prefix(8))
        return "x-\(digest.prefix(8))-\(digest.suffix(8))"
    }
}

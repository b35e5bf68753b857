public import SijilCore
public import SijilStore

/// What a person should be told about a value that was kept all the same.
public enum EntryWarning: Hashable, Sendable {
    /// Invisible control characters were taken out.
    case controlsRemoved(field: String)
    /// A telephone number could not be read and is kept as it was typed.
    case unreadableNumber(field: String, knowsRegion: Bool)
    /// An e-mail address that a file has is none and is kept as it is written.
    case unreadableAddress(field: String)
    /// A file has an end before its beginning, and both are kept.
    case endsTooEarly(field: String)
    /// A file has a consent to something that nobody looks for.
    case unknownConsent(field: String)

    public var text: String {
        switch self {
        case .controlsRemoved(let field):
            "Invisible control characters were taken out of \(field)."
        case .unreadableNumber(let field, true):
            "The telephone number in \(field) could not be read; it is kept as it was typed."
        case .unreadableNumber(let field, false):
            """
            The telephone number in \(field) could not be read; it is kept as it was typed. Begin it \
            with + and the country's code, or say once where you are: sijil region MA.
            """
        case .unreadableAddress(let field):
            "The e-mail address in \(field) is none; it is kept as it is written."
        case .endsTooEarly(let field):
            "The date in \(field) is before the beginning; it is kept as it is written."
        case .unknownConsent(let field):
            "Nobody looks for the consent in \(field); it is kept as it is written."
        }
    }
}

/// Makes what somebody enters fit to be kept: the one place that people's verbs, `add`, `edit` and every
/// import go through.
///
/// ```swift
/// let rules = EntryRules(phones: PhoneNumbers(region: PhoneRegion("MA"), reader: reader), year: 2026)
/// let checked = try rules.checked(operations, of: channel, present: view)
/// ```
public struct EntryRules: Sendable {
    public var phones: PhoneNumbers
    /// The present one.
    public var year: Int
    /// The collections where who enters may make milder what protects somebody; `nil` for all.
    ///
    /// A file makes nothing milder, whoever reads it: see ``Reconciliation``.
    public var coordinated: Set<CollectionID>?
    /// Whether an e-mail address that is none, and an end before its beginning, are kept with a warning.
    ///
    /// Who types one is asked again; a row of a file must not be lost for it, with everything else it says. Two who
    /// have not seen each other can write such dates too, and an export of theirs must not be refused.
    var keepsDoubtful = false

    /// - Parameter year: by default no year is too late.
    public init(phones: PhoneNumbers = PhoneNumbers(), year: Int = 9999) {
        self.phones = phones
        self.year = year
    }

    /// Operations that may be written.
    public struct Checked: Sendable {
        public var operations: [CellOperation]
        public var warnings: [EntryWarning] = []
    }

    /// Brings the values of operations to their usual form: tags, codes, telephone numbers as E.164 with the
    /// number as it was typed beside it.
    ///
    /// - Parameters:
    ///   - operations: at most one per cell.
    ///   - present: the record as it is; `nil` for one that is being made.
    /// - Throws: `badData` for a value that breaks a rule, naming the field, the reason and an example. Never
    ///   for a telephone number. `notPermitted` for what would make a protection milder, where only a coordinator
    ///   may.
    public func checked(
        _ operations: [CellOperation], of type: RecordType, present: RecordView?
    ) throws(SijilError) -> Checked {
        let rules = type.rules
        guard !rules.isEmpty else { return Checked(operations: operations) }
        var entry = Entry(rules: self, present: present, result: Checked(operations: operations))
        for index in operations.indices {
            let field = operations[index].cell.field
            guard let rule = rules[field] else { continue }
            if type[field]?.shape == .set {
                try entry.checkMember(at: index, rule)
            } else if case .put(let value) = operations[index].effect {
                if value != .none {
                    try entry.checkValue(value, at: index, rule)
                } else if case .address = rule {
                    entry.forgetRaw()
                }
            }
        }
        entry.dropRepeated()
        try checkProtections(entry.result.operations, of: type, present: present)
        for (field, rule) in rules {
            if case .notBefore(let first) = rule { try entry.checkOrder(of: first, field) }
        }
        return entry.result
    }

    /// Only a coordinator makes milder what protects somebody: a rule, how sensitive it is, when a rule ends.
    ///
    /// - Throws: `notPermitted`.
    public func checkProtections(
        _ operations: [CellOperation], of type: RecordType, present: RecordView?
    ) throws(SijilError) {
        guard let present, let coordinated, !coordinated.contains(present.collection) else {
            return
        }
        for operation in operations {
            guard case .put(let value) = operation.effect, let field = type[operation.cell.field]
            else { continue }
            let isMilder =
                field.policy.isMilder(value, than: present.shown(operation.cell))
                || field.name == "contact_rule_until" && present.endsRuleEarlier(value)
                || present.undoesWithdrawal(field.name, value)
            if isMilder { throw Self.onlyCoordinators(field.name) }
        }
    }

    /// The same of removing a record: a consent that was taken back stays so.
    ///
    /// That it is given again is another record.
    ///
    /// - Throws: `notPermitted`.
    public func checkRemoval(of present: RecordView) throws(SijilError) {
        guard let coordinated, !coordinated.contains(present.collection), present.isWithdrawal
        else { return }
        throw Self.onlyCoordinators("act")
    }

    /// What taking one of several values writes: the value, and with an address how it was typed.
    public func taking(
        _ sibling: Sibling, in cell: CellName, of record: RecordView, _ type: RecordType?
    ) -> [CellOperation] {
        let value = CellOperation(cell, .put(sibling.value))
        guard case .address = type?.rules[cell.field] else { return [value] }
        let raw = CellName("raw")
        let siblings = record.cells[raw]?.siblings ?? []
        // What somebody has decided on since is not one of theirs.
        let rivals = record.cells[cell]?.siblings.map(\.dot) ?? []
        guard siblings.contains(where: { rivals.contains($0.dot) }) else { return [value] }
        let typed = siblings.first { $0.dot == sibling.dot }?.value ?? .none
        return siblings.allSatisfy { $0.value == typed }
            ? [value] : [value, CellOperation(raw, .put(typed))]
    }

    private static func onlyCoordinators(_ field: String) -> SijilError {
        SijilError(
            .notPermitted, "Only a coordinator of the collection may make this milder.",
            hint: "Ask a coordinator to do it.", place: field)
    }

    /// A value in its usual form, as far as it needs no other field.
    ///
    /// - Throws: `badData` as ``checked(_:of:present:)``.
    func checked(
        _ value: Value, of field: Field, in type: RecordType
    ) throws(SijilError) -> Value {
        guard value != .none, let rule = type.rules[field.name] else { return value }
        return try rule.checked(value, field: field.name, year: year)
    }
}

/// The operations on one record while they are checked.
private struct Entry {
    let rules: EntryRules
    let present: RecordView?
    var result: EntryRules.Checked

    mutating func checkMember(at index: Int, _ rule: FieldRule) throws(SijilError) {
        let cell = result.operations[index].cell
        switch result.operations[index].effect {
        case .put:
            let member = try rule.checked(cell.key, field: cell.field, year: rules.year)
            result.operations[index].cell = CellName(cell.field, key: member)
        case .remove:
            // What is there leaves as it is spelt; else its usual spelling does.
            guard present?.cells[cell] == nil,
                let member = try? rule.checked(cell.key, field: cell.field, year: rules.year)
            else { return }
            result.operations[index].cell = CellName(cell.field, key: member)
        }
    }

    mutating func checkValue(
        _ value: Value, at index: Int, _ rule: FieldRule
    ) throws(SijilError) {
        let field = result.operations[index].cell.field
        switch rule {
        case .address(let kind): try checkAddress(value, at: index, kind: kind)
        // Looked at when all is known.
        case .notBefore: break
        case .consentSubject: try checkConsentSubject(value, field)
        default:
            let checked = try rule.checked(value, field: field, year: rules.year)
            result.operations[index].effect = .put(checked)
        }
    }

    private mutating func checkConsentSubject(
        _ value: Value, _ field: String
    ) throws(SijilError) {
        guard case .text(let text) = value, !ConsentAct.isKnown(text) else { return }
        guard !rules.keepsDoubtful else {
            return result.warnings.append(.unknownConsent(field: field))
        }
        throw SijilError(
            .badData, "Nobody looks for a consent of this name.",
            hint: "Choose one of: \(ConsentAct.known.joined(separator: ", ")), "
                + "\(ConsentAct.toShare)NAME.", place: field)
    }

    /// Looks at two dates when one of them is written.
    mutating func checkOrder(of first: String, _ last: String) throws(SijilError) {
        let written = Set(result.operations.map(\.cell))
        guard written.contains(CellName(first)) || written.contains(CellName(last)),
            case .date(let beginning) = said(first), case .date(let end) = said(last),
            end.latest < beginning.earliest
        else { return }
        guard !rules.keepsDoubtful else {
            return result.warnings.append(.endsTooEarly(field: last))
        }
        let example = "\(first)=2021 \(last)=2026-03-14"
        if written.contains(CellName(last)) {
            throw FieldRule.invalid(last, "The date is before that of \(first).", example)
        }
        throw FieldRule.invalid(first, "The date is after that of \(last).", example)
    }

    private mutating func checkAddress(
        _ value: Value, at index: Int, kind kindField: String
    ) throws(SijilError) {
        guard case .text(let text) = value else { return }
        let field = result.operations[index].cell.field
        switch ChannelKind(said(kindField)) {
        case .email:
            forgetRaw()
            guard !FieldRule.isEmail(text) else { return }
            guard rules.keepsDoubtful else {
                throw FieldRule.invalid(
                    field, "An e-mail address has one @, no spaces and at most 254 bytes.",
                    "mayor@example.org")
            }
            result.warnings.append(.unreadableAddress(field: field))
        case .telephone, .perhapsTelephone:
            if let number = rules.phones.e164(text) {
                result.operations[index].effect = .put(.text(number))
                note(raw: text, unless: number)
            } else if ChannelKind(said(kindField)) == .telephone {
                result.warnings.append(
                    .unreadableNumber(field: field, knowsRegion: rules.phones.region != nil))
                note(raw: text, unless: text)
            } else {
                forgetRaw()
            }
        case .other: forgetRaw()
        }
    }

    /// Keeps a number as it was typed, where more than separators tells it from what its field says.
    private mutating func note(raw text: String, unless number: String) {
        guard text != number, PhoneNumbers.withoutSeparators(text) != number else {
            return forgetRaw()
        }
        let cell = CellName("raw")
        guard !result.operations.contains(where: { $0.cell == cell }) else { return }
        result.operations.append(CellOperation(cell, .put(.text(text))))
    }

    /// What was typed for a value that is no longer there must not be kept, nor go out as if it were.
    mutating func forgetRaw() {
        let cell = CellName("raw")
        guard !result.operations.contains(where: { $0.cell == cell }),
            present?.cells[cell]?.siblings.contains(where: { $0.value != .none }) == true
        else { return }
        result.operations.append(CellOperation(cell, .put(.none)))
    }

    /// Two spellings of one member are one operation: the last.
    mutating func dropRepeated() {
        let cells = result.operations.map(\.cell)
        guard Set(cells).count < cells.count else { return }
        var seen = Set<CellName>()
        result.operations = result.operations.reversed().filter { seen.insert($0.cell).inserted }
            .reversed()
    }

    /// What a field will show once the operations are written.
    private func said(_ field: String) -> Value {
        let operation = result.operations.last { $0.cell == CellName(field) }
        if case .put(let value) = operation?.effect { return value }
        return present?[field] ?? .none
    }
}

/// How what a channel holds is read.
enum ChannelKind: Hashable, Sendable {
    case telephone
    /// A name or a number, such as that of a messenger, or something whose kind nobody said.
    case perhapsTelephone
    case email
    case other

    init(_ kind: Value) {
        switch kind {
        case .text("mobile"), .text("landline"), .text("sat"), .text("fax"): self = .telephone
        case .text("messaging"), .none: self = .perhapsTelephone
        case .text("email"): self = .email
        default: self = .other
        }
    }
}

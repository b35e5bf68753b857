import SijilCore
import SijilStore

/// What is left to write of what a file says about a record, compared with the record that is here.
///
/// Takes values and gives a value: nothing is read or written. Four things an import never does, because
/// it is no person's decision about this record:
/// - It does not settle a conflict by repeating one of the values.
/// - It does not loosen a `strictest` field, nor let a contact rule end earlier, nor undo that a consent was taken back.
/// - It does not change what is written once.
/// - It does not read a number anew that is here as the file has it.
struct Reconciliation {
    /// `nil` when the file says nothing new.
    private(set) var edit: RecordEdit?
    private(set) var isNew = false
    /// Texts that lost invisible controls.
    private(set) var cleanedTexts = 0
    /// Restrictions that the file would have loosened.
    private(set) var keptRestrictions = 0
    /// Whether the record is deleted here and stays so.
    private(set) var isLeftDeleted = false

    /// Telephone numbers that could not be read and stay as they are written.
    private(set) var unreadableNumbers = 0
    /// The same of e-mail addresses.
    private(set) var unreadableAddresses = 0
    private(set) var earlyEnds = 0
    private(set) var unknownConsents = 0
    /// Values that waited for a decision where the file was written, and are neither here nor written.
    private(set) var lostRivals = 0

    private let collection: CollectionID
    private let present: RecordView?
    private let rules: EntryRules
    private let type: RecordType?
    private var operations: [CellOperation] = []
    private var cells: [CellName: CellOperation.Effect?] = [:]
    /// What an export writes of the record that is here, by field.
    private lazy var fieldsAsWritten: [CellName: JSON] = {
        let members = present?.fieldsJSON.members ?? []
        return Dictionary(members.map { (CellName($0.key), $0.value) }) { first, _ in first }
    }()
    /// The keyed cells that are here, by the text that a file has for their keys.
    private lazy var cellsAsSpelt: [CellName: CellName] = {
        var spelt: [CellName: CellName] = [:]
        for cell in present?.cells.keys ?? [:].keys where cell.key != .none {
            spelt[CellName(cell.field, key: .text(cell.key.keyText))] = cell
        }
        return spelt
    }()

    /// - Throws: `unknownType`, `unknownField` or `badData`, naming the field, when the file says something
    ///   that cannot be written and is not here already.
    init(
        _ record: ImportedRecord, present: RecordView?, schema: Schema, collection: CollectionID,
        rules: EntryRules = EntryRules()
    ) throws(SijilError) {
        self.collection = collection
        self.present = present
        self.rules = rules
        type = schema[record.type]
        if record.life == .deleted {
            delete(record)
            return
        }
        let isKnown = present != nil && record.identity == .content
        if present?.isDeleted == true, isKnown || record.life == .untold {
            isLeftDeleted = true
            return
        }
        if isKnown { return }
        for field in record.fields { try add(field, record.type, schema) }
        repeatQualifiers(of: record)
        if type == nil, present == nil { _ = try schema.type(named: record.type) }
        try check(record)
        lostRivals = record.rivals.count { !isSaid($0) }
        isNew = present == nil
        guard isNew || present?.isDeleted == true || !operations.isEmpty else { return }
        edit = RecordEdit(record: record.id, type: record.type, operations: operations)
    }

    private func isSaid(_ rival: ImportedRecord.Rival) -> Bool {
        let siblings = present?.cells[rival.cell]?.siblings ?? []
        return siblings.contains { $0.value.json == rival.value }
            || operations.contains {
                if $0.cell == rival.cell, case .put(let value) = $0.effect {
                    value.json == rival.value
                } else {
                    false
                }
            }
    }

    /// Repeats an end and the like that the file says, and that is here already, with a new value of what it says more of.
    ///
    /// Else it would not count for that: see ``Field/qualifies``.
    private mutating func repeatQualifiers(of record: ImportedRecord) {
        guard let type, let present else { return }
        for field in type.fields {
            guard let subject = field.qualifies,
                record.fields.contains(where: { $0.name == field.name }),
                case let cell = CellName(field.name),
                !operations.contains(where: { $0.cell == cell }),
                operations.contains(where: { $0.cell == CellName(subject) }),
                case let value = present.shown(cell), value != .none,
                !present.endsRuleEarlier(value)
            else { continue }
            operations.append(CellOperation(cell, .put(value)))
        }
    }

    /// Applies what looks at a record as a whole; what comes to a value that is here says nothing new.
    private mutating func check(_ record: ImportedRecord) throws(SijilError) {
        guard let type else { return }
        let raw = CellName("raw")
        let saysRaw = record.fields.contains { $0.name == raw.field }
        let writesRaw = operations.contains { $0.cell == raw }
        let checked = try rules.checked(operations, of: type, present: present)
        for warning in checked.warnings {
            switch warning {
            case .unreadableNumber: unreadableNumbers += 1
            case .unreadableAddress: unreadableAddresses += 1
            case .endsTooEarly: earlyEnds += 1
            case .unknownConsent: unknownConsents += 1
            case .controlsRemoved: break
            }
        }
        operations = checked.operations.filter { operation in
            guard case .put(let value) = operation.effect,
                type[operation.cell.field]?.qualifies == nil
            else { return true }
            let siblings = present?.cells[operation.cell]?.siblings ?? []
            return !siblings.contains { $0.value == value }
                && !(siblings.isEmpty && value == .none)
        }
        // Beside a number that stays, or with what the file itself says, the rules say nothing of how it was typed.
        if !writesRaw, saysRaw || !operations.contains(where: { $0.cell == CellName("value") }) {
            operations.removeAll { $0.cell == raw }
        }
    }

    private mutating func delete(_ record: ImportedRecord) {
        guard let present, !present.isDeleted else { return }
        let said = present.cells[.liveness]?.siblings.contains { $0.value == .boolean(true) }
        guard said != true else { return }
        guard !present.isWithdrawal else {
            keptRestrictions += 1
            return
        }
        edit = RecordEdit(record: record.id, type: record.type, deletes: true)
    }

    // MARK: Fields

    private mutating func add(
        _ imported: ImportedField, _ type: String, _ schema: Schema
    ) throws(SijilError) {
        // What is here already needs no reading, even when this version could not read it.
        if case .json(let json) = imported.content, var present {
            present.cells = [:]
            let written = fieldsAsWritten[CellName(imported.name)]
            if json == written ?? present.fieldJSON(imported.name) { return }
        }
        let field = try schema.type(named: type).field(named: imported.name)
        switch imported.content {
        case .json(let json): try add(json, field)
        case .text(let text, let key): try add(.text(text), field, key: key)
        case .reference(let id, let key):
            try put(.reference(id), try cell(field, key), field)
        case .members(let members, let replaces):
            try setMembers(members.map { .text($0) }, replaces: replaces, field)
        case .keyless(let text, let key):
            let isKnown = present?.keyed(field.name)
                .contains { $0.value.plainText.hasSameBytes(as: text) }
            if isKnown != true { try add(.text(text), field, key: key) }
        case .properties(let properties): try add(properties, field)
        }
    }

    /// A property that is here stays as it is written here; those of the same names that the card does
    /// not have leave, and names of which the card says nothing stay.
    private mutating func add(
        _ properties: [CardProperty], _ field: Field
    ) throws(SijilError) {
        let known = present?.keyed(field.name) ?? []
        let knownKeys = Set(known.map(\.key))
        let keys = Set(properties.map(\.key))
        for property in properties {
            let key = property.key
            if knownKeys.contains(.text(key)) { continue }
            try put(
                try read(.text(property.line), field), CellName(field.name, key: .text(key)), field)
        }
        let names = Set(properties.map(\.name))
        for (key, value) in known where !keys.contains(key.keyText) {
            guard let line = try? CardProperty(parsing: value.plainText.utf8) else { continue }
            guard names.contains(line.name) else { continue }
            try put(.none, CellName(field.name, key: key), field)
        }
    }

    private mutating func add(_ json: JSON, _ field: Field) throws(SijilError) {
        switch (field.shape, json) {
        case (.single, _): try add(.json(json), field, key: nil)
        case (.keyed, .null):
            for cell in present?.cells.keys.sorted(of: field) ?? [] {
                try put(.none, cell, field)
            }
        case (.keyed, .object(let members)):
            for member in members { try add(.json(member.value), field, key: member.key) }
        case (.keyed, _):
            throw SijilError(
                .badData, "The field has a value per language: an object is expected.",
                hint: #"For example {"\#(field.name)":{"ar":"…","fr":"…"}}."#,
                place: field.name)
        case (.set, .null): try setMembers([], replaces: true, field)
        case (.set, .array(let members)):
            try setMembers(members.map { .json($0) }, replaces: true, field)
        case (.set, _):
            throw SijilError(
                .badData, "The field is a set: an array is expected.",
                hint: #"For example {"\#(field.name)":["…"]}."#, place: field.name)
        }
    }

    private enum Entry {
        case json(JSON)
        case text(String)

        func isForm(of value: Value) -> Bool { form == form(of: value) }

        /// What the file says, to look it up.
        var form: JSON {
            switch self {
            case .json(let json): json
            case .text(let text): .string(text)
            }
        }

        /// How the file would say a value.
        func form(of value: Value) -> JSON {
            switch self {
            case .json: value.json
            case .text: .string(value.plainText)
            }
        }
    }

    private mutating func add(
        _ entry: Entry, _ field: Field, key: String?
    ) throws(SijilError) {
        let cell = try cell(field, key)
        if let present, entry.isForm(of: present.shown(cell)) { return try note(cell, nil) }
        if isAsTyped(entry, field) { return try note(cell, nil) }
        let value = try read(entry, field)
        // A text of which nothing can be seen clears nothing.
        if value == .none, case .string(let text) = entry.form, !text.isEmpty {
            return try note(cell, nil)
        }
        // What comes back from somebody whom we gave a rounded place says nothing new.
        if Coordinate.isOne(field), case .real(let known) = present?.shown(cell) ?? .none,
            value == .real(Coordinate.coarse(known))
        {
            return try note(cell, nil)
        }
        try put(value, cell, field)
    }

    /// Whether the file says the number that is here, or says it as it was typed when it was read: read again
    /// elsewhere, or without a plan, it might come to another number, or to none.
    private func isAsTyped(_ entry: Entry, _ field: Field) -> Bool {
        guard case .address = type?.rules[field.name], case .string(let text) = entry.form,
            let present
        else { return false }
        if let number = rules.phones.e164(text), present[field.name] == .text(number) {
            return true
        }
        // What was typed for a number that was taken away says nothing.
        guard case .text(let typed) = present["raw"], present[field.name] != .none else {
            return false
        }
        return PhoneNumbers.areSame(text, typed)
    }

    /// A key that the record has as the file spells it stays so; another gets its usual form.
    private mutating func cell(_ field: Field, _ key: String?) throws(SijilError) -> CellName {
        guard let key else { return CellName(field.name) }
        if let same = cellsAsSpelt[CellName(field.name, key: .text(key))] { return same }
        return CellName(field.name, key: .text(try LanguageTag.read(key, field: field.name)))
    }

    private mutating func read(_ entry: Entry, _ field: Field) throws(SijilError) -> Value {
        let reading: Field.Reading
        switch entry {
        case .json(let json):
            if field.kind == .reference, let id = try reference(json, field) {
                return .reference(id)
            }
            reading = try field.read(json)
        case .text(let text): reading = try field.read(text)
        }
        if reading.isCleaned { cleanedTexts += 1 }
        guard let type else { return reading.value }
        return try rules.checked(reading.value, of: field, in: type)
    }

    /// A record named as the other system names it: `{"type":"person","id":"A-17"}`.
    private func reference(_ json: JSON, _ field: Field) throws(SijilError) -> RecordID? {
        guard let members = json.members else { return nil }
        guard members.count == 2, let type = json["type"]?.string, let raw = json["id"]?.string,
            !type.isEmpty
        else {
            throw SijilError(
                .badData, "A reference is an id or an object with type and id.",
                hint: #"For example {"type":"person","id":"A-17"}."#, place: field.name)
        }
        let id = try RowIdentifier.clean(raw)
        guard !id.isEmpty else { throw field.invalid("The reference's id is empty.") }
        return RowIdentifier.record(id, type: type, in: collection)
    }

    // MARK: Cells

    private mutating func put(
        _ value: Value, _ cell: CellName, _ field: Field
    ) throws(SijilError) {
        let siblings = present?.cells[cell]?.siblings ?? []
        if siblings.contains(where: { $0.value == value }) || (siblings.isEmpty && value == .none) {
            try note(cell, nil)
            return
        }
        let shown = present?.shown(cell) ?? .none
        switch field.policy {
        case .strictest where field.policy.isMilder(value, than: shown):
            keptRestrictions += 1
            try note(cell, nil)
            return
        case _ where present?.undoesWithdrawal(field.name, value) == true,
            _ where field.name == "contact_rule_until" && present?.endsRuleEarlier(value) == true:
            keptRestrictions += 1
            try note(cell, nil)
            return
        case .once where shown != .none && present?.cells[cell]?.isContested == false:
            throw SijilError(
                .badData, "This field is written once and has another value.", place: field.name)
        default: break
        }
        try note(cell, .put(value))
    }

    private mutating func setMembers(
        _ entries: [Entry], replaces: Bool, _ field: Field
    ) throws(SijilError) {
        let members = present?.members(field.name) ?? []
        let present = Set(members)
        // The entries are of one kind, so the first says how the file writes what is here.
        let first = entries.first
        let byForm = Dictionary(
            members.map { (first?.form(of: $0) ?? .null, $0) },
            uniquingKeysWith: { first, _ in first })
        var kept = Set<Value>()
        for entry in entries {
            if let member = byForm[entry.form] {
                kept.insert(member)
                continue
            }
            let member = try read(entry, field)
            guard member != .none, kept.insert(member).inserted else { continue }
            if present.contains(member) { continue }
            try note(CellName(field.name, key: member), .put(.boolean(true)))
        }
        // Members of which nothing can be seen empty no set.
        guard replaces, entries.isEmpty || !kept.isEmpty else { return }
        for member in members where !kept.contains(member) {
            try note(CellName(field.name, key: member), .remove)
        }
    }

    /// Notes the effect on a cell, `nil` for none: two spellings of one key must not say two things.
    private mutating func note(
        _ cell: CellName, _ effect: CellOperation.Effect?
    ) throws(SijilError) {
        if let earlier = cells.updateValue(effect, forKey: cell) {
            guard earlier == effect else {
                throw SijilError(
                    .badData, "The field has two values for one language.", place: cell.field)
            }
            return
        }
        if let effect { operations.append(CellOperation(cell, effect)) }
    }
}

extension Dictionary<CellName, Cell>.Keys {
    /// The cells of a keyed field, in a fixed order.
    fileprivate func sorted(of field: Field) -> [CellName] {
        filter { $0.field == field.name && $0.key != .none }.sorted { $0.key.precedes($1.key) }
    }
}

extension RecordEdit {
    /// About what the edit adds to a change, in bytes.
    var estimatedBytes: Int {
        operations.reduce(24) { total, operation in total + operation.estimatedBytes }
    }

    /// The edit in parts that each fit a change.
    func pieces(of limit: Int) -> [RecordEdit] {
        guard !deletes else { return [self] }
        var pieces: [RecordEdit] = []
        var piece = RecordEdit(record: record, type: type)
        var bytes = piece.estimatedBytes
        for operation in operations {
            if !piece.operations.isEmpty, bytes + operation.estimatedBytes > limit {
                pieces.append(piece)
                piece.operations = []
                bytes = piece.estimatedBytes
            }
            piece.operations.append(operation)
            bytes += operation.estimatedBytes
        }
        return pieces + [piece]
    }
}

extension CellOperation {
    fileprivate var estimatedBytes: Int {
        var total = 6 + cell.key.estimatedBytes
        if case .put(let value) = effect { total += value.estimatedBytes }
        return total
    }
}

extension Value {
    fileprivate var estimatedBytes: Int {
        switch self {
        case .none, .boolean: 0
        case .text(let text): text.utf8.count + 3
        case .unknown(_, let bytes): bytes.count + 3
        default: 16
        }
    }
}

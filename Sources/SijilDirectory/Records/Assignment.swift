public import SijilCore
public import SijilStore

/// What a person's `FIELD=VALUE` arguments mean for one record.
///
/// ```swift
/// let assignment = try Assignment(
///     ["name.ar=نادية أمزيان-تيفاوين", "languages+=ar", "notes="], for: person, present: view)
/// try replica.write(
///     [RecordEdit(record: view.id, type: "person", operations: assignment.operations)], in: roster)
/// ```
///
/// | argument | means |
/// | --- | --- |
/// | `FIELD=VALUE` | a single field gets a value |
/// | `FIELD=` | it is cleared; a set loses all its members |
/// | `FIELD.KEY=VALUE`, `FIELD.KEY=` | the same for one key, e.g. a language, of a keyed field |
/// | `FIELD+=MEMBER`, `FIELD-=MEMBER` | a member joins or leaves a set |
///
/// Values are brought to NFC, and lose invisible controls and white space at their ends.
public struct Assignment: Sendable {
    /// At most one per cell, in the order of the arguments.
    public private(set) var operations: [CellOperation] = []
    /// What the person should be told; never values.
    public private(set) var notes: [EntryWarning] = []
    /// The same in words.
    public var warnings: [String] { notes.map(\.text) }

    private let type: RecordType
    private let present: RecordView?
    private var places: [CellName: Int] = [:]

    /// - Parameters:
    ///   - present: the record as it is; `nil` for one that is being made.
    ///   - rules: what else values must be.
    /// - Throws: `usage` for an argument without `=` and for a field that is given twice, `unknownField`
    ///   with fields that are spelt alike, `badData` for a value that the field cannot hold.
    public init(
        _ arguments: [String], for type: RecordType, present: RecordView? = nil,
        rules: EntryRules = EntryRules()
    ) throws(SijilError) {
        self.type = type
        self.present = present
        for argument in arguments { try add(argument) }
        let checked = try rules.checked(operations, of: type, present: present)
        operations = checked.operations
        notes += checked.warnings
    }

    private enum Verb { case put, add, remove }

    private mutating func add(_ argument: String) throws(SijilError) {
        let (path, verb, text) = try Self.split(argument)
        let (field, key) = try Self.resolve(path, in: type)
        switch (field.shape, verb) {
        case (.single, .put): try put(text, field, CellName(field.name))
        case (.keyed, .put):
            guard let key else { throw Self.missingKey(field) }
            try put(text, field, CellName(field.name, key: try self.key(key, field)))
        case (.set, .put):
            guard text.allSatisfy(\.isWhitespace) else {
                throw SijilError(
                    .badData, "The field is a set: its members are added and removed one by one.",
                    hint: "For example \(field.name)+=\(field.example).", place: field.name)
            }
            for member in present?.members(field.name) ?? [] {
                set(.remove, CellName(field.name, key: member))
            }
        case (.set, .add), (.set, .remove):
            guard let member = try read(text, field), member != .none else {
                throw SijilError(
                    .badData, "The member is empty.",
                    hint: "For example \(field.name)+=\(field.example).", place: field.name)
            }
            let cell = CellName(field.name, key: member)
            try setOnce(verb == .add ? .put(.boolean(true)) : .remove, cell)
        case (.single, _), (.keyed, _):
            throw SijilError(
                .badData, "The field is not a set: += and -= are for sets.",
                hint: "For example \(Self.example(field)).", place: field.name)
        }
    }

    private mutating func put(
        _ text: String, _ field: Field, _ cell: CellName
    ) throws(SijilError) {
        let value = try read(text, field) ?? .none
        guard value != .none || text.isEmpty else {
            throw SijilError(
                .badData, "The value has nothing in it that can be seen.",
                hint: "To clear the field, put nothing after the =.", place: field.name)
        }
        try setOnce(.put(value), cell)
    }

    private mutating func read(_ text: String, _ field: Field) throws(SijilError) -> Value? {
        let reading = try field.read(text)
        if reading.isCleaned {
            notes.append(.controlsRemoved(field: field.name))
        }
        return reading.value
    }

    /// A key that the record has as it was typed stays so; another gets its usual form.
    private func key(_ key: String, _ field: Field) throws(SijilError) -> Value {
        if let present, present.cells[CellName(field.name, key: .text(key))] != nil {
            return .text(key)
        }
        return .text(try LanguageTag.read(key, field: field.name))
    }

    /// Sets what may be set again: emptying a set and then adding to it.
    private mutating func set(_ effect: CellOperation.Effect, _ cell: CellName) {
        if let place = places[cell] {
            operations[place].effect = effect
        } else {
            places[cell] = operations.count
            operations.append(CellOperation(cell, effect))
        }
    }

    private mutating func setOnce(
        _ effect: CellOperation.Effect, _ cell: CellName
    ) throws(SijilError) {
        if let place = places[cell], operations[place].effect != effect,
            operations[place].effect != .remove
        {
            throw SijilError(.usage, "A field is given twice.", place: cell.field)
        }
        set(effect, cell)
    }

    // MARK: Parts of an argument

    private static func split(
        _ argument: String
    ) throws(SijilError) -> (path: String, verb: Verb, text: String) {
        guard let equals = argument.unicodeScalars.firstIndex(of: "=") else {
            throw SijilError(
                .usage, "An argument is not of the form FIELD=VALUE.",
                hint: "For example name.ar=… or languages+=fr; put quotes around spaces.")
        }
        let scalars = argument.unicodeScalars
        let text = String(scalars[scalars.index(after: equals)...])
        let left = scalars[..<equals]
        switch left.last {
        case "+": return (String(left.dropLast()), .add, text)
        case "-": return (String(left.dropLast()), .remove, text)
        default: return (String(left), .put, text)
        }
    }

    /// The field and the key, if there is one, of `FIELD` or `FIELD.KEY`.
    private static func resolve(
        _ path: String, in type: RecordType
    ) throws(SijilError) -> (field: Field, key: String?) {
        let parts = path.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let field = try type.field(named: String(parts[0]))
        let key = parts.count > 1 ? String(parts[1]) : nil
        guard key == nil || field.shape == .keyed else {
            throw SijilError(
                .badData, "The field has no keys.", hint: "For example \(example(field)).",
                place: field.name)
        }
        return (field, key)
    }

    private static func missingKey(_ field: Field) -> SijilError {
        SijilError(
            .badData, "The field has a value per language: name one.",
            hint: "For example \(example(field)).", place: field.name)
    }

    private static func example(_ field: Field) -> String {
        switch field.shape {
        case .single: "\(field.name)=\(field.example)"
        case .keyed: "\(field.name).ar=\(field.example)"
        case .set: "\(field.name)+=\(field.example)"
        }
    }

    // MARK: Cells and conditions

    /// The cell that `FIELD` or `FIELD.KEY` names, as for `sijil resolve`; `deleted` names the life of the
    /// record.
    ///
    /// - Throws: `unknownField`, and `badData` for a key where there is none or none where there must be
    ///   one. The members of a set are no such cells.
    public static func cell(_ path: String, for type: RecordType) throws(SijilError) -> CellName {
        if path == "deleted" { return .liveness }
        let (field, key) = try resolve(path, in: type)
        switch field.shape {
        case .single: return CellName(field.name)
        case .keyed:
            guard let key else { throw missingKey(field) }
            return CellName(
                field.name, key: .text(try LanguageTag.read(key, field: field.name)))
        case .set:
            throw SijilError(
                .badData, "A set is never in conflict: use += and -=.", place: field.name)
        }
    }

    /// A condition of `--where FIELD=VALUE`, for ``RecordQuery/conditions``: a field that shows the value, a
    /// set that has it as a member; without a value a single field that shows nothing.
    ///
    /// - Throws: as ``init(_:for:present:)``.
    public static func condition(
        _ argument: String, for type: RecordType
    ) throws(SijilError) -> (cell: CellName, value: Value) {
        let (path, verb, text) = try split(argument)
        guard verb == .put else {
            throw SijilError(.usage, "A condition is of the form FIELD=VALUE.")
        }
        let (field, key) = try resolve(path, in: type)
        let value = try field.read(text).value
        switch field.shape {
        case .single: return (CellName(field.name), value)
        case .keyed:
            guard let key else { throw missingKey(field) }
            guard value != .none else {
                throw SijilError(
                    .badData, "A condition on a keyed field needs a value.", place: field.name)
            }
            let tag = try LanguageTag.read(key, field: field.name)
            return (CellName(field.name, key: .text(tag)), value)
        case .set:
            guard value != .none else {
                throw SijilError(
                    .badData, "A condition on a set names a member.", place: field.name)
            }
            return (CellName(field.name, key: value), .boolean(true))
        }
    }
}

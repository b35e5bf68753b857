/// What one action of a person wrote, atomic: the unit of the log.
///
/// Collection, author, sequence and the hash of the author's previous change are not in here: they are the
/// context in which a change is kept, and its hash covers them (see ``ChangeBytes/hash(in:using:)``).
public struct Change: Hashable, Sendable {
    /// What advanced in the author's version vector since their previous change in this collection.
    ///
    /// The author's own earlier changes are always seen and never listed.
    public var seen: VersionVector
    /// Milliseconds since 1970 by the author's clock, right or wrong.
    ///
    /// For people, and to break ties in what is shown; it never decides what survives.
    public var writtenAt: Int64
    /// Milliseconds to add to `writtenAt` for the server's time, as the author last knew it.
    public var clockOffset: Int64?
    /// Why, in the author's words.
    public var note: String?
    /// Whether text keys stand in the bytes beside their operations, and not among the names.
    ///
    /// A name can never be taken out of a change again, what stands beside an operation can: a key may be
    /// what somebody is called. Whoever writes for people sets it when there is a text key; it changes
    /// nothing else.
    public var keysInLeaves: Bool
    /// One per record touched, ascending by record.
    public var edits: [RecordEdit]

    public init(
        seen: VersionVector = [:], writtenAt: Int64, clockOffset: Int64? = nil,
        note: String? = nil, keysInLeaves: Bool = false, edits: [RecordEdit]
    ) {
        self.seen = seen
        self.writtenAt = writtenAt
        self.clockOffset = clockOffset
        self.note = note
        self.keysInLeaves = keysInLeaves
        self.edits = edits.inOrder
    }

    /// When it was written, by the server's clock as far as known, milliseconds since 1970.
    public var correctedAt: Int64 { writtenAt &+ (clockOffset ?? 0) }
}

extension [RecordEdit] {
    /// In the order in which a change names records.
    package var inOrder: [RecordEdit] {
        let isInOrder = indices.dropFirst().allSatisfy { self[$0 - 1].record <= self[$0].record }
        return isInOrder ? self : sorted { $0.record < $1.record }
    }
}

/// What a change does to one record.
///
/// Touching a record says that it lives, unless `deletes` is set: so an edit that a deleter had not seen
/// keeps the record. An edit without operations that does not delete brings a record back.
public struct RecordEdit: Hashable, Sendable {
    public var record: RecordID
    public var type: String
    public var deletes: Bool
    /// Whether everything that was ever written of the record is to go, for ever.
    ///
    /// Such an edit has no operations and says nothing of the record's life.
    public var erases: Bool
    public var operations: [CellOperation]

    public init(
        record: RecordID, type: String, deletes: Bool = false, operations: [CellOperation] = []
    ) {
        self.record = record
        self.type = type
        self.deletes = deletes
        erases = false
        self.operations = operations
    }

    /// An edit that erases the record.
    public init(erasing record: RecordID, type: String) {
        self.init(record: record, type: type)
        erases = true
    }
}

/// One cell gets one value, or loses what its author had seen there.
public struct CellOperation: Hashable, Sendable {
    public enum Effect: Hashable, Sendable {
        /// Adds a sibling; `.none` clears a register and can clash with a concurrent value.
        case put(Value)
        /// Adds nothing: a member leaves a set.
        case remove
    }

    public var cell: CellName
    public var effect: Effect

    public init(_ cell: CellName, _ effect: Effect) {
        self.cell = cell
        self.effect = effect
    }
}

/// Names a cell within its record.
public struct CellName: Hashable, Sendable {
    /// The cell that says whether the record lives: `.boolean(true)` for deleted.
    public static let liveness = CellName("")
    /// The cell that says that the record was erased: `.boolean(true)`, and nothing takes it back.
    ///
    /// A record with a sibling here holds nothing else.
    public static let erasure = CellName("", key: .boolean(true))

    public var field: String
    /// `.none` for a single field, a language or other key of a keyed one, the member itself of a set.
    public var key: Value

    public init(_ field: String, key: Value = .none) {
        self.field = field
        self.key = key
    }

    /// Equality of bytes, as for ``Value``.
    public static func == (left: Self, right: Self) -> Bool {
        left.field.hasSameBytes(as: right.field) && left.key == right.key
    }

    public func hash(into hasher: inout Hasher) {
        field.hashBytes(into: &hasher)
        hasher.combine(key)
    }
}

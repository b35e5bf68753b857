/// A change together with its exact bytes: what is hashed, signed, stored and forwarded, never re-encoded.
///
/// `Documentation/Format.md` § Change is normative for the bytes.
public struct ChangeBytes: Sendable {
    public static let version: UInt8 = 1
    public static let secretCount = 16

    public let change: Change
    public let bytes: [UInt8]
    /// The head is `bytes[..<headEnd]`; the body follows.
    let headEnd: Int
    let secret: [UInt8]
    /// What is hashed one by one: the note, if there is one, then the edits.
    let leaves: [Leaf]

    struct Leaf: Sendable {
        /// Zero for the note.
        var record: RecordID
        var range: Range<Int>
    }

    private enum Flag {
        static let clockOffset: UInt8 = 1
        static let note: UInt8 = 2
    }

    private enum EditFlag {
        static let deletes: UInt8 = 1
    }

    /// How an operation names its key, in the two bits above the value's tag.
    private enum KeyForm {
        static let none: UInt8 = 0
        static let name: UInt8 = 1
        static let value: UInt8 = 2
    }

    // MARK: Writing

    /// Encodes a change.
    ///
    /// - Parameter secret: 16 random bytes, new for every change.
    /// - Throws: `badData` for a change beyond ``Limits``, without edits, or naming a record or cell twice.
    public init(_ change: Change, secret: [UInt8]) throws(SijilError) {
        precondition(secret.count == Self.secretCount, "The secret is 16 bytes.")
        let names = NameNumbers(change)
        var writer = ByteWriter(reservingCapacity: 256)
        writer.byte(Self.version)
        writer.byte(
            (change.clockOffset == nil ? 0 : Flag.clockOffset)
                | (change.note == nil ? 0 : Flag.note))
        writer.signed(change.writtenAt)
        if let offset = change.clockOffset { writer.signed(offset) }
        let seen = change.seen.sorted
        writer.varint(seen.count)
        for dot in seen {
            writer.identifier(dot.replica)
            writer.varint(dot.sequence)
        }
        writer.varint(names.ordered.count)
        for name in names.ordered { writer.text(name) }
        let headEnd = writer.count

        writer.byte(0)
        writer.raw(secret)
        var leaves: [Leaf] = []
        leaves.reserveCapacity(change.edits.count + 1)
        if let note = change.note {
            writer.varint(note.utf8.count)
            let start = writer.count
            writer.raw(note.utf8)
            leaves.append(Leaf(record: .zero, range: start..<writer.count))
        }
        writer.varint(change.edits.count)
        var previous = RecordID.zero
        var content = ByteWriter(reservingCapacity: 512)
        var numbers = names.inOrderOfUse.makeIterator()
        var cells = CellSet(names: names.ordered.count)
        for edit in change.edits {
            Self.writeStep(from: previous, to: edit.record, &writer)
            previous = edit.record
            content.removeAll()
            try Self.write(edit, &numbers, &cells, &content)
            writer.varint(content.count)
            let start = writer.count
            writer.raw(content.bytes)
            leaves.append(Leaf(record: edit.record, range: start..<writer.count))
        }
        self.change = change
        self.bytes = writer.bytes
        self.headEnd = headEnd
        self.secret = secret
        self.leaves = leaves
        try checkLimits(names: names.ordered)
    }

    private static func write(
        _ edit: RecordEdit, _ numbers: inout IndexingIterator<[Int]>, _ cells: inout CellSet,
        _ writer: inout ByteWriter
    ) throws(SijilError) {
        cells.removeAll()
        writer.varint(numbers.next()!)
        writer.byte(edit.deletes ? EditFlag.deletes : 0)
        writer.varint(edit.operations.count)
        for operation in edit.operations {
            let tag =
                switch operation.effect {
                case .put(let value): value.tag
                case .remove: ValueTag.removed
                }
            let field = numbers.next()!
            try cells.insert(field: field, key: operation.cell.key)
            writer.varint(field)
            switch operation.cell.key {
            case .none: writer.byte(tag)
            case .text:
                writer.byte(KeyForm.name << 5 | tag)
                writer.varint(numbers.next()!)
            case let key:
                writer.byte(KeyForm.value << 5 | tag)
                key.write(to: &writer)
            }
            if case .put(let value) = operation.effect { value.writePayload(to: &writer) }
        }
    }

    /// The distance to the next record: a count of bytes, then the bytes, most significant first.
    ///
    /// Records made together lie near each other, so this is short.
    private static func writeStep(from: RecordID, to: RecordID, _ writer: inout ByteWriter) {
        let step = to.rawValue &- from.rawValue
        let count = (UInt128.bitWidth - step.leadingZeroBitCount + 7) / 8
        writer.byte(UInt8(count))
        for index in (0..<count).reversed() {
            writer.byte(UInt8(truncatingIfNeeded: step >> UInt128(8 * index)))
        }
    }

    // MARK: Reading

    /// Decodes and checks everything that can be checked without a key or a neighbour.
    ///
    /// - Throws: `futureVersion` for a version above ours, `badData` for anything malformed.
    public init(_ bytes: [UInt8]) throws(SijilError) {
        guard bytes.count <= Limits.changeBytes else {
            throw SijilError(.badData, "A change is larger than allowed.")
        }
        var reader = ByteReader(bytes)
        try Self.checkVersion(try reader.byte())
        let flags = try reader.byte()
        guard flags & ~(Flag.clockOffset | Flag.note) == 0 else {
            throw SijilError(
                .futureVersion, "A change uses a part of the format that this version lacks.",
                hint: "Install a newer version of Sijil.")
        }
        let writtenAt = try reader.signed()
        let offset = flags & Flag.clockOffset == 0 ? nil : try reader.signed()
        let seen = try Self.readSeen(&reader)
        var names = NameTable(try Self.readNames(&reader))
        var cells = CellSet(names: names.names.count)
        let headEnd = reader.position

        guard try reader.byte() == 0 else {
            throw SijilError(
                .futureVersion, "A change's body has a form that this version lacks.",
                hint: "Install a newer version of Sijil.")
        }
        let secret = Array(try reader.raw(Self.secretCount))
        var leaves: [Leaf] = []
        var note: String?
        if flags & Flag.note != 0 {
            let length = try reader.count()
            let start = reader.position
            let content = try reader.raw(length)
            guard let text = String(validating: content, as: UTF8.self) else {
                throw SijilError(.badData, "A text is not UTF-8.")
            }
            note = text
            leaves.append(Leaf(record: .zero, range: start..<reader.position))
        }
        let count = try reader.count(minimumBytes: 5)
        guard count <= Limits.recordsPerChange else {
            throw SijilError(.badData, "A change touches more records than allowed.")
        }
        var edits: [RecordEdit] = []
        edits.reserveCapacity(count)
        leaves.reserveCapacity(count + 1)
        var previous = RecordID.zero
        for number in 0..<count {
            let step = try Self.readStep(&reader)
            let (next, overflow) = previous.rawValue.addingReportingOverflow(step)
            guard !overflow, step > 0 || number == 0 else {
                throw SijilError(.badData, "The records of a change are not in order.")
            }
            previous = RecordID(next)
            let length = try reader.count()
            let start = reader.position
            var content = ByteReader(try reader.raw(length))
            edits.append(try Self.readEdit(previous, &names, &cells, &content))
            leaves.append(Leaf(record: previous, range: start..<reader.position))
        }
        try reader.expectEnd()
        try names.expectAllUsed()
        self.change = Change(
            seen: seen, writtenAt: writtenAt, clockOffset: offset, note: note, sorted: edits)
        self.bytes = bytes
        self.headEnd = headEnd
        self.secret = secret
        self.leaves = leaves
        try checkLimits(names: names.names)
    }

    /// Reads only what a change's author had newly seen: the head, not the body.
    public static func seen(in bytes: [UInt8]) throws(SijilError) -> VersionVector {
        var reader = ByteReader(bytes)
        try checkVersion(try reader.byte())
        let flags = try reader.byte()
        _ = try reader.signed()
        if flags & Flag.clockOffset != 0 { _ = try reader.signed() }
        return try readSeen(&reader)
    }

    static func checkVersion(_ version: UInt8) throws(SijilError) {
        guard version != Self.version else { return }
        guard version > Self.version else {
            throw SijilError(.badData, "These bytes are not a change.")
        }
        throw SijilError(
            .futureVersion, "This was written in format \(version); this version reads format 1.",
            hint: "Install a newer version of Sijil.")
    }

    private static func readSeen(_ reader: inout ByteReader) throws(SijilError) -> VersionVector {
        var seen = VersionVector()
        var last: ReplicaID?
        for _ in 0..<(try reader.count(minimumBytes: 17)) {
            let replica = try reader.identifier()
            let sequence = try reader.varint()
            if let last, replica <= last {
                throw SijilError(.badData, "A version vector is not in order.")
            }
            guard sequence > 0, sequence <= UInt64(Int64.max) else {
                throw SijilError(.badData, "A sequence cannot be.")
            }
            seen[replica] = sequence
            last = replica
        }
        return seen
    }

    private static func readNames(_ reader: inout ByteReader) throws(SijilError) -> [String] {
        var names: [String] = []
        for _ in 0..<(try reader.count(minimumBytes: 2)) {
            let name = try reader.text()
            if let last = names.last, !last.utf8.lexicographicallyPrecedes(name.utf8) {
                throw SijilError(.badData, "The names of a change are not in order.")
            }
            names.append(name)
        }
        return names
    }

    private static func readStep(_ reader: inout ByteReader) throws(SijilError) -> UInt128 {
        let count = Int(try reader.byte())
        guard count <= 16 else { throw SijilError(.badData, "A record's step is too long.") }
        var step: UInt128 = 0
        for (index, byte) in try reader.raw(count).enumerated() {
            guard index > 0 || byte != 0 else {
                throw SijilError(.badData, "A number is written longer than it need be.")
            }
            step = step << 8 | UInt128(byte)
        }
        return step
    }

    private static func readEdit(
        _ record: RecordID, _ names: inout NameTable, _ cells: inout CellSet,
        _ reader: inout ByteReader
    ) throws(SijilError) -> RecordEdit {
        cells.removeAll()
        let type = names.names[try names.read(from: &reader)]
        let flags = try reader.byte()
        guard flags & ~EditFlag.deletes == 0 else {
            throw SijilError(
                .futureVersion, "A change uses a part of the format that this version lacks.",
                hint: "Install a newer version of Sijil.")
        }
        let count = try reader.count(minimumBytes: 2)
        var operations: [CellOperation] = []
        operations.reserveCapacity(count)
        for _ in 0..<count {
            let field = try names.read(from: &reader)
            let form = try reader.byte()
            let key: Value
            switch form >> 5 {
            case KeyForm.none: key = .none
            case KeyForm.name: key = .text(names.names[try names.read(from: &reader)])
            case KeyForm.value:
                key = try Value(from: &reader)
                switch key {
                case .none, .text: throw SijilError(.badData, "A key has the wrong form.")
                default: break
                }
            default: throw SijilError(.badData, "A key has the wrong form.")
            }
            let tag = form & ValueTag.mask
            let effect: CellOperation.Effect =
                tag == ValueTag.removed ? .remove : .put(try Value(tag: tag, from: &reader))
            try cells.insert(field: field, key: key)
            operations.append(CellOperation(CellName(names.names[field], key: key), effect))
        }
        try reader.expectEnd()
        return RecordEdit(
            record: record, type: type, deletes: flags & EditFlag.deletes != 0,
            operations: operations)
    }

    /// The same for what we write and what we read: our mistake and a stranger's end alike.
    private func checkLimits(names: [String]) throws(SijilError) {
        guard !change.edits.isEmpty else {
            throw SijilError(.badData, "A change touches no record.")
        }
        guard bytes.count <= Limits.changeBytes, change.edits.count <= Limits.recordsPerChange,
            (change.note?.utf8.count ?? 0) <= Limits.noteBytes
        else { throw SijilError(.badData, "A change is larger than allowed.") }
        for name in names {
            guard (1...Limits.nameBytes).contains(name.utf8.count), !name.hasZeroByte else {
                throw SijilError(.badData, "A name is empty or longer than allowed.")
            }
        }
        var previous: RecordID?
        for edit in change.edits {
            if let previous, edit.record <= previous {
                throw SijilError(.badData, "A change names a record twice.")
            }
            previous = edit.record
            try edit.checkLimits()
        }
    }
}

extension Change {
    /// Trusts that the edits are in order.
    fileprivate init(
        seen: VersionVector, writtenAt: Int64, clockOffset: Int64?, note: String?,
        sorted edits: [RecordEdit]
    ) {
        self.seen = seen
        self.writtenAt = writtenAt
        self.clockOffset = clockOffset
        self.note = note
        self.edits = edits
    }
}

/// The names of a change that is being read.
///
/// Each must be used: one content has one byte form.
private struct NameTable {
    let names: [String]
    private var isUsed: [Bool]

    init(_ names: [String]) {
        self.names = names
        isUsed = Array(repeating: false, count: names.count)
    }

    /// The number of the name that comes next.
    mutating func read(from reader: inout ByteReader) throws(SijilError) -> Int {
        let number = try reader.varint()
        guard number < UInt64(names.count) else {
            throw SijilError(.badData, "A name is missing.")
        }
        isUsed[Int(number)] = true
        return Int(number)
    }

    func expectAllUsed() throws(SijilError) {
        guard !isUsed.contains(false) else {
            throw SijilError(.badData, "A change lists a name that it does not use.")
        }
    }
}

extension RecordEdit {
    fileprivate func checkLimits() throws(SijilError) {
        for operation in operations {
            if case .put(let value) = operation.effect {
                try value.check(in: operation.cell, atMost: Limits.valueBytes)
            }
            if operation.cell.key != .none {
                try operation.cell.key.check(in: operation.cell, atMost: Limits.nameBytes)
            }
        }
    }
}

extension Value {
    /// Refuses what a SQL column or JSON could not give back as it came: U+0000 in a text, a real
    /// number that is negative zero, infinite or none.
    ///
    /// Also an unknown kind under a tag that is ours.
    func check(in cell: CellName, atMost limit: Int) throws(SijilError) {
        switch self {
        case .text(let text):
            guard text.utf8.count <= limit else {
                throw SijilError(.badData, "A value is larger than allowed.", place: cell.field)
            }
            guard !text.hasZeroByte else {
                throw SijilError(.badData, "A text holds the character U+0000.", place: cell.field)
            }
        case .real(let real):
            guard real.isFinite, real != 0 || real.sign == .plus else {
                throw SijilError(
                    .badData, "A number must be finite and not negative zero.", place: cell.field)
            }
        case .unknown(let tag, let bytes):
            guard bytes.count <= limit else {
                throw SijilError(.badData, "A value is larger than allowed.", place: cell.field)
            }
            guard ValueTag.later.contains(tag) else {
                throw SijilError(.badData, "A value has a tag that cannot be.", place: cell.field)
            }
        default: break
        }
    }
}

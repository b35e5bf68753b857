/// A change together with its exact bytes: what is hashed, signed, stored and forwarded, never re-encoded.
///
/// `Documentation/Format.md` § Change is normative for the bytes.
public struct ChangeBytes: Sendable {
    public static let version: UInt8 = 1
    public static let secretCount = 16

    public let bytes: [UInt8]
    /// As ``Change/seen``.
    public let seen: VersionVector
    /// As ``Change/writtenAt``.
    public let writtenAt: Int64
    /// As ``Change/clockOffset``.
    public let clockOffset: Int64?
    /// As ``Change/note``.
    public let note: String?
    /// The head is `bytes[..<headEnd]`; the body follows.
    let headEnd: Int
    /// What the salts of a whole body's leaves come from; empty when something was erased.
    let secret: [UInt8]
    /// See ``Change/keysInLeaves``.
    private let keysInLeaves: Bool
    /// What a body has from which something was erased; `nil` for a whole one.
    let remains: Remains?
    private let noteRange: Range<Int>?
    /// The types, fields and text keys that occur, in the order of their bytes.
    package let names: [String]
    /// One per record, ascending.
    package let edits: [Edit]
    /// Those of all edits, one after the other.
    package let operations: [Operation]

    /// A ``RecordEdit`` as it lies in the bytes.
    package struct Edit: Sendable {
        package var record: RecordID
        /// The number of the type's name.
        package var type: Int
        package var deletes: Bool
        package var erases: Bool
        /// In ``ChangeBytes/operations``.
        package var operations: Range<Int>
        fileprivate(set) var content: Range<Int>
    }

    /// A ``CellOperation`` as it lies in the bytes: what applies it needs no text of its own.
    package struct Operation: Sendable {
        fileprivate var fieldNumber: Int32
        fileprivate var form: UInt8
        /// The number of the key's name, or where the key begins, a text's after its length; unused without a
        /// key.
        fileprivate var key: Int32
        fileprivate var start: Int32
        fileprivate var end: Int32

        /// The number of the field's name.
        package var field: Int { Int(fieldNumber) }
        /// Whether the cell is a single field's.
        package var isSingle: Bool { form >> 5 == KeyForm.none }
        /// The tag of the value that is put, or ``ValueTag/removed``.
        package var tag: UInt8 { form & ValueTag.mask }
        /// What belongs to the value, without its tag.
        package var payload: Range<Int> { Int(start)..<Int(end) }
    }

    struct Leaf: Sendable {
        /// Zero for the note.
        var record: RecordID
        var range: Range<Int>
    }

    /// What is hashed one by one as long as it is there: the note, if there is one, then the edits.
    var leaves: [Leaf] {
        (noteRange.map { [Leaf(record: .zero, range: $0)] } ?? [])
            + edits.map { Leaf(record: $0.record, range: $0.content) }
    }

    enum Flag {
        static let clockOffset: UInt8 = 1
        static let note: UInt8 = 2
        static let keysInLeaves: UInt8 = 4
        static let all: UInt8 = 7
    }

    private enum EditFlag {
        static let deletes: UInt8 = 1
        static let erases: UInt8 = 2
    }

    /// How an operation names its key, in the bits above the value's tag.
    fileprivate enum KeyForm {
        static let none: UInt8 = 0
        static let name: UInt8 = 1
        static let value: UInt8 = 2
        static let text: UInt8 = 3
    }

    // MARK: Writing

    /// Encodes a change.
    ///
    /// - Parameter secret: 16 random bytes, new for every change.
    /// - Throws: `badData` for a change beyond ``Limits``, without edits, or naming a record or cell twice.
    public init(_ change: Change, secret: [UInt8]) throws(SijilError) {
        precondition(secret.count == Self.secretCount, "The secret is 16 bytes.")
        let names = NameNumbers(change)
        var writer = ByteWriter(reservingCapacity: 256 + 512 * change.edits.count)
        writer.byte(Self.version)
        writer.byte(
            (change.clockOffset == nil ? 0 : Flag.clockOffset)
                | (change.note == nil ? 0 : Flag.note)
                | (change.keysInLeaves ? Flag.keysInLeaves : 0))
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

        writer.byte(BodyForm.whole)
        writer.raw(secret)
        if let note = change.note {
            writer.varint(note.utf8.count)
            let start = writer.count
            writer.raw(note.utf8)
            noteRange = start..<writer.count
        } else {
            noteRange = nil
        }
        writer.varint(change.edits.count)
        var edits: [Edit] = []
        edits.reserveCapacity(change.edits.count)
        var operations: [Operation] = []
        operations.reserveCapacity(change.edits.reduce(0) { $0 + $1.operations.count })
        var previous = RecordID.zero
        var content = ByteWriter(reservingCapacity: 512)
        var numbers = names.inOrderOfUse.makeIterator()
        var cells = CellSet(names: names.ordered.count)
        for edit in change.edits {
            guard edit.record > previous || edits.isEmpty else {
                throw SijilError(.badData, "A change names a record twice.")
            }
            Self.writeStep(from: previous, to: edit.record, &writer)
            previous = edit.record
            content.removeAll()
            let first = operations.count
            let type = numbers.next()!
            try Self.write(
                edit, type: type, keysInLeaves: change.keysInLeaves, &numbers, &cells, &operations,
                &content)
            writer.varint(content.count)
            let start = writer.count
            guard start + content.count <= Limits.changeBytes else { throw Self.tooLarge }
            writer.raw(content.bytes)
            for index in first..<operations.count { operations[index].move(by: Int32(start)) }
            edits.append(
                Edit(
                    record: edit.record, type: type, deletes: edit.deletes, erases: edit.erases,
                    operations: first..<operations.count, content: start..<writer.count))
        }
        self.bytes = writer.bytes
        self.seen = change.seen
        self.writtenAt = change.writtenAt
        self.clockOffset = change.clockOffset
        self.note = change.note
        self.headEnd = headEnd
        self.secret = secret
        self.keysInLeaves = change.keysInLeaves
        self.remains = nil
        self.names = names.ordered
        self.edits = edits
        self.operations = operations
        try checkLimits()
    }

    private static func write(
        _ edit: RecordEdit, type: Int, keysInLeaves: Bool,
        _ numbers: inout IndexingIterator<[Int]>, _ cells: inout CellSet,
        _ operations: inout [Operation], _ writer: inout ByteWriter
    ) throws(SijilError) {
        guard !edit.erases || edit.operations.isEmpty && !edit.deletes else {
            throw Self.erasesAndMore
        }
        cells.removeAll()
        writer.varint(type)
        writer.byte(
            (edit.deletes ? EditFlag.deletes : 0) | (edit.erases ? EditFlag.erases : 0))
        writer.varint(edit.operations.count)
        for operation in edit.operations {
            let field = numbers.next()!
            let name = operation.cell.field
            writer.varint(field)
            var key = 0
            var form: UInt8
            switch operation.effect {
            case .put(let value): form = value.tag
            case .remove: form = ValueTag.removed
            }
            switch operation.cell.key {
            case .none:
                try cells.insert(field: field)
                writer.byte(form)
            case .text(let text) where keysInLeaves:
                try cells.insert(field: field, key: .text(text))
                form |= KeyForm.text << 5
                writer.byte(form)
                guard (1...Limits.nameBytes).contains(text.utf8.count) else {
                    throw SijilError(.badData, "A name is empty or longer than allowed.")
                }
                try operation.cell.key.check(in: name, atMost: Limits.nameBytes)
                writer.varint(text.utf8.count)
                key = writer.count
                writer.raw(text.utf8)
            case .text(let text):
                try cells.insert(field: field, key: .text(text))
                form |= KeyForm.name << 5
                writer.byte(form)
                key = numbers.next()!
                writer.varint(key)
            case let value:
                try cells.insert(field: field, key: value)
                form |= KeyForm.value << 5
                writer.byte(form)
                key = writer.count
                value.write(to: &writer)
                try value.check(in: name, atMost: Limits.nameBytes)
            }
            let start = writer.count
            switch operation.effect {
            case .put(.text(let text)):
                guard writer.text(text, atMost: Limits.valueBytes) else {
                    throw SijilError(
                        .badData, "A text is too long or holds the character U+0000.", place: name)
                }
            case .put(let value):
                value.writePayload(to: &writer)
                try value.check(in: name, atMost: Limits.valueBytes)
            case .remove: break
            }
            guard writer.count <= Limits.changeBytes else { throw Self.tooLarge }
            operations.append(
                Operation(
                    fieldNumber: Int32(field), form: form, key: Int32(key), start: Int32(start),
                    end: Int32(writer.count)))
        }
    }

    /// The distance to the next record: a count of bytes, then the bytes, most significant first.
    ///
    /// Records made together lie near each other, so this is short.
    static func writeStep(from: RecordID, to: RecordID, _ writer: inout ByteWriter) {
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
        guard bytes.count <= Limits.erasedChangeBytes else { throw Self.tooLarge }
        var reader = ByteReader(bytes)
        try Self.checkVersion(try reader.byte())
        let flags = try reader.byte()
        guard flags & ~Flag.all == 0 else {
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

        let form = try reader.byte()
        guard form <= BodyForm.partlyErased else {
            throw SijilError(
                .futureVersion, "A change's body has a form that this version lacks.",
                hint: "Install a newer version of Sijil.")
        }
        var remains = form == BodyForm.partlyErased ? Remains() : nil
        if remains == nil {
            guard bytes.count <= Limits.changeBytes else { throw Self.tooLarge }
            secret = Array(try reader.raw(Self.secretCount))
        } else {
            secret = []
        }
        if flags & Flag.note == 0 {
            noteRange = nil
            note = nil
        } else if remains == nil {
            noteRange = try reader.textRange()
            note = Self.text(bytes[noteRange!])
        } else {
            noteRange = nil
            note = nil
            remains!.note = Array(try reader.raw(Remains.hashCount))
        }
        let count = try reader.count(minimumBytes: 5)
        guard count <= Limits.recordsPerChange else { throw Self.tooLarge }
        var edits: [Edit] = []
        edits.reserveCapacity(count)
        var operations: [Operation] = []
        var previous = RecordID.zero
        // What the body would grow by if all that is left of it were erased too.
        var room = 0
        for number in 0..<count {
            let step = try Self.readStep(&reader)
            let (next, overflow) = previous.rawValue.addingReportingOverflow(step)
            guard !overflow, step > 0 || number == 0 else {
                throw SijilError(.badData, "The records of a change are not in order.")
            }
            previous = RecordID(next)
            let leaf = reader.position
            guard try remains?.readLeaf(of: previous, &reader) ?? true else { continue }
            let length = try reader.count()
            var content = ByteReader(try reader.raw(length))
            edits.append(
                try Self.readEdit(
                    previous, keysInLeaves: flags & Flag.keysInLeaves != 0, &names, &cells,
                    &operations, &content))
            room += max(0, Remains.erasedCount - (reader.position - leaf))
        }
        try reader.expectEnd()
        if let remains {
            guard bytes.count + room <= Limits.erasedChangeBytes else { throw Self.tooLarge }
            guard !remains.erased.isEmpty else {
                throw SijilError(
                    .badData, "A change says that something was erased, and all is there.")
            }
        } else {
            try names.expectAllUsed()
        }
        keysInLeaves = flags & Flag.keysInLeaves != 0
        self.remains = remains
        self.bytes = bytes
        self.seen = seen
        self.writtenAt = writtenAt
        self.clockOffset = offset
        self.headEnd = headEnd
        self.names = names.names
        self.edits = edits
        self.operations = operations
        try checkLimits()
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

    static func readStep(_ reader: inout ByteReader) throws(SijilError) -> UInt128 {
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
        _ record: RecordID, keysInLeaves: Bool, _ names: inout NameTable, _ cells: inout CellSet,
        _ operations: inout [Operation], _ reader: inout ByteReader
    ) throws(SijilError) -> Edit {
        cells.removeAll()
        let start = reader.position
        let type = try names.read(from: &reader)
        let flags = try reader.byte()
        guard flags & ~(EditFlag.deletes | EditFlag.erases) == 0 else {
            throw SijilError(
                .futureVersion, "A change uses a part of the format that this version lacks.",
                hint: "Install a newer version of Sijil.")
        }
        let count = try reader.count(minimumBytes: 2)
        guard flags & EditFlag.erases == 0 || flags == EditFlag.erases && count == 0 else {
            throw Self.erasesAndMore
        }
        let first = operations.count
        for _ in 0..<count {
            let field = try names.read(from: &reader)
            let form = try reader.byte()
            var number = 0
            let key: Value
            switch form >> 5 {
            case KeyForm.none: key = .none
            case KeyForm.text where keysInLeaves:
                let range = try reader.textRange()
                guard (1...Limits.nameBytes).contains(range.count),
                    !reader.hasZeroByte(in: range)
                else { throw SijilError(.badData, "A name is empty or longer than allowed.") }
                number = range.lowerBound
                key = .text(reader.text(in: range))
            case KeyForm.name where !keysInLeaves:
                number = try names.read(from: &reader)
                key = .text(names.names[number])
            case KeyForm.value:
                number = reader.position
                key = try Value(from: &reader)
                switch key {
                case .none, .text: throw SijilError(.badData, "A key has the wrong form.")
                default: try key.check(in: names.names[field], atMost: Limits.nameBytes)
                }
            default: throw SijilError(.badData, "A key has the wrong form.")
            }
            if case .none = key {
                try cells.insert(field: field)
            } else {
                try cells.insert(field: field, key: key)
            }
            let payload = try Value.skipPayload(
                form & ValueTag.mask, in: names.names[field], &reader)
            operations.append(
                Operation(
                    fieldNumber: Int32(field), form: form, key: Int32(number),
                    start: Int32(payload.lowerBound), end: Int32(payload.upperBound)))
        }
        try reader.expectEnd()
        return Edit(
            record: record, type: type, deletes: flags & EditFlag.deletes != 0,
            erases: flags & EditFlag.erases != 0, operations: first..<operations.count,
            content: start..<reader.position)
    }

    /// The same for what we write and what we read: our mistake and a stranger's end alike.
    ///
    /// Keys and values are checked one by one as they are written or read.
    private func checkLimits() throws(SijilError) {
        guard !edits.isEmpty || remains != nil else {
            throw SijilError(.badData, "A change touches no record.")
        }
        let limit = remains == nil ? Limits.changeBytes : Limits.erasedChangeBytes
        guard bytes.count <= limit, edits.count <= Limits.recordsPerChange,
            (noteRange?.count ?? 0) <= Limits.noteBytes
        else { throw Self.tooLarge }
        for name in names {
            guard (1...Limits.nameBytes).contains(name.utf8.count), !name.hasZeroByte else {
                throw SijilError(.badData, "A name is empty or longer than allowed.")
            }
        }
    }

    private static var erasesAndMore: SijilError {
        SijilError(.badData, "An edit erases a record and says more about it.")
    }

    private static var tooLarge: SijilError {
        SijilError(.badData, "A change is larger than allowed.")
    }

    // MARK: What is in the bytes

    /// When it was written, by the server's clock as far as known, milliseconds since 1970.
    public var correctedAt: Int64 { writtenAt &+ (clockOffset ?? 0) }

    /// The change itself, as far as it is there.
    ///
    /// Made anew each time.
    public var change: Change {
        Change(
            seen: seen, writtenAt: writtenAt, clockOffset: clockOffset, note: note,
            keysInLeaves: keysInLeaves,
            sorted: edits.map { edit in
                guard !edit.erases else {
                    return RecordEdit(erasing: edit.record, type: names[edit.type])
                }
                return RecordEdit(
                    record: edit.record, type: names[edit.type], deletes: edit.deletes,
                    operations: operations[edit.operations].map(operation))
            })
    }

    /// An operation as a value of its own.
    package func operation(_ operation: Operation) -> CellOperation {
        CellOperation(
            cell(of: operation),
            operation.tag == ValueTag.removed ? .remove : .put(value(of: operation)))
    }

    func cell(of operation: Operation) -> CellName {
        CellName(names[operation.field], key: key(of: operation))
    }

    private func key(of operation: Operation) -> Value {
        switch operation.form >> 5 {
        case KeyForm.none: .none
        case KeyForm.name: .text(names[Int(operation.key)])
        case KeyForm.text:
            .text(Self.text(bytes[Int(operation.key)..<Int(operation.start)]))
        default: Self.value(tag: nil, bytes[Int(operation.key)..<Int(operation.start)])
        }
    }

    /// The value that an operation puts.
    package func value(of operation: Operation) -> Value {
        Self.value(tag: operation.tag, bytes[operation.payload])
    }

    /// Where the text lies that an operation puts.
    package func text(of operation: Operation) -> Range<Int> {
        var start = operation.payload.lowerBound
        while bytes[start] >= 0x80 { start += 1 }
        return start + 1..<operation.payload.upperBound
    }

    /// Reads again what was read or written when this was made.
    private static func value(tag: UInt8?, _ bytes: ArraySlice<UInt8>) -> Value {
        var reader = ByteReader(bytes)
        do {
            guard let tag else { return try Value(from: &reader) }
            return try Value(tag: tag, from: &reader)
        } catch {
            preconditionFailure("A checked value does not read.")
        }
    }

    private static func text(_ bytes: ArraySlice<UInt8>) -> String {
        String(decoding: bytes, as: UTF8.self)
    }
}

extension ChangeBytes.Operation {
    fileprivate mutating func move(by distance: Int32) {
        start += distance
        end += distance
        if form >> 5 >= ChangeBytes.KeyForm.value { key += distance }
    }
}

extension Change {
    /// Trusts that the edits are in order.
    fileprivate init(
        seen: VersionVector, writtenAt: Int64, clockOffset: Int64?, note: String?,
        keysInLeaves: Bool, sorted edits: [RecordEdit]
    ) {
        self.seen = seen
        self.writtenAt = writtenAt
        self.clockOffset = clockOffset
        self.note = note
        self.keysInLeaves = keysInLeaves
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

extension Value {
    /// Refuses what a SQL column or JSON could not give back as it came: U+0000 in a text, a real
    /// number that is negative zero, infinite or none.
    ///
    /// Also an unknown kind under a tag that is ours.
    func check(in field: String, atMost limit: Int) throws(SijilError) {
        switch self {
        case .text(let text):
            guard text.utf8.count <= limit else {
                throw SijilError(.badData, "A value is larger than allowed.", place: field)
            }
            guard !text.hasZeroByte else {
                throw SijilError(.badData, "A text holds the character U+0000.", place: field)
            }
        case .real(let real):
            guard real.isFinite, real != 0 || real.sign == .plus else {
                throw SijilError(
                    .badData, "A number must be finite and not negative zero.", place: field)
            }
        case .unknown(let tag, let bytes):
            guard bytes.count <= limit else {
                throw SijilError(.badData, "A value is larger than allowed.", place: field)
            }
            guard ValueTag.later.contains(tag) else {
                throw SijilError(.badData, "A value has a tag that cannot be.", place: field)
            }
        default: break
        }
    }

    /// Checks what belongs to a value as ``check(in:atMost:)`` would, and goes past it.
    ///
    /// Texts are only looked at.
    fileprivate static func skipPayload(
        _ tag: UInt8, in field: String, _ reader: inout ByteReader
    ) throws(SijilError) -> Range<Int> {
        let start = reader.position
        switch tag {
        case ValueTag.removed: break
        case ValueTag.text:
            let range = try reader.textRange()
            guard range.count <= Limits.valueBytes else {
                throw SijilError(.badData, "A value is larger than allowed.", place: field)
            }
            guard !reader.hasZeroByte(in: range) else {
                throw SijilError(.badData, "A text holds the character U+0000.", place: field)
            }
        default:
            try Value(tag: tag, from: &reader).check(in: field, atMost: Limits.valueBytes)
        }
        return start..<reader.position
    }
}

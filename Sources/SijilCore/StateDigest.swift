/// A hash of a collection's live state, kept incrementally: the sum of a hash of every sibling.
///
/// Independent of the order in which siblings came. It finds replicas that disagree by fault; against
/// forgery there are the chain and the signatures (see `Documentation/Decisions/0003-digest.md`).
///
/// ```swift
/// var digest = StateDigest()
/// digest.add(item)     // a sibling appeared
/// digest.remove(item)  // and was replaced
/// digest == StateDigest()  // true
/// ```
public struct StateDigest: Hashable, Sendable, CustomStringConvertible {
    public private(set) var sum: UInt128

    public init(_ sum: UInt128 = 0) { self.sum = sum }

    public mutating func add(_ item: UInt128) { sum &+= item }
    public mutating func remove(_ item: UInt128) { sum &-= item }

    public var description: String { Identifier(sum).description }

    /// Hashes the siblings of one record after another and keeps its memory between them.
    public struct Hasher: Sendable {
        private static let hash = SipHash(key0: 0, key1: 0)
        private var writer = ByteWriter(reservingCapacity: 512)
        private var prefix = 0
        /// Begins with what `writer` begins with.
        private var parts: [UInt8] = []

        public init() {}

        /// Names the record whose siblings follow.
        public mutating func begin(record: RecordID, type: String) {
            writer.removeAll()
            writer.identifier(record)
            writer.text(type)
            prefix = writer.count
            parts.replaceSubrange(0..<min(prefix, parts.count), with: writer.bytes)
        }

        /// The item that stands for one sibling of one cell of the record.
        public mutating func item(cell: CellName, dot: Dot, value: Value) -> UInt128 {
            writer.cut(to: prefix)
            Self.write(cell, to: &writer)
            Self.write(dot, to: &writer)
            value.write(to: &writer)
            return Self.hash.hash(writer.bytes)
        }

        /// The same, of parts that are bytes already: `payload` is what comes after the value's tag.
        fileprivate mutating func item(
            _ cell: CellName, _ dot: [UInt8], tag: UInt8, payload: ArraySlice<UInt8>
        ) -> UInt128 {
            writer.cut(to: prefix)
            Self.write(cell, to: &writer)
            writer.raw(dot)
            writer.byte(tag)
            writer.raw(payload)
            return Self.hash.hash(writer.bytes)
        }

        /// The same, with the cell's name as bytes too.
        fileprivate mutating func item(
            _ cell: [UInt8], _ dot: [UInt8], tag: UInt8, payload: ArraySlice<UInt8>
        ) -> UInt128 {
            let count = prefix + cell.count + dot.count + 1 + payload.count
            if parts.count < count { parts += [UInt8](repeating: 0, count: count - parts.count) }
            return unsafe parts.withUnsafeMutableBytes { bytes in
                var end = prefix
                unsafe cell.withUnsafeBytes { unsafe bytes.put($0, at: &end) }
                unsafe dot.withUnsafeBytes { unsafe bytes.put($0, at: &end) }
                unsafe bytes[end] = tag
                end += 1
                unsafe payload.withUnsafeBytes { unsafe bytes.put($0, at: &end) }
                let whole = unsafe RawSpan(
                    _unsafeBytes: UnsafeRawBufferPointer(rebasing: bytes[..<end]))
                return Self.hash.hash(whole)
            }
        }

        fileprivate static func bytes(of cell: CellName) -> [UInt8] {
            var writer = ByteWriter()
            write(cell, to: &writer)
            return writer.bytes
        }

        fileprivate static func bytes(of dot: Dot) -> [UInt8] {
            var writer = ByteWriter()
            write(dot, to: &writer)
            return writer.bytes
        }

        private static func write(_ cell: CellName, to writer: inout ByteWriter) {
            writer.text(cell.field)
            cell.key.write(to: &writer)
        }

        private static func write(_ dot: Dot, to writer: inout ByteWriter) {
            writer.identifier(dot.replica)
            writer.varint(dot.sequence)
        }

        /// The item that stands for one sibling of one cell.
        public mutating func item(
            record: RecordID, type: String, cell: CellName, dot: Dot, value: Value
        ) -> UInt128 {
            begin(record: record, type: type)
            return item(cell: cell, dot: dot, value: value)
        }
    }
}

extension ChangeBytes {
    /// For each edit the sum of its items, if it makes its record: those of all its values and of liveness,
    /// or the one that says that the record was erased.
    ///
    /// - Parameters:
    ///   - dot: the change's.
    ///   - least: edits with fewer operations mostly change a record that is there: theirs are `nil`.
    package func digestSums(_ dot: Dot, least: Int = 0) -> [UInt128?] {
        var hasher = StateDigest.Hasher()
        let dot = StateDigest.Hasher.bytes(of: dot)
        // Of one record, each name is mostly used once.
        let cells =
            edits.count > 4 && operations.count >= least * edits.count
            ? names.map { StateDigest.Hasher.bytes(of: CellName($0)) } : nil
        return edits.map { edit in
            edit.operations.count < least ? nil : digestSum(of: edit, dot, cells, &hasher)
        }
    }

    /// The sum of one edit's items.
    package func digestSum(of edit: Int, _ dot: Dot) -> UInt128 {
        var hasher = StateDigest.Hasher()
        return digestSum(of: edits[edit], StateDigest.Hasher.bytes(of: dot), nil, &hasher)
    }

    private func digestSum(
        of edit: Edit, _ dot: [UInt8], _ cells: [[UInt8]]?, _ hasher: inout StateDigest.Hasher
    ) -> UInt128 {
        hasher.begin(record: edit.record, type: names[edit.type])
        guard !edit.erases else {
            return hasher.item(.erasure, dot, tag: ValueTag.yes, payload: [])
        }
        var sum = hasher.item(
            .liveness, dot, tag: edit.deletes ? ValueTag.yes : ValueTag.no, payload: [])
        for index in edit.operations where operations[index].tag != ValueTag.removed {
            let operation = operations[index]
            let payload = bytes[operation.payload]
            if let cells, operation.isSingle {
                sum &+= hasher.item(
                    cells[operation.field], dot, tag: operation.tag, payload: payload)
            } else {
                sum &+= hasher.item(
                    cell(of: operation), dot, tag: operation.tag, payload: payload)
            }
        }
        return sum
    }
}

extension UnsafeMutableRawBufferPointer {
    /// Copies bytes to where `end` says, and moves it behind them.
    @unsafe
    fileprivate func put(_ content: UnsafeRawBufferPointer, at end: inout Int) {
        unsafe UnsafeMutableRawBufferPointer(rebasing: self[end...]).copyMemory(from: content)
        end += content.count
    }
}

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

        public init() {}

        /// Names the record whose siblings follow.
        public mutating func begin(record: RecordID, type: String) {
            writer.removeAll()
            writer.identifier(record)
            writer.text(type)
            prefix = writer.count
        }

        /// The item that stands for one sibling of one cell of the record.
        public mutating func item(cell: CellName, dot: Dot, value: Value) -> UInt128 {
            writer.cut(to: prefix)
            Self.write(cell, to: &writer)
            Self.write(dot, to: &writer)
            value.write(to: &writer)
            return Self.hash.hash(writer.bytes)
        }

        /// The same, of parts that are bytes already.
        ///
        /// - Parameters:
        ///   - cell: as `bytes(of:)` gives it, like `dot`.
        ///   - payload: the value's bytes after its tag.
        package mutating func item(
            cell: [UInt8], dot: [UInt8], tag: UInt8, payload: ArraySlice<UInt8>
        ) -> UInt128 {
            writer.cut(to: prefix)
            writer.raw(cell)
            writer.raw(dot)
            writer.byte(tag)
            writer.raw(payload)
            return Self.hash.hash(writer.bytes)
        }

        package static func bytes(of cell: CellName) -> [UInt8] {
            var writer = ByteWriter()
            write(cell, to: &writer)
            return writer.bytes
        }

        package static func bytes(of dot: Dot) -> [UInt8] {
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

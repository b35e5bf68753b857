/// Makes the pieces of a snapshot from its records.
///
/// Holds one piece at a time, whatever the number of records.
///
/// ```swift
/// var writer = SnapshotWriter(authors: vector.sorted.map(\.replica))
/// for record in records { try writer.add(record) { piece in keep(piece) } }
/// try writer.finish { piece in keep(piece) }
/// ```
public struct SnapshotWriter: Sendable {
    /// A piece as its hash covers it.
    public struct Piece: Sendable {
        public var bytes: [UInt8]
        /// Where something of another kind begins, ascending: a compressor does better when it starts anew there.
        public var seams: [Int]
    }

    /// How many records were added.
    public private(set) var records: UInt64 = 0
    private let authors: [ReplicaID: Int]
    private var piece = SnapshotPieceBuilder()

    /// - Parameter authors: everybody whose changes are in the snapshot, ascending as in its manifest.
    public init(authors: [ReplicaID]) {
        self.authors = Dictionary(
            uniqueKeysWithValues: authors.enumerated().map { ($1, $0) })
    }

    /// Adds the next record.
    ///
    /// - Parameters:
    ///   - record: comes after all that were added, by ``SnapshotRecord/precedes(_:)``.
    ///   - emit: is called with each piece that is complete.
    /// - Throws: `badData` for a sibling of an author who is not among the authors, and what `emit` throws.
    public mutating func add(
        _ record: SnapshotRecord, _ emit: (Piece) throws -> Void
    ) throws {
        precondition(!record.cells.isEmpty, "A record has at least the cell that says if it lives.")
        records += 1
        let base = record.commonDot
        if piece.cost(of: record, base) + piece.cost > SnapshotCost.limit {
            try finish(emit)
            if piece.cost(of: record, base) > SnapshotCost.limit {
                return try addApart(record, emit)
            }
        }
        piece.add(record, base)
    }

    /// Closes the last piece, if there is something in it.
    public mutating func finish(_ emit: (Piece) throws -> Void) throws {
        guard !piece.isEmpty else { return }
        let closed = piece
        piece = SnapshotPieceBuilder()
        try emit(try closed.encoded(authors))
    }

    /// Adds a record that is too large for one piece: cut before the sibling that would be too much, in pieces of
    /// its own.
    private mutating func addApart(
        _ record: SnapshotRecord, _ emit: (Piece) throws -> Void
    ) throws {
        let empty = SnapshotCost.part + record.type.utf8.count
        var part = SnapshotRecord(type: record.type, id: record.id, cells: [])
        var cost = empty
        for cell in record.cells {
            let name = cell.name.field.utf8.count + cell.name.key.bytes.count
            for sibling in cell.siblings {
                let next = SnapshotCost.siblingApart + name + sibling.value.payloadCount
                if cost + next > SnapshotCost.limit {
                    piece.add(part, part.commonDot)
                    try finish(emit)
                    piece.continues = true
                    part.cells = []
                    cost = empty
                }
                if let last = part.cells.indices.last, part.cells[last].name == cell.name {
                    part.cells[last].siblings.append(sibling)
                } else {
                    part.cells.append(SnapshotRecord.Cell(cell.name, [sibling]))
                }
                cost += next
            }
        }
        piece.add(part, part.commonDot)
        try finish(emit)
    }
}

extension SnapshotRecord {
    /// The dot that most siblings have; of several such the least.
    var commonDot: Dot {
        let first = cells[0].siblings[0].dot
        guard !cells.allSatisfy({ $0.siblings.allSatisfy { $0.dot == first } }) else {
            return first
        }
        var counts: [Dot: Int] = [:]
        for cell in cells { for sibling in cell.siblings { counts[sibling.dot, default: 0] += 1 } }
        return counts.min { $0.value == $1.value ? $0.key < $1.key : $0.value > $1.value }!.key
    }
}

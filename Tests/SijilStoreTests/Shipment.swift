import SijilCore
import SijilSimulator
import Testing

@testable import SijilStore

/// A snapshot in memory, as a file would carry it.
struct Shipment {
    var head: SnapshotHead
    /// Compressed.
    var pieces: [[UInt8]]

    var root: [UInt8] { head.root }

    /// As a file has it.
    var file: [UInt8] {
        var writer = ByteWriter()
        writer.raw(head.bytes)
        for piece in pieces { writer.counted(piece) }
        return writer.bytes
    }

    init(head: SnapshotHead, pieces: [[UInt8]]) {
        self.head = head
        self.pieces = pieces
    }

    /// The live state of what is here, whether a server has confirmed it or not: these worlds have none.
    init(of replica: Replica, in collection: CollectionID = World.collection) throws {
        var pieces: [[UInt8]] = []
        head = try replica.read { db in
            let writer = try CollectionWriter(collection, replica.tables(db), db)
            return try replica.snapshot(writer, db, { pieces.append($0) })
        }
        self.pieces = pieces
    }

    @discardableResult
    func load(into replica: Replica) throws -> SnapshotReport {
        var rest = pieces[...]
        return try replica.loadSnapshot(head, pieces: { rest.popFirst() })
    }

    /// The pieces as they were before compression.
    func contents() throws -> [[UInt8]] {
        try zip(pieces, head.manifest.pieces)
            .map { try Zstd.decompress($0, count: $1.byteCount) }
    }

    /// Every record, those that were cut put together.
    func records() throws -> [SnapshotRecord] {
        let authors = head.manifest.authors.map(\.replica)
        let pieces = try contents().map { try SnapshotPiece($0, authors: authors.count) }
        var runs: [[SnapshotPiece]] = []
        for piece in pieces {
            if piece.continues { runs[runs.count - 1].append(piece) } else { runs.append([piece]) }
        }
        return try runs.flatMap { parts in
            let whole =
                parts.count == 1
                ? parts[0] : try SnapshotPiece(joining: parts, authors: authors)
            return whole.records(authors: authors)
        }
    }
}

import Dispatch
import SijilCore
import Synchronization

/// A piece that another thread unpacks, checks and adds up while the one before it goes into the tables: that is half of
/// the work of loading.
final class PieceAhead: Sendable {
    struct Content: Sendable {
        var piece: SnapshotPiece
        /// What the piece adds to the state's digest.
        var digest: StateDigest
    }

    private let result = Mutex<Result<Content, any Error>?>(nil)
    private let isDone = DispatchSemaphore(value: 0)

    /// Begins at once.
    init(
        _ compressed: [UInt8], _ expected: SnapshotManifest.Piece, authors: [ReplicaID]
    ) {
        DispatchQueue.global()
            .async { [self] in
                let found = Result {
                    let piece = try SnapshotPiece(compressed, expected, authors: authors.count)
                    return Content(piece: piece, digest: piece.digest(authors: authors))
                }
                result.withLock { $0 = found }
                isDone.signal()
            }
    }

    /// Waits for the piece; to be called once.
    func content() throws -> Content {
        isDone.wait()
        return try result.withLock { $0! }.get()
    }
}

extension SnapshotPiece {
    /// A piece as it comes: checked against its manifest before it is read.
    fileprivate init(
        _ compressed: [UInt8], _ expected: SnapshotManifest.Piece, authors: Int
    ) throws {
        let bytes = try Zstd.decompress(compressed, count: expected.byteCount)
        guard sha256(bytes) == expected.hash else {
            throw SijilError(
                .notAuthentic, "A piece of the snapshot is not the one that was signed.",
                hint: "Get the file again.")
        }
        try self.init(bytes, authors: authors)
    }
}

import SijilCore

/// Reads a snapshot's file from its beginning to its end, a piece at a time.
///
/// ```swift
/// var stream = SnapshotStream { count in try file.read(count) }
/// let head = try stream.head()
/// try replica.loadSnapshot(head, pieces: { try stream.next() })
/// ```
public struct SnapshotStream {
    /// Of the head: its manifest, and a certificate of each author.
    private static let mostHeadBytes = 2 * Limits.snapshotManifestBytes
    /// A piece that could not be compressed grows a little.
    private static let mostPieceBytes = Limits.snapshotPieceBytes + 4096

    private let read: (Int) throws -> [UInt8]
    private var piecesLeft = 0

    /// - Parameter read: gives the next bytes, fewer than asked for only at the end.
    public init(_ read: @escaping (_ count: Int) throws -> [UInt8]) { self.read = read }

    /// What stands before the pieces; to be called once and first.
    ///
    /// - Throws: `futureVersion` for a version above ours, `badData` for anything malformed.
    public mutating func head() throws -> SnapshotHead {
        var bytes = try read(SnapshotHead.magic.count + 1)
        guard bytes.starts(with: SnapshotHead.magic) else {
            throw SijilError(.badData, "The file is not a snapshot.")
        }
        let count = try length(atMost: Self.mostHeadBytes)
        var writer = ByteWriter()
        writer.raw(bytes)
        writer.counted(try exactly(count))
        bytes = writer.bytes
        var reader = ByteReader(bytes)
        let head = try SnapshotHead(from: &reader)
        piecesLeft = head.manifest.pieces.count
        return head
    }

    /// The next piece, compressed; `nil` after the last.
    ///
    /// - Throws: `badData` when the file ends too early or goes on.
    public mutating func next() throws -> [UInt8]? {
        guard piecesLeft > 0 else {
            guard try read(1).isEmpty else {
                throw SijilError(.badData, "There is more after the snapshot's last piece.")
            }
            return nil
        }
        piecesLeft -= 1
        return try exactly(try length(atMost: Self.mostPieceBytes))
    }

    private func length(atMost limit: Int) throws -> Int {
        var length = 0
        for index in 0..<5 {
            let byte = try exactly(1)[0]
            length |= Int(byte & 0x7F) << (7 * index)
            guard byte >= 0x80 else {
                guard length <= limit, byte != 0 || index == 0 else { break }
                return length
            }
        }
        throw SijilError(.badData, "A part of the snapshot is larger than allowed.")
    }

    private func exactly(_ count: Int) throws -> [UInt8] {
        let bytes = try read(count)
        guard bytes.count == count else {
            throw SijilError(.badData, "The snapshot ends too early.", hint: "Get the file again.")
        }
        return bytes
    }
}

/// What a snapshot says of itself: whose changes it covers, and the hashes of its pieces.
///
/// Canonical, like the pieces: equal state gives equal bytes on every replica, so that the hash of these
/// bytes is an address of the state. `Documentation/Format.md` § Snapshot is normative.
///
/// ```swift
/// let root = manifest.root(using: sha256)
/// manifest.position  // the server's number of the last change in it
/// ```
public struct SnapshotManifest: Hashable, Sendable {
    public static let version: UInt8 = 1

    /// Someone whose changes are in the snapshot, and where their chain goes on.
    public struct Author: Hashable, Sendable {
        public var replica: ReplicaID
        /// Of the last change that is in it, above zero; those of all authors together stay below 2^63 − 1.
        public var sequence: UInt64
        /// Of the last change that is in it.
        public var hash: ChainHash
        /// Everything that they had seen at `sequence`, their own changes not counted.
        public var seen: VersionVector

        public init(
            replica: ReplicaID, sequence: UInt64, hash: ChainHash, seen: VersionVector
        ) {
            self.replica = replica
            self.sequence = sequence
            self.hash = hash
            self.seen = seen
        }
    }

    /// A piece by its content.
    public struct Piece: Hashable, Sendable {
        /// SHA-256 of its bytes before compression.
        public var hash: [UInt8]
        /// Its size before compression, 1…``Limits/snapshotPieceBytes``.
        public var byteCount: Int

        public init(hash: [UInt8], byteCount: Int) {
            self.hash = hash
            self.byteCount = byteCount
        }
    }

    public var collection: CollectionID
    /// Ascending by replica.
    public var authors: [Author]
    /// How many records there are, the deleted ones included.
    public var records: UInt64
    /// In the order of the records in them.
    public var pieces: [Piece]
    public var digest: StateDigest

    public init(
        collection: CollectionID, authors: [Author], records: UInt64, pieces: [Piece],
        digest: StateDigest
    ) {
        self.collection = collection
        self.authors = authors.sorted { $0.replica < $1.replica }
        self.records = records
        self.pieces = pieces
        self.digest = digest
    }

    /// The changes that the snapshot stands for, without gaps.
    public var vector: VersionVector {
        var vector = VersionVector()
        for author in authors { vector[author.replica] = author.sequence }
        return vector
    }

    /// The number of changes in it, which is the server's position of the last one: positions have no gaps.
    public var position: UInt64 {
        authors.reduce(0) { $0.addingReportingOverflow($1.sequence).partialValue }
    }

    /// What the snapshot is called and what is signed: a hash that covers every byte of every piece.
    public func root(using hash: Hashing) -> [UInt8] {
        var writer = ByteWriter()
        writer.raw("sijil snapshot 1".utf8)
        writer.raw(bytes)
        return hash(writer.bytes)
    }

    // MARK: Bytes

    public var bytes: [UInt8] {
        var writer = ByteWriter(reservingCapacity: 64 + 80 * authors.count + 36 * pieces.count)
        writer.byte(Self.version)
        writer.identifier(collection)
        writer.varint(authors.count)
        for author in authors {
            writer.identifier(author.replica)
            writer.varint(author.sequence)
            writer.raw(author.hash.bytes)
        }
        let numbers = Dictionary(
            authors.enumerated().map { ($1.replica, $0) }, uniquingKeysWith: { first, _ in first })
        for author in authors {
            writer.varint(author.seen.entries.count)
            var next = 0
            for dot in author.seen.sorted {
                guard let index = numbers[dot.replica] else {
                    preconditionFailure("What an author of a snapshot has seen is in it.")
                }
                writer.varint(index - next)
                writer.varint(dot.sequence)
                next = index + 1
            }
        }
        writer.varint(records)
        writer.varint(pieces.count)
        for piece in pieces {
            writer.raw(piece.hash)
            writer.varint(piece.byteCount)
        }
        writer.identifier(Identifier(digest.sum))
        return writer.bytes
    }

    /// - Throws: `futureVersion` for a version above ours, `badData` for anything malformed.
    public init(_ bytes: [UInt8]) throws(SijilError) {
        guard bytes.count <= Limits.snapshotManifestBytes else {
            throw SijilError(.badData, "A snapshot's manifest is larger than allowed.")
        }
        var reader = ByteReader(bytes)
        try Self.checkVersion(try reader.byte())
        collection = try reader.identifier()
        (authors, records, pieces, digest) = ([], 0, [], StateDigest())
        var sum: UInt64 = 0
        for _ in 0..<(try reader.count(minimumBytes: 50)) {
            let replica = try reader.identifier()
            let sequence = try reader.varint()
            guard let hash = ChainHash(try reader.raw(ChainHash.byteCount)) else {
                throw ByteReader.truncated
            }
            if let last = authors.last, replica <= last.replica {
                throw SijilError(.badData, "A snapshot's authors are not in order.")
            }
            guard sequence > 0, sequence <= UInt64(Int64.max) - 1 - sum else {
                throw SijilError(.badData, "A sequence cannot be.")
            }
            sum += sequence
            authors.append(
                Author(replica: replica, sequence: sequence, hash: hash, seen: [:]))
        }
        for index in authors.indices {
            authors[index].seen = try readSeen(of: index, &reader)
        }
        records = try reader.varint()
        for _ in 0..<(try reader.count(minimumBytes: 33)) {
            let hash = Array(try reader.raw(32))
            let count = try reader.varint()
            guard count > 0, count <= UInt64(Limits.snapshotPieceBytes) else {
                throw SijilError(.badData, "A piece of a snapshot is larger than allowed.")
            }
            pieces.append(Piece(hash: hash, byteCount: Int(count)))
        }
        digest = StateDigest(try reader.identifier().rawValue)
        try reader.expectEnd()
    }

    private func readSeen(
        of author: Int, _ reader: inout ByteReader
    ) throws(SijilError) -> VersionVector {
        var seen = VersionVector()
        var next = 0
        for _ in 0..<(try reader.count(minimumBytes: 2)) {
            let step = try reader.varint()
            guard step < UInt64(authors.count - next) else {
                throw SijilError(.badData, "A snapshot's author has seen what is not in it.")
            }
            let index = next + Int(step)
            let sequence = try reader.varint()
            guard index != author, sequence > 0, sequence <= authors[index].sequence else {
                throw SijilError(.badData, "A snapshot's author has seen what is not in it.")
            }
            seen[authors[index].replica] = sequence
            next = index + 1
        }
        return seen
    }

    static func checkVersion(_ version: UInt8) throws(SijilError) {
        guard version != Self.version else { return }
        guard version > Self.version else {
            throw SijilError(.badData, "These bytes are not a snapshot.")
        }
        throw SijilError(
            .futureVersion, "This snapshot has format \(version); this version reads format 1.",
            hint: "Install a newer version of Sijil.")
    }
}

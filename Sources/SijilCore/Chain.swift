/// A cryptographic hash with a result of 32 bytes: SHA-256, handed in from above so that this target needs
/// no library.
public typealias Hashing = @Sendable (_ message: [UInt8]) -> [UInt8]

/// The hash of a change in its place; the next change of the same author carries it on.
public struct ChainHash: Hashable, Sendable {
    public static let byteCount = 32
    /// What stands before an author's first change in a collection.
    public static let start = ChainHash([UInt8](repeating: 0, count: byteCount))!

    public let bytes: [UInt8]

    /// `nil` unless there are 32 bytes.
    public init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count == Self.byteCount else { return nil }
        self.bytes = Array(bytes)
    }
}

/// Where a change stands: what its hash covers besides its own bytes.
public struct ChainPlace: Hashable, Sendable {
    public var collection: CollectionID
    public var dot: Dot
    /// The hash of the author's change before this one, ``ChainHash/start`` before the first.
    public var previous: ChainHash

    public init(collection: CollectionID, dot: Dot, previous: ChainHash) {
        self.collection = collection
        self.dot = dot
        self.previous = previous
    }
}

extension ChangeBytes {
    private static let changeLabel = Array("sijil change 1".utf8)
    private static let bodyLabel = Array("sijil body 1".utf8)
    private static let leafLabel = Array("sijil leaf 1".utf8)

    /// The hash that the next change chains to and a signature signs.
    ///
    /// It covers the place, the head, and the body through a list of salted hashes, one per note and record:
    /// so one record's content can later be taken out of a body, and the hash still be checked.
    /// `Documentation/Format.md` § Hash is normative.
    public func hash(in place: ChainPlace, using hash: Hashing) -> ChainHash {
        self.hash(in: place, body: bodyHash(using: hash), using: hash)
    }

    /// The part of the hash that does not depend on where the change stands, and takes the time.
    package func bodyHash(using hash: Hashing) -> [UInt8] {
        guard remains == nil else {
            var leaves = ByteWriter()
            leaves.raw(Self.bodyLabel)
            for leaf in hashedLeaves { leaves.raw(leaf.hash(bytes, hash)) }
            return hash(leaves.bytes)
        }
        // The same for a whole body, with memory that is used again.
        let salts = SipHash(key: secret)
        var leaves = ByteWriter(reservingCapacity: 16 + 32 * leaves.count)
        leaves.raw(Self.bodyLabel)
        var leaf = ByteWriter()
        var index = ByteWriter()
        for (number, content) in self.leaves.enumerated() {
            index.removeAll()
            index.varint(number)
            leaf.removeAll()
            leaf.raw(Self.leafLabel)
            leaf.identifier(Identifier(salts.hash(index.bytes)))
            leaf.identifier(content.record)
            leaf.raw(bytes[content.range])
            leaves.raw(hash(leaf.bytes))
        }
        return hash(leaves.bytes)
    }

    /// - Parameter body: what ``bodyHash(using:)`` gives.
    package func hash(in place: ChainPlace, body: [UInt8], using hash: Hashing) -> ChainHash {
        var header = ByteWriter(reservingCapacity: 160 + headEnd)
        header.raw(Self.changeLabel)
        header.identifier(place.collection)
        header.identifier(place.dot.replica)
        header.fixed(place.dot.sequence)
        header.raw(place.previous.bytes)
        header.varint(headEnd)
        header.raw(bytes[..<headEnd])
        header.raw(body)
        guard let result = ChainHash(hash(header.bytes)) else {
            preconditionFailure("The hash function must give 32 bytes.")
        }
        return result
    }
}

/// Consecutive changes of one author in one collection under one signature.
///
/// The signature signs the hash of the last change; the chain of hashes carries it to those before. The
/// collection is not in the bytes: the place where a run stands tells it, and the hashes cover it.
/// `Documentation/Format.md` § Run is normative.
public struct SignedRun: Hashable, Sendable {
    public static let version: UInt8 = 1
    public static let signatureCount = 64

    public var author: ReplicaID
    /// The sequence of the first change.
    public var first: UInt64
    /// The hash of the change before the first, when the receiver may not have that change.
    public var previous: ChainHash?
    /// The exact bytes of each change, at least one.
    public var changes: [[UInt8]]
    public var signature: [UInt8]

    public init(
        author: ReplicaID, first: UInt64, previous: ChainHash? = nil, changes: [[UInt8]],
        signature: [UInt8]
    ) {
        self.author = author
        self.first = first
        self.previous = previous
        self.changes = changes
        self.signature = signature
    }

    /// The sequence of the last change.
    public var last: UInt64 { first + UInt64(changes.count) - 1 }

    /// What the author's key signs.
    public static func signedMessage(_ last: ChainHash) -> [UInt8] {
        Array("sijil run 1".utf8) + last.bytes
    }

    /// The run as it is sent and kept.
    public var bytes: [UInt8] {
        var writer = ByteWriter()
        write(to: &writer)
        return writer.bytes
    }

    public func write(to writer: inout ByteWriter) {
        writer.byte(Self.version)
        writer.byte(previous == nil ? 0 : 1)
        writer.identifier(author)
        writer.varint(first)
        if let previous { writer.raw(previous.bytes) }
        writer.varint(changes.count)
        for change in changes { writer.counted(change) }
        writer.raw(signature)
    }

    /// - Throws: `futureVersion` for a version above ours, `badData` for anything malformed. The changes
    ///   within are not looked into.
    public init(from reader: inout ByteReader) throws(SijilError) {
        try ChangeBytes.checkVersion(try reader.byte())
        let flags = try reader.byte()
        guard flags <= 1 else {
            throw SijilError(
                .futureVersion, "A run uses a part of the format that this version lacks.",
                hint: "Install a newer version of Sijil.")
        }
        let author = try reader.identifier()
        let first = try reader.varint()
        let previous = flags == 1 ? ChainHash(try reader.raw(ChainHash.byteCount)) : nil
        let count = try reader.count()
        guard first > 0, count > 0, first <= UInt64(Int64.max) - UInt64(count) else {
            throw SijilError(.badData, "A run has no change or a sequence that cannot be.")
        }
        var changes: [[UInt8]] = []
        for _ in 0..<count { changes.append(Array(try reader.counted())) }
        self.init(
            author: author, first: first, previous: previous, changes: changes,
            signature: Array(try reader.raw(Self.signatureCount)))
    }
}

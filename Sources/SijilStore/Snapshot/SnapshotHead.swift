public import SijilCore

/// What stands before the pieces of a snapshot in a file: its manifest, and who vouches for it.
///
/// Only the manifest is canonical. `Documentation/Format.md` § Snapshot file is normative.
public struct SnapshotHead: Sendable {
    public static let version: UInt8 = 1
    public static let magic = Array("SIJILSNP".utf8)

    public var manifest: SnapshotManifest
    /// The server's history that positions belong to.
    public var epoch: Identifier
    /// Of the authors and of the origin, ascending by replica.
    public var certificates: [Certificate]
    /// The replica that made the file.
    public var origin: ReplicaID
    /// The origin's, over ``signedMessage(root:epoch:)``.
    public var signature: [UInt8]

    /// What a snapshot is called: a hash that covers every byte of its state.
    public var root: [UInt8] { manifest.root(using: sha256) }

    init(
        manifest: SnapshotManifest, epoch: Identifier, certificates: [Certificate],
        origin: ReplicaID, signature: [UInt8]
    ) {
        self.manifest = manifest
        self.epoch = epoch
        self.certificates = certificates.sorted { $0.replica < $1.replica }
        self.origin = origin
        self.signature = signature
    }

    static func signedMessage(root: [UInt8], epoch: Identifier) -> [UInt8] {
        Array("sijil snapshot origin 1".utf8) + epoch.bytes + root
    }

    /// Whether the origin, certified by the authority, made it.
    func isAuthentic(authority: [UInt8]) -> Bool {
        guard let certificate = certificates.first(where: { $0.replica == origin }),
            certificate.isValid(authority: authority)
        else { return false }
        return isValidSignature(
            signature, over: Self.signedMessage(root: root, epoch: epoch),
            by: certificate.publicKey)
    }

    // MARK: Bytes

    /// Begins with the magic and with how many bytes follow, so that a reader knows how many to fetch.
    public var bytes: [UInt8] {
        var content = ByteWriter()
        content.counted(manifest.bytes)
        content.identifier(epoch)
        content.varint(certificates.count)
        for certificate in certificates { certificate.write(to: &content) }
        content.identifier(origin)
        content.raw(signature)
        var writer = ByteWriter(reservingCapacity: content.count + 16)
        writer.raw(Self.magic)
        writer.byte(Self.version)
        writer.counted(content.bytes)
        return writer.bytes
    }

    /// Reads the head at the beginning of a file.
    ///
    /// - Throws: `futureVersion` for a version above ours, `badData` for anything malformed.
    public init(from reader: inout ByteReader) throws(SijilError) {
        guard try reader.raw(Self.magic.count).elementsEqual(Self.magic) else {
            throw SijilError(.badData, "The file is not a snapshot.")
        }
        let version = try reader.byte()
        guard version == Self.version else {
            guard version > Self.version else {
                throw SijilError(.badData, "The file is not a snapshot.")
            }
            throw SijilError(
                .futureVersion, "This snapshot is in a later form than this version reads.",
                hint: "Install a newer version of Sijil.")
        }
        var content = ByteReader(try reader.counted())
        manifest = try SnapshotManifest(Array(try content.counted()))
        epoch = try content.identifier()
        certificates = []
        for _ in 0..<(try content.count(minimumBytes: 115)) {
            let certificate = try Certificate(from: &content)
            if let last = certificates.last, certificate.replica <= last.replica {
                throw SijilError(.badData, "A snapshot's certificates are not in order.")
            }
            certificates.append(certificate)
        }
        origin = try content.identifier()
        signature = Array(try content.raw(SignedRun.signatureCount))
        try content.expectEnd()
    }
}

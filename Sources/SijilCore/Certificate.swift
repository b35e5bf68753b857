/// The authority's word that a key belongs to a replica, and what people call it.
///
/// Immutable; a replica with a new key is a new replica. `Documentation/Format.md` § Certificate is normative.
public struct Certificate: Hashable, Sendable {
    public static let version: UInt8 = 1
    public static let keyCount = 32

    public var replica: ReplicaID
    /// Ed25519, 32 bytes.
    public var publicKey: [UInt8]
    /// What people call the device, at most ``Limits/displayNameBytes``.
    public var name: String
    /// Milliseconds since 1970 by the server's clock.
    public var issuedAt: Int64
    /// The authority's, over ``signedMessage``.
    public var signature: [UInt8]

    public init(
        replica: ReplicaID, publicKey: [UInt8], name: String, issuedAt: Int64,
        signature: [UInt8] = []
    ) {
        self.replica = replica
        self.publicKey = publicKey
        self.name = name
        self.issuedAt = issuedAt
        self.signature = signature
    }

    /// What the authority signs.
    public var signedMessage: [UInt8] {
        var writer = ByteWriter()
        writer.raw("sijil certificate 1".utf8)
        writeContent(to: &writer)
        return writer.bytes
    }

    /// The certificate as it is sent and kept.
    public var bytes: [UInt8] {
        var writer = ByteWriter()
        write(to: &writer)
        return writer.bytes
    }

    public func write(to writer: inout ByteWriter) {
        writer.byte(Self.version)
        writeContent(to: &writer)
        writer.raw(signature)
    }

    private func writeContent(to writer: inout ByteWriter) {
        writer.identifier(replica)
        writer.raw(publicKey)
        writer.text(name)
        writer.signed(issuedAt)
    }

    public init(from reader: inout ByteReader) throws(SijilError) {
        try ChangeBytes.checkVersion(try reader.byte())
        replica = try reader.identifier()
        publicKey = Array(try reader.raw(Self.keyCount))
        name = try reader.text()
        guard name.utf8.count <= Limits.displayNameBytes else {
            throw SijilError(.badData, "A replica's name is longer than allowed.")
        }
        issuedAt = try reader.signed()
        signature = Array(try reader.raw(SignedRun.signatureCount))
    }
}

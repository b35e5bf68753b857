import Foundation
public import SijilCore
public import SijilStore

/// The server's identity: the key that signs certificates, and the epoch that names its history.
public struct Authority: Sendable {
    public let key: SigningKey
    public let epoch: Identifier

    /// Reads the authority of a server that was set up.
    ///
    /// - Throws: `configuration` when it was not.
    public static func read(from store: any LogStore) async throws -> Authority {
        guard let seed = try await store.setting("authority"),
            let epoch = try await store.setting("epoch").flatMap({ Identifier(bytes: $0) })
        else {
            throw SijilError(
                .configuration, "The server is not set up.",
                hint: "Run 'sijil-server init --data DIR' first.")
        }
        return Authority(key: try SigningKey(seed: seed), epoch: epoch)
    }

    /// Sets a server up: makes the authority key and the epoch, unless there are some.
    public static func establish(
        in store: any LogStore, environment: ServerEnvironment
    ) async throws -> Authority {
        try await store.setOnce("authority", environment.randomBytes(32))
        try await store.setOnce("epoch", environment.newIdentifier().bytes)
        return try await read(from: store)
    }

    func certify(_ publicKey: [UInt8], name: String, now: Int64) -> Certificate {
        var certificate = Certificate(
            replica: ReplicaID(publicKey: publicKey), publicKey: publicKey, name: name,
            issuedAt: now)
        certificate.signature = key.sign(certificate.signedMessage)
        return certificate
    }
}

/// Time and chance for the server, as ``Environment`` is for a replica; usable from many requests at once.
public struct ServerEnvironment: Sendable {
    /// Milliseconds since 1970.
    public var now: @Sendable () -> Int64
    public var randomBytes: @Sendable (Int) -> [UInt8]

    public init(
        now: @escaping @Sendable () -> Int64, randomBytes: @escaping @Sendable (Int) -> [UInt8]
    ) {
        self.now = now
        self.randomBytes = randomBytes
    }

    func newIdentifier() -> Identifier {
        Identifier(
            milliseconds: now(), random: Identifier(bytes: randomBytes(16))!.rawValue)
    }
}

/// A code that a coordinator hands to a person: 100 bits of chance, typed without care for case, hyphens or
/// look-alikes.
///
/// Only its hash is kept.
public struct InvitationCode: Sendable {
    private static let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ")

    /// Four groups of five, as in `7K3QX-…`.
    public let text: String

    /// - Parameter random: at least 20 bytes.
    public init(random: [UInt8]) {
        let letters = random.prefix(20).map { Self.alphabet[Int($0 & 31)] }
        text = stride(from: 0, to: 20, by: 5).map { String(letters[$0..<$0 + 5]) }
            .joined(separator: "-")
    }

    /// The hash of a code as a person typed it.
    public static func hash(_ typed: String) -> [UInt8] {
        let lookAlikes: [Character: Character] = ["O": "0", "I": "1", "L": "1"]
        let plain = typed.uppercased().filter { $0.isLetter || $0.isNumber }
            .map { lookAlikes[$0] ?? $0 }
        return sha256(Array("sijil invitation 1".utf8) + Array(String(plain).utf8))
    }
}

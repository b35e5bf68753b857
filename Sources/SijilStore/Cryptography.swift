import Crypto
import Foundation
public import SijilCore

/// SHA-256, as ``Hashing`` asks for it.
public let sha256: Hashing = { message in
    unsafe SHA256.hash(data: message).withUnsafeBytes { unsafe Array($0) }
}

/// A private Ed25519 key: a replica's or the authority's.
public struct SigningKey: Sendable {
    private let key: Curve25519.Signing.PrivateKey

    /// - Parameter seed: 32 bytes of chance, kept secret: the private key itself.
    /// - Throws: `configuration` for a seed of another length.
    public init(seed: [UInt8]) throws(SijilError) {
        do {
            key = try Curve25519.Signing.PrivateKey(rawRepresentation: seed)
        } catch {
            throw SijilError(.configuration, "The private key is damaged.")
        }
    }

    public var seed: [UInt8] { Array(key.rawRepresentation) }
    public var publicKey: [UInt8] { Array(key.publicKey.rawRepresentation) }

    public func sign(_ message: [UInt8]) -> [UInt8] {
        guard let signature = try? key.signature(for: message) else {
            preconditionFailure("Ed25519 signs any message.")
        }
        return Array(signature)
    }
}

/// Whether `signature` over `message` was made with the private half of `publicKey`.
public func isValidSignature(
    _ signature: [UInt8], over message: [UInt8], by publicKey: [UInt8]
) -> Bool {
    guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: publicKey) else {
        return false
    }
    return key.isValidSignature(signature, for: message)
}

extension Identifier {
    /// The identifier of the replica with this public key: the first 16 bytes of its SHA-256.
    ///
    /// Whoever claims a replica's identifier must hold its key.
    public init(publicKey: [UInt8]) { self.init(bytes: sha256(publicKey).prefix(16))! }
}

extension Certificate {
    /// Whether the authority signed this, and the replica's identifier is that of the key.
    public func isValid(authority: [UInt8]) -> Bool {
        replica == Identifier(publicKey: publicKey)
            && isValidSignature(signature, over: signedMessage, by: authority)
    }
}

import SijilCore

/// What the journal keeps to prove a change, in its column for signatures.
///
/// - 64 bytes: the author's signature, over this change and those before it in its run;
/// - 32 bytes: the chain hash of a change that was written here. It is signed when it leaves, so that a
///   command pays for no signature and a run has one, whatever the number of its changes;
/// - NULL: the next change of the author that has one covers this one.
struct Proof {
    let bytes: [UInt8]

    /// Whether it is the hash of a change that this file's replica wrote.
    var isHash: Bool { bytes.count == ChainHash.byteCount }

    /// Whether it proves that the change with this hash is the author's.
    func holds(for hash: ChainHash, by publicKey: [UInt8]) -> Bool {
        isHash
            ? bytes == hash.bytes
            : isValidSignature(bytes, over: SignedRun.signedMessage(hash), by: publicKey)
    }

    /// The signature to send.
    func signature(by key: SigningKey) -> [UInt8] {
        guard isHash, let hash = ChainHash(bytes) else { return bytes }
        return key.sign(SignedRun.signedMessage(hash))
    }
}

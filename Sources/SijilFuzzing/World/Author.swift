import SijilCore
import SijilStore

/// Somebody with a key who writes changes of any content, in a chain that holds.
struct Author {
    let key: SigningKey
    let id: ReplicaID
    /// The bytes of all changes so far, and the chain's hash after each.
    private(set) var changes: [[UInt8]] = []
    private(set) var hashes: [ChainHash] = [.start]
    private var claimed = VersionVector()

    init(_ number: UInt8) throws {
        key = try Office.key(number)
        id = ReplicaID(publicKey: key.publicKey)
    }

    /// Writes a change made of choices, which has seen `seen`; none when the choices make none.
    mutating func write(_ choices: inout Choices, seen: VersionVector) throws {
        var seen = seen.advanced(since: claimed)
        seen[id] = 0
        let change = choices.change(seen: seen)
        let secret = choices.bytes(ChangeBytes.secretCount)
        guard let bytes = try readable({ try ChangeBytes(change, secret: secret).bytes }) else {
            return
        }
        claimed.merge(seen)
        try append(bytes)
    }

    /// Adds bytes that need not be a change to the chain, as far as it can.
    mutating func append(_ bytes: [UInt8]) throws {
        let place = ChainPlace(
            collection: Office.roster,
            dot: Dot(replica: id, sequence: UInt64(changes.count + 1)), previous: hashes.last!)
        let change = try readable { try ChangeBytes(bytes) }
        changes.append(bytes)
        hashes.append(change?.hash(in: place, using: sha256) ?? hashes.last!)
    }

    /// A part of what was written, signed as it must be; `nil` when there is none.
    func run(_ choices: inout Choices) -> SignedRun? {
        guard !changes.isEmpty else { return nil }
        let first = choices.number(below: changes.count)
        let count = 1 + choices.number(below: changes.count - first)
        return run(from: first, count: count, withPrevious: choices.flag())
    }

    /// All that was written.
    func run() -> SignedRun? {
        changes.isEmpty ? nil : run(from: 0, count: changes.count, withPrevious: false)
    }

    private func run(from first: Int, count: Int, withPrevious: Bool) -> SignedRun {
        SignedRun(
            author: id, first: UInt64(first + 1), previous: withPrevious ? hashes[first] : nil,
            changes: Array(changes[first..<first + count]),
            signature: key.sign(SignedRun.signedMessage(hashes[first + count])))
    }
}

extension SignedRun {
    /// The run with one thing changed in it after it was signed.
    func damaged(_ choices: inout Choices) -> SignedRun {
        var run = self
        switch choices.number(below: 6) {
        case 0: run.first = choices.flag() ? choices.uint64() : first &+ 1
        case 1: run.author = choices.identifier()
        case 2: run.previous = ChainHash(choices.bytes(ChainHash.byteCount))
        case 3: run.signature[choices.number(below: run.signature.count)] ^= 1 | choices.byte()
        case 4: run.changes.remove(at: choices.number(below: run.changes.count))
        default:
            let index = choices.number(below: run.changes.count)
            // What a faulty program wrote may have no bytes.
            if run.changes[index].isEmpty { run.changes[index] = [0] }
            run.changes[index][choices.number(below: run.changes[index].count)] ^= 1
        }
        return run
    }
}

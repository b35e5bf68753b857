import SijilCore
import Testing

/// The one rule, on histories drawn from seeds; each failure names its seed.
struct MergeLawTests {
    static let perBlock: UInt64 = 60

    @Test(arguments: UInt64(0)..<40)
    func `every causal order ends in one state, the one that the model says`(block: UInt64) {
        for seed in block * Self.perBlock..<(block + 1) * Self.perBlock {
            let history = History(seed: seed)
            let one = Receiver(history, orderedBy: seed)
            let other = Receiver(history, orderedBy: ~seed)
            #expect(one.records == other.records, "seed \(seed)")
            #expect(one.vector == other.vector, "seed \(seed)")
            #expect(one.digest == other.digest, "seed \(seed)")
            #expect(one.digest == one.recounted, "seed \(seed)")
            #expect(one.survivors == history.survivors, "seed \(seed)")
        }
    }

    @Test(arguments: UInt64(100)..<130)
    func `what is erased anywhere is erased everywhere, in any causal order`(block: UInt64) {
        for seed in block * Self.perBlock..<(block + 1) * Self.perBlock {
            let history = History(seed: seed, erasing: true)
            let one = Receiver(history, orderedBy: seed)
            let other = Receiver(history, orderedBy: ~seed)
            #expect(one.survivors == other.survivors, "seed \(seed)")
            #expect(one.digest == other.digest, "seed \(seed)")
            #expect(one.digest == one.recounted, "seed \(seed)")
            #expect(one.survivors == history.survivors, "seed \(seed)")
        }
    }

    @Test(arguments: UInt64(0)..<20)
    func `clocks decide neither what survives nor what is asked`(block: UInt64) {
        for seed in block * Self.perBlock..<(block + 1) * Self.perBlock {
            let history = History(seed: seed)
            let one = Receiver(history, orderedBy: seed)
            let other = Receiver(history.withClocks(seed: ~seed), orderedBy: seed)
            #expect(one.survivors == other.survivors, "seed \(seed)")
            #expect(one.digest == other.digest, "seed \(seed)")
            #expect(Self.asked(one) == Self.asked(other), "seed \(seed)")
        }
    }

    @Test(arguments: UInt64(0)..<20)
    func `a digest differs as soon as one sibling does`(seed: UInt64) throws {
        let history = History(seed: seed)
        var receiver = Receiver()
        var digests: Set<StateDigest> = [receiver.digest]
        for entry in history.entries {
            receiver.apply(entry)
            // Every change writes liveness at least, so every change makes a new state.
            #expect(digests.insert(receiver.digest).inserted, "seed \(seed)")
        }
    }

    private static func asked(_ receiver: Receiver) -> Set<[String]> {
        var result: Set<[String]> = []
        for (record, state) in receiver.records {
            for (name, cell) in state.cells where TestSchema.person.policy(of: name).asks(cell) {
                result.insert([record.description, name.field, hex(name.key.bytes)])
            }
        }
        return result
    }
}

enum TestSchema {
    static let restrictions = ["none", "crisis_only", "via_intermediary", "never"]

    static let person = RecordType(
        "person",
        [
            Field("name", .text), Field("title", .text, .keyed), Field("languages", .text, .set),
            Field("do_not_contact", .text, policy: .strictest(restrictions)),
            Field("born", .date, policy: .once),
        ])
}

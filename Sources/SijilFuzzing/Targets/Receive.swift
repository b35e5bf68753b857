import SijilCore
import SijilStore

extension FuzzTarget {
    /// What a replica takes in: signed changes of any content, in any order, in parts and damaged.
    ///
    /// The bytes are choices, so that what is tried stands behind a signature that holds.
    static let receive = FuzzTarget(
        "receive", maximumBytes: 512, mutationsPerSeed: 2,
        seeds: { SeededBytes.lists(8, ofBytes: 400) },
        run: { bytes in
            var choices = Choices(bytes)
            var authors = [try Author(1), try Author(2), try Author(3)]
            let certificates = try authors.map {
                try Office.certificate(of: $0.key, name: "tablette-07")
            }
            let replica = try Office.replica(9)
            _ = try replica.receive([], certificates: certificates, in: Office.roster)
            var isHonest = true
            for _ in 0..<16 where !choices.isAtEnd {
                let index = choices.number(below: authors.count)
                switch choices.number(below: 8) {
                case 0, 1, 2:
                    var seen = VersionVector()
                    for other in authors where choices.flag() {
                        seen[other.id] = UInt64(other.changes.count)
                    }
                    try authors[index].write(&choices, seen: seen)
                case 3:
                    // Signed, but made by a program that makes mistakes.
                    var chance = SeededBytes(seed: choices.uint64())
                    guard let last = authors[index].changes.last else { continue }
                    try authors[index].append(chance.mutated(last))
                    isHonest = false
                case 4:
                    guard let last = authors[index].changes.last else { continue }
                    let known = Delivery.Content.known(
                        author: authors[index].id,
                        first: choices.flag() ? 1 : choices.uint64(),
                        count: choices.flag() ? 1 : choices.uint64(),
                        hash: ChainHash(sha256(last))!)
                    try take([known], into: replica, &choices)
                default:
                    guard var run = authors[index].run(&choices) else { continue }
                    if choices.flag(oneIn: 3) { run = run.damaged(&choices) }
                    try take([.run(run)], into: replica, &choices)
                }
            }
            // Either costs as much as all that came before, so an input pays for one of them.
            if isHonest, bytes.count.isMultiple(of: 2) {
                try checkComplete(replica, authors, certificates)
            } else {
                try replica.checkSound()
            }
        })

    private static func take(
        _ contents: [Delivery.Content], into replica: Replica, _ choices: inout Choices
    ) throws {
        let position: UInt64? =
            switch choices.number(below: 4) {
            case 0: choices.uint64()
            case 1: UInt64(choices.byte())
            default: nil
            }
        _ = try readable {
            try replica.receive(
                contents.map { Delivery(position: position, $0) }, in: Office.roster,
                cursor: choices.flag(oneIn: 4) ? UInt64(choices.byte()) : nil)
        }
    }

    /// Gives the replica the rest, and checks that whatever came before, the authors' own changes are all
    /// taken in and make the same of every replica.
    private static func checkComplete(
        _ replica: Replica, _ authors: [Author], _ certificates: [Certificate]
    ) throws {
        let other = try Office.replica(8)
        let deliveries = authors.compactMap { $0.run() }.map { Delivery(position: nil, .run($0)) }
        _ = try replica.receive(deliveries, in: Office.roster)
        _ = try other.receive(
            deliveries.reversed(), certificates: certificates, in: Office.roster)
        let (mine, theirs) = (try replica.collections()[0], try other.collections()[0])
        try expect(mine.held == 0 && theirs.held == 0, "a change is held for nothing")
        try expect(mine.digest == theirs.digest, "digests differ")
        try expect(try replica.exported() == other.exported(), "exports differ")
        try expect(try replica.dump() == other.dump(), "states differ")
    }
}

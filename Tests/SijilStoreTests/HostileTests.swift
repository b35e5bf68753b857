import SijilCore
import SijilSimulator
import Testing

@testable import SijilStore

/// What strangers and broken lines bring: each is refused by its name, and nothing of it stays.
struct HostileTests {
    let world: World
    let author: ReplicaID
    let record = Identifier(1)

    /// Site 1 has the first two of site 0's six changes, one held change of site 2, and one of its own.
    init() throws {
        world = try World(seed: 11, sites: 3)
        author = world.sites[0].id
        for count in 1...6 {
            try world.write(.person(record, .set("age", .integer(Int64(count)))), at: 0)
        }
        try world.deliver(from: 0, to: 2)
        try world.write(.person(record, .set("note", "held")), at: 2)
        try world.deliver([world.run(author, 1...2)], to: 1)
        try world.deliver([world.run(world.sites[2].id, 1...1)], to: 1)
        try world.write(.person(record, .set("note", "own")), at: 1)
    }

    /// Checks that `body` throws the code and leaves every row of every table as it was; then that the
    /// replica still takes in what is right.
    private func expectRefused(
        _ expected: Set<SijilError.Code>, seed: Int = 0, finishing: Bool = true,
        sourceLocation: SourceLocation = #_sourceLocation, _ body: (Replica) throws -> Void
    ) throws {
        let before = try world[1].wholeFile()
        let found = code { try body(world[1]) }
        #expect(
            found.map(expected.contains) == true, "\(String(describing: found)), seed \(seed)",
            sourceLocation: sourceLocation)
        let after = try world[1].wholeFile()
        #expect(
            after.difference(from: before) == nil, "seed \(seed)", sourceLocation: sourceLocation)
        guard finishing else { return }
        try world.settle()
        try world.close()
    }

    private func receive(
        _ run: SignedRun, into replica: Replica, certificates: [Certificate] = []
    ) throws {
        // A good piece before the bad one, and a cursor: neither may stay.
        try replica.receive(
            [
                Delivery(position: 3, .run(world.run(author, 1...3))),
                Delivery(position: 9, .run(run)),
            ], certificates: certificates, in: World.collection, cursor: 10)
    }

    @Test func `truncated changes`() throws {
        var random = SeededGenerator(seed: 1)
        for seed in 0..<40 {
            var run = world.run(author, 3...5)
            let index = random.int(0..<3)
            run.changes[index].removeLast(random.int(1..<run.changes[index].count + 1))
            try expectRefused(
                [.badData, .notAuthentic], seed: seed, finishing: false
            ) { try receive(run, into: $0) }
        }
        try world.settle()
        try world.close()
    }

    @Test func `changes with a flipped bit`() throws {
        var random = SeededGenerator(seed: 2)
        for seed in 0..<150 {
            var run = world.run(author, 4...6)
            let index = random.int(0..<3)
            let place = random.int(0..<run.changes[index].count)
            run.changes[index][place] ^= 1 << UInt8(random.int(0..<8))
            try expectRefused(
                [.badData, .notAuthentic, .futureVersion], seed: seed, finishing: false
            ) { try receive(run, into: $0) }
        }
        try world.settle()
        try world.close()
    }

    @Test func `a flipped bit in what is known is not taken for a fork`() throws {
        var random = SeededGenerator(seed: 3)
        for seed in 0..<60 {
            var run = world.run(
                author, 1...UInt64(random.int(1..<4)), tied: random.chance(1, of: 2))
            let place = random.int(0..<run.changes[0].count)
            run.changes[0][place] ^= 1 << UInt8(random.int(0..<8))
            try expectRefused(
                [.badData, .notAuthentic, .futureVersion], seed: seed, finishing: false
            ) { try receive(run, into: $0) }
        }
        try world.settle()
        try world.close()
    }

    @Test func `a run whose bytes are cut or flipped`() throws {
        var random = SeededGenerator(seed: 4)
        var writer = ByteWriter()
        world.run(author, 3...6).write(to: &writer)
        for seed in 0..<150 {
            var bytes = writer.bytes
            if random.chance(1, of: 3) {
                bytes.removeLast(random.int(1..<bytes.count))
            } else {
                bytes[random.int(0..<bytes.count)] ^= 1 << UInt8(random.int(0..<8))
            }
            let before = try world[1].wholeFile()
            let found = code {
                var reader = ByteReader(bytes)
                let run = try SignedRun(from: &reader)
                try reader.expectEnd()
                try world.deliver([run], to: 1)
            }
            #expect(found != nil, "seed \(seed)")
            #expect(
                found.map { [.badData, .notAuthentic, .futureVersion, .unseen].contains($0) }
                    == true, "seed \(seed): \(String(describing: found))")
            #expect(try world[1].wholeFile().difference(from: before) == nil, "seed \(seed)")
        }
        try world.settle()
        try world.close()
    }

    @Test func `a wrong signature`() throws {
        var run = world.run(author, 3...4)
        run.signature = world.sites[2].key.sign([1])
        try expectRefused([.notAuthentic]) { try receive(run, into: $0) }
    }

    @Test func `another author's name on signed changes`() throws {
        var run = world.run(author, 4...5)
        run.author = world.sites[2].id
        try expectRefused([.notAuthentic]) { try receive(run, into: $0) }
    }

    @Test func `changes left out of the middle`() throws {
        var run = world.run(author, 3...6)
        run.changes.remove(at: 1)
        try expectRefused([.notAuthentic]) { try receive(run, into: $0) }
    }

    @Test func `changes of another collection`() throws {
        let other = CollectionGrant(
            id: World.otherCollection, name: "other", kind: "roster", role: .editor)
        try world[1].setGrants([other])
        try expectRefused([.notAuthentic]) {
            try $0.receive(
                [Delivery(position: nil, .run(world.run(author, 1...2)))],
                in: World.otherCollection)
        }
    }

    @Test func `a certificate that the authority did not sign`() throws {
        let stranger = try Site(seed: 99, path: nil, schema: TestSchema.whole)
        let forged = world.certify(stranger.key, name: "tab-99", by: stranger.key)
        let run = try world.forge(
            Change(writtenAt: 0, edits: [.person(record, .set("note", "false"))]), as: stranger,
            at: 1, previous: .start)
        try expectRefused([.notAuthentic]) { try receive(run, into: $0, certificates: [forged]) }
    }

    @Test func `a certificate that gives a known name another key`() throws {
        let stranger = try Site(seed: 99, path: nil, schema: TestSchema.whole)
        var forged = world.certify(stranger.key, name: "tab-01")
        forged.replica = author
        forged.signature = world.authority.sign(forged.signedMessage)
        try expectRefused([.notAuthentic]) {
            try receive(world.run(author, 3...4), into: $0, certificates: [forged])
        }
    }

    @Test func `an author without a certificate`() throws {
        let stranger = try Site(seed: 99, path: nil, schema: TestSchema.whole)
        let run = try world.forge(
            Change(writtenAt: 0, edits: [.person(record, .set("note", "who?"))]), as: stranger,
            at: 1, previous: .start)
        try expectRefused([.notAuthentic]) { try receive(run, into: $0) }
    }

    @Test func `another device's certificate is not taken for one's own`() throws {
        let site = try Site(seed: 98, path: nil, schema: TestSchema.whole)
        let before = try site.replica.wholeFile()
        let found = code {
            try site.replica.pin(
                authority: world.authority.publicKey, own: world.certificates[0])
        }
        #expect(found == .notAuthentic)
        #expect(try site.replica.wholeFile() == before)
    }

    @Test func `joining another server is refused`() throws {
        let other = try SigningKey(seed: [UInt8](repeating: 3, count: 32))
        try expectRefused([.configuration]) {
            try $0.pin(
                authority: other.publicKey,
                own: world.certify(world.sites[1].key, name: "x", by: other))
        }
    }

    private func secondChange() -> Change {
        Change(writtenAt: 5, edits: [.person(record, .set("age", .integer(99)))])
    }

    @Test(arguments: [1, 2] as [UInt64])
    func `a second change under a known name is a fork`(sequence: UInt64) throws {
        let dot = Dot(replica: author, sequence: sequence)
        for tied in [true, false] {
            var run = try world.forge(
                secondChange(), as: world.sites[0], at: sequence, previous: world.hash(before: dot))
            if !tied { run.previous = nil }
            try expectRefused([.fork], finishing: false) { try receive(run, into: $0) }
        }
        try world.settle()
        try world.close()
    }

    @Test func `a change after another history is a fork`() throws {
        let fork = try world.forge(
            secondChange(), as: world.sites[0], at: 2,
            previous: world.log[Dot(replica: author, sequence: 1)]!.hash)
        var changes = fork.changes
        let hash = try ChangeBytes(changes[0])
            .hash(
                in: ChainPlace(
                    collection: World.collection, dot: Dot(replica: author, sequence: 2),
                    previous: world.log[Dot(replica: author, sequence: 1)]!.hash), using: sha256)
        let next = try world.forge(secondChange(), as: world.sites[0], at: 3, previous: hash)
        try expectRefused([.fork], finishing: false) {
            try $0.receive([Delivery(position: nil, .run(next))], in: World.collection)
        }
        changes += next.changes
        let whole = SignedRun(
            author: author, first: 2, previous: fork.previous, changes: changes,
            signature: next.signature)
        try expectRefused([.fork]) { try receive(whole, into: $0) }
    }

    @Test func `a forged hash before a run is not a fork`() throws {
        var run = world.run(author, 3...4)
        run.previous = ChainHash([UInt8](repeating: 5, count: 32))
        try expectRefused([.notAuthentic]) {
            try $0.receive([Delivery(position: nil, .run(run))], in: World.collection)
        }
    }

    @Test func `a run after a gap that nothing ties`() throws {
        try expectRefused([.unseen]) {
            try $0.receive(
                [Delivery(position: nil, .run(world.run(author, 5...6, tied: false)))],
                in: World.collection)
        }
    }

    @Test func `a change of a later format`() throws {
        var run = world.run(author, 3...3)
        run.changes[0][0] = ChangeBytes.version + 1
        try expectRefused([.futureVersion]) { try receive(run, into: $0) }
    }

    @Test func `positions and counts that cannot be`() throws {
        let run = world.run(author, 3...4)
        let hash = world.hash(before: Dot(replica: author, sequence: 3))
        let known = { (first: UInt64, count: UInt64) in
            Delivery.Content.known(author: author, first: first, count: count, hash: hash)
        }
        let contents: [(UInt64?, Delivery.Content, UInt64?)] = [
            (.max, .run(run), nil), (UInt64(Int64.max), .run(run), nil),
            (.max, .run(world.run(author, 1...2)), nil), (1, .run(run), .max),
            (1, known(1, .max), nil), (1, known(.max, .max), nil), (.max, known(1, 2), nil),
            (1, known(UInt64(Int64.max), 2), nil),
        ]
        for (number, (position, content, cursor)) in contents.enumerated() {
            try expectRefused([.badData, .unseen], seed: number, finishing: false) {
                try $0.receive(
                    [Delivery(position: position, content)], in: World.collection, cursor: cursor)
            }
        }
        var odd = run
        for first in [0, .max, UInt64(Int64.max)] as [UInt64] {
            odd.first = first
            try expectRefused([.badData], finishing: false) {
                try $0.receive([Delivery(position: nil, .run(odd))], in: World.collection)
            }
        }
        odd = run
        odd.changes = []
        try expectRefused([.badData]) {
            try $0.receive([Delivery(position: nil, .run(odd))], in: World.collection)
        }
    }

    @Test func `a server that says one has what one has not`() throws {
        // Taking its word would move the cursor past changes that are not here.
        try expectRefused([.unseen]) {
            try $0.receive(
                [
                    Delivery(
                        position: 1, .known(author: author, first: 1, count: 4, hash: .start))
                ],
                in: World.collection, cursor: 4)
        }
    }

    @Test func `a collection that is not held`() throws {
        try expectRefused([.notFound]) {
            try $0.receive(
                [Delivery(position: nil, .run(world.run(author, 3...4)))], in: Identifier(0xDEAD))
        }
    }

    @Test func `a change that claims to have seen its own future waits and blocks nothing`() throws
    {
        let dot = Dot(replica: author, sequence: 7)
        var seen = VersionVector()
        seen[author] = 50
        let change = Change(
            seen: seen, writtenAt: 5, edits: [.person(record, .set("age", .integer(7)))])
        let run = try world.forge(
            change, as: world.sites[0], at: 7,
            previous: world.log[Dot(replica: author, sequence: 6)]!.hash)
        try world.deliver([run], to: 1)
        try world.settle()
        #expect(try State(of: world[1]).held == 1)
        #expect(try State(of: world[1]).vector.contains(Dot(replica: author, sequence: 6)))
        #expect(try !State(of: world[1]).vector.contains(dot))
        #expect(try State(of: world[1]).digest == State(of: world[0]).digest)
        #expect(try world[1].verify().isSound)
    }

    @Test func `the server's word stands against a held change of another history`() throws {
        // A clone of site 0 wrote another fifth change; it came by hand, after a gap.
        let fourth = world.log[Dot(replica: author, sequence: 4)]!.hash
        let clone = try world.forge(secondChange(), as: world.sites[0], at: 5, previous: fourth)
        try world.deliver([clone], to: 1)
        // Another hand brings the right one: two stories of equal rank.
        try expectRefused([.fork], finishing: false) {
            try $0.receive(
                [Delivery(position: nil, .run(world.run(author, 5...6)))], in: World.collection)
        }
        // The server has given the right one a position.
        try world[1]
            .receive(
                [Delivery(position: 20, .run(world.run(author, 5...6)))], in: World.collection)
        try world[1]
            .receive(
                [Delivery(position: 18, .run(world.run(author, 3...4)))], in: World.collection)
        try world.settle()
        try world.close()
    }

    @Test func `what follows a clone's held change is not taken for the true author's`() throws {
        // A clone of site 0 wrote a third change that builds on what only waits here, and a fourth.
        var third = secondChange()
        third.seen = [world.sites[2].id: 1]
        let clone = try world.forge(
            third, as: world.sites[0], at: 3,
            previous: world.hash(before: Dot(replica: author, sequence: 3)))
        let place = ChainPlace(
            collection: World.collection, dot: Dot(replica: author, sequence: 3),
            previous: try #require(clone.previous))
        let next = try world.forge(
            secondChange(), as: world.sites[0], at: 4,
            previous: try ChangeBytes(clone.changes[0]).hash(in: place, using: sha256))
        let held = try State(of: world[1]).held
        try world.deliver([clone, next], to: 1)
        #expect(try State(of: world[1]).held == held + 2)
        // Another hand brings the true third: the clone's goes, and its fourth follows nothing.
        try world.deliver([world.run(author, 3...3)], to: 1)
        let state = try State(of: world[1])
        #expect(state.vector[author] == 3 && state.held == held + 1)
        #expect(try world[1].verify().isSound)
        try world[1]
            .receive(
                [Delivery(position: 18, .run(world.run(author, 4...4)))], in: World.collection)
        try world.settle()
        try world.close()
    }

    @Test func `changes may carry claims of any size without harm`() throws {
        // The clock at both ends, names only Unicode calls equal, and every kind of value.
        let edits: [RecordEdit] = [
            .person(
                record, .set("cafe\u{301}", "a"), .set("caf\u{E9}", "b"),
                .set("age", .integer(.min)),
                .set("height", .real(.greatestFiniteMagnitude)),
                .set("note", .unknown(tag: 30, bytes: [])))
        ]
        for (offset, at) in [Int64.min, .max].enumerated() {
            let dot = Dot(replica: author, sequence: 7)
            let run = try world.forge(
                Change(writtenAt: at, clockOffset: at, edits: edits), as: world.sites[0], at: 7,
                previous: world.hash(before: dot))
            try world.deliver([world.run(author, 1...6), run], to: 1 + offset)
            let view = try world[1 + offset].record(record)
            #expect(view.cells.keys.filter { $0.field.hasPrefix("caf") }.count == 2)
            #expect(try world[1 + offset].verify().problems.map(\.what) == [])
        }
    }
}

import Foundation
import SijilCore
import SijilSimulator
import Testing

@testable import SijilStore

/// Anyone can carry anyone's changes.
struct ForwardingTests {
    private func forward(_ world: World, from: Int, to: Int, byteLimit: Int = .max) throws {
        let (runs, _) = try world[from].pendingRuns(in: World.collection, byteLimit: byteLimit)
        try world.deliver(runs, to: to)
    }

    @Test func `what came by hand goes on by hand, whatever pieces it came in`() throws {
        for seed in 300..<340 as Range<UInt64> {
            let world = try ConvergenceTests.played(seed: seed, sites: 3, actions: 30)
            for piece in world.randomDeliveries() { try world.deliver(piece, to: 0) }
            try world.addSite()
            let last = world.sites.count - 1
            try forward(world, from: 0, to: last)
            let (mule, receiver) = (try State(of: world[0]), try State(of: world[last]))
            #expect(receiver.vector == mule.vector, "seed \(seed)")
            #expect(receiver.held == 0, "seed \(seed)")
            #expect(receiver.dump.difference(from: mule.dump) == nil, "seed \(seed)")
            try world.settle()
            try world.close(verifying: seed % 10 == 0)
        }
    }

    @Test func `what a change builds on goes before it, whoever wrote it`() throws {
        for (first, second) in [(0, 1), (1, 0)] {
            let world = try World(sites: 3)
            try world.write(.person(Identifier(1), .set("note", "before")), at: first)
            try world.deliver(from: first, to: second)
            try world.write(.person(Identifier(1), .set("note", "after")), at: second)
            try world.deliver(from: first, to: 2)
            try world.deliver(from: second, to: 2)
            for mule in [second, 2] {
                let (runs, _) = try world[mule].pendingRuns(in: World.collection, byteLimit: .max)
                #expect(runs.map(\.author) == [world.sites[first].id, world.sites[second].id])
            }
            try world.settle()
            try world.close()
        }
    }

    @Test func `a mule that held a part of a run forwards the whole of it`() throws {
        let world = try World(sites: 4)
        let (author, other) = (world.sites[0].id, world.sites[1].id)
        let record = Identifier(1)
        try world.write(.person(record, .set("note", "a1")), at: 0)
        try world.write(.person(Identifier(2), .set("note", "b1")), at: 1)
        try world.deliver(from: 1, to: 0)
        try world.write(.person(record, .set("note", "a2, which has seen b1")), at: 0)
        // One run of both; the mule lacks b1 and can apply only the first.
        #expect(try world.deliver([world.run(author, 1...2)], to: 2).held == 1)
        try world.deliver([world.run(other, 1...1)], to: 2)
        #expect(try State(of: world[2]).held == 0)
        try forward(world, from: 2, to: 3)
        #expect(try State(of: world[3]).vector == State(of: world[2]).vector)
        try world.settle()
        try world.close()
    }

    @Test func `what a limit cuts comes with the next call, and nothing is cut inside a run`()
        throws
    {
        let world = try World(sites: 2)
        for count in 1...30 {
            try world.write(.person(Identifier(1), .set("note", "note \(count)")), at: 0)
        }
        var position: UInt64 = 1
        var rounds = 0
        while true {
            let (runs, isComplete) = try world[0]
                .pendingRuns(
                    in: World.collection, byteLimit: 600)
            #expect(runs.flatMap(\.changes).reduce(0) { $0 + $1.count } <= 600)
            for run in runs {
                let delivery = Delivery(position: position, .run(run))
                try world[1].receive([delivery], in: World.collection)
                // The server's answer to the sender.
                let count = UInt64(run.changes.count)
                try world[0]
                    .receive(
                        [
                            Delivery(
                                position: position,
                                .known(
                                    author: run.author, first: run.first, count: count,
                                    hash: world.hash(
                                        before: Dot(replica: run.author, sequence: run.last + 1))))
                        ], in: World.collection, cursor: position + count - 1)
                position += count
            }
            rounds += 1
            if isComplete { break }
        }
        #expect(rounds > 3)
        let summary = try world[0].collections()[0]
        #expect(summary.pending == 0 && summary.cursor == 30)
        #expect(try world[1].log(in: nil, limit: 2).map(\.position) == [30, 29])
        #expect(try world[0].pendingRuns(in: World.collection, byteLimit: 600).runs.isEmpty)
        try world.close()
    }

    @Test func `a position given while a change is held is not forgotten`() throws {
        let world = try World(sites: 2)
        for count in 1...3 {
            try world.write(.person(Identifier(1), .set("age", .integer(Int64(count)))), at: 0)
        }
        let author = world.sites[0].id
        try world.deliver([world.run(author, 3...3)], to: 1)
        try world[1]
            .receive(
                [Delivery(position: 3, .run(world.run(author, 3...3)))], in: World.collection)
        try world[1]
            .receive(
                [Delivery(position: 1, .run(world.run(author, 1...2)))], in: World.collection)
        let summary = try world[1].collections()[0]
        #expect(summary.held == 0 && summary.pending == 0)
        try world.close()
    }

    @Test func `signatures that come later let a mule cut and prove`() throws {
        let world = try World(sites: 3)
        for count in 1...3 {
            try world.write(.person(Identifier(1), .set("age", .integer(Int64(count)))), at: 0)
        }
        let author = world.sites[0].id
        try world.deliver([world.run(author, 1...3)], to: 1)
        #expect(try world[1].number(sql: "SELECT count(signature) FROM journal") == 1)
        let (runs, isComplete) = try world[1].pendingRuns(in: World.collection, byteLimit: 1)
        #expect(isComplete && runs.map(\.changes.count) == [3], "it cannot be cut")
        try world.deliver(runs, to: 2)
        try world.close()
    }
}

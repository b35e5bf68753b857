import GRDB
import SijilCore
import SijilSimulator
import Testing

@testable import SijilStore

/// Snapshots that are damaged, foreign or older than what is here: refused, and nothing has changed.
struct SnapshotHostileTests {
    /// A world with enough in it for several pieces.
    private static func world() throws -> World {
        let world = try ConvergenceTests.played(seed: 7)
        var random = SeededGenerator(seed: 7)
        for number in 0..<24 {
            let text = String(
                decoding: random.bytes(60_000).map { 97 + $0 % 26 }, as: UTF8.self)
            try world.write(
                .person(Identifier(UInt128(number % 18) << 90 | 0xF0), .set("note", text)), at: 0)
        }
        try world.settle()
        try world.addSite()
        return world
    }

    private static func expectRefusal(
        _ shipment: Shipment, by replica: Replica, _ codes: Set<SijilError.Code>,
        _ comment: Comment
    ) throws {
        let before = try replica.wholeFile()
        let refusal = code { try shipment.load(into: replica) }
        #expect(refusal.map(codes.contains) == true, comment)
        #expect(try replica.wholeFile() == before, comment)
    }

    @Test func `a piece that is damaged, missing, doubled or moved is refused`() throws {
        let world = try Self.world()
        let whole = try Shipment(of: world[0])
        #expect(whole.pieces.count > 2)
        let taker = world[3]
        for index in whole.pieces.indices {
            var damaged = whole
            damaged.pieces[index][damaged.pieces[index].count / 2] ^= 0x10
            try Self.expectRefusal(damaged, by: taker, [.badData, .notAuthentic], "damaged")
            damaged.pieces[index] = Array(whole.pieces[index].dropLast())
            try Self.expectRefusal(damaged, by: taker, [.badData], "cut")
            damaged.pieces[index] = []
            try Self.expectRefusal(damaged, by: taker, [.badData], "empty")
            damaged = whole
            damaged.pieces.remove(at: index)
            try Self.expectRefusal(damaged, by: taker, [.badData, .notAuthentic], "missing")
            damaged = whole
            damaged.pieces.insert(whole.pieces[index], at: index)
            try Self.expectRefusal(damaged, by: taker, [.badData, .notAuthentic], "doubled")
        }
        var moved = whole
        moved.pieces.swapAt(0, 1)
        try Self.expectRefusal(moved, by: taker, [.badData, .notAuthentic], "moved")
        // What expands to more than it says is not taken into memory.
        var bomb = whole
        bomb.pieces[0] = Zstd.compress([UInt8](repeating: 0, count: 50_000_000))
        try Self.expectRefusal(bomb, by: taker, [.badData], "bomb")
        try whole.load(into: taker)
        try world.close()
    }

    @Test func `whoever may not read it any more, or knows another history, takes none`() throws {
        let world = try Self.world()
        let whole = try Shipment(of: world[0])
        let taker = world[3]
        let grants = try taker.collections().map(\.grant)
        try taker.setGrants([])
        try Self.expectRefusal(whole, by: taker, [.notPermitted], "withdrawn")
        try taker.setGrants(grants)
        try taker.remember(texts: ["epoch": Identifier(9).description])
        try Self.expectRefusal(whole, by: taker, [.protocolMismatch], "another history")
        try taker.remember(texts: ["epoch": whole.head.epoch.description])
        try whole.load(into: taker)
        try world.close()
    }

    @Test func `whoever vouches for it must be known, and for all of it`() throws {
        let world = try Self.world()
        let whole = try Shipment(of: world[0])
        let taker = world[3]
        var other = whole
        other.head.signature[0] ^= 1
        try Self.expectRefusal(other, by: taker, [.notAuthentic], "signature")
        other = whole
        other.head.origin = world.sites[1].id
        try Self.expectRefusal(other, by: taker, [.notAuthentic], "origin")
        other = whole
        other.head.epoch = Identifier(1)
        try Self.expectRefusal(other, by: taker, [.notAuthentic], "epoch")
        other = whole
        other.head.manifest.digest.add(1)
        try Self.expectRefusal(other, by: taker, [.notAuthentic], "digest")
        other = whole
        other.head.manifest.authors[0].sequence += 1
        try Self.expectRefusal(other, by: taker, [.notAuthentic], "authors")
        other = whole
        other.head.certificates.remove(at: 0)
        try Self.expectRefusal(other, by: taker, [.notAuthentic], "certificates")
        let foreign = try World(seed: 99, sites: 2)
        try foreign.write(.person(Identifier(1), .set("name", "Ba")), at: 0)
        try Self.expectRefusal(
            try Shipment(of: foreign[0]), by: taker, [.notAuthentic], "another authority")
    }

    /// An origin that the authority certified, and that says what is not so.
    @Test func `an origin that lies about its records is found out`() throws {
        let world = try Self.world()
        let whole = try Shipment(of: world[0])
        let taker = world[3]
        func signed(_ change: (inout SnapshotManifest) -> Void) -> Shipment {
            var lie = whole
            change(&lie.head.manifest)
            lie.head.signature = world.sites[0].key
                .sign(
                    SnapshotHead.signedMessage(root: lie.head.root, epoch: lie.head.epoch))
            return lie
        }
        try Self.expectRefusal(signed { $0.digest.add(1) }, by: taker, [.badData], "digest")
        try Self.expectRefusal(signed { $0.records += 1 }, by: taker, [.badData], "records")
        try Self.expectRefusal(
            signed { $0.authors[0].sequence = 1 }, by: taker, [.badData], "later changes")
        try Self.expectRefusal(
            signed { $0.pieces[0].byteCount -= 1 }, by: taker, [.badData], "size")
        try Self.expectRefusal(
            signed { $0.collection = World.otherCollection }, by: taker, [.notFound],
            "not granted")
        var swapped = signed { $0.pieces.swapAt(0, 1) }
        swapped.pieces.swapAt(0, 1)
        try Self.expectRefusal(swapped, by: taker, [.badData], "order")
    }

    @Test func `a copy of a file is told, and so is a fork of another`() throws {
        let world = try Self.world()
        let whole = try Shipment(of: world[0])
        func signed(_ author: ReplicaID, _ change: (inout SnapshotManifest.Author) -> Void)
            -> Shipment
        {
            var other = whole
            let index = other.head.manifest.authors.firstIndex { $0.replica == author }!
            change(&other.head.manifest.authors[index])
            other.head.signature = world.sites[0].key
                .sign(
                    SnapshotHead.signedMessage(root: other.head.root, epoch: other.head.epoch))
            return other
        }
        let own = world.sites[1].id
        try Self.expectRefusal(
            signed(own) { $0.sequence += 1 }, by: world[1], [.fork], "more than was written")
        try Self.expectRefusal(
            signed(own) { $0.hash = .start }, by: world[1], [.fork], "other changes")
        try Self.expectRefusal(
            signed(world.sites[0].id) { $0.hash = .start }, by: world[1], [.fork],
            "other changes of somebody else")
    }

    @Test func `a snapshot that is here already changes nothing`() throws {
        let world = try Self.world()
        let whole = try Shipment(of: world[0])
        try whole.load(into: world[3])
        for number in [0, 1, 3] {
            let before = try world[number].wholeFile()
            #expect(try whole.load(into: world[number]).isKnown)
            #expect(try world[number].wholeFile() == before)
        }
    }

    @Test func `verify finds a damaged snapshot that records began with`() throws {
        let world = try Self.world()
        let whole = try Shipment(of: world[0])
        try whole.load(into: world[3])
        #expect(try world[3].verify().isSound)
        try world[3].sql("UPDATE base SET bytes = zeroblob(length(bytes)) WHERE piece = 2")
        #expect(try !world[3].verify().isSound)
    }

    @Test func `nothing is exported that the server has not confirmed`() throws {
        let world = try Self.world()
        #expect(
            code {
                _ = try world[0].exportSnapshot(of: World.collection, emit: { _ in })
            } == .unseen)
    }
}

import GRDB
import SijilCore
import SijilSimulator
import Testing

@testable import SijilStore

/// The laws of the snapshot: loading one is a merge, and leaves what applying the log leaves.
struct SnapshotTests {
    static let perBlock: UInt64 = 6

    @Test(arguments: UInt64(0)..<10)
    func `a replica that began with a snapshot is like one that read the log`(
        block: UInt64
    ) throws {
        for seed in block * Self.perBlock..<(block + 1) * Self.perBlock {
            let world = try ConvergenceTests.played(seed: seed, clocks: seed % 2 == 0 ? seed : nil)
            let shipment = try Shipment(of: world[0])
            try world.addSite()
            let site = world.sites.count - 1
            let report = try shipment.load(into: world[site])
            #expect(report.records == shipment.head.manifest.records, "seed \(seed)")
            let (before, after) = (try State(of: world[0]), try State(of: world[site]))
            #expect(after.digest == before.digest, "seed \(seed)")
            #expect(after.vector == before.vector, "seed \(seed)")
            #expect(after.conflicts == before.conflicts, "seed \(seed)")
            #expect(after.conflictCount == before.conflictCount, "seed \(seed)")
            #expect(after.dump.difference(from: before.dump) == nil, "seed \(seed)")
            #expect(try Shipment(of: world[site]).root == shipment.root, "seed \(seed)")
            #expect(try world[site].verify().problems.map(\.what) == [], "seed \(seed)")
            try Self.playOn(world, from: seed)
            try world.settle()
            try Self.expectOneSnapshot(of: world)
            try world.close()
        }
    }

    @Test(arguments: UInt64(100)..<110)
    func `loaded over a replica, what the snapshot does not cover stays on top`(
        block: UInt64
    ) throws {
        for seed in block * Self.perBlock..<(block + 1) * Self.perBlock {
            let world = try ConvergenceTests.played(seed: seed, sites: 3, actions: 30)
            var generator = SeededGenerator(seed: seed)
            for _ in 0..<4 {
                let shipment = try Shipment(of: world[generator.int(0..<3)])
                let taker = generator.int(0..<3)
                let before = try State(of: world[taker])
                do {
                    let report = try shipment.load(into: world[taker])
                    let after = try State(of: world[taker])
                    #expect(after.vector.covers(before.vector), "seed \(seed)")
                    #expect(after.vector.covers(shipment.head.manifest.vector), "seed \(seed)")
                    #expect(report.isKnown == (after.vector == before.vector), "seed \(seed)")
                } catch let error as SijilError {
                    // It began with a snapshot that had more of somebody.
                    #expect(error.code == .unseen, "seed \(seed)")
                    let base = try world[taker].snapshotOrigin(of: World.collection)
                    #expect(base != nil, "seed \(seed)")
                }
                #expect(try world[taker].verify().problems.map(\.what) == [], "seed \(seed)")
                try Self.playOn(world, from: generator.next(), actions: 6)
            }
            try world.settle()
            try Self.expectOneSnapshot(of: world)
            try world.close()
        }
    }

    @Test(arguments: UInt64(0)..<10)
    func `another schema rebuilds the records from the snapshot and the journal`(
        seed: UInt64
    ) throws {
        let folder = try Folder()
        let world = try ConvergenceTests.played(seed: seed)
        try world.addSite(path: folder.file())
        let site = world.sites.count - 1
        try Shipment(of: world[0]).load(into: world[site])
        try Self.playOn(world, from: seed)
        for schema in [TestSchema.older, TestSchema.whole] {
            let digest = try State(of: world[site]).digest
            try world.sites[site].reopen(at: folder.file(), schema: schema)
            #expect(try State(of: world[site]).digest == digest)
            #expect(try world[site].verify().problems.map(\.what) == [])
        }
        try world.settle()
        try Self.expectOneSnapshot(of: world)
        try world.close()
    }

    @Test(arguments: UInt64(0)..<10)
    func `an older program and a newer one make the same snapshot`(seed: UInt64) throws {
        let world = try ConvergenceTests.played(seed: seed)
        try world.addSite(schema: TestSchema.older)
        try world.settle()
        let shipment = try Shipment(of: world[0])
        #expect(try Shipment(of: world[3]).root == shipment.root)
        #expect(try Shipment(of: world[3]).contents() == shipment.contents())
        try world.addSite(schema: TestSchema.older)
        try shipment.load(into: world[4])
        #expect(try Shipment(of: world[4]).root == shipment.root)
        #expect(try world[4].verify().problems.map(\.what) == [])
    }

    @Test func `a file from before snapshots gets their tables when it is opened`() throws {
        let folder = try Folder()
        let world = try ConvergenceTests.played(seed: 5)
        try world.addSite(path: folder.file())
        try world.settle()
        let digest = try State(of: world[3]).digest
        try world[3].sql(OpeningTests.layout1)
        try world.sites[3].reopen(at: folder.file(), schema: TestSchema.whole)
        #expect(try State(of: world[3]).digest == digest)
        #expect(try Shipment(of: world[3]).root == Shipment(of: world[0]).root)
        try world.close()
    }

    /// More writing and hearing, the newest site included.
    private static func playOn(_ world: World, from seed: UInt64, actions: Int = 14) throws {
        var generator = EditGenerator(seed: seed ^ 0x0902)
        for _ in 0..<actions {
            let number = world.random.int(0..<world.sites.count)
            if world.random.chance(2, of: 5) {
                if let run = world.randomRun() { try world.deliver([run], to: number) }
            } else {
                do {
                    try world.write(generator.edits(), at: number)
                } catch let error as SijilError {
                    #expect(error.code == .badData && error.place == "born", "seed \(seed)")
                }
            }
        }
    }

    private static func expectOneSnapshot(of world: World) throws {
        let first = try Shipment(of: world[0])
        for number in world.sites.indices.dropFirst() {
            let other = try Shipment(of: world[number])
            #expect(other.head.manifest == first.head.manifest, "seed \(world.seed)")
            #expect(try other.contents() == first.contents(), "seed \(world.seed)")
        }
    }
}

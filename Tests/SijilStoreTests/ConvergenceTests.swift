import SijilCore
import SijilSimulator
import Testing

@testable import SijilStore

/// The laws of the design, over whole replicas and histories drawn from seeds.
///
/// Each failure names its seed.
struct ConvergenceTests {
    static let perBlock: UInt64 = 6

    /// Replicas that write and hear from one another at random; not settled.
    static func played(
        seed: UInt64, sites: Int = 3, actions: Int = 24, clocks: UInt64? = nil
    ) throws -> World {
        let world = try World(seed: seed, sites: sites)
        var generator = EditGenerator(seed: seed ^ 0xED17)
        var times = SeededGenerator(seed: clocks ?? 0)
        for _ in 0..<actions {
            let number = world.random.int(0..<sites)
            if clocks != nil {
                // 1970 to 2100.
                world.sites[number].source.now = Int64(times.int(0..<4_102_444_800)) * 1000
            }
            if world.random.chance(2, of: 5) {
                for _ in 0..<3 {
                    if let run = world.randomRun() { try world.deliver([run], to: number) }
                }
            } else {
                do {
                    try world.write(generator.edits(), at: number)
                } catch let error as SijilError {
                    #expect(error.code == .badData && error.place == "born", "seed \(seed)")
                }
            }
        }
        return world
    }

    @Test(arguments: UInt64(0)..<10)
    func `any order, doubling and cutting of the same changes gives one state`(
        block: UInt64
    ) throws {
        for seed in block * Self.perBlock..<(block + 1) * Self.perBlock {
            let world = try Self.played(seed: seed)
            try world.addSite()  // Hears of everything only now.
            try world.settle()
            let siblings = try Model.siblings(on: world[0], in: World.collection)
            for number in world.sites.indices {
                let state = try State(of: world[number])
                #expect(
                    try Model.siblings(on: world[number], in: World.collection) == siblings,
                    "seed \(seed)")
                #expect(state.conflictCount == state.conflicts.count, "seed \(seed)")
            }
            try world.close(verifying: seed % 5 == 0)
        }
    }

    @Test(arguments: UInt64(100)..<110)
    func `no value disappears unless a change that had seen it replaced it`(
        block: UInt64
    ) throws {
        for seed in block * Self.perBlock..<(block + 1) * Self.perBlock {
            let world = try Self.played(seed: seed, sites: 2 + Int(seed % 3), actions: 30)
            for number in world.sites.indices {
                try Self.checkAgainstModel(world, number)
            }
            try world.settle()
            try Self.checkAgainstModel(world, 0)
            try world.close(verifying: seed % 5 == 0)
        }
    }

    /// Compares a site that may lack changes with the definition over those that it has.
    static func checkAgainstModel(_ world: World, _ number: Int) throws {
        let state = try State(of: world[number])
        let changes = world.log.filter { state.vector.contains($0.key) }.mapValues(\.change)
        let expected = Model(changes, in: World.collection)
            .siblings(after: Set(changes.keys), in: World.collection)
        let found = try Model.siblings(on: world[number], in: World.collection)
        #expect(found == expected, "seed \(world.seed), site \(number)")
        #expect(
            state.conflicts == Model.questions(expected, TestSchema.whole),
            "seed \(world.seed), site \(number)")
    }

    @Test(arguments: UInt64(200)..<205)
    func `clocks change neither what survives nor what is asked`(block: UInt64) throws {
        for seed in block * Self.perBlock..<(block + 1) * Self.perBlock {
            let worlds = try [seed, ~seed].map { try Self.played(seed: seed, clocks: $0) }
            for world in worlds { try world.settle() }
            let siblings = try worlds.map { try Model.siblings(on: $0[0], in: World.collection) }
            #expect(siblings[0] == siblings[1], "seed \(seed)")
            let states = try worlds.map { try State(of: $0[0]) }
            #expect(states[0].conflicts == states[1].conflicts, "seed \(seed)")
            #expect(states[0].digest == states[1].digest, "seed \(seed)")
            for world in worlds { try world.close(verifying: false) }
        }
    }

    @Test func `a hundred edits do not win over one`() throws {
        let world = try World(sites: 2)
        let record = Identifier(7)
        try world.write(.person(record, .set("note", "first")), at: 0)
        try world.settle()
        for count in 1...100 {
            try world.write(.person(record, .set("note", "edit \(count)")), at: 0)
        }
        try world.write(.person(record, .set("note", "the other")), at: 1)
        try world.settle()
        let cell = try #require(try world[0].record(record).cells[CellName("note")])
        #expect(
            Set(cell.siblings.map(\.value)) == [.text("edit 100"), .text("the other")])
        #expect(try world[1].record(record).conflicts == [CellName("note")])
        try world.close()
    }
}

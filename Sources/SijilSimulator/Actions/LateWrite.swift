import SijilCore

/// A person reads, changes arrive, and only then the person writes what was decided before.
enum LateWrite: Action {
    static let name = "late write"
    static let weight = 5

    static func perform(in world: World, _ random: inout SeededGenerator) async throws -> String {
        let device = random.pick(world.devices)
        let collection = random.pick(world.collections)
        var generator = EditGenerator(seed: random.next())
        let edits = generator.edits()
        return try await world.attempt(device, allowing: Write.refusals, &random) {
            let decision = try world.decision(on: device, in: collection)
            try await world.sync(device)
            try world.write(edits, in: collection, on: device, decision: decision)
        }
    }
}

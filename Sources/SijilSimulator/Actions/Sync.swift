/// A device syncs, as well as the network lets it.
enum Sync: Action {
    static let name = "sync"
    static let weight = 30
    static let isEssential = true

    static func perform(in world: World, _ random: inout SeededGenerator) async throws -> String {
        let device = random.pick(world.devices)
        let outcome = try await world.attempt(device, &random) { try await world.sync(device) }
        try world.look(at: device)
        return "\(device.number): \(outcome)"
    }
}

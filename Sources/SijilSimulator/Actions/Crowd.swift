/// While the server answers one device, between two steps of it, another device syncs.
enum Crowd: Action {
    static let name = "crowd"
    static let weight = 6

    static func perform(in world: World, _ random: inout SeededGenerator) async throws -> String {
        let device = random.pick(world.devices)
        let other = random.pick(world.devices.filter { $0 !== device })
        var second = Result<String, World.Broken>.success("not in time")
        world.server.between.after(steps: random.int(0..<8)) {
            do throws(World.Broken) {
                second = .success(
                    try await world.outcome(on: other) { try await world.sync(other) })
            } catch { second = .failure(error) }
        }
        let outcome = try await world.attempt(device, &random) { try await world.sync(device) }
        world.server.between.cancel()
        try world.look(at: device, other)
        return "\(device.number): \(outcome), \(other.number): \(try second.get())"
    }
}

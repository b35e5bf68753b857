import SijilCore
import SijilStore

/// While one process of a device waits for the server's answer, another one writes to the same file, and
/// perhaps syncs too.
enum SecondProcess: Action {
    static let name = "second process"
    static let weight = 5

    static func perform(in world: World, _ random: inout SeededGenerator) async throws -> String {
        let device = random.pick(world.devices)
        let collection = random.pick(world.collections)
        let seed = random.next()
        let syncsToo = random.oneIn(2)
        var second = Result<String, World.Broken>.success("not in time")
        world.road.meanwhile.after(steps: random.int(0..<2)) {
            do throws(World.Broken) {
                second = .success(
                    try await world.outcome(on: device, allowing: Write.refusals) {
                        let other = try device.openAgain()
                        defer { try? other.close() }
                        var generator = EditGenerator(seed: seed)
                        try world.write(generator.edits(), in: collection, on: device, by: other)
                        if syncsToo { try await world.sync(other) }
                    })
            } catch { second = .failure(error) }
        }
        let outcome = try await world.attempt(device, &random) { try await world.sync(device) }
        world.road.meanwhile.cancel()
        try world.look(at: device)
        return "\(device.number): \(outcome), \(try second.get())"
    }
}

/// A clock is set: a little or a lot, to 1970 or to 2100.
///
/// The server's, too, may be corrected a little.
enum ClockJump: Action {
    static let name = "clock jump"
    static let weight = 4

    static func perform(in world: World, _ random: inout SeededGenerator) async throws -> String {
        if random.oneIn(6) {
            let by = Int64(random.int(-3_600_000..<3_600_000))
            world.server.clock.advance(by)
            return "server by \(by) ms"
        }
        let device = random.pick(world.devices)
        switch random.int(0..<4) {
        case 0: device.clock.set(0)
        case 1: device.clock.set(4_102_444_800_000)
        case 2: device.clock.set(world.server.clock.now)
        default: device.clock.advance(Int64(random.int(-90_000_000..<90_000_000)))
        }
        return "\(device.number) to \(device.clock.now)"
    }
}

import SijilCore
import SijilStore

/// A device's program is replaced by one that knows more, or less.
enum Upgrade: Action {
    static let name = "upgrade"
    static let weight = 3

    static func perform(in world: World, _ random: inout SeededGenerator) async throws -> String {
        let device = random.pick(world.devices)
        let schema = random.pick([world.versions.newer, world.versions.older])
        let outcome = try await world.attempt(device, &random) {
            do {
                try device.reopen(as: schema)
            } catch let error where !device.disk.isDead {
                // The disk is broken: whoever has the device tries again later.
                let faults = device.disk.faults
                device.disk.faults = SimulatedDisk.Faults()
                try device.reopen()
                device.disk.faults = faults
                throw error
            }
        }
        try world.look(at: device)
        return "\(device.number): \(outcome)"
    }
}

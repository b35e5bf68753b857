/// A device dies at one of its next operations: killed, or its battery is pulled.
enum DeviceDeath: Action {
    static let name = "device dies"
    static let weight = 8

    static func perform(in world: World, _ random: inout SeededGenerator) async throws -> String {
        let device = random.pick(world.devices)
        device.death = random.pick(SimulatedDisk.Death.allCases)
        let operations = random.int(1..<random.pick([4, 20, 60]))
        device.disk.faults.crashAt = device.disk.operations + operations
        return "\(device.number), \(device.death), in \(operations) operations"
    }
}

/// The server dies at one of its next operations, or at once.
enum ServerDeath: Action {
    static let name = "server dies"
    static let weight = 5

    static func perform(in world: World, _ random: inout SeededGenerator) async throws -> String {
        world.server.death = random.pick(SimulatedDisk.Death.allCases)
        let operations = random.int(0..<random.pick([2, 12, 40]))
        if operations == 0 {
            try await world.restart(world.server, &random)
        } else {
            world.server.disk.faults.crashAt = world.server.disk.operations + operations
        }
        return "\(world.server.death), in \(operations) operations"
    }
}

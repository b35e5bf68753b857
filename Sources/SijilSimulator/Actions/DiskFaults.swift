/// A device's disk is full, or has room again.
enum DiskFull: Action {
    static let name = "disk full"
    static let weight = 4

    static func perform(in world: World, _ random: inout SeededGenerator) async throws -> String {
        let disks = world.devices.map(\.disk)
        if let full = disks.first(where: { $0.faults.capacityBytes != nil }) {
            full.faults.capacityBytes = nil
            return "room again"
        }
        let disk = random.pick(disks)
        disk.faults.capacityBytes = disk.usedBytes + random.int(0..<100_000)
        return "full"
    }
}

/// Some of the next operations of a device's disk fail, and it lives on.
enum DiskErrors: Action {
    static let name = "disk errors"
    static let weight = 5

    static func perform(in world: World, _ random: inout SeededGenerator) async throws -> String {
        random.pick(world.devices).disk.failSoon(&random)
    }
}

/// Some of the next operations of the server's disk fail, and it lives on.
enum ServerDiskErrors: Action {
    static let name = "server's disk errors"
    static let weight = 3

    static func perform(in world: World, _ random: inout SeededGenerator) async throws -> String {
        world.server.disk.failSoon(&random)
    }
}

extension SimulatedDisk {
    fileprivate func failSoon(_ random: inout SeededGenerator) -> String {
        let delay = random.int(1..<20)
        let length = random.int(1..<4)
        if random.oneIn(3) {
            faults.failingReads = reads + delay..<reads + delay + length
            return "\(length) reads, in \(delay)"
        }
        faults.failing = operations + delay..<operations + delay + length
        return "\(length) operations, in \(delay)"
    }
}

import SijilCore
import SijilStore

/// No change is missing whose writing returned, and none that the server had answered for: whatever died.
final class PromiseChecker: Checker {
    private var written: [ReplicaID: [CollectionID: Set<Dot>]] = [:]
    private var logged: [CollectionID: [Dot: UInt64]] = [:]

    func wrote(_ writing: Writing, on device: SimulatedDevice, in world: World) throws {
        guard let dot = writing.result.dot else { return }
        written[device.id, default: [:]][writing.collection, default: []].insert(dot)
    }

    func touched(_ device: SimulatedDevice, in world: World) throws {
        for collection in world.collections {
            for entry in try device.replica.journal(of: collection) {
                guard let position = entry.position else { continue }
                if let known = logged[collection]?[entry.dot] {
                    try world.require(
                        known == position, "promises: a change has two positions")
                }
                logged[collection, default: [:]][entry.dot] = position
            }
        }
    }

    func restarted(_ device: SimulatedDevice, in world: World) throws {
        for (collection, dots) in written[device.id] ?? [:] {
            let journal = Set(try device.replica.journal(of: collection).map(\.dot))
            try world.require(
                dots.isSubset(of: journal),
                "promises: replica \(device.number) lost a change that was written")
        }
    }

    func restarted(_ server: SimulatedServer, in world: World) async throws {
        for (collection, changes) in logged {
            let log = try await server.positions(in: collection)
            for (dot, position) in changes {
                try world.require(
                    log[dot] == position,
                    "promises: the server lost a change that it had answered for")
            }
        }
    }

    func settled(_ world: World) async throws {
        for device in world.devices { try restarted(device, in: world) }
        try await restarted(world.server, in: world)
        for device in world.active {
            for (collection, dots) in written[device.id] ?? [:] {
                let log = try await world.server.positions(in: collection)
                try world.require(
                    dots.allSatisfy { log[$0] != nil },
                    "promises: a change of replica \(device.number) did not reach the server")
            }
        }
    }
}

extension SimulatedServer {
    /// Every logged change's position.
    func positions(in collection: CollectionID) async throws -> [Dot: UInt64] {
        let log = try await store.changes(in: collection, after: 0, byteLimit: .max)
        var positions: [Dot: UInt64] = [:]
        for (index, change) in log.enumerated() { positions[change.dot] = UInt64(index + 1) }
        return positions
    }
}

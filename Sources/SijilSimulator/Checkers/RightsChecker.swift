import SijilCore
import SijilStore

/// The log takes changes only of those who may write there at that moment, and every device learns its role.
final class RightsChecker: Checker {
    /// What the world gave and took, kept apart from the server; who is not in it may write.
    private var roles: [ReplicaID: [CollectionID: Role]] = [:]
    /// The last position that was looked at.
    private var looked: [CollectionID: UInt64] = [:]

    func granted(_ role: Role?, to device: SimulatedDevice, in collection: CollectionID) {
        roles[device.id, default: [:]][collection] = role ?? .withdrawn
    }

    func passed(_ world: World) async throws {
        for collection in world.collections {
            let position = looked[collection] ?? 0
            let new = try await world.store.changes(
                in: collection, after: position, byteLimit: .max)
            looked[collection] = position + UInt64(new.count)
            for change in new {
                let author = change.dot.replica
                try world.require(
                    !world.revoked.contains(author)
                        && roles[author]?[collection]?.mayWrite != false,
                    "rights: the log took a change of an author who may not write there")
                guard try ChangeBytes(change.bytes).edits.contains(where: \.erases) else {
                    continue
                }
                try world.require(
                    roles[author]?[collection] == .coordinator,
                    "rights: the log took an erasure of an author who may not erase there")
            }
        }
    }

    func healed(_ world: World) async throws {
        for device in world.active {
            for summary in try device.replica.collections() {
                let expected = roles[device.id]?[summary.grant.id] ?? .editor
                try world.require(
                    summary.grant.role == expected,
                    "rights: replica \(device.number) takes itself for another role than it has")
            }
        }
    }
}

import SijilCore
import SijilStore

/// Positions are 1, 2, 3 … on the server, and replicas know the same.
final class PositionChecker: Checker {
    func settled(_ world: World) async throws {
        for collection in world.collections {
            let extent = try await world.store.extent(of: collection)
            let head = try await world.store.collection(collection)?.head ?? 0
            try world.require(
                extent.map { $0.first == 1 && $0.last == head && $0.count == head } ?? (head == 0),
                "positions: the server's are not gap-free")
            let log = try await world.server.positions(in: collection)
            for device in world.devices {
                let covered = try device.replica.snapshotOrigin(of: collection)?.vector ?? [:]
                for entry in try device.replica.journal(of: collection) {
                    guard let position = entry.position else {
                        // Of a revoked device's changes, and of those built on them, not all have a way.
                        guard world.revoked.isEmpty else { continue }
                        try world.require(
                            !entry.isPending && covered.contains(entry.dot),
                            "positions: replica \(device.number) has a change without one that no "
                                + "snapshot covers")
                        continue
                    }
                    try world.require(
                        log[entry.dot] == position,
                        "positions: replica \(device.number) has another than the server")
                }
            }
            for device in world.active {
                let summary = try device.replica.collections().first { $0.grant.id == collection }
                try world.require(
                    summary?.cursor == head,
                    "positions: replica \(device.number) is not at the log's end")
            }
        }
    }
}

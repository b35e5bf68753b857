import SijilCore
import SijilStore
import SijilSync

/// Nothing of a collection goes to a device that has no role there, at the moment of the answer; nothing at
/// all to one that was revoked.
final class ScopeChecker: Checker {
    /// What the world has taken away, kept apart from the server: at first all have all.
    private var withdrawn: [ReplicaID: Set<CollectionID>] = [:]

    func granted(_ role: Role?, to device: SimulatedDevice, in collection: CollectionID) {
        if role == nil {
            withdrawn[device.id, default: []].insert(collection)
        } else {
            withdrawn[device.id]?.remove(collection)
        }
    }

    func answered(
        _ request: TransportRequest, _ response: TransportResponse, in world: World
    ) throws {
        guard request.path == "/v1/sync", response.status == 200,
            let device = request.headers["sijil-device"].flatMap({ ReplicaID($0) })
        else { return }
        try world.require(
            !world.revoked.contains(device), "scope: a revoked device was given an answer")
        let answer = try SyncResponse(response.body)
        let mayHave = Set(world.collections).subtracting(withdrawn[device] ?? [])
        try world.require(
            mayHave.isSuperset(of: answer.parts.map(\.collection)),
            "scope: an answer has changes of a collection that the device may not have")
        if let grants = answer.grants {
            try world.require(
                mayHave.isSuperset(of: grants.map(\.id)),
                "scope: an answer names a collection that the device may not have")
        }
    }
}

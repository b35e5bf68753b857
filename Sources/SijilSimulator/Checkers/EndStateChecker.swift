import SijilCore
import SijilStore

/// Every change has an end: it is accepted, or it is said why not; when all may write, all are accepted.
final class EndStateChecker: Checker {
    func healed(_ world: World) async throws {
        for device in world.active {
            for summary in try device.replica.collections() where summary.pending > 0 {
                try world.require(
                    summary.refusal != nil || summary.grant.role == .withdrawn,
                    "end states: replica \(device.number) has pending changes and nobody says why")
            }
        }
    }

    func settled(_ world: World) async throws {
        guard world.revoked.isEmpty else { return }
        for device in world.devices {
            for summary in try device.replica.collections() {
                try world.require(
                    summary.pending == 0, "end states: replica \(device.number) has pending changes")
                try world.require(
                    summary.held == 0, "end states: replica \(device.number) holds changes")
                try world.require(
                    summary.refusal == nil, "end states: replica \(device.number) keeps a refusal")
            }
        }
    }
}

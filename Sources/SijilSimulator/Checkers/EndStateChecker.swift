import SijilCore
import SijilStore

/// Every change has an end: it is accepted, or it is said why not; when all may write, all are accepted.
///
/// What is refused of one author keeps nothing of another from being accepted, unless that one had seen it.
final class EndStateChecker: Checker {
    private let model: ModelChecker

    init(_ model: ModelChecker) { self.model = model }

    func healed(_ world: World) async throws {
        for device in world.active {
            for summary in try device.replica.collections() where summary.pending > 0 {
                try world.require(
                    summary.refusal != nil || summary.grant.role == .withdrawn,
                    "end states: replica \(device.number) has pending changes and nobody says why")
                try await checkFirst(of: device, summary.grant, in: world)
            }
        }
    }

    /// The first own change that waits had seen something that the server does not have.
    private func checkFirst(
        of device: SimulatedDevice, _ grant: CollectionGrant, in world: World
    ) async throws {
        let first = try device.replica.journal(of: grant.id)
            .first { $0.isPending && $0.dot.replica == device.id }
        guard grant.role.mayWrite, let first else { return }
        if grant.role != .coordinator,
            try ChangeBytes(first.bytes).edits.contains(where: \.erases)
        {
            return
        }
        let log = try await world.server.positions(in: grant.id)
        let seen = model.model.seen(by: first.dot, in: grant.id)
        try world.require(
            seen.contains { log[$0] == nil },
            "end states: a change of replica \(device.number) waits for changes that it had not seen"
        )
    }

    func settled(_ world: World) async throws {
        guard world.revoked.isEmpty else { return }
        for device in world.devices {
            for summary in try device.replica.collections() {
                try world.require(
                    summary.pending == 0, "end states: replica \(device.number) has pending changes"
                )
                try world.require(
                    summary.held == 0, "end states: replica \(device.number) holds changes")
                try world.require(
                    summary.refusal == nil, "end states: replica \(device.number) keeps a refusal")
            }
        }
    }
}

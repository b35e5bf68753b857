import SijilCore
import SijilDirectory
import SijilStore

/// Replicas with nothing left to say to each other are equal: state by state, byte by byte.
final class ConvergenceChecker: Checker {
    func settled(_ world: World) async throws { try check(world) }

    func check(_ world: World) throws {
        // What a revoked device wrote since is nobody else's.
        guard let first = world.active.first else { return }
        let digests = try first.replica.collections().map(\.digest)
        let dump = try first.replica.dump()
        let export = try export(of: first)
        for device in world.active {
            let number = device.number
            for summary in try device.replica.collections() where world.revoked.isEmpty {
                try world.require(
                    summary.pending == 0, "convergence: replica \(number) has pending changes")
                try world.require(summary.held == 0, "convergence: replica \(number) holds changes")
            }
            try world.require(
                try device.replica.collections().map(\.digest) == digests,
                "convergence: the digest of replica \(number) differs")
            try world.require(
                try device.replica.dump() == dump,
                "convergence: the state of replica \(number) differs")
            try world.require(
                try self.export(of: device) == export,
                "convergence: what replica \(number) exports differs")
        }
    }

    private func export(of device: SimulatedDevice) throws -> [UInt8] {
        var bytes: [UInt8] = []
        try Exporter(device.replica).writeJSONLines { bytes += $0 }
        return bytes
    }
}

import SijilCore
import SijilStore

/// `verify` finds nothing wrong: hashes, chains, signatures, and records that are what the log says.
final class SoundnessChecker: Checker {
    func restarted(_ device: SimulatedDevice, in world: World) throws {
        if world.chance.oneIn(4) { try check(device, in: world) }
    }

    func settled(_ world: World) async throws {
        for device in world.devices { try check(device, in: world) }
    }

    func check(_ device: SimulatedDevice, in world: World) throws {
        let verification = try device.replica.verify()
        try world.require(
            verification.isSound,
            "soundness: replica \(device.number): \(verification.problems.map(\.what))")
    }
}

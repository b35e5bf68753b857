import Foundation
import SijilSimulator
import Testing

/// `kill -9` at any moment of a sync loses nothing.
///
/// Each world runs ten seeded rounds: both devices write offline, one of them syncs, and the device or the
/// server is killed after a delay from the generator; then everyone syncs to the end.
@Suite(.timeLimit(.minutes(5)))
struct KillTests {
    private static let rounds = 10

    @Test(arguments: 1...9) func `a killed sync is finished by the next one`(
        seed: UInt64
    ) async throws {
        var chance = SeededGenerator(seed: seed)
        let world = try await World()
        let devices = [try await world.join("tab-07"), try await world.join("tab-11")]
        for device in devices { try await device.done("sync") }
        var changes = 0
        var interrupted = 0
        for round in 1...Self.rounds {
            for (index, device) in devices.enumerated() {
                try await write(on: device, index, round, &chance)
                changes += try await pending(device)
            }
            let victim = chance.pick(devices)
            let delay = Duration.milliseconds(chance.int(0..<180))
            let killsServer = chance.int(0..<2) == 0
            let sync = try ChildProcess(["sijil", "sync", "--json", "--home", victim.home.path])
            // The delay is what chooses the point; nothing waits for it.
            try await Task.sleep(for: delay)
            if killsServer {
                await world.stopServer(with: SIGKILL)
            } else {
                sync.send(SIGKILL)
            }
            let outcome = await sync.outcome()
            if outcome.wasKilled || outcome.status != 0 { interrupted += 1 }
            #expect(
                outcome.wasKilled || [0, 69, 75].contains(outcome.status),
                "seed \(seed), round \(round): \(outcome.errors)")
            if killsServer { try await world.startServer() }
            for device in devices + devices.dropLast() { try await device.done("sync") }
            try await expectEqual(world, devices, changes, "seed \(seed), round \(round)")
        }
        for device in devices {
            #expect(try await pending(device) == 0)
            #expect(try await device.done("verify").object["ok"] == .bool(true))
        }
        print("kill -9: seed \(seed), \(Self.rounds) runs, \(interrupted) of them cut short")
    }

    /// Now and then enough records for several pieces; a few are edited again and again by both, so that
    /// they clash.
    private func write(
        on device: Device, _ index: Int, _ round: Int, _ chance: inout SeededGenerator
    ) async throws {
        let padding = String(repeating: "x", count: 1500)
        let count = chance.int(0..<3) == 0 ? 220 : chance.int(0..<30)
        var lines = (0..<count)
            .map {
                #"{"type":"person","id":"\#(index)-\#(round)-\#($0)","fields":{"notes":"\#(padding)"}}"#
            }
        lines += (0..<3)
            .map {
                #"{"type":"person","id":"shared-\#($0)","fields":{"notes":"\#(chance.next())"}}"#
            }
        let file = device.file("round.jsonl")
        try lines.joined(separator: "\n").write(toFile: file, atomically: true, encoding: .utf8)
        let report = try await device.done("import", file, "--in", World.roster).object
        #expect(report["rejected"] == .number(0))
    }

    private func pending(_ device: Device) async throws -> Int {
        try await device.done("status").object["pending"]?.number ?? 0
    }

    private func expectEqual(
        _ world: World, _ devices: [Device], _ changes: Int, _ place: Comment
    ) async throws {
        let server = try await world.checkServer()
        for device in devices {
            let digest = try await device.done("digest").object
            #expect(digest["digest"]?.string == server[World.roster], place)
            #expect(digest["changes"] == .number(Double(changes)), place)
        }
    }
}

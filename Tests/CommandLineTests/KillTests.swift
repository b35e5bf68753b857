import Foundation
import SijilSimulator
import Testing

/// `kill -9` at any moment of a sync loses nothing.
///
/// Each world runs ten seeded rounds: both devices write offline, one of them syncs, and the device or the
/// server is killed at a moment from the generator, as a part of the time that a sync takes when nobody is
/// killed; then everyone syncs to the end.
@Suite(.timeLimit(.minutes(30)))
struct KillTests {
    private static let rounds = 10

    @Test(arguments: 1...9) func `a killed sync is finished by the next one`(
        seed: UInt64
    ) async throws {
        var chance = SeededGenerator(seed: seed)
        let world = try await World()
        let devices = [try await world.join("tab-07"), try await world.join("tab-11")]
        var changes = 0
        var interrupted = 0
        var whole = Duration.zero
        for (index, device) in devices.enumerated() {
            try await write(on: device, index, 0, &chance)
            changes += try await pending(device)
            whole = max(whole, try await device.done("sync").duration)
        }
        for round in 1...Self.rounds {
            for (index, device) in devices.enumerated() {
                try await write(on: device, index, round, &chance)
                changes += try await pending(device)
            }
            let victim = chance.pick(devices)
            let delay = whole * Double(chance.int(0..<1100)) / 1000
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

/// `kill -9` at any moment of a command that writes leaves what was before or what is after; the second try
/// works.
///
/// The moment comes from the generator, as a part of the time that the command takes when nobody kills it.
@Suite(.timeLimit(.minutes(30)))
struct KilledCommandTests {
    private static let rounds = 8

    /// Runs a command and kills it; whether it was killed before its end.
    private func kill(
        _ device: Device, _ arguments: [String], within whole: Duration,
        _ chance: inout SeededGenerator, _ place: Comment
    ) async throws -> Bool {
        let child = try ChildProcess(
            ["sijil"] + arguments + ["--json", "--home", device.home.path])
        // The delay is what chooses the point; nothing waits for it.
        try await Task.sleep(for: whole * Double(chance.int(0..<1100)) / 1000)
        child.send(SIGKILL)
        let outcome = await child.outcome()
        #expect(outcome.wasKilled || outcome.status == 0, "\(place.rawValue): \(outcome.errors)")
        return outcome.wasKilled
    }

    private func expectSound(_ device: Device, _ place: Comment) async throws {
        #expect(try await device.done("verify").object["ok"] == .bool(true), place)
        let files = try FileManager.default.contentsOfDirectory(atPath: device.home.path)
        #expect(
            files.filter { $0.hasPrefix("replica") }.sorted() == ["replica.key", "replica.sqlite"],
            place)
    }

    @Test(arguments: 1...3) func `init: no half home`(seed: UInt64) async throws {
        var chance = SeededGenerator(seed: seed)
        let folder = try TemporaryFolder()
        let whole = try await Device(folder.url("first")).done("init").duration
        var killed = 0
        for round in 1...Self.rounds {
            let place: Comment = "seed \(seed), round \(round)"
            let device = Device(folder.url("device-\(round)"))
            if try await kill(device, ["init"], within: whole, &chance, place) { killed += 1 }
            let second = try await device.run("init")
            // Made before the kill, or made now.
            #expect([0, 73].contains(second.status), "\(place.rawValue): \(second.errors)")
            try await expectSound(device, place)
            #expect(try await device.run("init").status == 73, place)
        }
        print("kill -9 of init: seed \(seed), \(Self.rounds) runs, \(killed) of them cut short")
    }

    @Test func `a home left at half a key is made whole by the next init`() async throws {
        let folder = try TemporaryFolder()
        let device = Device(folder.url("device"))
        try FileManager.default.createDirectory(
            at: device.home, withIntermediateDirectories: true)
        try Data("7f".utf8).write(to: device.home.appending(path: "replica.key.new"))
        try await device.done("init")
        try await expectSound(device, "half a key")
    }

    @Test func `of several inits of one home at once one makes it`() async throws {
        let folder = try TemporaryFolder()
        let device = Device(folder.url("device"))
        let outcomes = try await withThrowingTaskGroup(of: Outcome.self) { group in
            for _ in 1...4 { group.addTask { try await device.run("init") } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(outcomes.map(\.status).sorted() == [0, 73, 73, 73])
        let made = outcomes.first { $0.status == 0 }?.object["replica"]
        #expect(try await device.done("status").object["replica"] == made)
        try await expectSound(device, "several inits")
    }

    @Test(arguments: 1...3) func `join: the code is still good for the second try`(
        seed: UInt64
    ) async throws {
        var chance = SeededGenerator(seed: seed)
        let world = try await World()
        _ = try await world.coordinator.add("person", "notes=read back")
        try await world.coordinator.done("sync")
        let digest = try await world.coordinator.digests()
        func join(_ name: String) async throws -> [String] {
            ["join", world.url, "--code", try await world.invite(name)]
        }
        let whole = try await world.newDevice("tab-01").done(try await join("tab-01")).duration
        var killed = 0
        for round in 1...Self.rounds {
            let place: Comment = "seed \(seed), round \(round)"
            let device = try await world.newDevice("device-\(round)")
            let join = try await join("device-\(round)")
            if try await kill(device, join, within: whole, &chance, place) { killed += 1 }
            try await device.done(join)
            try await device.done("sync")
            #expect(try await device.digests() == digest, place)
            try await expectSound(device, place)
        }
        print("kill -9 of join: seed \(seed), \(Self.rounds) runs, \(killed) of them cut short")
    }

    @Test(arguments: 1...3) func `import: the second try finds what the first one wrote`(
        seed: UInt64
    ) async throws {
        var chance = SeededGenerator(seed: seed)
        let world = try await World()
        let device = world.coordinator
        var killed = 0
        var records = 0
        var whole = Duration.zero
        for round in 0...Self.rounds {
            let place: Comment = "seed \(seed), round \(round)"
            let rows = chance.int(1..<600)
            let file = device.file("round-\(round).jsonl")
            try (0..<rows)
                .map { #"{"type":"person","id":"\#(round)-\#($0)","fields":{"notes":"n \#($0)"}}"# }
                .joined(separator: "\n").write(toFile: file, atomically: true, encoding: .utf8)
            let command = ["import", file, "--in", World.roster]
            if round == 0 {
                whole = try await device.done(command).duration
            } else if try await kill(device, command, within: whole, &chance, place) {
                killed += 1
            }
            records += rows
            let second = try await device.done(command).object
            #expect(second["rejected"] == .number(0), place)
            let third = try await device.done(command).object
            #expect(third["unchanged"] == .number(Double(rows)), place)
            let digest = try await device.done("digest").object
            #expect(digest["records"] == .number(Double(records)), place)
        }
        try await expectSound(device, "seed \(seed)")
        try await device.done("sync")
        #expect(try await world.checkServer() == device.digests())
        print("kill -9 of import: seed \(seed), \(Self.rounds) runs, \(killed) of them cut short")
    }

    @Test(arguments: 1...3) func `resolve: both values are there, or the decision is`(
        seed: UInt64
    ) async throws {
        var chance = SeededGenerator(seed: seed)
        let world = try await World()
        let (here, there) = (world.coordinator, try await world.join("tab-07"))
        let person = try await here.add("person", "notes=first")
        for device in [here, there] { try await device.done("sync") }
        let whole = try await here.done("edit", person, "notes=timed").duration
        var killed = 0
        for round in 1...Self.rounds {
            let place: Comment = "seed \(seed), round \(round)"
            for device in [here, there, here] { try await device.done("sync") }
            try await here.done("edit", person, "notes=here \(round)")
            try await there.done("edit", person, "notes=there \(round)")
            for device in [here, there, here] { try await device.done("sync") }
            let resolve = ["resolve", person, "notes", "--take", "tab-07"]
            if try await kill(here, resolve, within: whole, &chance, place) { killed += 1 }
            let left = try await here.done("conflicts").lines
            if let conflict = left.first {
                let values = (conflict["values"]?.array ?? []).compactMap { $0["value"]?.string }
                #expect(values.sorted() == ["here \(round)", "there \(round)"], place)
                try await here.done(resolve)
            }
            #expect(try await here.run("conflicts", "--exit-code").status == 0, place)
            let shown = try await here.done("show", person).object
            #expect(shown["fields"]?["notes"] == .string("there \(round)"), place)
            let written = try await here.done("history", person).lines.compactMap { $0["value"] }
            #expect(written.contains(.string("here \(round)")), place)
        }
        try await expectSound(here, "seed \(seed)")
        for device in [here, there] { try await device.done("sync") }
        #expect(try await there.digests() == here.digests())
        print("kill -9 of resolve: seed \(seed), \(Self.rounds) runs, \(killed) of them cut short")
    }

    @Test(arguments: 1...3) func `erase: all of a person is there, or no byte`(
        seed: UInt64
    ) async throws {
        var chance = SeededGenerator(seed: seed)
        let world = try await World()
        let (here, there) = (world.coordinator, try await world.join("tab-07"))
        let server = world.folder.appending(path: "server")
        var killed = 0
        /// Adds a person whom both devices and the server have; their id, and texts that are nowhere else.
        func person() async throws -> (id: String, texts: [String]) {
            let texts = (0..<4).map { _ in "x\(chance.next())x" }
            let id = try await here.add(
                "person", "name.fr=\(texts[0])", "notes=\(texts[1])", "aliases+=\(texts[2])")
            _ = try await here.add("channel", "owner=\(id)", "label=\(texts[3])")
            for device in [here, there] { try await device.done("sync") }
            return (id, texts)
        }
        func isErased(_ id: String, on device: Device) async throws -> Bool {
            try await device.done("show", id).object["erased"]?.array?.isEmpty == false
        }
        let timed = try await person()
        let whole = try await here.done("person", "erase", timed.id).duration
        let synced = try await here.done("sync").duration
        try await there.done("sync")

        for round in 1...Self.rounds {
            let place: Comment = "seed \(seed), round \(round)"
            let (id, texts) = try await person()
            let erase = ["person", "erase", id]
            if try await kill(here, erase, within: whole, &chance, place) { killed += 1 }
            if try await !isErased(id, on: here) {
                let fields = try await here.done("show", id).object["fields"]
                #expect(fields?["notes"] == .string(texts[1]), place)
                #expect(try await here.done("find", texts[2]).lines.count == 1, place)
                try await here.done(erase)
            }
            // Sent, then fetched; the server dies in one round of three.
            for device in [here, there] {
                let command = ["sync"]
                if try await kill(device, command, within: synced, &chance, place) { killed += 1 }
                if chance.int(0..<3) == 0 {
                    await world.stopServer(with: SIGKILL)
                    try await world.startServer()
                }
                try await device.done(command)
            }
            for device in [here, there] {
                #expect(try await isErased(id, on: device), place)
                for text in texts { #expect(try device.home.files(holding: text) == [], place) }
            }
            for text in texts { #expect(try server.files(holding: text) == [], place) }
        }
        for device in [here, there] {
            try await expectSound(device, "seed \(seed)")
            #expect(try await device.digests() == world.checkServer(), "seed \(seed)")
        }
        let runs = 3 * Self.rounds
        print("kill -9 of erase: seed \(seed), \(runs) runs, \(killed) of them cut short")
    }

    /// What a disk without room does, at every size that a file may have.
    @Test func `a file that may not grow stops init and import, and harms nothing`() async throws {
        let world = try await World()
        let rows = 400
        let file = world.coordinator.file("rows.jsonl")
        try (0..<rows).map { #"{"type":"person","id":"\#($0)","fields":{"notes":"n \#($0)"}}"# }
            .joined(separator: "\n").write(toFile: file, atomically: true, encoding: .utf8)
        var stopped = 0
        for blocks in [0, 1, 7, 8, 9, 64, 100, 200, 300, 400, 600, 1000, 2000] {
            let place: Comment = "at \(blocks) blocks"
            func limited(_ arguments: [String], _ device: Device) async throws {
                let outcome = try await run(
                    [
                        "/bin/sh", "-c", #"trap "" XFSZ; ulimit -f \#(blocks); exec "$@""#, "sh",
                        ChildProcess.products.appending(path: "sijil").path,
                    ] + arguments + ["--json", "--home", device.home.path])
                #expect(
                    [0, 73, 74].contains(outcome.status), "\(place.rawValue): \(outcome.errors)")
                if outcome.status != 0 { stopped += 1 }
            }
            let fresh = Device(world.folder.appending(path: "fresh-\(blocks)"))
            try await limited(["init"], fresh)
            #expect([0, 73].contains(try await fresh.run("init").status), place)
            try await expectSound(fresh, place)

            try await limited(["import", file, "--in", World.roster], world.coordinator)
            try await expectSound(world.coordinator, place)
        }
        #expect(stopped > 5)
        let last = try await world.coordinator.done("import", file, "--in", World.roster).object
        #expect(last["rejected"] == .number(0))
        let digest = try await world.coordinator.done("digest").object
        #expect(digest["records"] == .number(Double(rows)))
    }
}

/// A folder that goes with the test.
private final class TemporaryFolder {
    private let whole: URL

    init() throws {
        whole = FileManager.default.temporaryDirectory
            .appending(path: "sijil-kill-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: whole, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: whole) }

    func url(_ name: String) -> URL { whole.appending(path: name) }
}

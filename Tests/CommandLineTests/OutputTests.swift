import Foundation
import Testing

@testable import sijil

/// The JSON keys that programs rely on, and what people see on a terminal.
@Suite(.timeLimit(.minutes(30)))
struct OutputTests {
    @Test func `status tells scripts whether anything waits`() async throws {
        let world = try await World()
        let (device, other) = (world.coordinator, try await world.join("tab-07"))
        func status(_ device: Device) async throws -> Int32 {
            try await device.run("status", "--exit-code").status
        }
        for each in [device, other] { try await each.done("sync") }
        #expect(try await status(device) == 0)
        let id = try await device.add("person", "name.fr=Fatoumata Binta Ba", "notes=a")
        #expect(try await status(device) == 1)
        for each in [device, other] { try await each.done("sync") }
        #expect(try await status(device) == 0)
        try await device.done("edit", id, "notes=b")
        try await other.done("edit", id, "notes=c")
        for each in [device, other, device] { try await each.done("sync") }
        #expect(try await status(device) == 1)
        try await device.done("resolve", id, "notes", "--value", "d")
        #expect(try await status(device) == 1)
        try await device.done("sync")
        #expect(try await status(device) == 0)
    }

    @Test func `after failures a watch waits longer and longer, and not after a success`() {
        for chance in [0, 0.999] {
            var pace = WatchPace(interval: .seconds(60))
            for full in [2, 4, 8, 16, 32, 64, 128, 256, 300, 300] {
                let delay = pace.delay(afterFailure: true, chance: chance)
                #expect(delay == .seconds(full) * (0.5 + chance / 2))
            }
            #expect(pace.delay(afterFailure: false, chance: chance) == .seconds(60))
            #expect(pace.delay(afterFailure: true, chance: 0) == .seconds(1))
        }
    }

    @Test func `every verb prints the keys of the contract`() async throws {
        let world = try await World()
        let device = try await world.join("tab-07")
        let id = try await device.add("person", "name.fr=Fatoumata Binta Ba", "languages+=fr")
        let edited = try await device.done("edit", id, "notes=x", "languages+=ar", "name.ar=با")
        #expect(keys(edited) == ["id", "changed"])
        #expect(
            edited.object["changed"]
                == .array([.string("notes"), .string("languages"), .string("name.ar")]))
        #expect(
            keys(try await device.done("status")) == [
                "replica", "server", "pending", "held", "rejected", "quarantined", "conflicts",
                "last_sync", "clock_skew_ms",
            ])
        #expect(
            keys(try await device.done("sync")) == [
                "sent", "received", "rejected", "held", "conflicts", "bytes_sent",
                "bytes_received", "round_trips", "duration_ms",
            ])
        #expect(
            keys(try await device.done("collections")) == [
                "id", "name", "kind", "role", "cursor", "records", "pending", "held",
            ])
        let shown = ["id", "type", "collection", "deleted", "fields", "conflicts"]
        #expect(keys(try await device.done("show", id)) == Set(shown))
        let list = try await device.done("list", "person", "--where", "languages=ar")
        #expect(keys(list) == Set(shown))
        #expect(
            keys(try await device.done("find", "fatou")) == ["id", "type", "score", "why", "label"])
        #expect(
            keys(try await device.done("log")) == [
                "collection", "replica", "sequence", "position", "at", "operations", "note",
            ])
        #expect(
            keys(try await device.done("history", id)) == [
                "replica", "replica_name", "sequence", "at", "field", "key", "value", "replaced",
                "note",
            ])
        #expect(
            keys(try await device.done("digest")) == [
                "collection", "name", "digest", "records", "changes",
            ])
        #expect(keys(try await device.done("verify")) == ["changes", "ok", "problems"])
        #expect(keys(try await device.done("remove", id)) == ["id"])
        let admin = world.coordinator
        let grant = "\(World.roster)=reader"
        #expect(
            keys(try await admin.done("admin", "invite", "--name", "x", "--grant", grant))
                == ["code", "url", "expires"])
        #expect(
            keys(try await admin.done("admin", "device", "list")) == [
                "replica", "name", "enrolled_at", "revoked", "grants",
            ])
        #expect(
            keys(try await admin.done("admin", "collection", "list")) == [
                "id", "name", "kind", "role",
            ])
    }

    private func keys(_ outcome: Outcome) -> Set<String> {
        Set(outcome.lines.first.map { Array($0.keys) } ?? [])
    }

    @Test func `names are isolated on a terminal and bare in a pipe`() async throws {
        let world = try await World()
        let device = try await world.join("tab-07")
        let id = try await device.add("person", "name.ar=نادية أمزيان-تيفاوين")
        let show = ["show", id, "--home", device.home.path]
        let piped = try await run(["sijil"] + show)
        #expect(piped.output.contains("name.ar: نادية أمزيان-تيفاوين\n"))
        #expect(!piped.output.unicodeScalars.contains { marks.contains($0) || $0 == "\u{1B}" })

        let terminal = try await onTerminal(show)
        #expect(terminal.contains("\u{2068}نادية أمزيان-تيفاوين\u{2069}"))
        #expect(terminal.contains("\u{2066}\(id)\u{2069}"))
        let plain = try await onTerminal(show, environment: ["NO_COLOR": "1"])
        #expect(!plain.unicodeScalars.contains { marks.contains($0) })
    }

    private let marks: [Unicode.Scalar] = ["\u{2066}", "\u{2067}", "\u{2068}", "\u{2069}"]

    /// What a person would see: `script` gives the program a terminal of its own.
    private func onTerminal(
        _ arguments: [String], environment: [String: String] = [:]
    ) async throws -> String {
        let program = ChildProcess.products.appending(path: "sijil").path
        let command = ([program] + arguments).map { "'\($0)'" }.joined(separator: " ")
        return try await run(
            ["/usr/bin/env", "script", "-qec", command, "/dev/null"], environment: environment
        )
        .output
    }

    @Test(arguments: [
        ["nonsense", "--help"], ["help", "nonsense"], ["admin", "nonsense", "-h"],
        ["help", "admin", "device", "nonsense"],
    ]) func `there is no help of what is no verb`(arguments: [String]) async throws {
        let outcome = try await run(["sijil"] + arguments)
        #expect(outcome.status == 64 && outcome.output.isEmpty)
        #expect(outcome.errors.contains("There is no such verb."), "\(outcome.errors)")
        #expect(try await run(["sijil", "help", "admin", "device"]).status == 0)
    }

    @Test func `what does not get out is told, whatever is told besides`() async throws {
        let world = try await World()
        let device = try await world.join("tab-07")
        let program = ChildProcess.products.appending(path: "sijil").path
        for command in [
            "status", "init --home '\(device.home.path)-2'",
            "add person --in \(World.roster) name.fr=X", "help",
        ] {
            for end in [">/dev/full", ">&-"] {
                let home =
                    command.contains("--home") || command == "help"
                    ? "" : "--home '\(device.home.path)'"
                let outcome = try await run([
                    "/bin/sh", "-c", "exec '\(program)' \(command) \(home) \(end)",
                ])
                #expect(outcome.status == 74, "\(command) \(end): \(outcome.errors)")
                try? FileManager.default.removeItem(atPath: device.home.path + "-2")
            }
        }
        let server = ChildProcess.products.appending(path: "sijil-server").path
        let data = device.home.path + "-3"
        let outcome = try await run([
            "/bin/sh", "-c", "exec '\(server)' init --data '\(data)' >/dev/full",
        ])
        #expect(outcome.status == 74, "\(outcome.errors)")
        try? FileManager.default.removeItem(atPath: data)
    }

    @Test func `an argument that is not text is refused`() async throws {
        let program = ChildProcess.products.appending(path: "sijil").path
        let shell = "exec '\(program)' find \"$(printf 'Nadia \\351')\" --json"
        let outcome = try await run(["/bin/sh", "-c", shell])
        #expect(outcome.status == 64 && outcome.errorCode == "usage", "\(outcome.errors)")
    }

    @Test func `help begins with examples`() async throws {
        for verb in [
            "init", "join", "sync", "status", "collections", "add", "edit", "remove", "restore",
            "show", "list", "find", "history", "log", "conflicts", "resolve", "digest", "verify",
            "import", "export",
        ] {
            let help = try await run(["sijil", verb, "--help"])
            #expect(help.status == 0)
            let place = try #require(help.output.range(of: "Examples:\n  sijil \(verb)"))
            #expect(place.upperBound < help.output.range(of: "USAGE:")!.lowerBound)
            #expect(help.output.split(separator: "\n").allSatisfy { !$0.hasPrefix(" sijil") })
        }
    }
}

import Foundation
import SijilStore
import Testing

@testable import sijil

/// Each kind of bad input has its exit code and a stable name, and leaves everything as it was.
@Suite(.timeLimit(.minutes(30)))
struct BadInputTests {
    // MARK: Joining

    @Test func `wrong code, used code, expired code`() async throws {
        let world = try await World()
        let device = try await world.newDevice("tab-07")
        try await device.fails(
            "join", world.url, "--code", "00000-00000-00000-00000", status: 77,
            code: "code-unknown")

        let code = try await world.invite("tab-07")
        try await device.done("join", world.url, "--code", "-", input: code + "\n")
        let other = try await world.newDevice("tab-11")
        try await other.fails("join", world.url, "--code", code, status: 77, code: "code-used")

        // Its one millisecond is over before the next process has started.
        let short = try await world.invite("tab-12", expires: "1ms")
        try await other.fails("join", world.url, "--code", short, status: 77, code: "code-expired")
        try await other.fails("sync", status: 78, code: "configuration")
    }

    @Test func `server down: unreachable, and the work is kept`() async throws {
        let world = try await World()
        let device = try await world.join("tab-07")
        _ = try await device.add("person", "name.fr=Fatoumata Binta Ba")
        await world.stopServer()
        let outcome = try await device.fails("sync", status: 69, code: "unreachable")
        #expect(outcome.errorHint?.contains("safe") == true)
        #expect(try await device.done("status").object["pending"] == .number(1))
        try await world.startServer()
        #expect(try await device.done("sync").object["sent"] == .number(1))
    }

    @Test func `wrong certificate: untrusted, until its authority is named`() async throws {
        let world = try await World(tls: Certificate())
        let other = try await Certificate()
        let device = try await world.newDevice("tab-07")
        let code = try await world.invite("tab-07")
        try await device.fails("join", world.url, "--code", code, status: 69, code: "untrusted")
        try await device.fails(
            "join", world.url, "--code", code, "--ca", other.file, status: 69, code: "untrusted")
        let pin = String(repeating: "0", count: 64)
        let file = world.folder.appending(path: "authority.pem").path
        try await device.fails(
            "join", world.url, "--code", code, "--ca", file, status: 66, code: "not-found")
        // The coordinator has joined with the right file; it syncs with what it remembers.
        try await world.coordinator.done("sync")
        try await world.coordinator.fails(
            "join", world.url, "--code", code, "--pin", pin, status: 69, code: "untrusted")
        try await world.coordinator.done("sync")
    }

    @Test func `a pin holds at every sync, until another is given`() async throws {
        let certificate = try await Certificate()
        let world = try await World(tls: certificate)
        let device = world.coordinator
        let pin = try await run([
            "/bin/sh", "-c",
            """
            openssl x509 -in "$1" -noout -pubkey | openssl pkey -pubin -outform der \
                | openssl dgst -sha256 -r | cut -c1-64
            """, "sh", certificate.file,
        ])
        .output.trimmingCharacters(in: .whitespacesAndNewlines)
        #expect(pin.count == 64)
        let code = try await world.invite("desk-01")
        try await device.done("join", world.url, "--code", code, "--pin", pin)
        // Without saying it again.
        let again = try await world.invite("desk-01")
        try await device.done("join", world.url, "--code", again)
        try await device.done("sync")
        let replica = try Home(option: device.home.path).open()
        #expect(try Server.joined(by: replica).pin == pin)
        #expect(try Server.joined(by: replica).caFile == certificate.file)
        try replica.remember(texts: ["pin": String(pin.reversed())])
        try replica.close()
        try await device.fails("sync", status: 69, code: "untrusted")
    }

    // MARK: Rights

    @Test func `only a coordinator makes milder what protects somebody`() async throws {
        let world = try await World()
        let (desk, tab) = (world.coordinator, try await world.join("tab-07"))
        let id = try await desk.add(
            "person", "name.fr=Moha Ougni", "contact_rule=never", "sensitivity=protected")
        let consent = try await desk.done(
            "leader", "consent", id, "--what", "crisis_contact", "--act", "withdraw", "--method",
            "verbal")
        let withdrawal = try #require(consent.object["id"]?.string)
        for device in [desk, tab] { try await device.done("sync") }
        func refuses(_ arguments: String...) async throws {
            let outcome = try await tab.run(arguments)
            #expect(outcome.status == 77 && outcome.errorCode == "not-permitted", "\(arguments)")
        }
        let milder = ["contact_rule=none", "sensitivity=public", "contact_rule_until=2020"]
        for field in milder { try await refuses("edit", id, field) }
        try await refuses("edit", withdrawal, "act=grant")
        try await refuses("remove", withdrawal)
        // Nor by removing the record and adding it again.
        try await tab.done("remove", id)
        for field in milder {
            try await refuses("add", "person", "--in", World.roster, "--id", id, field)
        }
        try await tab.done("add", "person", "--in", World.roster, "--id", id, "notes=back")
        let back = try await tab.done("show", id).object["fields"]
        #expect(back?["contact_rule"]?.string == "never")
        #expect(back?["notes"]?.string == "back")

        // What two wrote apart: taking the milder one is a coordinator's.
        try await desk.done("sync")
        let plain = try await desk.add("person", "name.fr=Idir Ougni")
        for device in [desk, tab] { try await device.done("sync") }
        try await desk.done("edit", plain, "contact_rule=never")
        try await tab.done("edit", plain, "contact_rule=crisis_only")
        for device in [desk, tab, desk] { try await device.done("sync") }
        try await refuses("resolve", plain, "contact_rule", "--value", "crisis_only")
        try await desk.done("edit", plain, "contact_rule=crisis_only")
        try await desk.done("edit", id, "contact_rule=none")
        for device in [desk, tab] { try await device.done("sync") }
        #expect(
            try await tab.done("show", id).object["fields"]?["contact_rule"]?.string == "none")
    }

    @Test func `a reader that edits is refused on the device`() async throws {
        let world = try await World()
        let editor = try await world.join("tab-07")
        let id = try await editor.add("person", "name.fr=Fatoumata Binta Ba")
        try await editor.done("sync")
        let reader = try await world.join("tab-11", "reader")
        try await reader.done("sync")
        try await reader.fails("edit", id, "notes=x", status: 77, code: "not-permitted")
        try await reader.fails("remove", id, status: 77, code: "not-permitted")
        try await reader.fails(
            "add", "person", "--in", World.roster, "name.fr=x", status: 77, code: "not-permitted")
        #expect(try await reader.done("status").object["pending"] == .number(0))
    }

    @Test func `edits of a device that lost its right are rejected, told and kept`() async throws {
        let world = try await World()
        let device = try await world.join("tab-07")
        try await device.done("sync")
        _ = try await device.add("person", "name.fr=Fatoumata Binta Ba")
        try await world.coordinator.done(
            "admin", "device", "grant", "tab-07", "\(World.roster)=reader")
        let refused = try await device.fails("sync", status: 77, code: "not-permitted")
        #expect(refused.object["rejected"] == .number(1))
        let status = try await device.done("status").object
        #expect(status["rejected"] == .number(1))
        #expect(status["pending"] == .number(1))

        try await world.coordinator.done(
            "admin", "device", "grant", "tab-07", "\(World.roster)=editor")
        #expect(try await device.done("sync").object["sent"] == .number(1))
        #expect(try await device.done("status").object["rejected"] == .number(0))

        try await world.coordinator.done("admin", "device", "revoke", "tab-07")
        _ = try await device.add("person", "name.fr=Moha Ougni")
        try await device.fails("sync", status: 77, code: "not-permitted")
        let revoked = try await device.done("status").object
        #expect(revoked["rejected"] == .number(1) && revoked["pending"] == .number(1))
        let text = try await run(["sijil", "status", "--home", device.home.path])
        #expect(text.output.contains("refused:"), "\(text.output)")
    }

    // MARK: Records

    @Test func `unknown fields, types and ids are told with what would fit`() async throws {
        let world = try await World()
        let device = try await world.join("tab-07")
        try await device.fails("show", noRecord, status: 66, code: "not-found")
        let id = try await device.add("person", "name.fr=Fatoumata Binta Ba")
        let field = try await device.fails("edit", id, "nots=x", status: 65, code: "unknown-field")
        #expect(field.errorHint?.contains("notes") == true)
        let type = try await device.fails(
            "add", "persn", "--in", World.roster, status: 65, code: "unknown-type")
        #expect(type.errorHint?.contains("person") == true)
        try await device.fails(
            "edit", id, "contact_rule=sometimes", status: 65, code: "bad-data")
        try await device.fails("add", "person", "--in", "nowhere", status: 66, code: "not-found")
        try await device.fails("show", noRecord, status: 66, code: "not-found")
        try await device.fails("show", "12", status: 64, code: "usage")
        try await device.fails("edit", id, status: 64, code: "usage")
        try await device.fails("resolve", id, "notes", status: 64, code: "usage")
        try await device.fails(
            "resolve", id, "notes", "--value", "x", status: 65, code: "bad-data")
        try await device.done("remove", id)
        let deleted = try await device.fails("edit", id, "notes=x", status: 66, code: "not-found")
        #expect(deleted.errorHint?.contains("sijil restore \(id)") == true)
        try await device.done("restore", id)
        try await device.done("edit", id, "notes=x")
    }

    @Test func `a malformed CSV row goes to the reject file, the rest is imported`() async throws {
        let world = try await World()
        let device = try await world.join("tab-07")
        let file = device.file("areas.csv")
        try "id,code,level,name.fr\na,XM0101,2,Souk\nb,XM0102,two,Kerfalla\nc,XM0103,2,Tagmout\n"
            .write(toFile: file, atomically: true, encoding: .utf8)
        let report =
            try await device.done(
                "import", file, "--in", World.roster, "--type", "area"
            )
            .object
        #expect(report["created"] == .number(2))
        #expect(report["rejected"] == .number(1))
        let rejects = try #require(report["reject_file"]?.string)
        let lines = try String(contentsOfFile: rejects, encoding: .utf8).split(separator: "\n")
        #expect(lines.count == 1)
        #expect(lines.first?.contains("XM0102") == true)
        #expect(try await device.done("list", "area").lines.count == 2)

        let bad = device.file("bad.jsonl")
        try "{\"type\":\n".write(toFile: bad, atomically: true, encoding: .utf8)
        try await device.fails("import", bad, "--in", World.roster, status: 65, code: "bad-data")
        try await device.fails(
            "import", device.file("none.csv"), "--in", World.roster, status: 66, code: "not-found")
        try await device.fails("import", "x.bin", "--in", World.roster, status: 64, code: "usage")
    }

    // MARK: Homes

    @Test func `homes that are missing, taken, open to others or of a later version`() async throws
    {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "sijil-home-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let device = Device(folder)
        try await device.fails("status", status: 66, code: "not-found")
        let made = try await device.done("init", "--name", "tab-07").object
        #expect(made["name"] == .string("tab-07"))
        #expect(made["home"] == .string(folder.path))
        try await device.fails("init", status: 73, code: "cannot-create")
        try await device.fails("sync", status: 78, code: "configuration")
        try await device.fails("nonsense", status: 64, code: "usage")
        for (name, mode) in [("", 0o700), ("replica.key", 0o600), ("replica.sqlite", 0o600)] {
            #expect(try permissions(of: folder.appending(path: name)) == mode)
        }

        for file in [device.file("replica.key"), device.file("replica.sqlite")] {
            try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: file)
            try await device.fails("status", status: 78, code: "configuration")
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file)
        }

        // Where the file is gone another replica begins: one with the same key would be a copy of it.
        // What a killed process left beside it is none of the new one's.
        try Data(repeating: 0x37, count: 40_000)
            .write(to: folder.appending(path: "replica.sqlite-wal"))
        let moved = folder.appending(path: "elsewhere")
        try FileManager.default.moveItem(
            at: folder.appending(path: "replica.sqlite"), to: moved)
        let anew = try await device.done("init", "--name", "tab-07").object
        #expect(anew["replica"] != made["replica"])
        let left = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            .filter { $0.hasPrefix("replica.key.") }
        #expect(left.count == 1)
        let kept = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            .filter { $0.hasSuffix("-wal") }
        #expect(kept.count == 1 && kept != ["replica.sqlite-wal"])

        try await sqlite(device, "UPDATE sijil SET value = 99 WHERE key = 'layout'")
        try await device.fails("status", status: 76, code: "future-version")
        try Data("nothing of ours".utf8).write(to: folder.appending(path: "replica.sqlite"))
        try await device.fails("status", status: 65, code: "bad-data")
    }

    @Test func `a usage error repeats no argument`() async throws {
        for arguments in [
            ["show", noRecord, "Nadia Amziane"], ["list", "person", "--limit", "Nadia Amziane"],
            ["list", "person", "--limit=Nadia Amziane"], ["Nadia Amziane"],
        ] {
            for form in [[], ["--json"]] {
                let outcome = try await run(["sijil"] + arguments + form)
                #expect(outcome.status == 64, "\(arguments)")
                #expect(!(outcome.errors + outcome.output).contains("Nadia"), "\(outcome.errors)")
            }
        }
        let server = try await run(["sijil-server", "check", "Nadia Amziane"])
        #expect(server.status == 64 && !server.errors.contains("Nadia"))
    }

    // MARK: Files

    @Test func `refused rows take nothing's place`() async throws {
        let world = try await World()
        let device = try await world.join("tab-07")
        let rows = device.file("rows.jsonl")
        try (#"{"type":"person","fields":{"birth_year":"x"}}"# + "\n")
            .write(toFile: rows, atomically: true, encoding: .utf8)
        let pipe = device.file("pipe")
        #expect(unsafe mkfifo(pipe, 0o600) == 0)
        let link = device.file("link")
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: pipe)
        let notes = device.file("notes")
        try "mine".write(toFile: notes, atomically: true, encoding: .utf8)
        for place in [pipe, link, notes] {
            try await device.fails(
                "import", rows, "--in", World.roster, "--rejects", place, status: 73,
                code: "cannot-create")
        }
        #expect(try String(contentsOfFile: notes, encoding: .utf8) == "mine")
        // What an earlier run made is replaced.
        for _ in 0..<2 {
            let report = try await device.run(
                "import", rows, "--in", World.roster, "--rejects", device.file("r"))
            #expect(report.object["rejected"] == .number(1))
        }
    }

    @Test func `refused rows never replace a file that is read`() async throws {
        let world = try await World()
        let device = try await world.join("tab-07")
        let (list, link, mapping) = (device.file("a.csv"), device.file("b.csv"), device.file("m"))
        let rows = Data("name.fr,birth_year\nLy,x\nBa,1970\n".utf8)
        try rows.write(to: URL(filePath: list))
        let map = Data(
            #"{"records":[{"type":"person","id":"{id}","fields":{"name.fr":"{name}"}}]}"#.utf8)
        try map.write(to: URL(filePath: mapping))
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: list)
        let beside = device.file("../\(device.home.lastPathComponent)/a.csv")
        for (file, rejects) in [(list, list), (list, beside), (link, list), (link, link)] {
            try await device.fails(
                "import", file, "--in", World.roster, "--type", "person", "--rejects", rejects,
                status: 64, code: "usage")
        }
        try await device.fails(
            "import", list, "--in", World.roster, "--mapping", mapping, "--rejects", mapping,
            status: 64, code: "usage")
        #expect(try Data(contentsOf: URL(filePath: list)) == rows)
        #expect(try Data(contentsOf: URL(filePath: mapping)) == map)
        let done = try await device.done(
            "import", list, "--in", World.roster, "--type", "person", "--rejects", device.file("r"))
        #expect(done.object["rejected"] == .number(1))
    }

    @Test func `an export never goes into a file that somebody else prepared`() async throws {
        let world = try await World()
        let device = try await world.join("tab-07")
        _ = try await device.add("person", "name.fr=Fatoumata Binta Ba")
        let (output, theirs) = (device.file("out.jsonl"), device.file("theirs"))
        try Data().write(to: URL(filePath: theirs))
        let script = """
            ln -s "$1" "$2.$$.part"
            exec "$3" export --output "$2" --home "$4" --quiet
            """
        let outcome = try await run([
            "/bin/sh", "-c", script, "sh", theirs, output,
            ChildProcess.products.appending(path: "sijil").path, device.home.path,
        ])
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(try Data(contentsOf: URL(filePath: theirs)).isEmpty)
        #expect(try String(contentsOfFile: output, encoding: .utf8).contains("Fatoumata"))
        #expect(try permissions(of: URL(filePath: output)) == 0o600)
    }

    @Test func `a byte flipped in the log is found`() async throws {
        let world = try await World()
        let device = try await world.join("tab-07")
        _ = try await device.add("person", "name.fr=Fatoumata Binta Ba")
        #expect(try await device.done("verify").object["ok"] == .bool(true))
        try await sqlite(
            device,
            """
            UPDATE journal SET bytes = CAST(substr(bytes, 1, length(bytes) - 1)
                || CASE substr(bytes, -1) WHEN x'61' THEN x'62' ELSE x'61' END AS BLOB)
            """)
        let outcome = try await device.fails("verify", status: 65, code: "not-authentic")
        #expect(outcome.object["ok"] == .bool(false))
        #expect(outcome.object["problems"]?.array?.first?["sequence"] == .number(1))
    }

    @Test func `the server's own check ends with 65 when a log was altered`() async throws {
        let world = try await World()
        _ = try await world.coordinator.add("person", "name.fr=Fatoumata Binta Ba")
        try await world.coordinator.done("sync")
        _ = try await world.checkServer()
        await world.stopServer()
        let data = world.folder.appending(path: "server")
        try await sqlite(
            data.appending(path: "server.sqlite").path, "UPDATE log SET hash = zeroblob(32)")
        let outcome = try await run(["sijil-server", "check", "--data", data.path, "--json"])
        #expect(outcome.status == 65 && outcome.errorCode == "not-authentic")
        #expect(outcome.lines.map { $0["ok"] } == [.bool(false)])
    }

    private func sqlite(_ device: Device, _ statement: String) async throws {
        try await sqlite(device.file("replica.sqlite"), statement)
    }

    /// What a program other than ours may do to a file.
    private func sqlite(_ file: String, _ statement: String) async throws {
        let script = """
            import sqlite3, sys
            with sqlite3.connect(sys.argv[1]) as database: database.execute(sys.argv[2])
            """
        let outcome = try await run([
            "/usr/bin/env", "python3", "-c", script, file, statement,
        ])
        try #require(outcome.status == 0, "\(outcome.errors)")
    }

    private let noRecord = "0198c0de0000700080000000000000ff"

    private func permissions(of url: URL) throws -> Int? {
        let attributes = try FileManager.default.attributesOfItem(atPath: url.path)
        return (attributes[.posixPermissions] as? NSNumber)?.intValue
    }
}

import Foundation
import Testing

/// Officers who work apart and come together, through the command line alone.
@Suite(.timeLimit(.minutes(30)))
struct StoryTests {
    @Test func `both corrections of a phone survive until a person chooses one`() async throws {
        let world = try await World()
        let (salma, kofi) = (try await world.join("tab-07"), try await world.join("tab-11"))
        let mayor = try await salma.add(
            "person", "name.ar=نادية أمزيان-تيفاوين", "name.fr=Nadia Amziane-Tifaouine",
            "languages+=ar")
        let phone = try await salma.add(
            "channel", "owner=\(mayor)", "kind=mobile", "value=+999550002001")
        try await salma.done("sync")
        try await kofi.done("sync")

        try await salma.done("edit", phone, "value=+999550002002", "--note", "read back")
        try await kofi.done("edit", phone, "value=+999550002009", "hours=9-12")
        try await kofi.done("edit", mayor, "languages+=fr")
        try await salma.done("sync")
        let second = try await kofi.done("sync").object
        #expect(second["sent"] == .number(2))
        #expect(second["received"] == .number(1))
        #expect(second["conflicts"] == .number(1))
        try await salma.done("sync")

        for device in [salma, kofi] {
            let conflict = try await device.done("conflicts").object
            #expect(conflict["id"] == .string(phone))
            #expect(conflict["field"] == .string("value"))
            #expect(conflict["key"] == .null)
            let values = conflict["values"]?.array ?? []
            #expect(
                Set(values.compactMap { $0["value"]?.string })
                    == ["+999550002002", "+999550002009"])
            #expect(
                Set(values.compactMap { $0["replica_name"]?.string }) == ["tab-07", "tab-11"])
            #expect(try await device.run("conflicts", "--exit-code").status == 1)
            let person = try await device.done("show", mayor).object
            #expect(person["fields"]?["languages"] == .array([.string("ar"), .string("fr")]))
        }

        try await kofi.fails(
            "resolve", phone, "value", "--take", "desk-01", status: 66, code: "not-found")
        let resolved =
            try await kofi.done(
                "resolve", phone, "value", "--take", "tab-11", "--because",
                "confirmed by her office"
            )
            .object
        #expect(resolved["value"] == .string("+999550002009"))
        for device in [kofi, salma, world.coordinator] { try await device.done("sync") }

        let digest = try await kofi.digests()
        #expect(try await salma.digests() == digest)
        #expect(try await world.coordinator.digests() == digest)
        #expect(try await world.checkServer() == digest)
        for device in [salma, kofi] {
            #expect(try await device.run("conflicts", "--exit-code").status == 0)
            let shown = try await device.done("show", phone).object
            #expect(shown["fields"]?["value"] == .string("+999550002009"))
            let last = try await device.done("history", phone).lines.last
            #expect(last?["note"] == .string("confirmed by her office"))
            #expect(last?["replaced"]?.array?.count == 2)
        }
        #expect(try await salma.done("export").output == kofi.done("export").output)
    }

    @Test func `deleting keeps an edit that the deleter had not seen, and asks`() async throws {
        let world = try await World()
        let (salma, kofi) = (try await world.join("tab-07"), try await world.join("tab-11"))
        let line = try await salma.add("channel", "kind=landline", "value=+999550001001")
        try await salma.done("sync")
        try await kofi.done("sync")
        try await salma.done("remove", line)
        try await kofi.done("edit", line, "hours=9-12")
        for device in [salma, kofi, salma] { try await device.done("sync") }
        for device in [salma, kofi] {
            let shown = try await device.done("show", line).object
            #expect(shown["deleted"] == .bool(false))
            #expect(shown["conflicts"]?.array?.first?["field"] == .string("deleted"))
        }
        try await salma.done("resolve", line, "deleted", "--value", "true")
        for device in [salma, kofi] { try await device.done("sync") }
        #expect(try await kofi.done("list", "channel").lines.isEmpty)
        #expect(try await kofi.done("list", "channel", "--deleted").lines.count == 1)
        #expect(try await kofi.digests() == salma.digests())
    }

    @Test func `delete, then re-create of the same import id, converges`() async throws {
        let world = try await World()
        let (salma, kofi) = (try await world.join("tab-07"), try await world.join("tab-11"))
        func add(_ device: Device, _ level: Int) async throws -> String? {
            try await device
                .done(
                    "add", "area", "--in", World.roster, "--id", "XM0101", "code=XM0101",
                    "level=\(level)"
                )
                .object["id"]?
                .string
        }
        let id = try #require(try await add(salma, 2))
        #expect(try await add(kofi, 2) == id)
        try await salma.fails(
            "add", "area", "--in", World.roster, "--id", "XM0101", status: 65, code: "bad-data")
        for device in [salma, kofi, salma] { try await device.done("sync") }
        try await salma.done("remove", id)
        #expect(try await add(salma, 3) == id)
        try await kofi.done("remove", id)
        for device in [salma, kofi, salma] { try await device.done("sync") }
        #expect(try await salma.digests() == kofi.digests())
        #expect(try await salma.done("export").output == kofi.done("export").output)
        #expect(
            try await salma.done("show", id).object["deleted"]
                == kofi.done("show", id).object["deleted"])
    }

    @Test func `importing the same file again changes nothing, here and elsewhere`() async throws {
        let world = try await World()
        let (salma, kofi) = (try await world.join("tab-07"), try await world.join("tab-11"))
        let file = salma.file("people.jsonl")
        let lines = (1...40)
            .map {
                #"{"type":"person","id":"p\#($0)","fields":{"name":{"fr":"Nom \#($0)"}}}"#
            }
        try lines.joined(separator: "\n").write(toFile: file, atomically: true, encoding: .utf8)
        let dry = try await salma.done("import", file, "--in", World.roster, "--dry-run").object
        #expect(dry["created"] == .number(40))
        for expected in [40, 0] {
            let report = try await salma.done("import", file, "--in", World.roster).object
            #expect(report["created"]?.number == expected)
            #expect(report["unchanged"]?.number == 40 - expected)
            #expect(report["reject_file"] == .null)
        }
        for device in [salma, kofi] { try await device.done("sync") }
        let again = try await kofi.done("import", file, "--in", World.roster).object
        #expect(again["unchanged"] == .number(40))
        #expect(try await kofi.done("status").object["pending"] == .number(0))

        let exported = kofi.file("export.jsonl")
        try await kofi.done("export", "--output", exported)
        let bytes = try String(contentsOfFile: exported, encoding: .utf8)
        #expect(try await salma.done("export").output == bytes)
        let own = try await salma.done("import", exported, "--in", World.roster).object
        #expect(own["unchanged"] == .number(40))
        let csv = try await kofi.done("export", "--type", "person", "--format", "csv")
        #expect(csv.output.split(whereSeparator: \.isNewline).count == 41)
        #expect(try await kofi.done("list", "person", "--limit", "7").lines.count == 7)
        #expect(try await kofi.done("find", "nom 4", "--limit", "50").lines.count == 2)
    }

    @Test func `a sync with nothing to say is one small round trip`() async throws {
        let world = try await World()
        let device = try await world.join("tab-07")
        try await device.done("sync")
        let report = try await device.done("sync").object
        #expect(report["round_trips"] == .number(1))
        #expect(try #require(report["bytes_sent"]?.number) < 200)
        #expect(try #require(report["bytes_received"]?.number) < 200)
    }

    @Test func `watching goes on after a failure and ends at Ctrl-C`() async throws {
        let world = try await World()
        let device = try await world.join("tab-07")
        let watching = try ChildProcess([
            "sijil", "sync", "--watch", "--interval", "3600", "--json", "--home",
            device.home.path,
        ])
        #expect(await watching.readLine()?.contains("round_trips") == true)
        watching.send(SIGINT)
        let outcome = await watching.outcome()
        #expect(!outcome.wasKilled)
        #expect(outcome.status == 0)

        await world.stopServer()
        let patient = try ChildProcess([
            "sijil", "sync", "--watch", "--json", "--deadline", "600", "--home", device.home.path,
        ])
        try await world.startServer()
        #expect(await patient.readLine()?.contains("round_trips") == true)
        patient.send(SIGTERM)
        #expect(await patient.outcome().status == 0)
    }
}

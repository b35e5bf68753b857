import Foundation
import SijilSimulator
import Testing

/// Subject access and erasure, through the command line and over files alone.
@Suite(.timeLimit(.minutes(30)))
struct PersonTests {
    /// Names, numbers and notes that are nowhere else, drawn from a seed.
    private static func secrets(seed: UInt64) -> [String] {
        var random = SeededGenerator(seed: seed)
        let letters = Array("bcdfghjklmnpqrstvwz")
        let arabic = Array("بتثجحخدذرزسشصضطظعغفقكلمنهوي")
        func word(_ alphabet: [Character]) -> String {
            String((0..<12).map { _ in random.pick(alphabet) })
        }
        return (0..<20)
            .map { number in
                switch number % 4 {
                case 0: word(letters).capitalized
                case 1: word(arabic)
                case 2: "+99955\(1_000_000 + random.int(0..<8_999_999))"
                default: "\(word(letters)) \(word(letters))"
                }
            }
    }

    @Test(arguments: [UInt64(21)])
    func `of an erased person no file of any device and of the server has a trace`(
        seed: UInt64
    ) async throws {
        let secrets = Self.secrets(seed: seed)
        let world = try await World()
        let desk = world.coordinator
        let (salma, kofi) = (try await world.join("tab-07"), try await world.join("tab-11"))
        // Others, so that the person is one among many.
        let lines = (0..<300)
            .map { #"{"type":"person","id":"p\#($0)","fields":{"name":{"fr":"Nordkai \#($0)"}}}"# }
        let file = salma.file("others.jsonl")
        try lines.joined(separator: "\n").write(toFile: file, atomically: true, encoding: .utf8)
        try await salma.done("import", file, "--in", World.roster)
        let office = try await salma.add("office", "title.fr=Amghar")
        let amghar = try await salma.add(
            "person", "name.fr=\(secrets[0])", "name.ar=\(secrets[1])", "aliases+=\(secrets[4])",
            "aliases+=\(secrets[5])", "notes=\(secrets[3])", "risk_notes=\(secrets[7])")
        let twin = try await salma.add(
            "person", "name.fr=\(secrets[8])", "notes=\(secrets[11])", "aliases+=\(secrets[9])")
        let phone = try await salma.add(
            "channel", "owner=\(amghar)", "value=\(secrets[2])", "label=\(secrets[12])")
        let other = try await salma.add("channel", "owner=\(twin)", "value=\(secrets[6])")
        let tenure = try await salma.add("tenure", "person=\(amghar)", "office=\(office)")
        let consent = try await salma.add(
            "consent", "person=\(amghar)", "what=crisis_contact", "act=grant",
            "witness=\(secrets[13])")
        let verification = try await salma.add(
            "verification", "about=\(phone)", "level=in_person", "evidence=\(secrets[15])")
        let nephew = try await salma.add("person", "name.fr=Idder", "intermediaries+=\(amghar)")
        try await salma.done("edit", amghar, "notes=\(secrets[19])", "--note", secrets[16])
        try await salma.done("merge", amghar, twin)
        try await salma.done(
            "add", "disclosure", "--in", World.roster, "recipient=Prefecture", "on=2026-03-07")
        for device in [salma, kofi, desk, salma] { try await device.done("sync") }
        // What only one device has when it is erased.
        try await kofi.done("edit", phone, "value=\(secrets[10])", "hours=\(secrets[17])")
        try await salma.done("edit", phone, "value=\(secrets[14])", "label=\(secrets[18])")

        let report = try await desk.done("person", "report", twin).object
        let held = report["records"]?.array ?? []
        #expect(held.count == 8 - 1, "\(held.count)")
        #expect(held.first?["id"] == .string(twin))
        #expect(report["references"]?.array?.first?["id"] == .string(nephew))
        #expect(
            report["disclosures"]?.array?.first?["fields"]?["recipient"]
                == .string("Prefecture"))
        let history = held.flatMap { $0["history"]?.array ?? [] }
        #expect(history.contains { $0["note"] == .string(secrets[16]) })
        #expect(history.contains { $0["replaced"] == .array([.string(secrets[3])]) })

        // Nobody else may, and nothing is written then.
        try await salma.fails("person", "erase", amghar, status: 77, code: "not-permitted")
        let erased = try await desk.done(
            "person", "erase", amghar, "--because", "asked for it by phone")
        let ids = Set((erased.object["erased"]?.array ?? []).compactMap(\.string))
        #expect(ids == [amghar, twin, phone, other, tenure, consent, verification])
        #expect(erased.object["id"] == .string(amghar))
        let again = try await desk.done("person", "erase", amghar)
        #expect(again.object["erased"] == .array([]))
        for device in [desk, kofi, salma, desk, kofi] { try await device.done("sync") }
        let late = try await world.join("tab-12")
        try await late.done("sync")

        let digests = try await world.checkServer()
        for device in [desk, salma, kofi, late] {
            #expect(try await device.digests() == digests)
            #expect(try await device.done("verify").object["ok"] == .bool(true))
            for secret in secrets {
                #expect(try device.home.files(holding: secret) == [], "\(secret)")
            }
            #expect(try device.home.files(holding: "Idder") != [])
            let shown = try await device.done("show", amghar).object
            #expect(shown["deleted"] == .bool(true))
            #expect(
                shown["erased"]?.array?.first?["replica_name"] == .string("desk-01"))
            let past = try await device.done("history", amghar).lines
            #expect(past.count == 1 && past[0]["field"] == .string("erased"))
            #expect(past[0]["note"] == .null)
            #expect(try await device.done("find", secrets[0]).lines.isEmpty)
        }
        // The server still runs.
        let server = world.folder.appending(path: "server")
        for secret in secrets {
            #expect(try server.files(holding: secret) == [], "\(secret)")
        }
        for verb in [["edit", amghar, "notes=x"], ["restore", amghar]] {
            let refused = try await desk.run(verb)
            #expect(refused.status == 65 && refused.errorCode == "erased", "\(verb)")
        }
    }

    @Test func `a right is needed only where something is left to erase`() async throws {
        let world = try await World()
        let desk = world.coordinator
        let other = "roster-xm02"
        try await desk.done("admin", "collection", "create", other, "--kind", "roster")
        let moha = try await desk.add("person", "name.fr=Moha")
        let idder = try await desk.add("person", "name.fr=Idder")
        let invited = try await desk.done(
            "admin", "invite", "--name", "tab-07", "--grant", "\(other)=coordinator")
        let code = try #require(invited.object["code"]?.string)
        let tab = try await world.newDevice("tab-07")
        try await tab.done("join", world.url, "--code", code)
        let list = tab.file("list.jsonl")
        try await desk.done("export").output.write(toFile: list, atomically: true, encoding: .utf8)
        try await tab.done("import", list, "--in", other)
        try await tab.done("edit", idder, "contact_rule=never")
        // Where one may not, it is left, and said so.
        try await desk.done("sync")
        try await desk.done("admin", "device", "grant", "tab-07", "\(World.roster)=editor")
        try await tab.done("sync")
        // Not if what would be erased is what protects the copy that stays.
        let protected = try await tab.run("person", "erase", idder)
        #expect(protected.status == 77 && protected.output.isEmpty)
        for erased in [[JSONValue.string(moha)], []] {
            let part = try await tab.run("person", "erase", moha)
            #expect(part.status == 77 && part.errorCode == "not-permitted")
            #expect(part.errors.contains(World.roster) && !part.errors.contains(other))
            guard !erased.isEmpty else { continue }
            #expect(part.object["erased"] == .array(erased))
            #expect(part.object["left"] == .array([.string(moha)]))
        }
        try await desk.done("person", "erase", moha)
        try await desk.done("sync")
        try await tab.done("sync")
        let erased = try await tab.done("person", "erase", moha).object
        #expect(erased["erased"] == .array([]) && erased["left"] == .array([]))
        try await tab.done("sync")
        try await desk.done("admin", "device", "ungrant", "tab-07", other)
        try await tab.done("sync")
        let again = try await tab.done("person", "erase", moha).object["erased"]
        #expect(again == .array([]))
    }

    @Test func `a row that names an erased person is refused, the others go on`() async throws {
        let world = try await World()
        let desk = world.coordinator
        let file = desk.file("people.jsonl")
        try [
            #"{"type":"person","id":"a-1","fields":{"name":{"fr":"Moha"}}}"#,
            #"{"type":"person","id":"a-2","fields":{"name":{"fr":"Idder"}}}"#,
        ]
        .joined(separator: "\n").write(toFile: file, atomically: true, encoding: .utf8)
        try await desk.done("import", file, "--in", World.roster)
        let moha = try #require(
            try await desk.done("find", "Moha").lines.first?["id"]?.string)
        try await desk.done("person", "erase", moha, "--no-input")
        let list = try String(contentsOfFile: file, encoding: .utf8)
        try (list + "\n" + #"{"type":"person","id":"a-3","fields":{"name":{"fr":"Tafukt"}}}"#)
            .write(toFile: file, atomically: true, encoding: .utf8)
        let report = try await desk.run("import", file, "--in", World.roster)
        #expect(report.object["created"] == .number(1))
        #expect(report.object["unchanged"] == .number(1))
        #expect(report.object["rejected"] == .number(1))
        #expect(try await desk.done("find", "Moha").lines.isEmpty)
        let text = try await run([
            "sijil", "import", file, "--in", World.roster, "--home", desk.home.path,
        ])
        #expect(text.errors.contains("were erased are not taken in again"))
        // An export holds nothing of it, and can be taken in again.
        let export = try await desk.done("export").output
        #expect(!export.contains(moha))
    }

    @Test func `a report goes to a file for its owner's eyes, in three languages`() async throws {
        let world = try await World()
        let desk = world.coordinator
        let id = try await desk.add("person", "name.fr=Moha Ougni")
        let phone = try await desk.add("channel", "owner=\(id)", "value=+999550004001")
        for (language, word) in [("en", "history:"), ("fr", "historique"), ("ar", "التاريخ")] {
            let path = desk.file("report-\(language).txt")
            let outcome = try await run([
                "sijil", "person", "report", id, "--output", path, "--lang", language, "--home",
                desk.home.path,
            ])
            #expect(outcome.status == 0, "\(outcome.errors)")
            let text = try String(contentsOfFile: path, encoding: .utf8)
            for part in [word, "Moha Ougni", "+999550004001", phone, "desk-01"] {
                #expect(text.contains(part), "\(language): \(part)")
            }
            let attributes = try FileManager.default.attributesOfItem(atPath: path)
            #expect(attributes[.posixPermissions] as? Int == 0o600)
        }
        try await desk.fails("person", "report", phone, status: 65, code: "bad-data")
        try await desk.fails(
            "person", "erase", String(repeating: "0", count: 32), status: 66, code: "not-found")
    }

    /// On a terminal, with what a person types there.
    @Test(arguments: [("no", 75), ("", 75), ("yes", 0)] as [(String, Int32)])
    func `a person is asked before somebody is erased, and no is no`(
        answer: String, status: Int32
    ) async throws {
        let world = try await World()
        let id = try await world.coordinator.add("person", "name.fr=Moha Ougni")
        let command = [
            ChildProcess.products.appending(path: "sijil").path, "person", "erase", id, "--home",
            world.coordinator.home.path,
        ]
        let words = command.map { "'\($0)'" }.joined(separator: " ")
        let outcome = try await run(
            ["/usr/bin/env", "script", "-qec", words, "/dev/null"], input: answer + "\n")
        #expect(outcome.status == status, "\(outcome.output)")
        let shown = try await world.coordinator.done("show", id).object
        #expect((shown["fields"]?["name"]?["fr"]?.string == "Moha Ougni") == (status != 0))
    }
}

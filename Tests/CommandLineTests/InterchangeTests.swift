import Foundation
import Testing

/// Files in and out through the command line.
@Suite(.timeLimit(.minutes(30)))
struct InterchangeTests {
    private static let card = """
        BEGIN:VCARD
        VERSION:4.0
        UID:A-17
        FN;LANGUAGE=fr:Nadia Amziane-Tifaouine
        TEL;TYPE=cell:+999550002001
        END:VCARD

        """

    @Test func `a card comes in, goes out, and says nothing new then`() async throws {
        let world = try await World()
        let device = world.coordinator
        try Self.card.write(toFile: device.file("in.vcf"), atomically: true, encoding: .utf8)
        let first = try await device.done("import", device.file("in.vcf"), "--in", World.roster)
        #expect(first.object["created"] == .number(2))
        try await device.done(
            "export", "--in", World.roster, "--format", "vcard", "--output", device.file("out.vcf"))
        let second = try await device.done("import", device.file("out.vcf"), "--in", World.roster)
        #expect(second.object["created"] == .number(0))
        #expect(second.object["updated"] == .number(0))
        #expect(second.object["unchanged"] == .number(2))
    }

    @Test func `what goes outside is recorded, and without a recipient nothing is`() async throws {
        let world = try await World()
        let device = world.coordinator
        _ = try await device.add("person", "name.fr=Nadia", "contact_rule=none")
        _ = try await device.add("person", "name.fr=Moha", "sensitivity=protected")
        let before = try await device.digests()
        let all = try await device.done("export", "--in", World.roster)
        #expect(all.output.contains("Moha"))
        #expect(try await device.digests() == before)
        let given = try await device.done(
            "export", "--in", World.roster, "--for", "Prefecture", "--purpose", "drill")
        #expect(given.output.contains("Nadia") && !given.output.contains("Moha"))
        let counts = try await device.done(
            "export", "--in", World.roster, "--format", "csv", "--type", "person", "--for",
            "Ministry", "--purpose", "drill", "--output", device.file("given.csv"))
        #expect(counts.object["records"] == .number(1))
        #expect(counts.object["persons_withheld"] == .number(1))
        try await device.done("remove", try await disclosureOfMinistry(on: device))
        let records = try await device.done("list", "disclosure").lines
        #expect(records.count == 1)
        let listed = try await device.done("list", "disclosure").output
        #expect(listed.contains(#""recipient":"Prefecture""#))
        #expect(listed.contains(#""records":1"#))
    }

    @Test(arguments: ["jsonl", "csv", "vcard"])
    func `of several collections only the one that is named goes out`(format: String) async throws {
        let world = try await World()
        let device = world.coordinator
        try await device.done("admin", "collection", "create", "roster-xm02", "--kind", "roster")
        _ = try await device.add("person", "name.fr=Nadia")
        try await device.done("add", "person", "--in", "roster-xm02", "name.fr=Moha")
        let form = ["--format", format] + (format == "csv" ? ["--type", "person"] : [])
        let given = ["--for", "Prefecture", "--purpose", "drill"]
        for (collection, own, other) in [
            (World.roster, "Nadia", "Moha"), ("roster-xm02", "Moha", "Nadia"),
        ] {
            for more in [[], given] {
                let text = try await device.done(["export", "--in", collection] + form + more)
                    .output
                #expect(text.contains(own) && !text.contains(other))
            }
            let records = try await device.done("list", "disclosure", "--in", collection).lines
            #expect(records.count == 1)
        }
    }

    private func disclosureOfMinistry(on device: Device) async throws -> String {
        let found = try await device.done("list", "disclosure", "--where", "recipient=Ministry")
        return try #require(found.lines.first?["id"]?.string)
    }

    @Test func `what goes outside is recorded before its first byte leaves`() async throws {
        let world = try await World()
        let device = world.coordinator
        _ = try await device.add("person", "name.fr=Nadia")
        // Nothing can be written there.
        let outcome = try await run([
            "/bin/sh", "-c", "exec \"$@\" > /dev/full", "sh",
            ChildProcess.products.appending(path: "sijil").path, "export", "--for", "Prefecture",
            "--purpose", "drill", "--home", device.home.path,
        ])
        #expect(outcome.status == 74, "\(outcome.errors)")
        let records = try await device.done("list", "disclosure").lines
        #expect(records.map { $0["fields"]?["records"] } == [.number(1)])
        let unnamed = device.file("no such folder/people.jsonl")
        try await device.fails(
            "export", "--for", "Prefecture", "--purpose", "drill", "--output", unnamed, status: 73,
            code: "cannot-create")
        #expect(try await device.done("list", "disclosure").lines.count == 1)
    }

    @Test func `a consent that was noted with a leader is no consent to be named`() async throws {
        let world = try await World()
        let device = world.coordinator
        let added = try await device.done(
            "leader", "add", "ar=عبد الرحمن الوزاني التازاريني", "--in", World.roster,
            "--office-type", "imam", "--phone", "+999 55 000 3001", "--office-phone",
            "+999 55 000 3000", "--consent", "store", "--consent", "crisis_contact")
        let given = ["export", "--for", "Prefecture", "--purpose", "drill"]
        let unnamed = try await device.done(given).output
        #expect(!unnamed.contains("الوزاني"))
        #expect(unnamed.contains("+999550003001") && unnamed.contains("+999550003000"))
        let imam = try #require(added.object["id"]?.string)
        try await device.done("leader", "consent", imam, "--what", "be_named", "--act", "grant")
        #expect(try await device.done(given).output.contains("الوزاني"))
    }

    @Test func `a reader cannot give out what they cannot record`() async throws {
        let world = try await World()
        _ = try await world.coordinator.add("person", "name.fr=Nadia")
        try await world.coordinator.done("sync")
        let reader = try await world.join("tab-07", "reader")
        try await reader.done("sync")
        let outcome = try await reader.fails(
            "export", "--for", "Prefecture", "--purpose", "drill", status: 77, code: "not-permitted"
        )
        #expect(!outcome.output.contains("Nadia"))
        #expect(try await reader.done("export").output.contains("Nadia"))
    }

    @Test(arguments: [
        ["export", "--for", "Prefecture"], ["export", "--purpose", "drill"], ["export", "--hxl"],
        ["export", "--format", "vcard", "--bom"], ["export", "--format", "csv"],
        ["import", "list.txt", "--in", World.roster],
        ["import", "list.csv", "--in", World.roster, "--encoding", "klingon"],
        ["export", "--format", "vcard", "--type", "area"],
    ])
    func `options that do not go together are refused`(arguments: [String]) async throws {
        let world = try await World()
        let outcome = try await world.coordinator.run(arguments)
        #expect(outcome.status == 64, "\(outcome.errors)")
    }
}

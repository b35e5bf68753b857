import Foundation
import Testing

/// A collection's state in a file, through the command line alone.
@Suite(.timeLimit(.minutes(30)))
struct SnapshotTests {
    @Test func `a new device begins with a snapshot and goes on like the others`() async throws {
        let world = try await World()
        let (salma, kofi) = (try await world.join("tab-07"), try await world.join("tab-11"))
        let mayor = try await salma.add("person", "name.ar=نادية أمزيان-تيفاوين", "languages+=ar")
        let phone = try await salma.add("channel", "owner=\(mayor)", "value=+999550002001")
        let file = salma.file("wadi.snapshot")
        try await salma.fails(
            "snapshot", "export", file, "--in", "roster-xm01", status: 75, code: "unseen")
        #expect(!FileManager.default.fileExists(atPath: file))
        try await salma.done("sync")
        let made = try await salma.done("snapshot", "export", file, "--in", "roster-xm01").object
        #expect(made["records"] == .number(2))
        #expect(made["position"] == .number(2))
        let attributes = try FileManager.default.attributesOfItem(atPath: file)
        #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600)
        try await salma.fails(
            "snapshot", "export", file, "--in", "roster-xm01", status: 73, code: "cannot-create")

        // Written before and after: both stay.
        let imam = try await kofi.add("person", "name.fr=Abderrahmane El Ouazzani Tazarini")
        let loaded = try await kofi.done("snapshot", "load", file).object
        #expect(loaded["known"] == .bool(false))
        #expect(loaded["reapplied"] == .number(1))
        #expect(loaded["root"] == made["root"])
        try await kofi.done("edit", phone, "value=+999550002009")
        #expect(try await kofi.done("snapshot", "load", file).object["known"] == .bool(true))
        try await kofi.done("verify")
        #expect(try await kofi.done("sync").object["sent"] == .number(2))
        try await salma.done("sync")
        #expect(try await salma.digests() == kofi.digests())
        #expect(try await salma.digests() == world.checkServer())
        #expect(try await salma.done("export").output == kofi.done("export").output)
        #expect(try await salma.done("show", imam).object["type"] == .string("person"))
        try await kofi.done("verify")
    }

    @Test func `a file that is damaged, or another server's, changes nothing`() async throws {
        let world = try await World()
        let (salma, kofi) = (try await world.join("tab-07"), try await world.join("tab-11"))
        _ = try await salma.add("person", "name.fr=Nadia Amziane-Tifaouine")
        try await salma.done("sync")
        let file = salma.file("wadi.snapshot")
        try await salma.done("snapshot", "export", file, "--in", "roster-xm01")
        let digests = try await kofi.digests()
        let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: file)))
        for (name, damaged) in [
            ("cut", Array(bytes.dropLast())), ("longer", bytes + [0]), ("empty", []),
            ("text", Array("id,name\n".utf8)), ("turned", bytes.dropLast() + [bytes.last! ^ 1]),
        ] {
            let path = kofi.file(name)
            try Data(damaged).write(to: URL(fileURLWithPath: path))
            let outcome = try await kofi.run("snapshot", "load", path)
            #expect(outcome.status == 65, "\(name): \(outcome.errors)")
            #expect(["bad-data", "not-authentic"].contains(outcome.errorCode), "\(name)")
        }
        try await kofi.fails("snapshot", "load", kofi.file("none"), status: 66, code: "not-found")
        let stranger = try await world.newDevice("desk-02")
        try await stranger.fails("snapshot", "load", file, status: 78, code: "configuration")
        #expect(try await kofi.digests() == digests)
        try await kofi.done("verify")
    }
}

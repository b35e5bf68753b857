import Foundation
import Testing

/// Two records of one person, through the command line alone.
@Suite(.timeLimit(.minutes(30)))
struct MergeTests {
    /// The imam as Salma and Kofi-Yann entered him, apart.
    private func imams(_ device: Device) async throws -> (String, String) {
        (
            try await device.add(
                "person", "name.ar=عبد الرحمن الوزاني التازاريني", "languages+=ar", "notes=at home"
            ),
            try await device.add(
                "person", "name.fr=Abd al-Rahman al-Wazzani", "languages+=fr", "notes=at work",
                "contact_rule=crisis_only")
        )
    }

    @Test func `merged records are one person under both ids, and two again after unmerge`()
        async throws
    {
        let world = try await World()
        let (salma, kofi) = (try await world.join("tab-07"), try await world.join("tab-11"))
        let (first, second) = try await imams(salma)
        try await salma.done("sync")
        try await kofi.done("sync")
        let before = try await [
            salma.done("show", first).object, salma.done("show", second).object,
        ]

        let merged = try await salma.done(
            "merge", first, second, "--keep", "notes=B", "--because", "same mosque")
        #expect(merged.object["id"] == .string(first))
        #expect(merged.object["merged"] == .string(second))
        // Kofi-Yann has not heard of it.
        try await kofi.done("edit", second, "birth_year=1960")
        for device in [salma, kofi, salma] { try await device.done("sync") }

        for device in [salma, kofi] {
            for id in [first, second] {
                let shown = try await device.done("show", id).object
                #expect(shown["id"] == .string(first))
                #expect(shown["merged"] == .array([.string(second)]))
                #expect(shown["fields"]?["name"]?["fr"] == .string("Abd al-Rahman al-Wazzani"))
                #expect(shown["fields"]?["languages"] == .array([.string("ar"), .string("fr")]))
                #expect(shown["fields"]?["contact_rule"] == .string("crisis_only"))
                #expect(shown["fields"]?["notes"] == .string("at work"))
                #expect(shown["fields"]?["birth_year"] == .number(1960))
            }
            let stored = try await device.done("show", second, "--stored").object
            #expect(stored["id"] == .string(second))
            #expect(stored["fields"]?["merged_into"] == .string(first))
            #expect(try await device.done("list", "person").lines.count == 1)
            let found = try await device.done("find", "Wazzani").lines
            #expect(found.map { $0["id"] } == [.string(first)])
            #expect(try await device.done("list", "person", "--stored").lines.count == 2)
            let history = try await device.done("history", first).lines
            let entry = history.first { $0["field"] == .string("merged_into") }
            #expect(entry?["note"] == .string("same mosque"))
            #expect(entry?["replica_name"] == .string("tab-07"))
            #expect(entry?["record"] == .string(second))
        }

        #expect(try await kofi.done("unmerge", second).object["unmerged"] == .string(second))
        try await kofi.done("sync")
        try await salma.done("sync")
        for device in [salma, kofi] {
            #expect(try await device.done("show", first).object == before[0])
            let shown = try await device.done("show", second).object
            #expect(shown["fields"]?["birth_year"] == .number(1960))
            #expect(shown["fields"]?["notes"] == .string("at work"))
            #expect(shown["fields"]?["merged_fields"] == nil)
            #expect(shown["merged"] == nil)
        }
        #expect(try await salma.digests() == kofi.digests())
        try await kofi.fails("unmerge", second, status: 66, code: "not-found")
    }

    @Test func `an edit under the merged id goes to the person, and is seen`() async throws {
        let world = try await World()
        let salma = try await world.join("tab-07")
        let (first, second) = try await imams(salma)
        try await salma.done("merge", first, second, "--keep", "notes=B", "--keep", "name=B")
        let edited = try await salma.done("edit", second, "notes=new", "name.ar=عبد الرحمن")
        #expect(edited.object["id"] == .string(first))
        #expect(edited.object["changed"] == .array([.string("notes"), .string("name.ar")]))
        let shown = try await salma.done("show", first).object
        #expect(shown["fields"]?["notes"] == .string("new"))
        #expect(shown["fields"]?["name"]?["ar"] == .string("عبد الرحمن"))
        let stored = try await salma.done("show", second, "--stored").object
        #expect(stored["fields"]?["notes"] == .string("at work"))
        #expect(stored["fields"]?["merged_fields"] == .array([.string("name.fr")]))

        try await salma.done("edit", second, "notes=stored", "--stored")
        #expect(
            try await salma.done("show", second, "--stored").object["fields"]?["notes"]
                == .string("stored"))
        #expect(
            try await salma.done("show", first).object["fields"]?["notes"] == .string("new"))
        let cleared = try await run([
            "sijil", "edit", first, "notes=", "--home", salma.home.path,
        ])
        #expect(cleared.errors.contains("still shown"))
    }

    @Test func `merging what is one already changes nothing, and what is no person is refused`()
        async throws
    {
        let world = try await World()
        let salma = try await world.join("tab-07")
        let (first, second) = try await imams(salma)
        let phone = try await salma.add("channel", "owner=\(first)", "value=+999550003001")
        try await salma.fails("merge", first, phone, status: 64, code: "usage")
        try await salma.fails(
            "merge", first, second, "--keep", "languages=B", status: 64, code: "usage")
        try await salma.fails(
            "merge", first, second, "--keep", "notes", status: 64, code: "usage")
        try await salma.fails("unmerge", first, status: 66, code: "not-found")
        for _ in 0..<2 { try await salma.done("merge", first, second) }
        try await salma.done("merge", second, first)
        #expect(try await salma.done("log").lines.count == 4)
        #expect(try await salma.done("unmerge", first).object["unmerged"] == .string(second))
        #expect(try await salma.done("list", "person").lines.count == 2)
    }

    @Test func `a record is merged with another, never with itself`() async throws {
        let world = try await World()
        let salma = try await world.join("tab-07")
        let (first, second) = try await imams(salma)
        for keep in [[], ["--keep", "notes=B"], ["--keep", "notes=\(first)"]] {
            let outcome = try await salma.run(["merge", first, first.uppercased()] + keep)
            #expect(outcome.status == 64 && outcome.errorCode == "usage")
        }
        try await salma.fails(
            "merge", "A", "B", "--keep", "name.ar=B", status: 64, code: "usage")
        try await salma.done("merge", first, second, "--keep", "notes=\(second)")
        let shown = try await salma.done("show", first).object
        #expect(shown["fields"]?["notes"] == .string("at work"))
    }

    @Test func `one of several merged records has to be named`() async throws {
        let world = try await World()
        let salma = try await world.join("tab-07")
        let (first, second) = try await imams(salma)
        let third = try await salma.add("person", "name.fr=Abderrahmane")
        try await salma.done("merge", first, second)
        try await salma.done("merge", second, third)
        let shown = try await salma.done("show", third).object
        #expect(shown["merged"] == .array([.string(second), .string(third)]))
        try await salma.fails("unmerge", first, status: 64, code: "usage")
        try await salma.done("unmerge", third)
        #expect(try await salma.done("show", third).object["id"] == .string(third))
        #expect(try await salma.done("show", second).object["id"] == .string(first))
    }
}

import Foundation
import Testing

/// Persons who were entered twice, through the command line alone.
@Suite(.timeLimit(.minutes(30)))
struct DuplicatesTests {
    @Test func `who is added twice is mentioned, listed, merged or noted as two`() async throws {
        let world = try await World()
        let (salma, kofi) = (try await world.join("tab-07"), try await world.join("tab-11"))
        let mosque = try await salma.add("office", "type=imam", "title.fr=Imam d'al-Furqan")
        let imam = try await salma.add("person", "name.ar=عبد الرحمن الوزاني")
        for fields in [
            ["channel", "owner=\(imam)", "kind=mobile", "value=+999550003001"],
            ["tenure", "person=\(imam)", "office=\(mosque)"],
        ] {
            _ = try await salma.done(["add", fields[0], "--in", World.roster] + fields.dropFirst())
        }
        try await salma.done("sync")
        try await kofi.done("sync")

        let second = try await kofi.done(
            "add", "person", "--in", World.roster, "name.fr=Abd al-Rahman al-Wazzani")
        let id = try #require(second.object["id"]?.string)
        let added = try await kofi.done(
            "add", "channel", "--in", World.roster, "owner=\(id)", "kind=mobile",
            "value=+999 55 000 3001")
        let mentioned = try #require(added.object["possible_duplicates"]?.array?.first)
        #expect(mentioned["id"] == .string(imam))
        #expect(
            mentioned["reasons"] == .array([.string("same_phone"), .string("name_key")]))
        #expect(mentioned["label"] == .string("عبد الرحمن الوزاني"))

        let listed = try await kofi.done("duplicates").object
        #expect(Set([listed["a"]?.string, listed["b"]?.string]) == [imam, id])
        #expect(listed["reasons"] == mentioned["reasons"])
        #expect(listed["labels"]?.array?.count == 2)
        guard case .number(let score)? = listed["score"] else {
            Issue.record("There is no score.")
            return
        }
        #expect(score > 0.6 && score <= 1)
        #expect(try await kofi.run("duplicates", "--exit-code").status == 1)
        #expect(try await kofi.done("duplicates", "--min-score", "1").lines.isEmpty)

        try await kofi.done("merge", imam, id)
        #expect(try await kofi.run("duplicates", "--exit-code").status == 0)
        try await kofi.done("unmerge", id)
        for device in [kofi, salma] { try await device.done("sync") }
        let noted = try await kofi.done(
            "duplicates", "--not", id, imam, "--because", "two brothers")
        let same = try await salma.done("duplicates", "--not", imam, id)
        #expect(same.object["id"] == noted.object["id"])
        for device in [salma, kofi, salma] { try await device.done("sync") }
        for device in [salma, kofi] {
            #expect(try await device.done("duplicates").lines.isEmpty)
            #expect(try await device.done("list", "distinction").lines.count == 1)
        }
        try await kofi.fails("duplicates", "--not", id, status: 64, code: "usage")
        try await kofi.fails("duplicates", id, status: 64, code: "usage")
        try await kofi.done("merge", imam, id)
        try await kofi.fails("duplicates", "--not", id, imam, status: 64, code: "usage")
    }
}

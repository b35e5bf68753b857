import Foundation
import Testing

/// Telephone numbers as people type them, with the library that knows the numbering plans.
@Suite(.timeLimit(.minutes(30)))
struct PhoneTests {
    @Test func `numbers are read in the digits and the form of the place`() async throws {
        let world = try await World()
        let device = world.coordinator
        #expect(try await device.done("region").object["region"] == .null)
        #expect(try await device.done("region", "ma").object["region"] == .string("MA"))
        for typed in ["٠٦١٢-٣٤٥٦٧٨", "0612 34 56 78", "00212612345678", "+212 0612 345678"] {
            let id = try await device.add("channel", "kind=mobile", "value=\(typed)")
            let shown = try await device.done("show", id).object
            #expect(shown["fields"]?["value"] == .string("+212612345678"), "\(typed)")
            #expect(shown["fields"]?["raw"] == .string(typed))
            #expect(shown["flags"] == nil)
        }
        let fictional = try await device.add("channel", "kind=mobile", "value=+999 55 000 2001")
        #expect(
            try await device.done("show", fictional).object["fields"]?["value"]
                == .string("+999550002001"))
        let elsewhere = try await device.add(
            "channel", "kind=mobile", "value=055-000-3001", "--region", "+999")
        #expect(
            try await device.done("show", elsewhere).object["fields"]?["value"]
                == .string("+999550003001"))
    }

    @Test func `a number that cannot be read is kept, with a warning and a flag`() async throws {
        let world = try await World()
        let device = world.coordinator
        let id = try await device.add("channel", "kind=mobile", "value=0612-345678")
        let shown = try await device.done("show", id).object
        #expect(shown["fields"]?["value"] == .string("0612-345678"))
        #expect(
            shown["flags"]?.array?.first
                == .object([
                    "field": .string("value"), "reason": .string("unreadable_number"),
                ]))
        let edited = try await run([
            "sijil", "edit", id, "value=ask at the café", "--home", device.home.path,
        ])
        #expect(edited.status == 0)
        #expect(edited.errors.contains("warning: The telephone number in value could not be read"))
        let text = try await run(["sijil", "show", id, "--home", device.home.path])
        #expect(text.output.contains("! value: could not be read as a telephone number\n"))
        try await device.fails("region", "Maroc", status: 65, code: "bad-data")
        try await device.fails(
            "add", "area", "--in", World.roster, "time_zone=Nowhere/At_All", status: 65,
            code: "bad-data")
    }

    @Test func `a new replica is told its region at once`() async throws {
        let world = try await World()
        let device = Device(world.folder.appending(path: "tab-07"))
        try await device.done("init", "--name", "tab-07", "--region", "XM")
        #expect(try await device.done("region").object["region"] == .string("XM"))
        let other = Device(world.folder.appending(path: "tab-08"))
        try await other.fails(
            "init", "--name", "tab-08", "--region", "Atlantis", status: 65, code: "bad-data")
        try await other.done("init", "--name", "tab-08")
    }
}

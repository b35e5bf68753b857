import SijilCore
import SijilStore
import Testing

@testable import SijilDirectory

/// How a number was typed stands beside it, for as long as that number is there.
struct TypedNumberTests {
    private let rules = EntryRules(
        phones: PhoneNumbers(region: PhoneRegion("XM")), year: 2026)

    /// Writes a channel as `sijil add` and `edit` do.
    private func enter(_ arguments: [String], _ replica: Replica) throws {
        let present = try replica.hasRecord(mayor) ? replica.record(mayor) : nil
        let assignment = try Assignment(
            arguments, for: Schema.directory.type(named: "channel"), present: present, rules: rules)
        try replica.write(
            [RecordEdit(record: mayor, type: "channel", operations: assignment.operations)],
            in: Office.roster)
    }

    @Test func `a number that is corrected loses how the wrong one was typed`() throws {
        let replica = try Office("tab-07")[0]
        try enter(["kind=mobile", "value=055 000 3001"], replica)
        #expect(
            try replica.fields(mayor)
                == #"{"kind":"mobile","raw":"055 000 3001","value":"+999550003001"}"#)
        try enter(["value=+999550003002"], replica)
        #expect(try replica.fields(mayor) == #"{"kind":"mobile","value":"+999550003002"}"#)
    }

    @Test(arguments: [
        ["value="], ["kind=email", "value=a@b.example"], ["kind=messaging", "value=@nadia"],
        ["kind=web", "value=wadi-amal.example"], ["kind=mobile", "value=+999550003002"],
    ])
    func `a number that is taken away leaves nothing of how it was typed`(
        arguments: [String]
    ) throws {
        let replica = try Office("tab-07")[0]
        for arguments in [["kind=mobile", "value=055 000 3001"], arguments] {
            try enter(arguments, replica)
        }
        #expect(try replica.record(mayor)["raw"] == .none)
        // And a file that says the number again brings it back.
        let line =
            #"{"type":"channel","id":"\#(mayor)","fields":{"kind":"mobile","value":"+999550003001"}}"#
        #expect(try replica.importing(line).counts == [0, 1, 0, 0])
        #expect(try replica.record(mayor)["value"] == .text("+999550003001"))
    }

    @Test func `one of two numbers is taken with how that one was typed`() throws {
        let office = try Office("tab-07", "tab-11")
        try office[0].set("kind=mobile", "value=+999550003000", of: mayor, type: "channel")
        try office.exchange()
        for (index, value) in ["055 000 3001", "+999550003002"].enumerated() {
            try enter(["value=\(value)"], office[index])
        }
        try office.exchange()
        let (cell, raw) = (CellName("value"), CellName("raw"))
        let record = try office[0].record(mayor)
        let siblings = try #require(record.cells[cell]?.siblings)
        #expect(siblings.count == 2)
        let typed: [Value: Value] = [
            .text("+999550003001"): .text("055 000 3001"), .text("+999550003002"): .none,
        ]
        for sibling in siblings {
            let taken = rules.taking(sibling, in: cell, of: record, Schema.directory["channel"])
            #expect(taken.first == CellOperation(cell, .put(sibling.value)))
            let written = taken.dropFirst().first { $0.cell == raw }?.effect
            #expect((written ?? .put(record["raw"])) == .put(typed[sibling.value] ?? .none))
        }
        // Once somebody has decided on how it was typed, that stays.
        try office[0]
            .write(
                [
                    RecordEdit(
                        record: mayor, type: "channel",
                        operations: [CellOperation(raw, .put(.text("0550003001")))])
                ], in: Office.roster)
        let decided = try office[0].record(mayor)
        for sibling in siblings {
            #expect(
                rules.taking(sibling, in: cell, of: decided, Schema.directory["channel"]).count == 1
            )
        }
    }

    @Test func `a file says itself how a number was typed`() throws {
        let replica = try Office("tab-07")[0]
        func line(_ value: String) -> String {
            #"{"type":"channel","id":"1","fields":{"kind":"address","raw":";;1 rue A;;;;","value":"\#(value)"}}"#
        }
        #expect(try replica.importing(line("1 rue A")).counts == [1, 0, 0, 0])
        #expect(try replica.importing(line("1, rue A")).counts == [0, 1, 0, 0])
        #expect(try replica.importing(line("1, rue A")).counts == [0, 0, 1, 0])
        #expect(try replica.record(foreign("1", "channel"))["raw"] == .text(";;1 rue A;;;;"))
    }
}

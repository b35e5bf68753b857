import SijilCore
import SijilStore
import Testing

@testable import SijilDirectory

/// Inputs that once took the square of their length: with such a fault these tests go on for minutes.
@Suite struct LongInputTests {
    @Test func `a letter keeps thirty marks and is refused with endless ones`() throws {
        let notes = try RecordType.person.field(named: "notes")
        let marks = String(repeating: "\u{323}\u{301}", count: 15)
        #expect(try notes.read("x" + marks + "y" + marks).value != .none)
        #expect(failure { _ = try notes.read("x" + marks + "\u{301}") }?.code == .badData)
        let endless = String(repeating: "\u{301}\u{323}", count: 49_000)
        let refused = failure { _ = try notes.read("x" + endless) }
        #expect(refused?.code == .badData)
        #expect(refused?.place == "notes")
    }

    @Test func `a set of thousands is compared member by member only once`() throws {
        let replica = try Office("desk-01")[0]
        func line(_ prefix: String) -> String {
            let members = (0..<8000).map { "\"\(prefix)\($0)\"" }.joined(separator: ",")
            return #"{"type":"person","id":"a","fields":{"aliases":[\#(members)]}}"#
        }
        #expect(try replica.importing(line("a")).counts == [1, 0, 0, 0])
        #expect(try replica.importing(line("a") + "\n" + line("b")).counts == [0, 1, 1, 0])
        #expect(try replica.record(foreign("a")).members("aliases").count == 8000)
    }

    @Test func `a card of thousands of names is compared name by name only once`() throws {
        let replica = try Office("desk-01")[0]
        func card(_ note: String) -> String {
            let names = (0..<8000).map { "a\($0)" }.joined(separator: ",")
            return """
                BEGIN:VCARD
                UID:a
                FN:Nadia
                NOTE:\(note)
                NICKNAME:\(names)
                END:VCARD

                """
        }
        #expect(try replica.importing(card("x"), format: .vcard).counts == [1, 0, 0, 0])
        let again = try replica.importing(card("x") + card("y"), format: .vcard)
        #expect(again.counts == [0, 1, 1, 0])
        #expect(try replica.record(foreign("a")).members("aliases").count == 8000)
        #expect(try replica.exportedCards().contains("\r\nNICKNAME:a7999\r\n"))
    }

    @Test func `a field of thousands of languages is compared key by key only once`() throws {
        let replica = try Office("desk-01")[0]
        func line(_ text: String) -> String {
            let values = (0..<4000).map { "\"aa-x-\($0)\":\"\(text)\"" }.joined(separator: ",")
            return #"{"type":"person","id":"a","fields":{"name":{\#(values)}}}"#
        }
        #expect(try replica.importing(line("x")).counts == [1, 0, 0, 0])
        #expect(try replica.importing(line("y")).counts == [0, 1, 0, 0])
        #expect(try replica.record(foreign("a")).keyed("name").count == 4000)
    }

    @Test func `thousands of unknown fields are exported and read back field by field`() throws {
        let replica = try Office("desk-01")[0]
        for part in 0..<2 {
            let operations = (0..<6000)
                .map { CellOperation(CellName("later_\(part)_\($0)"), .put(.integer(1))) }
            try replica.write(
                [RecordEdit(record: mayor, type: "person", operations: operations)],
                in: Office.roster)
        }
        let line = try replica.exported()
        #expect(try JSON(parsing: Array(line.utf8.dropLast()))["fields"]?.members?.count == 12_000)
        #expect(try replica.importing(line).counts == [0, 0, 1, 0])
    }

    @Test func `a field's name as long as a file is compared by its beginning`() throws {
        let replica = try Office("desk-01")[0]
        let name = "note" + String(repeating: "\u{301}", count: 1_500_000)
        let report = try replica.importing(
            #"{"type":"person","id":"a","fields":{"\#(name)":"x"}}"#)
        #expect(report.counts == [0, 0, 0, 1])
        #expect(report.rejections[0].error.code == .unknownField)
    }
}

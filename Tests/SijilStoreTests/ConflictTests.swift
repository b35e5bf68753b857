import SijilCore
import SijilSimulator
import Testing

@testable import SijilStore

struct ConflictTests {
    let record = Identifier(0x51)

    /// Two sites that both know the record, and have not yet heard anything else of each other.
    func world() throws -> World {
        let world = try World(sites: 2)
        try world.write(
            .person(record, .set("name", "Nadia Amziane-Tifaouine"), .set("note", "mayor")), at: 0)
        try world.settle()
        return world
    }

    @Test func `a chain of edits of one replica never conflicts with itself`() throws {
        let world = try world()
        for count in 0..<20 {
            try world.write(
                .person(
                    record, .set("note", "note \(count)"), .set("age", .integer(Int64(count))),
                    .set("title", key: "fr", .text("titre \(count)"))), at: 0)
        }
        try world.settle()
        for replica in [world[0], world[1]] {
            let view = try replica.record(record)
            #expect(view.cells.values.allSatisfy { $0.siblings.count == 1 })
            #expect(view["note"] == .text("note 19"))
            #expect(try replica.conflictCount() == 0)
        }
        try world.close()
    }

    @Test func `history tells every decision about a record's life, and why`() throws {
        let world = try world()
        func told(_ number: Int) throws -> [String] {
            try world[number].history(of: record).filter { $0.cell == .liveness }
                .map { "\($0.value == .boolean(true) ? "deleted" : "lives") \($0.note ?? "")" }
        }
        #expect(try told(0) == ["lives "])
        try world.write(RecordEdit(record: record, type: "person", deletes: true), at: 0)
        try world.write(.person(record), at: 0)
        #expect(try told(0) == ["lives ", "deleted ", "lives "])
        try world.settle()
        // Deleted there, edited here: somebody decides that it lives, with nothing else to say.
        try world.write(RecordEdit(record: record, type: "person", deletes: true), at: 0)
        try world.write(.person(record, .set("note", "seen")), at: 1)
        try world.settle()
        #expect(try world[1].record(record).conflicts == [.liveness])
        try world.write([.person(record)], at: 1, note: "asked her")
        #expect(try world[1].record(record).conflicts == [])
        #expect(try told(1).last == "lives asked her")
        try world.settle()
        #expect(try told(0).last == "lives asked her")
        // What only changes a living record says nothing of its life.
        let count = try told(0).count
        try world.write(.person(record, .set("note", "moved")), at: 0)
        #expect(try told(0).count == count)
        try world.settle()
        try world.close()
    }

    @Test func `equal concurrent values never conflict`() throws {
        let world = try world()
        for number in 0...1 {
            try world.write(.person(record, .set("note", "the same"), .clear("name")), at: number)
        }
        try world.settle()
        let view = try world[0].record(record)
        #expect(view.cells[CellName("note")]?.siblings.count == 2)
        #expect(view.conflicts == [])
        #expect(try world[0].conflictCount() == 0)
        try world.close()
    }

    @Test func `a member that two had added leaves nothing behind when it is dropped`() throws {
        let world = try World(sites: 3)
        try world.write(.person(record, .set("note", "mayor")), at: 0)
        try world.settle()
        for number in 0...1 {
            try world.write(.person(record, .add("languages", .text("tamazight"))), at: number)
        }
        try world.settle()
        #expect(try world[2].find("tamazight", limit: 9).count == 1)
        try world.write(.person(record, .drop("languages", .text("tamazight"))), at: 2)
        try world.settle()
        for replica in (0...2).map({ world[$0] }) {
            #expect(try replica.record(record).members("languages") == [])
            #expect(try replica.number(sql: "SELECT count(*) FROM cell") == 0)
            #expect(try replica.number(sql: "SELECT count(*) FROM sibling") == 0)
            #expect(try replica.find("tamazight", limit: 9).isEmpty)
        }
        try world.close()
    }

    @Test func `clearing a field can clash with a concurrent value`() throws {
        let world = try world()
        try world.write(.person(record, .clear("note")), at: 0)
        try world.write(.person(record, .set("note", "new")), at: 1)
        try world.settle()
        let view = try world[0].record(record)
        #expect(view.conflicts == [CellName("note")])
        #expect(
            Set(view.cells[CellName("note")]?.siblings.map(\.value) ?? []) == [.none, .text("new")])
        try world.close()
    }

    @Test(arguments: [0, 1])
    func `deleting against an unseen edit keeps the edit and asks`(deleter: Int) throws {
        let world = try world()
        try world.write(.deletion(record), at: deleter)
        try world.write(.person(record, .set("note", "edited there")), at: 1 - deleter)
        try world.settle()
        for replica in [world[0], world[1]] {
            let view = try replica.record(record)
            #expect(!view.isDeleted)
            #expect(view["note"] == .text("edited there"))
            #expect(view.conflicts == [.liveness])
            #expect(try replica.conflictedRecords().map(\.id) == [record])
        }
        // The person decides: it goes. Everywhere.
        try world.write(.deletion(record), at: 1)
        try world.settle()
        #expect(try world[0].record(record).isDeleted)
        #expect(try world[0].conflictCount() == 0)
        try world.close()
    }

    @Test func `a deletion that had seen everything deletes, and an empty edit brings back`() throws
    {
        let world = try world()
        #expect(try world.write(.deletion(record), at: 1).dot != nil)
        #expect(try world.write(.deletion(record), at: 1).dot == nil, "deleted already")
        try world.settle()
        #expect(try world[0].record(record).isDeleted)
        #expect(try world[0].collections()[0].records == 0)
        try world.write(.person(record), at: 0)
        try world.settle()
        let view = try world[1].record(record)
        #expect(!view.isDeleted && view["note"] == .text("mayor"))
        #expect(try world[1].conflictCount() == 0)
        try world.close()
    }

    @Test func `deleting and making the same id again converges`() throws {
        let world = try world()
        try world.write(.deletion(record), at: 0)
        try world.write(.person(record, .set("note", "again")), at: 0)
        try world.write(.deletion(record), at: 1)
        try world.settle()
        #expect(try !world[0].record(record).isDeleted)
        #expect(try world[0].record(record).conflicts == [.liveness])

        // Two devices may also make the same id at once, e.g. from one import file.
        let other = Identifier(0x52)
        try world.write(.person(other, .set("name", "Salma Benkirat")), at: 0)
        try world.write(.person(other, .set("name", "سلمى بنقيرات")), at: 1)
        try world.settle()
        #expect(try world[0].record(other).conflicts == [CellName("name")])
        try world.close()
    }

    @Test(arguments: ["one", "other", "third"])
    func `writing a cell in conflict settles it everywhere`(choice: String) throws {
        let world = try world()
        try world.write(.person(record, .set("note", "one")), at: 0)
        try world.write(.person(record, .set("note", "other")), at: 1)
        try world.settle()
        #expect(try world[0].conflictCount() == 1)
        #expect(try world.write(.person(record, .set("note", choice)), at: 0).dot != nil)
        try world.settle()
        for replica in [world[0], world[1]] {
            #expect(try replica.conflictCount() == 0)
            #expect(try replica.record(record)["note"] == .text(choice))
            #expect(try replica.record(record).cells[CellName("note")]?.siblings.count == 1)
        }
        try world.close()
    }

    @Test func `settling clashes with a value that the one who settled had not seen`() throws {
        let world = try World(sites: 3)
        try world.write(.person(record, .set("note", "first")), at: 0)
        try world.settle()
        for number in 0..<3 {
            try world.write(.person(record, .set("note", "from \(number)")), at: number)
        }
        try world.deliver(from: 1, to: 0)
        try world.write(.person(record, .set("note", "settled")), at: 0)
        try world.settle()
        let values = try world[2].record(record).cells[CellName("note")]?.siblings.map(\.value)
        #expect(Set(values ?? []) == [.text("settled"), .text("from 2")])
        try world.close()
    }

    @Test func `history tells what each value replaced, and why`() throws {
        let world = try world()
        try world.write(.person(record, .set("note", "one")), at: 0)
        try world.write(.person(record, .set("note", "other")), at: 1)
        try world.settle()
        try world.write(
            [.person(record, .set("note", "settled"))], at: 0, note: "confirmed by cabinet")
        try world.settle()
        for replica in [world[0], world[1]] {
            let history = try replica.history(of: record)
            let notes = history.filter { $0.cell == CellName("note") }
            #expect(notes.first?.value == .text("mayor") && notes.first?.replaced == [])
            #expect(notes.last?.value == .text("settled"))
            #expect(Set(notes.last?.replaced ?? []) == [.text("one"), .text("other")])
            #expect(notes.last?.note == "confirmed by cabinet")
            #expect(notes.filter { $0.replaced == [.text("mayor")] }.count == 2)
            #expect(history.filter { $0.cell == .liveness }.count == 1, "only that it was made")
        }
        #expect(code { _ = try world[0].history(of: Identifier(99)) } == .notFound)
        try world.close()
    }

    @Test func `adding to a set wins over an unseen removal, and nobody is asked`() throws {
        let world = try world()
        let french = Value.text("fr")
        try world.write(
            .person(record, .add("languages", french), .add("languages", .text("ar"))), at: 0)
        try world.settle()
        try world.write(
            .person(record, .drop("languages", french), .drop("languages", .text("ar"))), at: 0)
        #expect(try world[0].record(record).members("languages") == [])
        // Site 1 does not know of the removal and says it once more.
        try world.write(.person(record, .set("note", "x")), at: 1)
        #expect(
            try world.write(.person(record, .add("languages", french)), at: 1).dot == nil,
            "present already")
        try world.write(.person(record, .drop("languages", french)), at: 1)
        try world.write(.person(record, .add("languages", french)), at: 1)
        try world.settle()
        for replica in [world[0], world[1]] {
            #expect(try replica.record(record).members("languages") == [french])
            #expect(try replica.conflictCount() == 0)
        }
        try world.close()
    }

    @Test func `the strictest restriction shows, and loosening must have seen it`() throws {
        let world = try world()
        let contact = CellName("contact")
        try world.write(.person(record, .set("contact", "none")), at: 0)
        try world.settle()
        try world.write(.person(record, .set("contact", "never")), at: 0)
        world.sites[1].source.now += 1_000_000_000
        try world.write(.person(record, .set("contact", "crisis_only")), at: 1)
        try world.settle()
        for replica in [world[0], world[1]] {
            let view = try replica.record(record)
            #expect(view["contact"] == .text("never"))
            #expect(view.cells[contact]?.siblings.count == 2)
            #expect(view.conflicts == [])
        }
        try world.write(.person(record, .set("contact", "none")), at: 1)
        try world.settle()
        #expect(try world[0].record(record)["contact"] == .text("none"))
        try world.close()
    }

    @Test func `what is written once refuses a second value here and conflicts when concurrent`()
        throws
    {
        let world = try world()
        let born = (1958...1960).map { Value.date(PartialDate(year: $0)!) }
        try world.write(.person(record, .set("born", born[0])), at: 0)
        for value in [born[1], .none] {
            #expect(
                code { try world.write(.person(record, .set("born", value)), at: 0) } == .badData)
        }
        #expect(try world.write(.person(record, .set("born", born[0])), at: 0).dot == nil)
        world.sites[1].source.now += 1_000_000_000
        try world.write(.person(record, .set("born", born[1])), at: 1)
        try world.settle()
        let view = try world[1].record(record)
        #expect(view["born"] == born[0], "the first shows")
        #expect(view.conflicts == [CellName("born")])
        try world.write(.person(record, .set("born", born[2])), at: 1)
        try world.settle()
        #expect(try world[0].record(record)["born"] == born[2])
        #expect(try world[0].conflictCount() == 0)
        try world.close()
    }

    @Test func `of two unseen values the later shows, by corrected time and then by replica`()
        throws
    {
        let world = try world()
        // Site 0 runs a day ahead and knows it.
        try world[0].remember(numbers: ["clock_offset": -86_400_000])
        world.sites[0].source.now = 1_900_000_000_000 + 86_400_000
        world.sites[1].source.now = 1_900_000_000_000 + 5000
        try world.write(.person(record, .set("note", "earlier")), at: 0)
        try world.write(.person(record, .set("note", "later")), at: 1)
        world.sites[0].source.now = 1_900_000_100_000 + 86_400_000
        world.sites[1].source.now = 1_900_000_100_000
        for number in 0...1 {
            try world.write(.person(record, .set("name", "by \(number)")), at: number)
        }
        try world.settle()
        let greater = world.sites[0].id > world.sites[1].id ? 0 : 1
        for replica in [world[0], world[1]] {
            #expect(try replica.record(record)["note"] == .text("later"))
            #expect(try replica.record(record)["name"] == .text("by \(greater)"))
        }
        try world.close()
    }

    @Test func `importing the same again writes nothing`() throws {
        let world = try world()
        let edits = (1...20)
            .map { number in
                RecordEdit.person(
                    Identifier(0x1000 + UInt128(number)), .set("name", "Person \(number)"),
                    .set("title", key: "fr", .text("Maire")), .add("languages", .text("fr")),
                    .clear("note"))
            }
        let first = try world.write(edits, at: 0)
        #expect(first.created.count == 20)
        let second = try world.write(edits, at: 0)
        #expect(second.dot == nil && second.created.isEmpty && second.changed.isEmpty)
        try world.settle()
        try world.close()
    }
}

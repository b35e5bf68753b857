import Foundation
import GRDB
import SijilCore
import SijilSimulator
import Testing

@testable import SijilStore

struct StorageTests {
    static let wide = Schema([
        RecordType(
            "wide",
            (1...14).map { Field("f\($0)", $0 <= 10 ? .text : .integer) }),
        RecordType("indexed", [Field("name", .text, searched: .names), Field("note", .text)]),
    ])

    private static let tables = [
        "data_wide", "data_indexed", "data_other", "journal", "cell", "sibling", "touch",
        "conflict", "search", "held",
    ]

    private func counts(_ replica: Replica) throws -> [String: Int] {
        var counts: [String: Int] = [:]
        for table in Self.tables {
            counts[table] = try replica.number(sql: "SELECT count(*) FROM \(table)")
        }
        return counts.filter { $0.value > 0 }
    }

    @Test func `a new record of fourteen fields costs one row and one journal row`() throws {
        let world = try World(sites: 2, schema: Self.wide)
        let operations = (1...14)
            .map { number in
                CellOperation.set("f\(number)", number <= 10 ? .text("text") : .integer(7))
            }
        try world.write(
            RecordEdit(record: Identifier(1), type: "wide", operations: operations), at: 0)
        try world.settle()
        for replica in [world[0], world[1]] {
            #expect(try counts(replica) == ["data_wide": 1, "journal": 1])
            #expect(try replica.number(sql: "SELECT length(clock) FROM data_wide") <= 5)
        }
        // A second edit of the record: the same row, and which change touched it.
        try world.write(
            RecordEdit(
                record: Identifier(1), type: "wide", operations: [.set("f1", "other")]), at: 0)
        #expect(try counts(world[0]) == ["data_wide": 1, "journal": 2, "touch": 1])
        try world.settle()
        try world.close()
    }

    @Test func `only a record with a searched field has a row in the index`() throws {
        let world = try World(sites: 1, schema: Self.wide)
        let edit = RecordEdit(
            record: Identifier(1), type: "indexed",
            operations: [.set("name", "Wadi Amal"), .set("note", "n")])
        try world.write(edit, at: 0)
        #expect(try counts(world[0]) == ["data_indexed": 1, "journal": 1, "search": 1])
        try world.write(
            RecordEdit(record: Identifier(2), type: "indexed", operations: [.set("note", "n")]),
            at: 0)
        #expect(try counts(world[0]) == ["data_indexed": 2, "journal": 2, "search": 1])
        try world.close()
    }

    @Test func `settled conflicts leave no rows behind`() throws {
        let world = try World(sites: 2, schema: Self.wide)
        func write(_ text: String, at number: Int) throws {
            try world.write(
                RecordEdit(
                    record: Identifier(1), type: "wide",
                    operations: [.set("f1", text), .set("more", key: "k", .text(text))]),
                at: number)
        }
        try write("first", at: 0)
        try world.settle()
        for number in 0...1 { try write("from \(number)", at: number) }
        try world.settle()
        #expect(try counts(world[0])["sibling"] == 6, "two each of two cells and of liveness")
        #expect(try counts(world[0])["conflict"] == 2)
        try write("settled", at: 1)
        try world.settle()
        let counts = try counts(world[0])
        #expect(counts["sibling"] == nil && counts["conflict"] == nil && counts["cell"] == 1)
        try world.close()
    }

    @Test func `a view shows records as a person reads them`() throws {
        let world = try World(sites: 1)
        let (record, office) = (Identifier(0xA), Identifier(0xB))
        try world.write(
            .person(
                record, .set("name", "Salma Benkirat"), .set("age", .integer(41)),
                .set("height", .real(1.5)), .set("active", .boolean(true)),
                .set("seen_on", .date(PartialDate(year: 2026, month: 3)!)),
                .set("office", .reference(office)),
                .set("title", key: "fr", .text("Maire")), .set("title", key: "ar", .text("عمدة")),
                .set("title", key: "en", .text("gone")),
                .set("rank", key: "a", .integer(3)), .set("deputy", key: "day", .reference(office)),
                .set("since", key: "a", .date(PartialDate(year: 2020)!)),
                .add("languages", .text("fr")), .add("languages", .text("ar")),
                .add("languages", .text("en")), .add("offices", .reference(office))), at: 0)
        try world.write(
            .person(record, .set("title", key: "en", .none), .drop("languages", .text("en"))),
            at: 0)
        try world.write(.person(Identifier(0xC), .set("name", "gone")), at: 0)
        try world.write(.deletion(Identifier(0xC)), at: 0)

        let rows = try world[0].rows(sql: "SELECT * FROM person")
        #expect(rows.count == 1)
        let row = try #require(rows.first)
        #expect(row["id"] == record.description)
        #expect(row["collection"] == "Wadi Amal")
        #expect(row["name"] == "Salma Benkirat")
        #expect(row["age"] == 41)
        #expect(row["height"] == 1.5)
        #expect(row["active"] == 1)
        #expect(row["seen_on"] == "2026-03")
        #expect(row["office"] == office.description)
        #expect(row["note"] == nil as String?)
        #expect(row["title"] == #"{"ar":"عمدة","fr":"Maire"}"#)
        #expect(row["rank"] == #"{"a":3}"#)
        #expect(row["deputy"] == #"{"day":"\#(office)"}"#)
        #expect(row["since"] == #"{"a":"2020"}"#)
        #expect(row["languages"] == #"["ar","fr"]"#)
        #expect(row["offices"] == #"["\#(office)"]"#)
        try world.close()
    }

    @Test func `one odd value does not break a view`() throws {
        let world = try World(sites: 1)
        try world.write(
            .person(
                Identifier(1), .set("title", key: "fr", .reference(Identifier(2))),
                .set("title", key: "ar", .unknown(tag: 9, bytes: [1])),
                CellOperation(CellName("title", key: .integer(4)), .put(.text("x"))),
                .set("title", "unkeyed"), .set("age", .text("forty")),
                .add("shifts", .integer(4)), .add("languages", .boolean(true)),
                CellOperation(CellName("languages", key: .text("x")), .put(.text("odd")))), at: 0)
        try world.write(.person(Identifier(2), .set("name", "Salma Benkirat")), at: 0)
        let rows = try world[0].rows(sql: "SELECT * FROM person ORDER BY id")
        #expect(rows.count == 2)
        #expect(rows[1]["name"] == "Salma Benkirat")
        try world.close()
    }

    @Test func `a value of the wrong kind for its column is kept, and conflicts like any other`()
        throws
    {
        let world = try World(sites: 2)
        let record = Identifier(1)
        try world.write(.person(record, .set("age", .text("forty"))), at: 0)
        try world.settle()
        #expect(try world[1].record(record)["age"] == .text("forty"))
        try world.write(.person(record, .set("age", .integer(40))), at: 0)
        try world.write(.person(record, .set("age", .unknown(tag: 12, bytes: [7]))), at: 1)
        try world.settle()
        let cell = try world[0].record(record).cells[CellName("age")]
        #expect(
            Set(cell?.siblings.map(\.value) ?? []) == [
                .integer(40), .unknown(tag: 12, bytes: [7]),
            ])
        #expect(try world[0].conflictCount() == 1)
        try world.write(.person(record, .set("age", .integer(41))), at: 1)
        try world.settle()
        #expect(try world[0].number(sql: "SELECT count(*) FROM sibling") == 0)
        #expect(try world[0].number(sql: "SELECT age FROM person") == 41)
        try world.close()
    }

    @Test func `a field that a record's first change cleared can still clash`() throws {
        let world = try World(sites: 2)
        let record = Identifier(1)
        // No replica of ours writes this; another program may.
        let run = try world.forge(
            Change(writtenAt: 1, edits: [.person(record, .clear("note"), .clear("age"))]),
            as: world.sites[0], at: 1, previous: .start)
        try world.deliver([run], to: 1)
        let cell = try world[1].record(record).cells[CellName("note")]
        #expect(cell?.siblings.map(\.value) == [.none])
        #expect(try world[1].verify().problems.map(\.what) == [])
    }

    @Test func `records can be read before anything was written`() throws {
        let world = try World(sites: 1)
        #expect(code { _ = try world[0].record(Identifier(1)) } == .notFound)
        #expect(try world[0].find("x", limit: 3).isEmpty)
        #expect(try world[0].dump() == "")
        #expect(try world[0].hasRecord(Identifier(1)) == false)
        try world[0].forEachRecord(RecordQuery(type: "person")) { _ in Issue.record("a record") }
        try world.close()
    }

    @Test
    func `what an older schema does not know is kept, forwarded, and readable after the upgrade`()
        throws
    {
        let folder = try Folder()
        let world = try World(seed: 5, sites: 1)
        try world.addSite(path: folder.file(), schema: TestSchema.older)
        try world.addSite()
        var generator = EditGenerator(seed: 77)
        for _ in 0..<40 {
            _ = code { try world.write(generator.edits(), at: 0) }
        }
        try world.write(
            RecordEdit(
                record: Identifier(5), type: "place",
                operations: [.set("name", "Nordkai"), .set("code", "XM04")]), at: 0)
        try world.deliver(from: 0, to: 1)
        let old = world[1]
        #expect(try State(of: old).digest == State(of: world[0]).digest)
        #expect(try old.record(Identifier(5))["name"] == .text("Nordkai"))
        #expect(try old.find("Nordkai", limit: 5).isEmpty)

        // The old one edits beside what it does not know, and forwards all of it.
        try world.write(.person(generator.records[0], .set("name", "edited by the old")), at: 1)
        let runs = try old.pendingRuns(in: World.collection, byteLimit: .max).runs
        try world.deliver(runs, to: 2)
        #expect(try State(of: world[2]).digest == State(of: old).digest)
        #expect(try old.verify().problems.map(\.what) == [])

        try world.settle()
        try world.sites[1].reopen(at: folder.file(), schema: TestSchema.whole)
        #expect(try world[1].find("Nordkai", limit: 5).map(\.record.id) == [Identifier(5)])
        #expect(try world[1].number(sql: "SELECT count(*) FROM place WHERE code = 'XM04'") == 1)
        try world.write(.person(generator.records[1], .set("note", "after")), at: 1)
        try world.settle()
        try world.close()
    }

    @Test func `going back to an older schema loses nothing either`() throws {
        let folder = try Folder()
        let world = try World(seed: 6, sites: 1)
        try world.addSite(path: folder.file())
        var generator = EditGenerator(seed: 78)
        for _ in 0..<40 {
            _ = code { try world.write(generator.edits(), at: world.random.int(0..<2)) }
        }
        try world.settle()
        try world.sites[1].reopen(at: folder.file(), schema: TestSchema.older)
        #expect(try State(of: world[1]).digest == State(of: world[0]).digest)
        try world.sites[1].reopen(at: folder.file(), schema: TestSchema.whole)
        try world.close()
    }

    @Test func `a field's conflicts come and go with the policy of the program that opens it`()
        throws
    {
        let folder = try Folder()
        let world = try World(seed: 7, sites: 1)
        try world.addSite(path: folder.file())
        let record = Identifier(1)
        try world.write(.person(record, .set("note", "none")), at: 0)
        try world.write(.person(record, .set("note", "never")), at: 1)
        try world.settle()
        let fields = TestSchema.person.fields.map {
            $0.name == "note"
                ? Field("note", .text, policy: .strictest(TestSchema.restrictions)) : $0
        }
        let unasking = Schema([RecordType("person", fields), TestSchema.place])
        for (schema, count) in [(unasking, 0), (TestSchema.whole, 1)] {
            try world.sites[1].reopen(at: folder.file(), schema: schema)
            #expect(try world[1].conflictCount() == count)
            #expect(
                try world[1].conflictedRecords().map(\.conflicts.count) == (count == 0 ? [] : [1]))
        }
        try world.close()
    }

    @Test func `cursor, positions and held changes outlive a rebuild`() throws {
        let folder = try Folder()
        let world = try World(sites: 1)
        try world.addSite(path: folder.file(), schema: TestSchema.older)
        for count in 1...4 {
            try world.write(.person(Identifier(1), .set("age", .integer(Int64(count)))), at: 0)
        }
        let author = world.sites[0].id
        try world[1]
            .receive(
                [Delivery(position: 5, .run(world.run(author, 1...2)))], in: World.collection,
                cursor: 6)
        try world.deliver([world.run(author, 4...4)], to: 1)
        try world.sites[1].reopen(at: folder.file(), schema: TestSchema.whole)
        let summary = try world[1].collections()[0]
        #expect(summary.cursor == 6 && summary.held == 1)
        #expect(summary.changes == 2 && summary.pending == 0)
        #expect(try world[1].log(in: World.collection, limit: 9).map(\.position) == [6, 5])
        try world.deliver([world.run(author, 3...3)], to: 1)
        try world.close()
    }

    @Test func `an identifier in two collections stands for the same record on every replica`()
        throws
    {
        func grant(_ id: CollectionID) -> CollectionGrant {
            CollectionGrant(id: id, name: "\(id)", kind: "roster", role: .coordinator)
        }
        let grants = [grant(World.collection), grant(World.otherCollection)]
        let id = Identifier(0xA1)
        for (seed, grants) in [grants, grants.reversed()].enumerated() {
            let replica = try Site(seed: UInt64(seed), path: nil, schema: TestSchema.whole).replica
            for grant in grants {
                try replica.setGrants(Array(grants.prefix { $0.id != grant.id }) + [grant])
            }
            func write(_ edit: RecordEdit, in collection: CollectionID) throws {
                try replica.write([edit], in: collection)
            }
            try write(.person(id, .set("name", "one")), in: World.collection)
            try write(.person(id, .set("name", "other")), in: World.otherCollection)
            #expect(try replica.record(id)["name"] == .text("one"))
            var gone = RecordEdit(record: id, type: "person")
            gone.deletes = true
            try write(gone, in: World.collection)
            #expect(try replica.record(id)["name"] == .text("other"))
            try write(RecordEdit(erasing: id, type: "person"), in: World.otherCollection)
            #expect(try replica.record(id).collection == World.collection)
            #expect(try replica.record(id)["name"] == .text("one"))
            // A stranger's tombstone of another type does not hide it either.
            var stranger = RecordEdit(record: id, type: "badge")
            stranger.deletes = true
            try write(.person(id, .set("age", .integer(41))), in: World.collection)
            try replica.write([stranger], in: World.otherCollection)
            #expect(try replica.record(id)["age"] == .integer(41))
        }
    }
}

import Foundation
import GRDB
import SijilCore
import SijilSimulator
import Testing

@testable import SijilStore

/// A write that throws leaves nothing behind, and the replica goes on.
struct AtomicityTests {
    let world: World
    let record = Identifier(1)

    init() throws {
        world = try World(seed: 41, sites: 2)
        try world.write(
            .person(
                record, .set("born", .date(PartialDate(year: 1958)!)), .set("name", "Nadia")), at: 0
        )
    }

    private func expectNothingLeft(
        _ expected: SijilError.Code, sourceLocation: SourceLocation = #_sourceLocation,
        _ body: (Replica) throws -> Void
    ) throws {
        let before = try world[0].wholeFile()
        #expect(code { try body(world[0]) } == expected, sourceLocation: sourceLocation)
        #expect(
            try world[0].wholeFile().difference(from: before) == nil, sourceLocation: sourceLocation
        )
        // It goes on, also with names that the failed one was the first to use.
        try world.write(
            .person(record, .set("brand_new", "x"), .set("note", "after")), at: 0)
        try world.settle()
        try world.close()
    }

    @Test func `a second value of what is written once`() throws {
        try expectNothingLeft(.badData) {
            try $0.write(
                [
                    .person(Identifier(9), .set("brand_new", "y")),
                    .person(record, .set("born", .date(PartialDate(year: 1959)!))),
                ], in: World.collection)
        }
    }

    @Test func `a value beyond the limit`() throws {
        try expectNothingLeft(.badData) {
            try $0.write(
                [
                    .person(
                        record, .set("brand_new", "y"),
                        .set("note", String(repeating: "x", count: Limits.valueBytes + 1)))
                ], in: World.collection)
        }
    }

    @Test func `more records than a change may touch`() throws {
        let edits = (0...Limits.recordsPerChange)
            .map {
                RecordEdit.person(Identifier(UInt128($0) + 50), .set("age", .integer(1)))
            }
        try expectNothingLeft(.badData) { try $0.write(edits, in: World.collection) }
    }

    @Test func `one record or one cell twice`() throws {
        try expectNothingLeft(.badData) {
            try $0.write(
                [.person(record, .set("age", .integer(1))), .person(record, .set("note", "x"))],
                in: World.collection)
        }
    }

    @Test func `one cell twice in a new record`() throws {
        try expectNothingLeft(.badData) {
            try $0.write(
                [.person(Identifier(4), .set("note", "a"), .set("note", "b"))],
                in: World.collection)
        }
    }

    @Test func `an unknown collection`() throws {
        try expectNothingLeft(.notFound) {
            try $0.write([.person(record, .set("note", "x"))], in: Identifier(0xDEAD))
        }
    }

    @Test func `a failure of SQLite in the middle`() throws {
        // The second record's row is refused after the first was written.
        try world[0]
            .sql(
                """
                CREATE TEMP TRIGGER stop BEFORE INSERT ON data_place
                BEGIN SELECT RAISE(ABORT, 'stop'); END
                """)
        let before = try world[0].wholeFile()
        let found = code {
            try world[0]
                .write(
                    [
                        .person(Identifier(8), .set("brand_new", "y"), .set("name", "x")),
                        RecordEdit(record: Identifier(9), type: "place"),
                    ], in: World.collection)
        }
        #expect(found == .inputOutput)
        #expect(try world[0].wholeFile().difference(from: before) == nil)
        try world[0].sql("DROP TRIGGER stop")
        try world.write(.person(Identifier(8), .set("brand_new", "z")), at: 0)
        #expect(
            try world[0].number(sql: "SELECT count(*) FROM field WHERE name = 'brand_new'") == 1)
        try world.settle()
        try world.close()
    }

    @Test func `a reader may not write, and still receives`() throws {
        let reader = CollectionGrant(
            id: World.collection, name: "Wadi Amal", kind: "roster", role: .reader)
        try world[1].setGrants([reader])
        let before = try world[1].wholeFile()
        #expect(
            code { try world.write(.person(record, .set("note", "x")), at: 1) } == .notPermitted)
        #expect(try world[1].wholeFile() == before)
        try world.settle()
        try world.close()
    }

    @Test func `grants and remembered values are all or none, and again is the same`() throws {
        let grant = CollectionGrant(
            id: World.otherCollection, name: "practices", kind: "practices", role: .coordinator)
        try world[0].setGrants([grant])
        let before = try world[0].wholeFile()
        try world[0].setGrants([grant])
        try world[0].remember(texts: [:], numbers: [:])
        #expect(try world[0].wholeFile() == before)
        #expect(try world[0].collection(named: "practices").grant == grant)
        #expect(try world[0].collection(named: World.otherCollection.description).grant == grant)
        #expect(code { _ = try world[0].collection(named: "none") } == .notFound)
        #expect(code { _ = try world[0].collection(named: "00000") } == .usage)
    }
}

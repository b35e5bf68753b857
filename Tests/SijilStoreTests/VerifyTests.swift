import Foundation
import GRDB
import SijilCore
import SijilSimulator
import Testing

@testable import SijilStore

/// Damage done by hand is found and named.
struct VerifyTests {
    let world: World
    let record = Identifier(0x77)

    init() throws {
        world = try World(seed: 21, sites: 2)
        try world.write(
            .person(
                record, .set("name", "Nadia Amziane"), .set("age", .integer(50)),
                .set("title", key: "fr", .text("Maire")), .add("languages", .text("fr"))), at: 0)
        try world.write(.person(Identifier(0x78), .set("name", "Inès")), at: 0)
        try world.settle()
        try world.write(.person(record, .set("note", "one")), at: 0)
        try world.write(.person(record, .set("note", "other")), at: 1)
        try world.settle()
        #expect(try world[0].verify().problems.map(\.what) == [])
    }

    private func problems(
        _ sql: String, _ arguments: StatementArguments = []
    ) throws -> [Verification.Problem] {
        let replica = world[0]
        let before = try replica.wholeFile()
        try replica.sql(sql, arguments)
        #expect(try replica.wholeFile() != before, "the damage was done")
        return try replica.verify().problems
    }

    @Test(arguments: [
        "UPDATE data_person SET age = 51 WHERE age = 50",
        "UPDATE data_person SET age = NULL WHERE age = 50",
        "UPDATE data_person SET age = x'00FF' WHERE age = 50",
        "UPDATE data_person SET deleted = 1 WHERE age = 50",
        "UPDATE data_person SET clock = x'0102' WHERE age = 50",
        "UPDATE data_person SET clock = x'' WHERE age = 50",
        "UPDATE data_person SET clock = x'FFFFFFFF' WHERE age = 50",
        "DELETE FROM data_person WHERE age = 50",
        "UPDATE cell SET value = 'Mairesse' WHERE value = 'Maire'",
        "UPDATE cell SET kind = 99 WHERE value = 'Maire'",
        "UPDATE cell SET sequence = 2 WHERE value = 'Maire'",
        "UPDATE cell SET replica = 77 WHERE value = 'Maire'",
        "UPDATE cell SET field = 999 WHERE value = 'Maire'",
        "UPDATE cell SET key = x'' WHERE value = 'Maire'",
        "DELETE FROM cell",
        "UPDATE sibling SET value = 'another' WHERE value = 'one'",
        "DELETE FROM sibling WHERE value = 'one'",
        "UPDATE sibling SET at = at + 1",
        "DELETE FROM conflict",
        "DELETE FROM touch",
        "DELETE FROM search WHERE search MATCH 'nadia'",
    ])
    func `a damaged record is named`(sql: String) throws {
        let problems = try problems(sql)
        #expect(!problems.isEmpty)
        #expect(
            problems.contains { $0.what.contains(record.description) },
            "\(problems.map(\.what))")
        #expect(!problems.contains { $0.what.contains("000000000000000000000078") })
    }

    @Test func `a record that the log does not know is named`() throws {
        let problems = try problems(
            """
            INSERT INTO data_person (n, collection, id, deleted, clock)
            SELECT n + 25600, collection, x'000000000000000000000000000000FE', 0, x'0101'
            FROM data_person LIMIT 1
            """)
        #expect(
            problems.contains { $0.what.contains("000000000000000000000000000000fe") },
            "\(problems.map(\.what))")
    }

    @Test(arguments: [
        "UPDATE journal SET bytes = substr(bytes, 1, length(bytes) - 1) WHERE n = 1",
        "UPDATE journal SET bytes = CAST(replace(bytes, 'Amziane', 'Amzianf') AS BLOB) WHERE n = 1",
        "UPDATE journal SET bytes = x'07' WHERE n = 1",
        "UPDATE journal SET at = at + 1 WHERE n = 1",
    ])
    func `a damaged change is named`(sql: String) throws {
        let problems = try problems(sql)
        #expect(!problems.isEmpty)
        #expect(problems.allSatisfy { $0.dot?.replica == world.sites[0].id })
        #expect(problems.first?.dot?.sequence == 1, "\(problems.map(\.what))")
    }

    @Test func `a flipped bit anywhere in a change is found and placed`() throws {
        let bytes = try #require(
            try world[0].rows(sql: "SELECT bytes FROM journal WHERE n = 2").first?[0] as Data?)
        for index in stride(from: 0, to: bytes.count, by: 3) {
            var damaged = bytes
            damaged[index] ^= 0x10
            let problems = try problems(
                "UPDATE journal SET bytes = ? WHERE n = 2", [damaged])
            #expect(problems.first?.dot == Dot(replica: world.sites[0].id, sequence: 2))
            try world[0].sql("UPDATE journal SET bytes = ? WHERE n = 2", [bytes])
        }
        #expect(try world[0].verify().isSound)
    }

    @Test(arguments: 0..<5) func `of many changes under one signature the damaged one is named`(
        number: Int
    ) throws {
        for person in 0..<5 {
            try world.write(
                .person(
                    Identifier(UInt128(0x80 + person)), .set("name", .text("person \(person)"))),
                at: 0)
        }
        try world.settle()
        let last = "SELECT sequence, signature IS NULL FROM journal ORDER BY n DESC LIMIT 5"
        // The author knows the hash of each; others have one signature.
        let replica = world[1]
        let run = try replica.rows(sql: last).reversed().map { ($0[0] as Int64, $0[1] as Bool) }
        #expect(run.map(\.1).prefix(3) == [true, true, true], "under one signature")
        try replica.sql(
            "UPDATE journal SET bytes = CAST(replace(bytes, ?, ?) AS BLOB)",
            ["person \(number)", "person X"])
        #expect(
            try replica.verify().problems.map(\.dot)
                == [Dot(replica: world.sites[0].id, sequence: UInt64(run[number].0))])
    }

    @Test(arguments: [
        "UPDATE journal SET signature = x'00' WHERE n = 3",
        "UPDATE journal SET signature = zeroblob(64) WHERE n = 3",
        "UPDATE journal SET signature = NULL WHERE n = 3",
    ])
    func `a damaged signature is named`(sql: String) throws {
        let problems = try problems(sql)
        #expect(problems.map(\.dot) == [Dot(replica: world.sites[0].id, sequence: 3)])
    }

    @Test(arguments: [
        "UPDATE journal SET sequence = -1 WHERE n = 1",
        "UPDATE author SET sequence = -9223372036854775807 - 1",
        "UPDATE author SET seen = x'FFFFFFFFFFFFFFFFFF0101'",
        "UPDATE cell SET sequence = -1 WHERE value = 'Maire'",
        "UPDATE cell SET record = 'Nadia' WHERE value = 'Maire'",
        "UPDATE sibling SET sequence = -1 WHERE value = 'one'",
        "UPDATE data_person SET clock = x'FFFFFFFFFFFFFFFFFF01FFFFFFFFFFFFFFFFFF01'",
    ])
    func `a number that cannot be is found, never a crash`(sql: String) throws {
        #expect(try !problems(sql).isEmpty)
        _ = code {
            try world[0].write([.person(record, .set("name", "N"))], in: World.collection)
        }
        _ = try? world[0].history(of: record)
        _ = try? world[0].log(in: nil, limit: 10)
    }

    @Test func `a missing change is found`() throws {
        #expect(try !problems("DELETE FROM journal WHERE n = 2").isEmpty)
    }

    @Test func `a missing head is found`() throws {
        #expect(try problems("DELETE FROM author").contains { $0.dot != nil })
    }

    @Test func `a missing last change is found`() throws {
        #expect(try !problems("DELETE FROM journal WHERE n = (SELECT max(n) FROM journal)").isEmpty)
    }

    @Test(arguments: [
        "UPDATE author SET hash = zeroblob(32)", "UPDATE author SET hash = x''",
        "UPDATE author SET seen = x''", "UPDATE author SET sequence = sequence + 1",
    ])
    func `a damaged head is named`(sql: String) throws {
        let problems = try problems(sql)
        #expect(!problems.isEmpty)
        #expect(problems.allSatisfy { $0.dot != nil }, "\(problems.map(\.what))")
    }

    @Test func `a damaged count of records is named`() throws {
        let problems = try problems("UPDATE author SET records = records + 1")
        #expect(problems.contains { $0.what.contains("counts its records") })
    }

    @Test func `a damaged digest is named`() throws {
        let problems = try problems("UPDATE author SET digest = zeroblob(16)")
        #expect(problems.contains { $0.what.contains("digest") })
    }

    @Test(arguments: ["certificate = NULL", "certificate = x'01'", "certificate = zeroblob(200)"])
    func `a damaged certificate is found`(assignment: String) throws {
        let problems = try problems(
            "UPDATE replica SET \(assignment) WHERE id <> ?", [Data(world.sites[0].id.bytes)])
        #expect(problems.contains { $0.dot?.replica == world.sites[1].id })
    }

    @Test func `one name in two collections does not hide a missing signature`() throws {
        try world[0]
            .setGrants([
                CollectionGrant(
                    id: World.otherCollection, name: "Zweite", kind: "roster", role: .editor)
            ])
        let edit = RecordEdit.person(Identifier(5), .set("note", "n"))
        for _ in 0..<2 {
            try world[0].write([edit], in: World.otherCollection)
            try world[0].write([.deletion(edit.record)], in: World.otherCollection)
        }
        // Sequence 4 of the other collection; the first collection's last is 3.
        let problems = try problems("UPDATE journal SET signature = NULL WHERE n = 3")
        #expect(problems.map(\.dot) == [Dot(replica: world.sites[0].id, sequence: 3)])
    }

    @Test func `what another process writes meanwhile is no damage`() throws {
        let folder = try Folder()
        let site = try world.addSite(path: folder.file())
        try site.replica.write([.person(record, .set("note", "x"))], in: World.collection)
        let other = try Replica.open(
            at: folder.file(), key: site.key, schema: TestSchema.whole,
            environment: site.source.environment)
        var isWritten = false
        site.replica.database.writeWithoutTransaction { db in
            db.trace { event in
                guard !isWritten, "\(event)".contains("FROM author") else { return }
                isWritten = true
                _ = try? other.write([.person(record, .set("note", "y"))], in: World.collection)
            }
        }
        #expect(try site.replica.verify().problems.map(\.what) == [])
        #expect(isWritten)
        #expect(try other.record(record)["note"] == .text("y"))
    }

    @Test func `a file with held changes is sound`() throws {
        let author = world.sites[1].id
        try world.write(.person(record, .set("age", .integer(1))), at: 1)
        // Site 1 hears from 0 and goes on; a third site gets all of it in one run without what it saw.
        try world.write(.person(record, .set("age", .integer(2))), at: 0)
        try world.deliver(from: 0, to: 1)
        try world.write(.person(record, .set("age", .integer(3))), at: 1)
        try world.addSite()
        try world.deliver([world.run(world.sites[0].id, 1...3)], to: 2)
        let report = try world.deliver([world.run(author, 1...3)], to: 2)
        #expect(report.applied == 2 && report.held == 1)
        #expect(try world[2].verify().problems.map(\.what) == [])
        // But not when what is held does not carry the signature on.
        try world[2].sql("UPDATE held SET signature = zeroblob(64)")
        #expect(try !world[2].verify().isSound)
        try world[2].sql("DELETE FROM held")
        #expect(try !world[2].verify().isSound)
    }
}

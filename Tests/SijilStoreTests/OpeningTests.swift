import Foundation
import GRDB
import SijilCore
import SijilSimulator
import Testing

@testable import SijilStore

struct OpeningTests {
    let folder: Folder
    let key: SigningKey
    let environment = Site.Source(seed: 3).environment

    init() throws {
        folder = try Folder()
        key = try SigningKey(seed: [UInt8](repeating: 7, count: 32))
    }

    private func create(at path: String) throws -> Replica {
        try Replica.create(
            at: path, name: "tab-07", key: key, schema: TestSchema.whole, environment: environment)
    }

    private func open(_ path: String, key other: SigningKey? = nil) throws -> Replica {
        try Replica.open(
            at: path, key: other ?? key, schema: TestSchema.whole, environment: environment)
    }

    @Test func `a replica is what it was when opened again`() throws {
        let first = try create(at: folder.file())
        try first.setGrants([
            CollectionGrant(id: World.collection, name: "Wadi Amal", kind: "roster", role: .editor)
        ])
        try first.write([.person(Identifier(1), .set("note", "x"))], in: World.collection)
        let (file, dump) = (try first.wholeFile(), try first.dump())
        try first.close()
        let second = try open(folder.file())
        #expect(try second.wholeFile() == file)
        #expect(try second.dump() == dump)
        #expect(try second.name == "tab-07")
        #expect(second.id == Identifier(publicKey: key.publicKey))
        #expect(try second.verify().isSound)
        try second.close()
    }

    /// A sparse field is one that a newer program asks for by its index.
    @Test func `the links of a field are the same when it becomes sparse`() throws {
        func schema(sparse: Bool) -> Schema {
            Schema([RecordType("person", [Field("boss", .reference, isSparse: sparse)])])
        }
        func reference(_ number: UInt128) -> Value { .reference(Identifier(number)) }
        let path = folder.file()
        let first = try Replica.create(
            at: path, name: "tab-07", key: key, schema: schema(sparse: false),
            environment: environment)
        try first.setGrants([
            CollectionGrant(id: World.collection, name: "Wadi Amal", kind: "roster", role: .editor)
        ])
        for (record, boss) in [(1, 2), (2, 9), (4, 2)] as [(UInt128, UInt128)] {
            try first.write(
                [.person(Identifier(record), .set("boss", reference(boss)))], in: World.collection)
        }
        try first.write([RecordEdit(record: Identifier(3), type: "person")], in: World.collection)
        try first.write(
            [RecordEdit(record: Identifier(4), type: "person", deletes: true)],
            in: World.collection)
        let links = try first.links(of: "person", through: "boss")
        #expect(links.map(\.record) == [Identifier(1), Identifier(2)])
        #expect(links.map(\.isTargetHere) == [true, false])
        try first.close()
        for sparse in [true, false] {
            let next = try Replica.open(
                at: path, key: key, schema: schema(sparse: sparse), environment: environment)
            #expect(try next.links(of: "person", through: "boss") == links)
            #expect(try next.verify().isSound)
            try next.close()
        }
    }

    /// Each of these changes which tables there are, or what is found in them.
    @Test(arguments: [
        Field("note", .text, .keyed), Field("note", .integer),
        Field("note", .text, searched: .words),
        Field("note", .text, policy: .once),
    ])
    func `what a newer program makes of a field it makes of what is there`(next: Field) throws {
        func schema(_ field: Field) -> Schema { Schema([RecordType("person", [field])]) }
        let path = folder.file()
        let first = try Replica.create(
            at: path, name: "tab-07", key: key, schema: schema(Field("note", .text)),
            environment: environment)
        try first.setGrants([
            CollectionGrant(id: World.collection, name: "Wadi Amal", kind: "roster", role: .editor)
        ])
        let record = Identifier(1)
        try first.write([.person(record, .set("note", "mayor"))], in: World.collection)
        #expect(try first.find("mayor", limit: 9).isEmpty)
        func values(_ replica: Replica) throws -> [CellName: [Value]] {
            try replica.record(record).cells.mapValues { $0.siblings.map(\.value) }
        }
        let (cells, fingerprint) = (try values(first), first.schemaFingerprint)
        try first.close()
        let second = try Replica.open(
            at: path, key: key, schema: schema(next), environment: environment)
        #expect(second.schemaFingerprint != fingerprint)
        #expect(try second.verify().problems.map(\.what) == [])
        #expect(try values(second) == cells)
        #expect(try second.find("mayor", limit: 9).count == (next.isSearched ? 1 : 0))
        try second.close()
    }

    @Test func `a file in which another process writes is to be tried again`() throws {
        let path = folder.file()
        let replica = try create(at: path)
        try replica.setGrants([
            CollectionGrant(id: World.collection, name: "Wadi Amal", kind: "roster", role: .editor)
        ])
        try replica.sql("PRAGMA busy_timeout = 0")
        let other = try DatabaseQueue(path: path)
        let edit = RecordEdit.person(Identifier(1), .set("note", "mayor"))
        try other.inDatabase { db in
            try db.execute(sql: "BEGIN IMMEDIATE")
            #expect(code { try replica.write([edit], in: World.collection) } == .tryAgain)
            try db.execute(sql: "ROLLBACK")
        }
        try replica.write([edit], in: World.collection)
        try other.close()
        try replica.close()
    }

    @Test func `a file that exists is not overwritten`() throws {
        let path = folder.file()
        try Data("mine".utf8).write(to: URL(fileURLWithPath: path))
        #expect(code { _ = try create(at: path) } == .cannotCreate)
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == Data("mine".utf8))
    }

    @Test func `a file that cannot be made is told as such`() throws {
        #expect(code { _ = try create(at: folder.file("none/replica.sqlite")) } == .cannotCreate)
    }

    @Test func `no file is not found`() throws {
        #expect(code { _ = try open(folder.file()) } == .notFound)
    }

    @Test func `another replica's key is refused`() throws {
        try create(at: folder.file()).close()
        let other = try SigningKey(seed: [UInt8](repeating: 8, count: 32))
        #expect(code { _ = try open(folder.file(), key: other) } == .configuration)
        try open(folder.file()).close()
    }

    @Test func `a file of a later layout is refused and left alone`() throws {
        let replica = try create(at: folder.file())
        try replica.sql(
            "UPDATE sijil SET value = ? WHERE key = 'layout'", [ReplicaSchema.layout + 1])
        let before = try replica.wholeFile()
        try replica.close()
        #expect(code { _ = try open(folder.file()) } == .futureVersion)
        let queue = try DatabaseQueue(path: folder.file())
        let layout = try queue.read {
            try Int64.fetchOne($0, sql: "SELECT value FROM sijil WHERE key = 'layout'")
        }
        #expect(layout == ReplicaSchema.layout + 1)
        #expect(!before.isEmpty)
    }

    /// The tables of the log as layout 1 had them, from those of this one.
    static let layout1 = """
        DROP TABLE author;
        CREATE TABLE author (
            collection INTEGER NOT NULL, replica INTEGER NOT NULL, sequence INTEGER NOT NULL,
            hash BLOB NOT NULL, seen BLOB NOT NULL, PRIMARY KEY (collection, replica)
        ) WITHOUT ROWID;
        DROP INDEX journal_dot;
        ALTER TABLE journal RENAME TO journal_2;
        CREATE TABLE journal (
            n INTEGER PRIMARY KEY, collection INTEGER NOT NULL, replica INTEGER NOT NULL,
            sequence INTEGER NOT NULL, position INTEGER, at INTEGER NOT NULL, bytes BLOB NOT NULL,
            signature BLOB);
        CREATE UNIQUE INDEX journal_dot ON journal (collection, replica, sequence);
        CREATE INDEX journal_pending ON journal (collection, n) WHERE position IS NULL;
        INSERT INTO journal SELECT n, collection, replica, sequence,
            (SELECT p.position + j.sequence - p.sequence FROM placed p
                WHERE p.collection = j.collection AND p.replica = j.replica
                    AND j.sequence BETWEEN p.sequence AND p.sequence + p.count - 1),
            at, bytes, signature FROM journal_2 j;
        DROP TABLE journal_2;
        DROP TABLE placed;
        DROP TABLE base;
        DROP TABLE dot;
        ALTER TABLE collection ADD COLUMN digest BLOB;
        UPDATE sijil SET value = 1 WHERE key = 'layout';
        """

    @Test func `a file of layout 1 becomes what it would be today`() throws {
        let replica = try create(at: folder.file())
        try replica.setGrants([
            CollectionGrant(id: World.collection, name: "Wadi Amal", kind: "roster", role: .editor)
        ])
        for number in 1...9 {
            try replica.write(
                [.person(Identifier(UInt128(number % 5 + 1)), .set("note", "\(number)"))],
                in: World.collection)
        }
        // Of nine changes, the server has the first five: three of them, then two after somebody else's.
        for (first, count, position) in [(1, 3, 1), (4, 2, 7)] as [(UInt64, UInt64, UInt64)] {
            let key = JournalKey(
                collection: 1, replica: 1, sequence: Int64(first + count - 1), n: 0)
            let hash = try replica.read {
                ChainHash(try replica.journalRow(key, "signature", $0) { $0.bytes(0) })!
            }
            try replica.receive(
                [
                    Delivery(
                        position: position,
                        .known(author: replica.id, first: first, count: count, hash: hash))
                ], in: World.collection)
        }
        #expect(try replica.collections()[0].pending == 4)
        let positions = try replica.journal(of: World.collection).map(\.position)
        #expect(positions == [1, 2, 3, 7, 8, nil, nil, nil, nil])
        let (file, dump) = (try replica.wholeFile(), try replica.dump())
        try replica.sql(Self.layout1)
        try replica.close()
        let again = try open(folder.file())
        #expect(try again.wholeFile() == file)
        #expect(try again.dump() == dump)
        #expect(try again.journal(of: World.collection).map(\.position) == positions)
        #expect(try again.verify().isSound)
        try again.close()
    }

    @Test(arguments: ["", "not a database, only some text that somebody put here"])
    func `a file that is not a replica is bad data`(content: String) throws {
        try Data(content.utf8).write(to: URL(fileURLWithPath: folder.file()))
        #expect(code { _ = try open(folder.file()) } == .badData)
    }

    @Test func `what cannot be opened is not called damaged`() throws {
        try FileManager.default.createDirectory(
            atPath: folder.file(), withIntermediateDirectories: false)
        #expect(code { _ = try open(folder.file()) } == .inputOutput)
    }

    @Test func `a program writes nothing into tables that another version has made anew`() throws {
        let late = try create(at: folder.file())
        try late.setGrants([
            CollectionGrant(id: World.collection, name: "Wadi Amal", kind: "roster", role: .editor)
        ])
        try late.write([.person(Identifier(1), .set("note", "x"))], in: World.collection)
        let other = try Replica.open(
            at: folder.file(), key: key, schema: TestSchema.older, environment: environment)
        let before = try other.wholeFile()
        for _ in 0..<2 {
            #expect(
                code {
                    try late.write(
                        [.person(Identifier(1), .set("note", "y"))], in: World.collection)
                } == .otherVersion)
        }
        #expect(try other.wholeFile() == before)
        try late.close()
        try other.write([.person(Identifier(1), .set("note", "z"))], in: World.collection)
        #expect(try other.verify().problems.map(\.what) == [])
        try other.close()
    }

    @Test func `another program's database is bad data`() throws {
        let queue = try DatabaseQueue(path: folder.file())
        try queue.write { try $0.execute(sql: "CREATE TABLE sijil (a); CREATE TABLE t (b)") }
        try queue.close()
        #expect(code { _ = try open(folder.file()) } == .badData)
    }

    @Test func `a damaged file is bad data, never a crash`() throws {
        let path = folder.file()
        let replica = try create(at: path)
        try replica.setGrants([
            CollectionGrant(id: World.collection, name: "Wadi Amal", kind: "roster", role: .editor)
        ])
        for number in 0..<50 {
            try replica.write(
                [.person(Identifier(UInt128(number)), .set("name", "person \(number)"))],
                in: World.collection)
        }
        try replica.close()
        let whole = try Data(contentsOf: URL(fileURLWithPath: path))
        var random = SeededGenerator(seed: 9)
        for page in 0..<12 {
            var damaged = whole
            let start = page * 4096
            let end = min(whole.count, start + 4096)
            guard start < end else { break }
            damaged.replaceSubrange(start..<end, with: random.bytes(end - start))
            try damaged.write(to: URL(fileURLWithPath: path))
            let outcome = code {
                let replica = try open(path)
                let verification = try replica.verify()
                #expect(!verification.isSound, "page \(page)")
                try replica.close()
            }
            #expect(outcome == nil || outcome == .badData, "page \(page)")
        }
    }
}

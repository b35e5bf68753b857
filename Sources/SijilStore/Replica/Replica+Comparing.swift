import Foundation
import GRDB
import SijilCore

/// What `verify` compares: a replica's tables against those of a copy made from the log alone.
extension Replica {
    func compare(with copy: Replica, _ verification: inout Verification) throws {
        try compareHeads(with: copy, &verification)
        let mine = try collections()
        for (one, other) in zip(mine, try copy.collections()) where one.digest != other.digest {
            verification.report("the digest of collection \(one.grant.id) is not what the log says")
        }
        for (one, other) in zip(mine, try copy.collections()) where one.records != other.records {
            verification.report("collection \(one.grant.id) counts its records wrongly")
        }
        let (rows, copyRows) = (try RowSums(of: self), try RowSums(of: copy))
        for problem in rows.problems { verification.report(problem) }
        let keys = Set(rows.sums.keys).union(copyRows.sums.keys)
        let differing = Set(keys.filter { rows.sums[$0] != copyRows.sums[$0] }.map(\.record))
        for id in differing.sorted().prefix(20) {
            verification.report("record \(id) is not what the log says")
        }
        if differing.count > 20 { verification.report("and \(differing.count - 20) more records") }
        if verification.isSound { try recount(mine, &verification) }
    }

    /// The kept sums against the records themselves: our own arithmetic.
    private func recount(
        _ collections: [CollectionSummary], _ verification: inout Verification
    ) throws {
        for collection in collections {
            var sum = StateDigest()
            try read { db in
                let tables = try tables(db)
                for row in try allRows(in: collection.grant.id, db) {
                    for item in try tables.items(of: row, db) { sum.add(item) }
                }
            }
            if sum != collection.digest {
                verification.report(
                    "the records of collection \(collection.grant.id) do not sum to its digest")
            }
        }
    }

    private func compareHeads(
        with copy: Replica, _ verification: inout Verification
    ) throws {
        for collection in try collections().map(\.grant.id) {
            let mine = try heads(in: collection)
            for (author, head) in try copy.heads(in: collection) where mine[author] != head {
                verification.problems.append(
                    .init(
                        dot: Dot(replica: author, sequence: head.sequence),
                        what: "what is kept of the author's last change is not what the log says"))
            }
        }
    }

    private struct Head: Equatable {
        var sequence: UInt64
        var hash: ChainHash
        var seen: VersionVector
    }

    private func heads(in collection: CollectionID) throws -> [ReplicaID: Head] {
        try read { db in
            let writer = try CollectionWriter(collection, tables(db), db)
            var heads: [ReplicaID: Head] = [:]
            for (author, head) in writer.heads {
                heads[author] = Head(
                    sequence: head.sequence, hash: head.hash, seen: try writer.seen(by: author))
            }
            return heads
        }
    }

    private func allRows(in collection: CollectionID, _ db: Database) throws -> [RecordRow] {
        let tables = try tables(db)
        guard
            let number = try Int64.fetchOne(
                db, sql: "SELECT n FROM collection WHERE id = ?", arguments: [collection.stored])
        else { return [] }
        var rows: [RecordRow] = []
        for table in tables.allTables {
            let isOther = table.type == nil
            let found = try Row.fetchAll(
                db,
                sql: """
                    SELECT id\(isOther ? ", type" : "") FROM data_\(table.type?.name ?? "other")
                    WHERE collection = ?
                    """, arguments: [number])
            for row in found {
                guard let type = isOther ? String.fromDatabaseValue(row[1]) : table.type!.name
                else { continue }
                if let row = try table.find(
                    try Identifier(stored: row[0]), type: type, collection: number)
                {
                    rows.append(row)
                }
            }
        }
        return rows
    }
}

extension Verification {
    fileprivate mutating func report(_ what: String) {
        problems.append(.init(dot: nil, what: what))
    }
}

/// A sum over everything that the file keeps of each record, in all tables, read as it lies there:
/// nothing is decoded that damage could make undecodable.
///
/// Numbers that only this file gives stand as their names.
private struct RowSums {
    struct Key: Hashable {
        var collection: CollectionID
        var record: RecordID
        var type: String
    }

    private(set) var sums: [Key: UInt128] = [:]
    private(set) var problems: [String] = []
    private var keys: [Int64: Key] = [:]
    private let hash = SipHash(key0: 0, key1: 0)

    /// What the number in a column of a side table stands for.
    private enum Column {
        case record, field, replica, plain
    }

    init(of replica: Replica) throws {
        try replica.read { db in
            for name in replica.schema.types.map(\.name) { try addRecords(name, replica.names, db) }
            try addRecords(nil, replica.names, db)
            let cell: [Column] = [.record, .field, .plain, .replica]
            try add("cell", "SELECT * FROM cell", cell, replica.names, db)
            try add("sibling", "SELECT * FROM sibling", cell, replica.names, db)
            try add("conflict", "SELECT * FROM conflict", cell, replica.names, db)
            try add("touch", "SELECT * FROM touch", [.record, .replica], replica.names, db)
            try add("search", "SELECT rowid, text FROM search", [.record], replica.names, db)
        }
    }

    private mutating func addRecords(_ type: String?, _ names: Names, _ db: Database) throws {
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT c.id AS "in", d.* FROM data_\(type ?? "other") d
                LEFT JOIN collection c ON c.n = d.collection
                """)
        while let row = try rows.next() {
            // A column may hold anything, and what cannot be converted would end the process.
            func value<Result: DatabaseValueConvertible>(_ column: String) -> Result? {
                (row[column] as DatabaseValue?).flatMap(Result.fromDatabaseValue)
            }
            guard let collection = try? Identifier(stored: row[0]),
                let record = try? Identifier(stored: row["id"]), let number: Int64 = value("n"),
                let type = type ?? value("type")
            else {
                problems.append("a row of \(type ?? "other") cannot be read")
                continue
            }
            let key = Key(collection: collection, record: record, type: type)
            keys[number] = key
            var writer = ByteWriter()
            writer.text("record")
            for (column, value) in row.dropFirst() where !["n", "collection"].contains(column) {
                if column == "clock" {
                    Self.writeClock(value, names, db, &writer)
                } else {
                    Self.write(value, &writer)
                }
            }
            sums[key, default: 0] &+= hash.hash(writer.bytes)
        }
    }

    private mutating func add(
        _ table: String, _ sql: String, _ columns: [Column], _ names: Names, _ db: Database
    ) throws {
        var strays = 0
        let rows = try Row.fetchCursor(db, sql: sql)
        while let row = try rows.next() {
            guard let key = Int64.fromDatabaseValue(row[0]).flatMap({ keys[$0] }) else {
                strays += 1
                continue
            }
            var writer = ByteWriter()
            writer.text(table)
            for (index, value) in row.databaseValues.enumerated().dropFirst() {
                let number = Int64.fromDatabaseValue(value)
                switch index < columns.count ? columns[index] : .plain {
                case .field: Self.writeField(number, names, db, &writer)
                case .replica: Self.writeReplica(number, names, db, &writer)
                case .record, .plain: Self.write(value, &writer)
                }
            }
            sums[key, default: 0] &+= hash.hash(writer.bytes)
        }
        if strays > 0 { problems.append("\(strays) rows of \(table) belong to no record") }
    }

    private static func write(_ value: DatabaseValue, _ writer: inout ByteWriter) {
        switch value.storage {
        case .null: writer.byte(0)
        case .int64(let number):
            writer.byte(1)
            writer.signed(number)
        case .double(let number):
            writer.byte(2)
            writer.fixed(number.bitPattern)
        case .string(let text):
            writer.byte(3)
            writer.text(text)
        case .blob(let data):
            writer.byte(4)
            writer.counted(data)
        }
    }

    private static func writeField(
        _ number: Int64?, _ names: Names, _ db: Database, _ writer: inout ByteWriter
    ) {
        writer.text(number.flatMap { try? names.field($0, db) } ?? "?")
    }

    /// 0 stands for several replicas.
    private static func writeReplica(
        _ number: Int64?, _ names: Names, _ db: Database, _ writer: inout ByteWriter
    ) {
        let replica = number.flatMap { $0 == 0 ? .zero : try? names.replica($0, db) }
        writer.text(replica?.description ?? "?")
    }

    private static func writeClock(
        _ value: DatabaseValue, _ names: Names, _ db: Database, _ writer: inout ByteWriter
    ) {
        guard let data = Data.fromDatabaseValue(value), let clock = try? RowClock(Array(data))
        else {
            writer.text("?")
            return
        }
        func write(_ dot: LocalDot) {
            writeReplica(dot.replica, names, db, &writer)
            writer.varint(dot.sequence)
        }
        write(clock.base)
        for (field, place) in clock.exceptions {
            writeField(field, names, db, &writer)
            switch place {
            case .elsewhere: writer.byte(0)
            case .dot(let dot): write(dot)
            }
        }
    }
}

import Foundation
import GRDB
public import SijilCore

/// What a check of a whole replica found.
public struct Verification: Sendable {
    public struct Problem: Sendable {
        /// The change that it is about; `nil` for the file as a whole.
        public var dot: Dot?
        public var what: String
    }

    /// Changes checked.
    public var changes = 0
    public var problems: [Problem] = []

    public var isSound: Bool { problems.isEmpty }
}

extension Replica {
    /// Checks every hash, chain and signature, then rebuilds the records from the log beside the file and
    /// compares them with those in it. Changes nothing.
    public func verify() throws -> Verification {
        var verification = Verification()
        let copy = try Replica.create(
            at: nil, name: "", key: key, schema: schema, environment: environment)
        try read { db in
            for problem in try String.fetchAll(db, sql: "PRAGMA integrity_check(10)")
            where problem != "ok" {
                verification.problems.append(.init(dot: nil, what: "SQLite: the file is damaged"))
            }
        }
        try copyGrants(to: copy)
        try checkLog(&verification, into: copy)
        if verification.isSound { try compare(with: copy, &verification) }
        return verification
    }

    /// Makes the record tables anew from the log: after a change of schema or layout.
    func rebuild() throws {
        try transaction { db in
            forgetTables()
            try ReplicaSchema.dropRecords(db)
            try ReplicaSchema.createRecords(db, schema)
            try db.execute(
                sql: "UPDATE collection SET digest = ?", arguments: [Identifier.zero.stored])
            try db.execute(sql: "DELETE FROM author")
            try db.execute(sql: "ALTER TABLE journal RENAME TO journal_before")
            try db.execute(
                sql: """
                    CREATE TABLE journal (
                        n INTEGER PRIMARY KEY, collection INTEGER NOT NULL,
                        replica INTEGER NOT NULL, sequence INTEGER NOT NULL, position INTEGER,
                        at INTEGER NOT NULL, bytes BLOB NOT NULL, signature BLOB);
                    DROP INDEX journal_dot;
                    DROP INDEX journal_pending;
                    CREATE UNIQUE INDEX journal_dot ON journal (collection, replica, sequence);
                    CREATE INDEX journal_pending ON journal (collection, n)
                        WHERE position IS NULL;
                    """)
            var writers: [Int64: CollectionWriter] = [:]
            let rows = try Row.fetchCursor(
                db,
                sql: """
                    SELECT j.collection, c.id, j.replica, j.sequence, j.position, j.bytes,
                        j.signature
                    FROM journal_before j JOIN collection c ON c.n = j.collection ORDER BY j.n
                    """)
            while let row = try rows.next() {
                let writer =
                    try writers[row[0]]
                    ?? CollectionWriter(try Identifier(stored: row[1]), tables(db), db)
                writers[row[0]] = writer
                try writer.appendAgain(row, names, db)
            }
            for writer in writers.values { try writer.finish() }
            try db.execute(sql: "DROP TABLE journal_before")
            try Settings.set("layout", ReplicaSchema.layout.databaseValue, db)
            try Settings.set("schema", schemaFingerprint.databaseValue, db)
        }
        forgetTables()
    }

    private func copyGrants(to copy: Replica) throws {
        try copy.setGrants(try collections().map(\.grant))
    }

    private func checkLog(_ verification: inout Verification, into copy: Replica) throws {
        try read { db in
            try copy.transaction(durable: false) { copyDB in
                var writers: [CollectionID: CollectionWriter] = [:]
                var keys: [ReplicaID: [UInt8]] = [:]
                var unsigned: [Dot: CollectionID] = [:]
                let rows = try Row.fetchCursor(
                    db,
                    sql: """
                        SELECT j.collection, c.id, j.replica, j.sequence, j.position, j.bytes,
                            j.signature
                        FROM journal j JOIN collection c ON c.n = j.collection ORDER BY j.n
                        """)
                while let row = try rows.next() {
                    verification.changes += 1
                    let collection = try Identifier(stored: row[1])
                    let writer =
                        try writers[collection]
                        ?? CollectionWriter(collection, copy.tables(copyDB), copyDB)
                    writers[collection] = writer
                    let dot = Dot(
                        replica: try names.replica(row[2], db),
                        sequence: UInt64(row[3] as Int64))
                    func report(_ what: String) {
                        verification.problems.append(.init(dot: dot, what: what))
                    }
                    guard dot.sequence == writer.head(of: dot.replica).sequence + 1 else {
                        report("a change before this one is missing")
                        return
                    }
                    let bytes: ChangeBytes
                    do throws(SijilError) {
                        bytes = try ChangeBytes(Array(row[5] as Data))
                    } catch {
                        report("the change cannot be read: \(error.message)")
                        return
                    }
                    guard writer.covers(bytes.change) else {
                        report("the change has seen what is not in the log")
                        return
                    }
                    let hash = bytes.hash(
                        in: ChainPlace(
                            collection: collection, dot: dot,
                            previous: writer.head(of: dot.replica).hash), using: sha256)
                    if let signature = row[6] as Data? {
                        if keys[dot.replica] == nil {
                            keys[dot.replica] = try knownKey(of: dot.replica, db)
                        }
                        guard let key = keys[dot.replica] else {
                            report("the author's certificate is missing")
                            return
                        }
                        guard
                            isValidSignature(
                                Array(signature), over: SignedRun.signedMessage(hash), by: key)
                        else {
                            report("the signature does not hold for this change and those before it")
                            return
                        }
                        unsigned[dot] = nil
                        unsigned = unsigned.filter {
                            $0.key.replica != dot.replica || $0.value != collection
                        }
                    } else {
                        unsigned[dot] = collection
                    }
                    try writer.append(
                        bytes, dot: dot, hash: hash, signature: nil,
                        position: (row[4] as Int64?).map { UInt64($0) })
                }
                for dot in unsigned.keys.sorted() {
                    verification.problems.append(
                        .init(dot: dot, what: "no signature covers this change"))
                }
                for writer in writers.values { try writer.finish() }
            }
        }
    }

    private func knownKey(of author: ReplicaID, _ db: Database) throws -> [UInt8]? {
        if author == id { return key.publicKey }
        let stored = try Data.fetchOne(
            db, sql: "SELECT certificate FROM replica WHERE id = ?", arguments: [author.stored])
        guard let stored else { return nil }
        var reader = ByteReader(Array(stored))
        let certificate = try Certificate(from: &reader)
        guard let authority = Data.fromDatabaseValue(try Settings.value("authority", db) ?? .null),
            certificate.isValid(authority: Array(authority))
        else { return nil }
        return certificate.publicKey
    }

    private func compare(with copy: Replica, _ verification: inout Verification) throws {
        func report(_ what: String) {
            verification.problems.append(.init(dot: nil, what: what))
        }
        let mine = try collections()
        let rebuilt = try copy.collections()
        for (one, other) in zip(mine, rebuilt) where one.digest != other.digest {
            report("the digest of collection \(one.grant.id) is not what the log says")
        }
        for collection in mine {
            var sum = StateDigest()
            try read { db in
                let tables = try tables(db)
                for item in try allRows(in: collection.grant.id, db).flatMap({
                    try tables.items(of: $0, db)
                }) { sum.add(item) }
            }
            if sum != collection.digest {
                report("the records of collection \(collection.grant.id) do not sum to its digest")
            }
        }
        let (mineDump, copyDump) = (try dumpLines(), try copy.dumpLines())
        if mineDump != copyDump {
            let differing = Set(mineDump).symmetricDifference(copyDump)
            let ids = Set(differing.map { $0.prefix(32) }).sorted()
            for id in ids.prefix(20) { report("record \(id) is not what the log says") }
            if ids.count > 20 { report("and \(ids.count - 20) more records") }
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
                let type = isOther ? row[1] as String : table.type!.name
                if let row = try table.find(
                    try Identifier(stored: row[0]), type: type, collection: number)
                {
                    rows.append(row)
                }
            }
        }
        return rows
    }

    // MARK: Dump

    /// The whole state as text: every cell with every sibling and its author, sorted. Two replicas with
    /// equal states dump equal text. For tests and for `verify`; it shows everything.
    public func dump() throws -> String { try dumpLines().joined(separator: "\n") }

    private func dumpLines() throws -> [String] {
        var lines: [String] = []
        try forEachRecord(RecordQuery(includesDeleted: true)) { record in
            for (name, cell) in record.cells {
                let key = name.key == .none ? "" : "[\(name.key.dumped)]"
                let field = name == .liveness ? "(deleted)" : name.field
                let siblings = cell.siblings.map {
                    "\($0.value.dumped) @\($0.dot.replica.abbreviated):\($0.dot.sequence)"
                }.joined(separator: " | ")
                let shown = record.shown(name).dumped
                lines.append("\(record.id) \(record.type) \(field)\(key) = \(shown) <- \(siblings)")
            }
        }
        let conflicts = try conflictedRecords().flatMap { record in
            record.conflicts.map {
                "\(record.id) ? \($0.field)[\($0.key.dumped)]"
            }
        }
        return (lines + conflicts).sorted()
    }
}

extension Value {
    fileprivate var dumped: String {
        switch self {
        case .none: "none"
        case .text(let text): "\"\(text)\""
        case .integer(let integer): "\(integer)"
        case .real(let real): "real \(real)"
        case .boolean(let boolean): "\(boolean)"
        case .date(let date): "date \(date)"
        case .reference(let id): "-> \(id)"
        case .unknown(let tag, let bytes): "unknown \(tag) \(bytes)"
        }
    }
}

extension CollectionWriter {
    /// Applies a change of the log again; it was checked when it came.
    fileprivate func appendAgain(_ row: Row, _ names: Names, _ db: Database) throws {
        let dot = Dot(
            replica: try names.replica(row[2], db), sequence: UInt64(row[3] as Int64))
        let bytes = try ChangeBytes(Array(row[5] as Data))
        let hash = bytes.hash(
            in: ChainPlace(collection: collection, dot: dot, previous: head(of: dot.replica).hash),
            using: sha256)
        try append(
            bytes, dot: dot, hash: hash, signature: (row[6] as Data?).map { Array($0) },
            position: (row[4] as Int64?).map { UInt64($0) })
    }
}

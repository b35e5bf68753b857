import GRDB
public import SijilCore

/// Records and what belongs to them, read one by one: all of it of one moment, and none of it kept.
///
/// ```swift
/// try replica.reading { reading in
///     let channels = try reading.referrers(of: "channel", through: "owner")
///     try reading.forEachRecord(RecordQuery(type: "person")) { person in
///         let theirs = try channels.records(to: person.id)
///     }
/// }
/// ```
///
/// Good as long as the body runs that was given it.
public struct RecordReading {
    private let replica: Replica
    private let db: Database

    fileprivate init(_ replica: Replica, _ db: Database) {
        self.replica = replica
        self.db = db
    }

    /// As ``Replica/forEachRecord(_:_:)``; not within itself.
    public func forEachRecord(
        _ query: RecordQuery, _ body: (RecordView) throws -> Void
    ) throws {
        try replica.forEachRecord(query, db, body)
    }

    /// The living record of a type with this identifier; `nil` when there is none.
    ///
    /// - Parameter collection: where it is looked for first.
    public func record(
        _ id: RecordID, of type: String, near collection: CollectionID
    ) throws -> RecordView? {
        guard replica.schema[type] != nil else { return nil }
        let found = try Int64.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT d.collection FROM data_\(type) d JOIN collection c ON c.n = d.collection
                    WHERE d.id = ?1 AND d.deleted = 0 ORDER BY c.id <> ?2, c.id LIMIT 1
                    """), arguments: [id.stored, collection.stored])
        return try found.flatMap { try replica.record(id, of: type, collection: $0, db) }
    }

    /// The living records of a type by the record that they refer to in a field with one value.
    ///
    /// Identifiers are sorted once for each pass over what they refer to; records are read when they are asked
    /// for.
    ///
    /// - Parameter collection: of those that refer; `nil` for all.
    public func referrers(
        of type: String, through field: String, in collection: CollectionID? = nil
    ) throws -> Referrers {
        try Referrers(replica, type: type, field: field, collection, db)
    }
}

/// Records of a type by what they refer to: see ``RecordReading/referrers(of:through:in:)``.
public final class Referrers {
    private let replica: Replica
    private let db: Database
    private let type: String
    private let collection: CollectionID?
    /// `nil` when the schema has no such field: then nothing refers.
    private var statement: Statement?
    private var rows: RowCursor?
    private var row: (target: RecordID, collection: Int64, id: RecordID)?
    private var last: RecordID?

    fileprivate init(
        _ replica: Replica, type: String, field: String, _ collection: CollectionID?,
        _ db: Database
    ) throws {
        self.replica = replica
        self.db = db
        self.type = type
        self.collection = collection
        guard replica.schema.link(of: type, through: field) != nil else { return }
        statement = try db.makeStatement(
            sql: """
                SELECT d."\(field)", d.collection, d.id
                FROM data_\(type) d JOIN collection c ON c.n = d.collection
                WHERE d."\(field)" IS NOT NULL AND d.deleted = 0 AND (?1 IS NULL OR c.id = ?1)
                ORDER BY d."\(field)", c.id, d.id
                """)
    }

    /// The records that refer to this one, by collection and identifier.
    ///
    /// Cheap when asked for in ascending order: going back begins the pass again.
    public func records(to target: RecordID) throws -> [RecordView] {
        guard let statement else { return [] }
        if last.map({ $0 >= target }) ?? true {
            // Its end would reset the statement.
            rows = nil
            rows = try Row.fetchCursor(statement, arguments: [collection?.stored ?? .null])
            try advance()
        }
        last = target
        var found: [RecordView] = []
        while let row, row.target <= target {
            if row.target == target,
                let record = try replica.record(
                    row.id, of: type, collection: row.collection, db)
            {
                found.append(record)
            }
            try advance()
        }
        return found
    }

    private func advance() throws {
        row = try rows?.next()
            .map {
                (try Identifier(stored: $0[0]), $0[1], try Identifier(stored: $0[2]))
            }
    }
}

extension Replica {
    /// Reads records together with what belongs to them, in one transaction.
    public func reading<Result>(_ body: (RecordReading) throws -> Result) throws -> Result {
        try read { try body(RecordReading(self, $0)) }
    }

    fileprivate func record(
        _ id: RecordID, of type: String, collection: Int64, _ db: Database
    ) throws -> RecordView? {
        try tables(db).table(of: type).find(id, type: type, collection: collection)
            .map { try view($0, collection: collection, db) }
    }

    /// Calls `body` with the living records of a type that show a reference to one of some records in a field
    /// with one value, by collection and identifier.
    ///
    /// One pass over the type's table, however many are asked for; other records are not read.
    public func forEachRecord(
        of type: String, showing targets: Set<RecordID>, in field: String,
        _ body: (RecordView) throws -> Void
    ) throws {
        guard !targets.isEmpty, let known = schema.link(of: type, through: field) else { return }
        try read { db in
            let rows = try Row.fetchCursor(
                db.cachedStatement(
                    sql: """
                        SELECT d."\(known.name)", d.collection, d.id
                        FROM data_\(type) d JOIN collection c ON c.n = d.collection
                        WHERE d."\(known.name)" IS NOT NULL AND d.deleted = 0 ORDER BY c.id, d.id
                        """))
            while let row = try rows.next() {
                guard targets.contains(try Identifier(stored: row[0])),
                    let record = try record(
                        try Identifier(stored: row[2]), of: type, collection: row[1], db)
                else { continue }
                try body(record)
            }
        }
    }
}

import GRDB
import SijilCore

/// The tables of a replica's file.
///
/// `Documentation/Architecture.md` § Storage explains each.
enum ReplicaSchema {
    /// Raised when the tables below change.
    ///
    /// When an older file is opened, `author` and what ``createRecords(_:_:)`` makes are made anew from
    /// snapshots and the journal; ``migrate(from:_:)`` brings the other tables to what they are now.
    static let layout: Int64 = 3

    /// What nothing here could give back: identity, collections, the journal, snapshots.
    static func createLog(_ db: Database) throws {
        try db.execute(
            sql: """
                CREATE TABLE sijil (key TEXT PRIMARY KEY, value) WITHOUT ROWID;
                CREATE TABLE replica (
                    n INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, name TEXT, certificate BLOB);
                CREATE TABLE collection (
                    n INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, name TEXT NOT NULL,
                    kind TEXT NOT NULL, role TEXT NOT NULL, cursor INTEGER NOT NULL DEFAULT 0,
                    refusal TEXT);
                \(log)
                CREATE TABLE held (
                    collection INTEGER NOT NULL, replica INTEGER NOT NULL,
                    sequence INTEGER NOT NULL, position INTEGER, bytes BLOB NOT NULL,
                    hash BLOB NOT NULL, signature BLOB,
                    PRIMARY KEY (collection, replica, sequence)) WITHOUT ROWID;
                CREATE TABLE field (n INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
                CREATE TABLE type (n INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
                """)
    }

    /// Rows that many changes add to lie where the page is at hand: all that one change writes beside its
    /// records is a row of the journal and its author's.
    private static let log = """
        CREATE TABLE author (
            collection INTEGER NOT NULL, replica INTEGER NOT NULL,
            sequence INTEGER NOT NULL, last INTEGER NOT NULL, hash BLOB NOT NULL,
            digest BLOB NOT NULL, records INTEGER NOT NULL, seen BLOB NOT NULL,
            PRIMARY KEY (collection, replica)) WITHOUT ROWID;
        CREATE TABLE journal (
            n INTEGER PRIMARY KEY, collection INTEGER NOT NULL, replica INTEGER NOT NULL,
            sequence INTEGER NOT NULL, at INTEGER NOT NULL, signature BLOB, bytes BLOB NOT NULL);
        CREATE UNIQUE INDEX journal_dot ON journal (collection, replica, sequence);
        CREATE TABLE placed (
            collection INTEGER NOT NULL, replica INTEGER NOT NULL, sequence INTEGER NOT NULL,
            count INTEGER NOT NULL, position INTEGER NOT NULL,
            PRIMARY KEY (collection, replica, sequence)) WITHOUT ROWID;
        CREATE TABLE base (
            n INTEGER PRIMARY KEY, collection INTEGER NOT NULL, piece INTEGER NOT NULL,
            bytes BLOB NOT NULL);
        CREATE UNIQUE INDEX base_piece ON base (collection, piece);
        """

    /// Brings the tables of the log from an earlier layout to this one.
    static func migrate(from layout: Int64, _ db: Database) throws {
        guard layout < 2 else { return }
        try db.execute(
            sql: """
                DROP TABLE author;
                DROP INDEX journal_dot;
                ALTER TABLE journal RENAME TO journal_1;
                \(log)
                INSERT INTO journal SELECT n, collection, replica, sequence, at, signature, bytes
                    FROM journal_1;
                INSERT INTO placed
                    SELECT collection, replica, min(sequence), count(*), min(position) FROM journal_1
                    WHERE position IS NOT NULL
                    GROUP BY collection, replica, position - sequence;
                DROP TABLE journal_1;
                ALTER TABLE collection DROP COLUMN digest;
                """)
    }

    /// What snapshots and the journal give back: the records and everything that is read from them.
    static func createRecords(_ db: Database, _ schema: Schema) throws {
        try db.execute(
            sql: """
                CREATE TABLE cell (
                    record INTEGER NOT NULL, field INTEGER NOT NULL, key NOT NULL,
                    replica INTEGER NOT NULL, sequence INTEGER NOT NULL,
                    kind INTEGER NOT NULL, value,
                    PRIMARY KEY (record, field, key)) WITHOUT ROWID;
                CREATE TABLE sibling (
                    record INTEGER NOT NULL, field INTEGER NOT NULL, key NOT NULL,
                    replica INTEGER NOT NULL, sequence INTEGER NOT NULL, at INTEGER NOT NULL,
                    kind INTEGER NOT NULL, value,
                    PRIMARY KEY (record, field, key, replica, sequence)) WITHOUT ROWID;
                CREATE TABLE conflict (
                    record INTEGER NOT NULL, field INTEGER NOT NULL, key NOT NULL,
                    PRIMARY KEY (record, field, key)) WITHOUT ROWID;
                CREATE TABLE touch (
                    record INTEGER NOT NULL, replica INTEGER NOT NULL, sequence INTEGER NOT NULL,
                    PRIMARY KEY (record, replica, sequence)) WITHOUT ROWID;
                CREATE TABLE dot (
                    collection INTEGER NOT NULL, replica INTEGER NOT NULL,
                    sequence INTEGER NOT NULL, at INTEGER NOT NULL,
                    PRIMARY KEY (collection, replica, sequence)) WITHOUT ROWID;
                CREATE VIRTUAL TABLE search USING fts5 (
                    text, detail = none, columnsize = 0, tokenize = "ascii");
                -- Merged less often, it costs a sixth less to write, is smaller, and as fast to ask.
                INSERT INTO search (search, rank) VALUES ('automerge', 16);
                CREATE TABLE data_other (
                    n INTEGER PRIMARY KEY, collection INTEGER NOT NULL, id BLOB NOT NULL,
                    deleted INTEGER NOT NULL, clock BLOB NOT NULL, type TEXT NOT NULL);
                CREATE UNIQUE INDEX data_other_id ON data_other (id, collection, type);
                """)
        for type in schema.types {
            let columns = type.fields.filter { $0.shape == .single }
                .map { ", \"\($0.name)\" \($0.kind.columnType)" }.joined()
            try db.execute(
                sql: """
                    CREATE TABLE data_\(type.name) (
                        n INTEGER PRIMARY KEY, collection INTEGER NOT NULL, id BLOB NOT NULL,
                        deleted INTEGER NOT NULL, clock BLOB NOT NULL\(columns));
                    CREATE UNIQUE INDEX data_\(type.name)_id ON data_\(type.name) (id, collection);
                    """)
            for field in type.fields where field.isSparse && field.shape == .single {
                try db.execute(
                    sql: """
                        CREATE INDEX \(sparseIndex(of: field.name, in: type.name))
                        ON data_\(type.name) ("\(field.name)") WHERE "\(field.name)" IS NOT NULL
                        """)
            }
            try db.execute(sql: view(of: type))
        }
    }

    /// The name of the index of a field that is sparse.
    static func sparseIndex(of field: String, in type: String) -> String {
        "data_\(type)_\(field)"
    }

    static func dropRecords(_ db: Database) throws {
        let objects = try Row.fetchAll(
            db,
            sql: """
                SELECT type, name FROM sqlite_master
                WHERE (type = 'view' OR type = 'table' AND (name LIKE 'data\\_%' ESCAPE '\\'
                    OR name IN ('cell', 'sibling', 'conflict', 'touch', 'dot', 'search')))
                ORDER BY type DESC
                """)
        for object in objects {
            let type: String = object["type"]
            let name: String = object["name"]
            try db.execute(sql: "DROP \(type) \"\(name)\"")
        }
    }

    /// The living records of a type as a person reads them: identifiers as text, keyed fields and
    /// sets as JSON.
    ///
    /// For any SQLite tool; Sijil itself reads the tables below.
    private static func view(of type: RecordType) -> String {
        let columns = type.fields.map { field in
            let number = "(SELECT n FROM field WHERE name = '\(field.name)')"
            let cells = "FROM cell c WHERE c.record = d.n AND c.field = \(number)"
            // JSON has no bytes: keys that are not text begin with their kind.
            let key =
                "CASE typeof(c.key) WHEN 'blob' THEN lower(hex(substr(c.key, 2))) ELSE c.key END"
            let value = "CASE typeof(c.value) WHEN 'blob' THEN lower(hex(c.value)) ELSE c.value END"
            let expression =
                switch field.shape {
                case .single where field.kind == .reference:
                    "nullif(lower(hex(d.\"\(field.name)\")), '')"
                case .single: "d.\"\(field.name)\""
                case .keyed:
                    "(SELECT json_group_object(\(key), \(value)) \(cells) AND c.value IS NOT NULL)"
                case .set:
                    "(SELECT json_group_array(\(key)) \(cells) AND c.value = 1)"
                }
            return ", \(expression) AS \"\(field.name)\""
        }
        return """
            CREATE VIEW "\(type.name)" AS SELECT lower(hex(d.id)) AS id,
                (SELECT name FROM collection WHERE n = d.collection) AS collection\(columns.joined())
            FROM data_\(type.name) d WHERE d.deleted = 0
            """
    }
}

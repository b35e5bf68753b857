import GRDB
import SijilCore

/// The tables of a replica's file.
///
/// `Documentation/Architecture.md` § Storage explains each.
enum ReplicaSchema {
    /// Raised when the tables below change.
    ///
    /// When an older file is opened, `journal`, `author` and what ``createRecords(_:_:)`` makes are
    /// made anew from snapshots and the journal; the other tables stay as they are.
    static let layout: Int64 = 2

    /// What nothing here could give back: identity, collections, the journal, snapshots.
    static func createLog(_ db: Database) throws {
        try createBase(db)
        try db.execute(
            sql: """
                CREATE TABLE sijil (key TEXT PRIMARY KEY, value) WITHOUT ROWID;
                CREATE TABLE replica (
                    n INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, name TEXT, certificate BLOB);
                CREATE TABLE collection (
                    n INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, name TEXT NOT NULL,
                    kind TEXT NOT NULL, role TEXT NOT NULL, cursor INTEGER NOT NULL DEFAULT 0,
                    refusal TEXT, digest BLOB NOT NULL);
                CREATE TABLE author (
                    collection INTEGER NOT NULL, replica INTEGER NOT NULL,
                    sequence INTEGER NOT NULL, hash BLOB NOT NULL, seen BLOB NOT NULL,
                    PRIMARY KEY (collection, replica)) WITHOUT ROWID;
                CREATE TABLE journal (
                    n INTEGER PRIMARY KEY, collection INTEGER NOT NULL, replica INTEGER NOT NULL,
                    sequence INTEGER NOT NULL, position INTEGER, at INTEGER NOT NULL,
                    bytes BLOB NOT NULL, signature BLOB);
                CREATE UNIQUE INDEX journal_dot ON journal (collection, replica, sequence);
                CREATE INDEX journal_pending ON journal (collection, n) WHERE position IS NULL;
                CREATE TABLE held (
                    collection INTEGER NOT NULL, replica INTEGER NOT NULL,
                    sequence INTEGER NOT NULL, position INTEGER, bytes BLOB NOT NULL,
                    hash BLOB NOT NULL, signature BLOB,
                    PRIMARY KEY (collection, replica, sequence)) WITHOUT ROWID;
                CREATE TABLE field (n INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
                CREATE TABLE type (n INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
                """)
    }

    /// The snapshots that records here began with, as they came: `piece` 0 is what a snapshot says of itself.
    ///
    /// Layout 1 did not have them.
    static func createBase(_ db: Database) throws {
        try db.execute(
            sql: """
                CREATE TABLE IF NOT EXISTS base (
                    n INTEGER PRIMARY KEY, collection INTEGER NOT NULL, piece INTEGER NOT NULL,
                    bytes BLOB NOT NULL);
                CREATE UNIQUE INDEX IF NOT EXISTS base_piece ON base (collection, piece);
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
                    text, detail = none, columnsize = 0,
                    tokenize = "unicode61 remove_diacritics 2 categories 'L* N* Co Mn Mc'");
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
            try db.execute(sql: view(of: type))
        }
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

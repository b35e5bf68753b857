import Foundation
import GRDB
public import SijilCore
import Synchronization

/// The server's logs in one SQLite file: nothing to install, one server process.
public final class SQLiteLogStore: LogStore {
    let database: DatabaseQueue
    let purgePlan = Mutex(PurgePlan())

    /// Opens the file, or makes it.
    ///
    /// - Parameter path: `nil` for one in memory, for the simulator.
    public init(path: String?) throws {
        var configuration = Configuration()
        configuration.busyMode = .timeout(10)
        configuration.prepareDatabase { db in
            try db.execute(
                sql:
                    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON"
            )
        }
        do {
            database = try DatabaseQueue.sijil(path, configuration)
            try database.write(Self.createTables)
            try database.write(Self.addIssuers)
            // A server that was killed in the middle of a commit may have left changes that are there and
            // were never synced. They must be safe before anybody is given them: a commit syncs all before it.
            try database.write { try $0.execute(sql: "PRAGMA user_version = 1") }
            // What a killed server left undone.
            tryToPurge()
        } catch let error as DatabaseError {
            throw SijilError(
                .inputOutput,
                "The server's database cannot be opened (SQLite \(error.extendedResultCode.rawValue))."
            )
        }
    }

    public func close() throws { try database.close() }

    /// Copies the whole database, as it is at this moment, to a file that does not exist yet.
    ///
    /// Other processes read and write meanwhile; what is asked of this store waits until the copy is made.
    /// The copy is not yet safe from a power cut when this returns: SQLite does not sync it
    /// (https://sqlite.org/lang_vacuum.html#vacuuminto).
    public func copy(to path: String) throws {
        do {
            try database.writeWithoutTransaction { db in
                try db.execute(sql: "VACUUM INTO ?", arguments: [path])
            }
        } catch let error as DatabaseError {
            throw Self.translated(error)
        }
    }

    private static func createTables(_ db: Database) throws {
        try db.execute(
            sql: """
                CREATE TABLE IF NOT EXISTS setting (key TEXT PRIMARY KEY, value BLOB NOT NULL)
                    WITHOUT ROWID;
                CREATE TABLE IF NOT EXISTS device (
                    n INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, certificate BLOB NOT NULL,
                    founder INTEGER NOT NULL, revoked INTEGER NOT NULL DEFAULT 0);
                CREATE TABLE IF NOT EXISTS collection (
                    n INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, name TEXT NOT NULL UNIQUE,
                    kind TEXT NOT NULL, head INTEGER NOT NULL DEFAULT 0);
                CREATE TABLE IF NOT EXISTS device_grant (
                    device INTEGER NOT NULL REFERENCES device (n),
                    collection INTEGER NOT NULL REFERENCES collection (n), role TEXT NOT NULL,
                    PRIMARY KEY (device, collection)) WITHOUT ROWID;
                CREATE TABLE IF NOT EXISTS invitation (
                    n INTEGER PRIMARY KEY, code_hash BLOB NOT NULL UNIQUE, name TEXT NOT NULL,
                    founder INTEGER NOT NULL, expires_at INTEGER NOT NULL, used_by BLOB,
                    issuer BLOB);
                CREATE TABLE IF NOT EXISTS invitation_grant (
                    invitation INTEGER NOT NULL REFERENCES invitation (n),
                    collection INTEGER NOT NULL REFERENCES collection (n), role TEXT NOT NULL,
                    PRIMARY KEY (invitation, collection)) WITHOUT ROWID;
                CREATE TABLE IF NOT EXISTS author (
                    collection INTEGER NOT NULL REFERENCES collection (n),
                    replica BLOB NOT NULL, sequence INTEGER NOT NULL, hash BLOB NOT NULL,
                    PRIMARY KEY (collection, replica)) WITHOUT ROWID;
                CREATE TABLE IF NOT EXISTS log (
                    n INTEGER PRIMARY KEY, collection INTEGER NOT NULL REFERENCES collection (n),
                    position INTEGER NOT NULL, replica BLOB NOT NULL, sequence INTEGER NOT NULL,
                    bytes BLOB NOT NULL, signature BLOB, hash BLOB NOT NULL);
                CREATE TABLE IF NOT EXISTS erased (
                    collection INTEGER NOT NULL REFERENCES collection (n), id BLOB NOT NULL,
                    type TEXT NOT NULL, PRIMARY KEY (collection, id, type)) WITHOUT ROWID;
                CREATE UNIQUE INDEX IF NOT EXISTS log_position ON log (collection, position);
                CREATE UNIQUE INDEX IF NOT EXISTS log_dot ON log (collection, replica, sequence);
                """)
    }

    /// In a database from before invitations had an issuer: nobody knows who made those that are open, so they end.
    ///
    /// Those for founders come from the server itself and stay good.
    private static func addIssuers(_ db: Database) throws {
        guard try !db.columns(in: "invitation").contains(where: { $0.name == "issuer" }) else {
            return
        }
        try db.execute(
            sql: """
                ALTER TABLE invitation ADD COLUMN issuer BLOB;
                DELETE FROM invitation_grant WHERE invitation IN
                    (SELECT n FROM invitation WHERE founder = 0 AND used_by IS NULL);
                DELETE FROM invitation WHERE founder = 0 AND used_by IS NULL
                """)
    }

    func write<Result: Sendable>(
        _ body: @Sendable (Database) throws -> Result
    ) throws -> Result {
        do {
            return try database.write(body)
        } catch let error as DatabaseError {
            throw Self.translated(error)
        }
    }

    func read<Result: Sendable>(
        _ body: @Sendable (Database) throws -> Result
    ) throws -> Result {
        do {
            return try database.readAtOnce(body)
        } catch let error as DatabaseError {
            throw Self.translated(error)
        }
    }

    private static func translated(_ error: DatabaseError) -> SijilError {
        switch error.resultCode {
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            SijilError(
                .tryAgain, "Another process is writing to the server's database.",
                hint: "Try again in a minute.")
        default:
            SijilError(
                .inputOutput,
                "The server's database failed (SQLite \(error.extendedResultCode.rawValue)).")
        }
    }

    // MARK: Authority

    public func setting(_ key: String) async throws -> [UInt8]? {
        try read { db in
            try Data.fetchOne(db, sql: "SELECT value FROM setting WHERE key = ?", arguments: [key])
                .map(Array.init)
        }
    }

    public func setOnce(_ key: String, _ value: [UInt8]) async throws {
        try write { db in
            try db.execute(
                sql: "INSERT OR IGNORE INTO setting VALUES (?, ?)", arguments: [key, Data(value)])
        }
    }

    // MARK: Collections

    public func createCollection(
        _ collection: ServerCollection, creator: ReplicaID
    ) async throws {
        try write { db in
            let taken = try Bool.fetchOne(
                db, sql: "SELECT 1 FROM collection WHERE name = ?", arguments: [collection.name])
            guard taken == nil else {
                throw SijilError(.badData, "There is a collection of that name already.")
            }
            try db.execute(
                sql: "INSERT INTO collection (id, name, kind) VALUES (?, ?, ?)",
                arguments: [collection.id.stored, collection.name, collection.kind])
            try Self.setGrant(.coordinator, creator, collection.id, db)
        }
    }

    public func collection(_ id: CollectionID) async throws -> ServerCollection? {
        try read { db in
            try Row.fetchOne(
                db.cachedStatement(sql: "SELECT * FROM collection WHERE id = ?"),
                arguments: [id.stored]
            )
            .map(Self.collection)
        }
    }

    public func collections() async throws -> [ServerCollection] {
        try read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM collection ORDER BY name, id")
                .map(Self.collection)
        }
    }

    static func collection(_ row: Row) throws -> ServerCollection {
        ServerCollection(
            id: try Identifier(stored: row["id"]), name: row["name"], kind: row["kind"],
            head: UInt64(clamping: row["head"] as Int64))
    }

    static func number(of collection: CollectionID, _ db: Database) throws -> Int64 {
        let number = try Int64.fetchOne(
            db.cachedStatement(sql: "SELECT n FROM collection WHERE id = ?"),
            arguments: [collection.stored])
        guard let number else {
            throw SijilError(.notFound, "The server has no such collection.")
        }
        return number
    }

    // MARK: Logs

    public func extent(of collection: CollectionID) async throws -> LogExtent? {
        try read { db in
            let row = try Row.fetchOne(
                db,
                sql: """
                    SELECT min(position), max(position), count(*) FROM log WHERE collection = ?
                    """, arguments: [try Self.number(of: collection, db)])
            guard let row, let first = row[0] as Int64?, let last = row[1] as Int64? else {
                return nil
            }
            return LogExtent(
                first: UInt64(max(0, first)), last: UInt64(max(0, last)),
                count: UInt64(clamping: row[2] as Int64))
        }
    }

    public func heads(
        of authors: Set<ReplicaID>, in collection: CollectionID
    ) async throws -> [ReplicaID: AuthorHead] {
        try read { db in
            let number = try Self.number(of: collection, db)
            var heads: [ReplicaID: AuthorHead] = [:]
            for author in authors {
                heads[author] = try Self.head(of: author, number, db)
            }
            return heads
        }
    }

    private static func head(
        of author: ReplicaID, _ collection: Int64, _ db: Database
    ) throws -> AuthorHead? {
        try Row.fetchOne(
            db.cachedStatement(
                sql: "SELECT sequence, hash FROM author WHERE collection = ? AND replica = ?"),
            arguments: [collection, author.stored]
        )
        .map {
            AuthorHead(
                sequence: UInt64(clamping: $0[0] as Int64), hash: ChainHash($0[1] as Data) ?? .start
            )
        }
    }

    public func bytes(of dot: Dot, in collection: CollectionID) async throws -> [UInt8]? {
        try read { db in
            try Data.fetchOne(
                db.cachedStatement(
                    sql: """
                        SELECT bytes FROM log
                        WHERE collection = ? AND replica = ? AND sequence = ?
                        """),
                arguments: [
                    try Self.number(of: collection, db), dot.replica.stored, Int64(dot.sequence),
                ]
            )
            .map(Array.init)
        }
    }

    public func append(
        _ changes: [LoggedChange], to collection: CollectionID, expecting: AuthorHead?
    ) async throws -> UInt64? {
        let position: UInt64? = try write { db in
            let number = try Self.number(of: collection, db)
            guard let last = changes.last else { return nil }
            guard try Self.head(of: last.dot.replica, number, db) == expecting else { return nil }
            try Self.erase(changes.flatMap(\.erases), in: number, db)
            let changes = try Self.withoutErased(changes, in: number, db)
            let head = try Int64.fetchOne(
                db, sql: "SELECT head FROM collection WHERE n = ?", arguments: [number])!
            let insert = try db.cachedStatement(
                sql: """
                    INSERT INTO log
                        (collection, position, replica, sequence, bytes, signature, hash)
                    VALUES (?, ?, ?, ?, ?, ?, ?)
                    """)
            for (index, change) in changes.enumerated() {
                try insert.execute(arguments: [
                    number, head + 1 + Int64(index), change.dot.replica.stored,
                    Int64(change.dot.sequence), Data(change.bytes),
                    change.signature.map { Data($0) }, Data(change.hash.bytes),
                ])
            }
            try db.execute(
                sql: """
                    UPDATE collection SET head = head + ? WHERE n = ?;
                    INSERT OR REPLACE INTO author VALUES (?, ?, ?, ?)
                    """,
                arguments: [
                    changes.count, number, number, last.dot.replica.stored,
                    Int64(last.dot.sequence), Data(last.hash.bytes),
                ])
            return UInt64(head + 1)
        }
        if position != nil, changes.contains(where: { !$0.erases.isEmpty }) {
            purgePlan.withLock { $0 = PurgePlan(isDue: true) }
        }
        purgeWhenDue()
        return position
    }

    public func changes(
        in collection: CollectionID, after position: UInt64, byteLimit: Int
    ) async throws -> [LoggedChange] {
        defer { purgeWhenDue() }
        return try read { db in
            let rows = try Row.fetchCursor(
                db.cachedStatement(
                    sql: """
                        SELECT replica, sequence, bytes, signature, hash FROM log
                        WHERE collection = ? AND position > ? ORDER BY position
                        """),
                arguments: [
                    try Self.number(of: collection, db),
                    Int64(clamping: position),
                ])
            var changes: [LoggedChange] = []
            var size = 0
            var whole = 0
            while let row = try rows.next() {
                let bytes = Array(row[2] as Data)
                if whole == changes.count, whole > 0, size + bytes.count > byteLimit { break }
                size += bytes.count + 8
                let signature = (row[3] as Data?).map { Array($0) }
                changes.append(
                    LoggedChange(
                        dot: Dot(
                            replica: try Identifier(stored: row[0]),
                            sequence: UInt64(clamping: row[1] as Int64)), bytes: bytes,
                        signature: signature, hash: ChainHash(row[4] as Data) ?? .start))
                if signature != nil { whole = changes.count }
            }
            return Array(changes[..<whole])
        }
    }
}

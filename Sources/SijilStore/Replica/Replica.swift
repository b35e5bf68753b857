import Foundation
import GRDB
public import SijilCore
import SijilNames

/// One officer's whole copy: a SQLite file with the log and the records that the log says, and the key that
/// signs what is written here.
///
/// Every read and write is local. Each method is one transaction: it happens whole or not at all, also when
/// the process is killed. Not for use from several threads at once; several processes may open one file.
///
/// ```swift
/// let replica = try Replica.open(at: path, key: key, schema: .directory, environment: .system)
/// let id = replica.environment.newIdentifier()
/// try replica.write(
///     [RecordEdit(record: id, type: "area", operations: [CellOperation(CellName("code"), .put(.text("XM01")))])],
///     in: collection)
/// ```
public final class Replica {
    public let id: ReplicaID
    public let environment: Environment
    public let schema: Schema
    let key: SigningKey
    private(set) var database: DatabaseQueue
    /// `nil` for one in memory.
    private let path: String?
    var purgePlan = PurgePlan()
    /// Whether the connection met a broken disk: see ``renewConnection()``.
    private var isConnectionSuspect = false
    let names = Names()
    private var cachedTables: RecordTables?
    private var memory: Memory?
    /// Whether the file has been made or opened: from then on its tables must be those of ``schema``.
    private var isOpen = false

    private init(
        _ database: DatabaseQueue, path: String?, key: SigningKey, schema: Schema,
        environment: Environment
    ) {
        self.database = database
        self.path = path
        self.key = key
        self.schema = schema
        self.environment = environment
        id = ReplicaID(publicKey: key.publicKey)
    }

    /// Makes a new replica in a file that does not exist yet.
    ///
    /// - Parameters:
    ///   - path: where the file will be; `nil` for one in memory, for tests and checks.
    ///   - name: what people call the device.
    /// - Throws: `cannotCreate` when there is a file already or it cannot be made.
    public static func create(
        at path: String?, name: String, key: SigningKey, schema: Schema, environment: Environment
    ) throws -> Replica {
        if let path, environment.fileExists(path) {
            throw SijilError(
                .cannotCreate, "There is a replica already.",
                hint: "Choose another --home, or use the one that is there.")
        }
        let database: DatabaseQueue
        do {
            database = try openDatabase(path)
        } catch let error as DatabaseError {
            throw SijilError(
                .cannotCreate,
                "The replica's file cannot be made (SQLite \(error.extendedResultCode.rawValue)).",
                hint: "Check that the folder exists and may be written to.")
        }
        let replica = Replica(
            database, path: path, key: key, schema: schema, environment: environment)
        try replica.transaction { db in
            try ReplicaSchema.createLog(db)
            try ReplicaSchema.createRecords(db, schema)
            // Names every field of the schema, so that reading never has to.
            _ = try replica.tables(db)
            try Settings.set("layout", ReplicaSchema.layout.databaseValue, db)
            try Settings.set("schema", replica.schemaFingerprint.databaseValue, db)
            try Settings.set("replica", replica.id.stored, db)
            try Settings.set("name", name.databaseValue, db)
            let number = try replica.names.number(of: replica.id, db)
            try db.execute(
                sql: "UPDATE replica SET name = ? WHERE n = ?", arguments: [name, number])
        }
        replica.isOpen = true
        return replica
    }

    /// Opens a replica; rebuilds its records from the log when they were made by another version's schema.
    ///
    /// - Throws: `notFound` without a file, `badData` for a file that is not a replica, `futureVersion` for
    ///   one of a later version, `configuration` when the key is another replica's, `inputOutput` when the
    ///   file cannot be opened.
    public static func open(
        at path: String, key: SigningKey, schema: Schema, environment: Environment
    ) throws -> Replica {
        guard environment.fileExists(path) else {
            throw SijilError(
                .notFound, "There is no replica here.", hint: "Make one with 'sijil init'.")
        }
        let replica: Replica
        let layout: Int64
        let fingerprint: String?
        do {
            let database = try openDatabase(path)
            replica = Replica(
                database, path: path, key: key, schema: schema, environment: environment)
            (layout, fingerprint) = try database.readAtOnce { db in
                guard let id = try Settings.value("replica", db) else { throw notReplica }
                guard try Identifier(stored: id) == replica.id else {
                    throw SijilError(
                        .configuration, "The key beside the file belongs to another replica.")
                }
                return try Self.layout(db)
            }
        } catch let error as DatabaseError {
            // SQLITE_ERROR is a table that is not there.
            guard [.SQLITE_NOTADB, .SQLITE_CORRUPT, .SQLITE_ERROR].contains(error.resultCode) else {
                throw translated(error)
            }
            throw SijilError(
                .badData, "The file is not a replica, or it is damaged.", underlying: error)
        }
        guard layout <= ReplicaSchema.layout else { throw laterVersion }
        if layout < ReplicaSchema.layout || fingerprint != replica.schemaFingerprint {
            try replica.rebuild()
        }
        replica.isOpen = true
        // What a killed process left undone.
        replica.tryToPurge(waits: false)
        return replica
    }

    /// What made the tables: the layout, and ``schemaFingerprint``.
    static func layout(_ db: Database) throws -> (layout: Int64, fingerprint: String?) {
        guard let layout = Int64.fromDatabaseValue(try Settings.value("layout", db) ?? .null)
        else { throw notReplica }
        return (layout, String.fromDatabaseValue(try Settings.value("schema", db) ?? .null))
    }

    static var laterVersion: SijilError {
        SijilError(
            .futureVersion, "A newer version of Sijil made this replica.",
            hint: "Install that version.")
    }

    private static var notReplica: SijilError {
        SijilError(.badData, "The file is not a replica.")
    }

    private static func openDatabase(_ path: String?) throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.busyMode = .timeout(10)
        configuration.prepareDatabase { db in
            // FULL: what a person wrote is on the disk when the call returns. 4,000 pages are 16 MB: a page that
            // is written again and again goes to its place less often.
            try db.execute(
                sql: """
                    PRAGMA journal_mode = WAL;
                    PRAGMA synchronous = FULL;
                    PRAGMA secure_delete = ON;
                    PRAGMA cache_size = -16000;
                    PRAGMA wal_autocheckpoint = 4000;
                    """)
        }
        return try DatabaseQueue.sijil(path, configuration)
    }

    /// Closes the file; the replica must not be used after.
    public func close() throws {
        memory = nil
        cachedTables = nil
        try database.close()
    }

    // MARK: Transactions

    /// Runs `body` in one transaction.
    ///
    /// - Parameters:
    ///   - durable: whether it must survive a power cut as soon as this returns. What can be fetched again
    ///     need not.
    ///   - onlyAppends: whether all that it changes goes through ``writer(of:_:)``, whose memory is then kept
    ///     for the next transaction.
    func transaction<Result>(
        durable: Bool = true, onlyAppends: Bool = false, _ body: (Database) throws -> Result
    ) throws -> Result {
        do {
            try renewConnection()
            let result = try database.writeWithoutTransaction { db in
                if !durable { try db.execute(sql: "PRAGMA synchronous = NORMAL") }
                defer { if !durable { try? db.execute(sql: "PRAGMA synchronous = FULL") } }
                return try db.atOnce(.immediate) {
                    try recall(db)
                    if !onlyAppends { memory = nil }
                    return try body(db)
                }
            }
            if purgePlan.isNow() { tryToPurge(waits: purgePlan.isFirst) }
            return result
        } catch {
            memory = nil
            names.forget()
            cachedTables = nil
            suspectConnection(after: error)
            throw Self.translated(error)
        }
    }

    /// Purges the file, if that is due and can be done now; else ``PurgePlan`` says when it is tried again, or it
    /// is when the file is opened next.
    private func tryToPurge(waits: Bool) {
        guard path != nil else { return }
        do {
            try renewConnection()
            try database.writeWithoutTransaction { db in
                try Purge.run(in: Settings.table, waits: waits, db)
            }
            purgePlan = PurgePlan()
        } catch {
            purgePlan.fail()
            suspectConnection(after: error)
        }
    }

    /// What the last transactions left in memory; good until another connection writes.
    private struct Memory {
        /// SQLite's `data_version`: another number after another connection has written.
        var version: Int64
        var writers: [CollectionID: CollectionWriter] = [:]
        var clockOffset: Int64??
    }

    /// Forgets what another process may have changed since the last transaction.
    private func recall(_ db: Database) throws {
        let version = try db.readied("PRAGMA data_version").first { $0.integer(0) } ?? 0
        guard memory?.version != version else { return }
        memory = Memory(version: version)
        cachedTables?.forget()
        try checkSchema(db)
    }

    /// The collection's log, to be read or written in this transaction.
    func writer(of collection: CollectionID, _ db: Database) throws -> CollectionWriter {
        if let writer = memory?.writers[collection] { return writer }
        let writer = try CollectionWriter(collection, tables(db), db)
        memory?.writers[collection] = writer
        return writer
    }

    /// Milliseconds to add to this device's time for the server's, as last known.
    func clockOffset(_ db: Database) throws -> Int64? {
        if let offset = memory?.clockOffset { return offset }
        let offset = Int64.fromDatabaseValue(try Settings.value("clock_offset", db) ?? .null)
        memory?.clockOffset = .some(offset)
        return offset
    }

    /// A program with another schema may have rebuilt the records since this one opened the file: what is
    /// written now would miss the cells where that program keeps them.
    private func checkSchema(_ db: Database) throws {
        guard isOpen else { return }
        let stored = String.fromDatabaseValue(try Settings.value("schema", db) ?? .null)
        guard stored == schemaFingerprint else {
            throw SijilError(
                .otherVersion, "Another version of Sijil has opened this replica meanwhile.",
                hint: "Run the command again.")
        }
    }

    func read<Result>(_ body: (Database) throws -> Result) throws -> Result {
        do {
            try renewConnection()
            return try database.readAtOnce(body)
        } catch {
            suspectConnection(after: error)
            throw Self.translated(error)
        }
    }

    private func suspectConnection(after error: any Error) {
        guard let code = (error as? DatabaseError)?.resultCode else { return }
        let isBroken = [.SQLITE_IOERR, .SQLITE_FULL, .SQLITE_CORRUPT, .SQLITE_NOMEM].contains(code)
        isConnectionSuspect = isConnectionSuspect || isBroken
    }

    /// Opens the file anew after a failure of the disk.
    ///
    /// SQLite's search index may remember what was rolled back then, and call a sound file damaged; a new
    /// connection knows what is on the disk and nothing else.
    private func renewConnection() throws {
        guard isConnectionSuspect, let path else { return }
        let fresh = try Self.openDatabase(path)
        names.forget()
        memory = nil
        cachedTables = nil
        try? database.close()
        database = fresh
        isConnectionSuspect = false
    }

    /// The record tables; made anew after a transaction failed.
    func tables(_ db: Database) throws -> RecordTables {
        if let cachedTables { return cachedTables }
        let tables = try RecordTables(schema, names, db)
        cachedTables = tables
        return tables
    }

    /// Drops prepared statements before the tables they name change.
    func forgetTables() {
        memory = nil
        cachedTables = nil
    }

    private static func translated(_ error: any Error) -> any Error {
        guard let error = error as? DatabaseError else { return error }
        // Never the statement's arguments: GRDB's own description may hold them.
        return switch error.resultCode {
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            SijilError(
                .tryAgain, "Another process is writing to this replica.",
                hint: "Run the command again.")
        case .SQLITE_FULL:
            SijilError(
                .inputOutput, "The disk is full. Nothing was changed.", hint: "Free some space.")
        case .SQLITE_CORRUPT, .SQLITE_NOTADB:
            SijilError(
                .badData,
                "The database file is damaged (SQLite \(error.extendedResultCode.rawValue)).")
        case .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_CANTOPEN, .SQLITE_AUTH:
            SijilError(
                .inputOutput, "The replica's file cannot be opened or written.",
                hint: "Is the disk or the folder read-only, or another user's?")
        case .SQLITE_IOERR:
            SijilError(
                .inputOutput, "The disk failed (SQLite \(error.extendedResultCode.rawValue)).",
                hint: "Move the folder to another disk, use only that one, and run 'sijil verify'.")
        default:
            SijilError(
                .inputOutput, "SQLite failed with code \(error.extendedResultCode.rawValue).")
        }
    }

    /// Stands for the tables that the schema makes, and for what this version writes into the search index.
    lazy var schemaFingerprint: String = {
        var writer = ByteWriter()
        writer.varint(SearchEntry.version)
        for type in schema.types {
            writer.text(type.name)
            for field in type.fields {
                writer.text(
                    "\(field.name) \(field.kind) \(field.shape) \(field.search?.rawValue ?? "") \(field.policy)"
                        + (field.isSparse ? " sparse" : "")
                )
            }
        }
        return Identifier(bytes: sha256(writer.bytes).prefix(16))!.description
    }()
}

/// Named values of a replica's file.
enum Settings {
    static let table = "sijil"

    static func value(_ key: String, _ db: Database) throws -> DatabaseValue? {
        let select = try db.readied("SELECT value FROM \(table) WHERE key = ?")
        select.bind(key, at: 1)
        return try select.first { $0.value(0) }
    }

    static func set(_ key: String, _ value: DatabaseValue, _ db: Database) throws {
        try db.cachedStatement(sql: "INSERT OR REPLACE INTO \(table) (key, value) VALUES (?, ?)")
            .execute(arguments: [key, value])
    }
}

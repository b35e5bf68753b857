import CSijilSQLite
import GRDB
import GRDBSQLite

extension DatabaseQueue {
    /// Opens a database; one in memory without a path.
    static func sijil(_ path: String?, _ configuration: Configuration) throws -> DatabaseQueue {
        _ = isPrepared
        return try path.map { try DatabaseQueue(path: $0, configuration: configuration) }
            ?? DatabaseQueue(configuration: configuration)
    }

    /// What is set for all of SQLite, before the first database is opened.
    ///
    /// It counts what it allocates under a lock otherwise, some fifty times for an edit. It is as good without: when
    /// somebody else has opened a database before, this does nothing.
    private static let isPrepared = sijil_sqlite_without_statistics() == SQLITE_OK

    /// Reads in one transaction, so that everything read is of one moment.
    ///
    /// GRDB's own `read` sets `PRAGMA query_only` before and after, and with each such pragma SQLite lets every
    /// prepared statement of the connection expire (https://sqlite.org/src/file/src/pragma.c, `OP_Expire`): to
    /// compile them all again was a third of a simulated world's time.
    func readAtOnce<Result>(_ body: (Database) throws -> Result) throws -> Result {
        try writeWithoutTransaction { db in try db.atOnce(.deferred) { try body(db) } }
    }
}

extension Database {
    /// Runs `body` in a transaction, of statements that are compiled once.
    func atOnce<Result>(
        _ kind: TransactionKind, _ body: () throws -> Result
    ) throws -> Result {
        try readied("BEGIN \(kind.rawValue)").run()
        do {
            let result = try body()
            // SQLite itself takes a transaction back after some errors; what came after one that `body` passed
            // over would be a transaction each.
            guard isInsideTransaction else { throw DatabaseError(resultCode: .SQLITE_ABORT) }
            try readied("COMMIT").run()
            return result
        } catch {
            if isInsideTransaction { try? readied("ROLLBACK").run() }
            throw error
        }
    }
}

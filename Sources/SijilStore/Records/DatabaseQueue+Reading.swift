import GRDB

extension DatabaseQueue {
    /// Reads in one transaction, so that everything read is of one moment.
    ///
    /// GRDB's own `read` sets `PRAGMA query_only` before and after, and with each such pragma SQLite lets every
    /// prepared statement of the connection expire (https://sqlite.org/src/file/src/pragma.c, `OP_Expire`): to
    /// compile them all again was a third of a simulated world's time.
    func readAtOnce<Result>(_ body: (Database) throws -> Result) throws -> Result {
        try writeWithoutTransaction { db in
            var result: Result?
            try db.inTransaction(.deferred) {
                result = try body(db)
                return .commit
            }
            return result!
        }
    }
}

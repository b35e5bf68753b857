import GRDB

/// Taking out of a file what SQLite leaves in it of what was erased.
///
/// `secure_delete` clears what is deleted. But when SQLite moves rows between pages, copies stay in the unused part
/// of a page, and old versions of pages in the write-ahead log. So the file is written anew, and its log emptied.
///
/// What is due stands in a table of settings, under a number that no other erasure has: what somebody erases
/// meanwhile stays due. Once the file is written anew the number is negative, and only the log is left to empty.
enum Purge {
    private static let setting = "purge"

    /// Remembers, in the transaction that erases, that the file is to be purged.
    static func note(in settings: String, _ db: Database) throws {
        try db.execute(
            sql:
                "INSERT OR REPLACE INTO \(settings) (key, value) VALUES (?, abs(random() >> 1) + 1)",
            arguments: [setting])
    }

    /// Purges the file if that is due; outside of transactions.
    ///
    /// - Parameter waits: whether to wait for others who read or write, as long as SQLite does.
    /// - Throws: when others read or write, or the disk is full: then it is done another time.
    static func run(in settings: String, waits: Bool, _ db: Database) throws {
        guard var due = try value(in: settings, db) else { return }
        let patience = try Int64.fetchOne(db, sql: "PRAGMA busy_timeout") ?? 0
        if !waits { try db.execute(sql: "PRAGMA busy_timeout = 0") }
        defer { if !waits { try? db.execute(sql: "PRAGMA busy_timeout = \(patience)") } }
        // What earlier versions noted is no number above zero, or 1.
        let number = Int64.fromDatabaseValue(due) ?? 1
        if number >= 0 {
            try db.execute(sql: "VACUUM")
            let written = (-max(1, number)).databaseValue
            try db.execute(
                sql: "UPDATE \(settings) SET value = ? WHERE key = ? AND value IS ?",
                arguments: [written, setting, due])
            due = written
        }
        let isBusy = try Row.fetchOne(db, sql: "PRAGMA wal_checkpoint(TRUNCATE)")?[0] as Int64?
        guard isBusy == 0 else { throw DatabaseError(resultCode: .SQLITE_BUSY) }
        try db.execute(
            sql: "DELETE FROM \(settings) WHERE key = ? AND value IS ?", arguments: [setting, due])
        guard try value(in: settings, db) == nil else {
            throw DatabaseError(resultCode: .SQLITE_BUSY)
        }
    }

    private static func value(in settings: String, _ db: Database) throws -> DatabaseValue? {
        try DatabaseValue.fetchOne(
            db, sql: "SELECT value FROM \(settings) WHERE key = ?", arguments: [setting])
    }
}

/// When to purge a file: as soon as something was erased, and ever more seldom as it fails.
struct PurgePlan {
    /// Whether something was erased, and the file is not purged yet.
    private(set) var isDue = false
    private var failures = 0
    /// How often it is asked before it is tried again.
    private var pause = 0

    init(isDue: Bool = false) { self.isDue = isDue }

    /// Whether it has not been tried yet.
    var isFirst: Bool { failures == 0 }

    /// Whether it is time, asked once for each transaction or request.
    mutating func isNow() -> Bool {
        guard isDue, pause > 0 else { return isDue }
        pause -= 1
        return false
    }

    mutating func fail() {
        isDue = true
        failures = min(failures + 1, 10)
        pause = (1 << failures) - 1
    }
}

import Foundation
import GRDB
import SijilCore
import Synchronization

/// What erasing a record does to a log: as on a replica, nothing of what it held may be left.
extension SQLiteLogStore {
    private static let purgeSetting = "purge"

    /// Takes records out of the changes that a collection's log holds, and remembers them.
    ///
    /// Reads the whole log of the collection: this is rare.
    static func erase(_ records: [ErasedRecord], in collection: Int64, _ db: Database) throws {
        guard !records.isEmpty else { return }
        for record in records {
            try db.execute(
                sql: "INSERT OR IGNORE INTO erased VALUES (?, ?, ?)",
                arguments: [collection, record.id.stored, record.type])
        }
        let keys = Set(records.map { RecordKey($0.id, $0.type) })
        let ids = Set(records.map(\.id))
        var reduced: [(number: Int64, bytes: [UInt8])] = []
        let rows = try Row.fetchCursor(
            db, sql: "SELECT n, bytes FROM log WHERE collection = ?", arguments: [collection])
        while let row = try rows.next() {
            let bytes = Array(row[1] as Data)
            // What only a later version can read, only that can take something out of.
            guard (try? ChangeBytes.touches(ids, in: bytes)) == true else { continue }
            let change = try ChangeBytes(bytes)
                .erasing(using: sha256) { keys.contains(RecordKey($0, $1)) }
            if let change { reduced.append((row[0], change.bytes)) }
        }
        for change in reduced {
            try db.execute(
                sql: "UPDATE log SET bytes = ? WHERE n = ?",
                arguments: [Data(change.bytes), change.number])
        }
        try db.execute(
            sql: "INSERT OR REPLACE INTO setting VALUES (?, ?)",
            arguments: [purgeSetting, Data([1])])
    }

    /// Changes that are to be logged, without what they say of records that were erased before.
    static func withoutErased(
        _ changes: [LoggedChange], in collection: Int64, _ db: Database
    ) throws -> [LoggedChange] {
        let hasErased = try Bool.fetchOne(
            db.cachedStatement(sql: "SELECT 1 FROM erased WHERE collection = ? LIMIT 1"),
            arguments: [collection])
        guard hasErased != nil else { return changes }
        let isErased = try db.cachedStatement(
            sql: "SELECT 1 FROM erased WHERE collection = ? AND id = ? AND type = ?")
        return try changes.map { change in
            let reduced = try ChangeBytes(change.bytes)
                .erasing(using: sha256) { record, type in
                    try Bool.fetchOne(
                        isErased, arguments: [collection, record.stored, type]) != nil
                }
            guard let reduced else { return change }
            var change = change
            change.bytes = reduced.bytes
            return change
        }
    }

    /// When to purge the file: with the next request, also one that only reads, and ever more seldom as it fails.
    struct PurgePlan {
        /// Whether something was erased, and the file is not purged yet.
        var isDue = false
        private var failures = 0
        /// How many requests pass before it is tried again.
        private var pause = 0

        init(isDue: Bool = false) { self.isDue = isDue }

        /// Whether it is time, asked once for each request.
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

    func purgeWhenDue() {
        if purgePlan.withLock({ $0.isNow() }) { tryToPurge() }
    }

    /// Purges the file, if that is due and can be done now; else ``PurgePlan`` says when it is tried again.
    func tryToPurge() {
        do {
            try purge()
            purgePlan.withLock { $0 = PurgePlan() }
        } catch {
            purgePlan.withLock { $0.fail() }
        }
    }

    /// Writes the file anew, if something was erased since that was last done, and empties its log.
    ///
    /// See ``Replica/purge()``.
    func purge() throws {
        try database.writeWithoutTransaction { db in
            let isDue = try Bool.fetchOne(
                db, sql: "SELECT 1 FROM setting WHERE key = ?", arguments: [Self.purgeSetting])
            guard isDue != nil else { return }
            try db.execute(sql: "VACUUM")
            let isBusy = try Row.fetchOne(db, sql: "PRAGMA wal_checkpoint(TRUNCATE)")?[0] as Int64?
            guard isBusy == 0 else { throw DatabaseError(resultCode: .SQLITE_BUSY) }
            try db.execute(
                sql: "DELETE FROM setting WHERE key = ?", arguments: [Self.purgeSetting])
        }
    }
}

import Foundation
import GRDB
import SijilCore
import Synchronization

/// What erasing a record does to a log: as on a replica, nothing of what it held may be left.
extension SQLiteLogStore {
    private static let settings = "setting"

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
        try Purge.note(in: settings, db)
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

    func purgeWhenDue() {
        if purgePlan.withLock({ $0.isNow() }) { tryToPurge() }
    }

    /// Purges the file, if that is due and can be done now; else ``PurgePlan`` says when it is tried again.
    func tryToPurge() {
        do {
            let waits = purgePlan.withLock { $0.isFirst }
            try database.writeWithoutTransaction { db in
                try Purge.run(in: Self.settings, waits: waits, db)
            }
            purgePlan.withLock { $0 = PurgePlan() }
        } catch {
            purgePlan.withLock { $0.fail() }
        }
    }
}

import Foundation
import GRDB
package import SijilCore

/// A change as the journal keeps it.
package struct JournalEntry: Sendable {
    package var dot: Dot
    /// `nil` while the server has not confirmed it, and when only a snapshot told that it has it.
    package var position: UInt64?
    /// Whether the server has not confirmed it.
    package var isPending: Bool
    package var bytes: [UInt8]
}

/// Where a change lies in the journal.
struct JournalKey {
    var collection: Int64
    var replica: Int64
    var sequence: Int64
    /// Its place in the order in which changes were applied here.
    var n: Int64
}

extension Replica {
    /// What was applied in a collection, in this order; for checks from outside.
    package func journal(of collection: CollectionID) throws -> [JournalEntry] {
        try read { db in
            try journalKeys(in: collection, db)
                .map { key in
                    let position = try position(of: key, db)
                    return JournalEntry(
                        dot: Dot(
                            replica: try names.replica(key.replica, db),
                            sequence: UInt64(clamping: key.sequence)),
                        position: position == 0 ? nil : position, isPending: position == nil,
                        bytes: try journalBytes(key, db))
                }
        }
    }

    /// The changes of one collection or of all, as they were applied.
    func journalKeys(in collection: CollectionID?, _ db: Database) throws -> [JournalKey] {
        try journalKeys(in: collection, "j.n", limit: -1, db)
    }

    /// The same, those that were written last first.
    func newestKeys(in collection: CollectionID?, limit: Int, _ db: Database) throws -> [JournalKey]
    {
        try journalKeys(in: collection, "j.at DESC, j.n DESC", limit: limit, db)
    }

    private func journalKeys(
        in collection: CollectionID?, _ order: String, limit: Int, _ db: Database
    ) throws -> [JournalKey] {
        let keys = try db.readied(
            """
            SELECT j.collection, j.replica, j.sequence, j.n FROM journal j
            JOIN collection c ON c.n = j.collection
            WHERE ?1 IS NULL OR c.id = ?1 ORDER BY \(order) LIMIT ?2
            """)
        keys.bind(collection?.stored ?? .null, at: 1)
        keys.bind(Int64(limit), at: 2)
        return try keys.all { row in
            JournalKey(
                collection: row.integer(0), replica: row.integer(1), sequence: row.integer(2),
                n: row.integer(3))
        }
    }

    func collectionID(_ number: Int64, _ db: Database) throws -> CollectionID {
        let select = try db.readied("SELECT id FROM collection WHERE n = ?")
        select.bind(number, at: 1)
        return try Identifier(stored: select.first { $0.value(0) } ?? .null)
    }

    /// What is kept of a change: its bytes, and what else `columns` names.
    func journalRow<Result>(
        _ key: JournalKey, _ columns: String, _ db: Database, _ read: (Statement) throws -> Result
    ) throws -> Result {
        let select = try db.readied(
            """
            SELECT \(columns) FROM journal
            WHERE collection = ? AND replica = ? AND sequence = ?
            """)
        select.bind(key.collection, at: 1)
        select.bind(key.replica, at: 2)
        select.bind(key.sequence, at: 3)
        guard let result = try select.first(read: read) else {
            throw SijilError(.badData, "A change is missing.", hint: "Run 'sijil verify'.")
        }
        return result
    }

    func journalBytes(_ key: JournalKey, _ db: Database) throws -> [UInt8] {
        try journalRow(key, "bytes", db) { $0.bytes(0) }
    }

    /// The server's number of a change; `nil` while the server has not confirmed it, 0 when only a snapshot told
    /// that it has it.
    func position(of key: JournalKey, _ db: Database) throws -> UInt64? {
        let select = try db.readied(
            """
            SELECT count, iif(position > 0, position + ?3 - sequence, 0), sequence FROM placed
            WHERE collection = ?1 AND replica = ?2 AND sequence <= ?3
            ORDER BY sequence DESC LIMIT 1
            """)
        select.bind(key.collection, at: 1)
        select.bind(key.replica, at: 2)
        select.bind(key.sequence, at: 3)
        let found = try select.first { row in
            key.sequence < row.integer(2) + row.integer(0) ? UInt64(clamping: row.integer(1)) : nil
        }
        return found ?? nil
    }
}

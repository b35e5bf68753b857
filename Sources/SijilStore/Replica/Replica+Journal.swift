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

extension Replica {
    /// What was applied in a collection, in this order; for checks from outside.
    package func journal(of collection: CollectionID) throws -> [JournalEntry] {
        try read { db in
            try Row.fetchAll(
                db.cachedStatement(
                    sql: """
                        SELECT j.replica, j.sequence, j.position, j.bytes FROM journal j
                        JOIN collection c ON c.n = j.collection WHERE c.id = ? ORDER BY j.n
                        """), arguments: [collection.stored]
            )
            .map { row in
                let position = row[2] as Int64?
                return JournalEntry(
                    dot: Dot(
                        replica: try names.replica(row[0], db),
                        sequence: UInt64(clamping: row[1] as Int64)),
                    position: position.flatMap { $0 > 0 ? UInt64(clamping: $0) : nil },
                    isPending: position == nil, bytes: Array(row[3] as Data))
            }
        }
    }
}

import Foundation
import GRDB
public import SijilCore

extension Replica {
    /// The changes that the server has not confirmed, in the order in which they were applied here, as
    /// signed runs: what is written here and what came by hand.
    ///
    /// - Parameter byteLimit: stop before the runs grow larger; one change is given in any case.
    public func pendingRuns(
        in collection: CollectionID, byteLimit: Int
    ) throws -> (runs: [SignedRun], isComplete: Bool) {
        try read { db in
            let cursor = try Row.fetchCursor(
                db,
                sql: """
                    SELECT j.replica, j.sequence, j.bytes, j.signature FROM journal j
                    JOIN collection c ON c.n = j.collection
                    WHERE c.id = ? AND j.position IS NULL ORDER BY j.n
                    """, arguments: [collection.stored])
            var runs: [SignedRun] = []
            var size = 0
            while let row = try cursor.next() {
                let bytes = Array(row[2] as Data)
                let sequence = UInt64(row[1] as Int64)
                let author = try names.replica(row[0], db)
                // A run may only end where there is a signature.
                let mayCut = runs.last.map { !$0.signature.isEmpty } ?? true
                if mayCut, !runs.isEmpty, size + bytes.count > byteLimit { return (runs, false) }
                size += bytes.count + 8
                if let last = runs.last, last.author == author, last.last + 1 == sequence {
                    runs[runs.count - 1].changes.append(bytes)
                } else {
                    runs.append(
                        SignedRun(
                            author: author, first: sequence, changes: [bytes], signature: []))
                    size += 100
                }
                runs[runs.count - 1].signature = (row[3] as Data?).map { Array($0) } ?? []
            }
            runs.removeAll { $0.signature.isEmpty }
            return (runs, true)
        }
    }

    /// Remembers why the server refused what is pending in a collection, or that it no longer does.
    public func setRefusal(_ refusal: String?, in collection: CollectionID) throws {
        try transaction { db in
            try db.execute(
                sql: "UPDATE collection SET refusal = ? WHERE id = ? AND refusal IS NOT ?",
                arguments: [refusal, collection.stored, refusal])
        }
    }

    /// Signs a message with the replica's key.
    public func sign(_ message: [UInt8]) -> [UInt8] { key.sign(message) }

    public var publicKey: [UInt8] { key.publicKey }
}

import Foundation
import GRDB
public import SijilCore

extension Replica {
    /// The changes that the server has not confirmed, in the order in which they were applied here, as
    /// signed runs: what is written here and what came by hand.
    ///
    /// Changes that no signature covers yet, because the rest of their run is held, wait for it. What is given may
    /// leave the device: it is safe from a power cut.
    ///
    /// - Parameter byteLimit: stop before the runs grow larger; one run is given in any case.
    public func pendingRuns(
        in collection: CollectionID, byteLimit: Int
    ) throws -> (runs: [SignedRun], isComplete: Bool) {
        let pending = try runs(in: collection, byteLimit)
        if !pending.runs.isEmpty { try secure() }
        return pending
    }

    private func runs(
        in collection: CollectionID, _ byteLimit: Int
    ) throws -> (runs: [SignedRun], isComplete: Bool) {
        try read { db in
            var runs: [SignedRun] = []
            // Changes before the signature that covers them: others' may lie between, when a part of a run
            // was held here.
            var open: [ReplicaID: SignedRun] = [:]
            var size = 0
            let mayErase = try hasErased(db)
            for key in try pendingKeys(in: collection, db) {
                let author = try names.replica(key.replica, db)
                var run =
                    open.removeValue(forKey: author)
                    ?? SignedRun(
                        author: author, first: UInt64(clamping: key.sequence), changes: [],
                        signature: [])
                let (bytes, signature) = try journalRow(key, "bytes, signature", db) {
                    ($0.bytes(0), $0.isNull(1) ? nil : $0.bytes(1))
                }
                run.changes.append(bytes)
                guard let signature else {
                    open[author] = run
                    continue
                }
                run.signature = signature
                let runSize = run.changes.reduce(0) { $0 + $1.count + 8 }
                if !runs.isEmpty, size + runSize > byteLimit { return (signed(runs), false) }
                size += runSize
                // A run never goes past a change that had seen more: so it can be applied whole as soon as
                // its first change can, and nobody is left with changes whose signature is still held.
                // Nor past one that erases: a run is refused as a whole, and only a coordinator erases.
                if let last = runs.last, last.author == author, last.last + 1 == run.first,
                    try ChangeBytes.seen(in: run.changes[0]).isEmpty,
                    try !mayErase || !run.changes.contains(where: erases)
                {
                    runs[runs.count - 1].changes += run.changes
                    runs[runs.count - 1].signature = run.signature
                } else {
                    runs.append(run)
                    size += 100
                }
            }
            return (signed(runs), true)
        }
    }

    private func erases(_ change: [UInt8]) throws -> Bool {
        try ChangeBytes(change).edits.contains(where: \.erases)
    }

    /// The changes without a position, as they were applied.
    private func pendingKeys(
        in collection: CollectionID, _ db: Database
    ) throws -> [JournalKey] {
        let authors = try db.readied(
            """
            SELECT a.collection, a.replica,
                (SELECT p.sequence + p.count - 1 FROM placed p
                    WHERE p.collection = a.collection AND p.replica = a.replica
                    ORDER BY p.sequence DESC LIMIT 1)
            FROM author a JOIN collection c ON c.n = a.collection WHERE c.id = ?
            """)
        authors.bind(collection.stored, at: 1)
        // Each looked for by itself: SQLite would go through all of an author's changes otherwise.
        let after = try authors.all { ($0.integer(0), $0.integer(1), $0.integer(2)) }
        let later = try db.readied(
            """
            SELECT collection, replica, sequence, n FROM journal
            WHERE collection = ? AND replica = ? AND sequence > ?
            """)
        var keys: [JournalKey] = []
        for (collection, author, confirmed) in after {
            later.bind(collection, at: 1)
            later.bind(author, at: 2)
            later.bind(confirmed, at: 3)
            keys += try later.all { row in
                JournalKey(
                    collection: row.integer(0), replica: row.integer(1), sequence: row.integer(2),
                    n: row.integer(3))
            }
        }
        return keys.sorted { $0.n < $1.n }
    }

    /// Makes everything that is in the file safe from a power cut.
    ///
    /// What this process wrote is safe already. But a process that was killed in the middle of a commit may
    /// have left a change that is there and was never synced: once it is sent, losing it would make this
    /// file a copy that others have overtaken. SQLite's next commit syncs all of its log.
    private func secure() throws {
        try transaction { db in try db.execute(sql: "PRAGMA user_version = 1") }
    }

    /// Changes that were written here are signed now: one signature a run.
    private func signed(_ runs: [SignedRun]) -> [SignedRun] {
        runs.map {
            var run = $0
            run.signature = Proof(bytes: run.signature).signature(by: key)
            return run
        }
    }

    /// Remembers why the server refused what is pending in a collection, or that it no longer does.
    public func setRefusal(_ refusal: String?, in collection: CollectionID) throws {
        try transaction { db in
            try db.cachedStatement(
                sql: "UPDATE collection SET refusal = ? WHERE id = ? AND refusal IS NOT ?"
            )
            .execute(arguments: [refusal, collection.stored, refusal])
        }
    }

    /// Signs a message with the replica's key.
    public func sign(_ message: [UInt8]) -> [UInt8] { key.sign(message) }

    public var publicKey: [UInt8] { key.publicKey }
}

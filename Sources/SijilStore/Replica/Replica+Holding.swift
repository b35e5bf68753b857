import Foundation
import GRDB
import SijilCore

/// Changes that wait for what their authors had seen.
extension Replica {
    /// The hash of a change that is held here, for the next one to chain to.
    func hash(
        ofHeld sequence: UInt64, of author: ReplicaID, _ writer: CollectionWriter, _ db: Database
    ) throws -> ChainHash? {
        let row = try Row.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT bytes, hash FROM held
                    WHERE collection = ? AND replica = ? AND sequence = ?
                    """),
            arguments: [writer.number, try names.number(of: author, db), Int64(sequence)])
        guard let row, let previous = ChainHash(row[1] as Data) else { return nil }
        return try chain(
            [Array(row[0] as Data)], after: previous, sequence, author, writer.collection
        )
        .last?
        .hash
    }

    /// Sets a change aside.
    ///
    /// Of two changes with one name, the one stays that a server has given a position: what came by hand
    /// must not keep out what everybody else has.
    ///
    /// - Returns: whether it is news.
    func hold(
        _ link: Link, _ signature: [UInt8]?, _ position: UInt64?, _ collection: Int64,
        _ db: Database
    ) throws -> Bool {
        let author = try names.number(of: link.dot.replica, db)
        let sequence = Int64(link.dot.sequence)
        let present = try Row.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT bytes, position FROM held
                    WHERE collection = ? AND replica = ? AND sequence = ?
                    """), arguments: [collection, author, sequence])
        if let present, try isSame(Array(present[0] as Data), link.bytes.bytes) {
            try db.cachedStatement(
                sql: """
                    UPDATE held SET position = ifnull(position, ?), signature = ifnull(signature, ?)
                    WHERE collection = ? AND replica = ? AND sequence = ?
                    """
            )
            .execute(arguments: [
                position.map { Int64($0) }, signature.map { Data($0) }, collection, author,
                sequence,
            ])
            return false
        }
        if let present, position == nil || present[1] as Int64? != nil {
            throw Self.forked
        }
        let held = try db.readied(
            "SELECT count(*), ifnull(sum(length(bytes)), 0) FROM held WHERE collection = ?")
        held.bind(collection, at: 1)
        let (count, size) = try held.first { ($0.integer(0), $0.integer(1)) } ?? (0, 0)
        guard count < Limits.heldChanges, size < Limits.heldBytes else {
            throw SijilError(
                .badData, "Too many changes wait for earlier ones.",
                hint: "Sync with the server, or ask the sender for the earlier changes.")
        }
        try noteHeld(db)
        let kept = try withoutErased(link.bytes, in: collection, db) ?? link.bytes
        try db.cachedStatement(
            sql: "INSERT OR REPLACE INTO held VALUES (?, ?, ?, ?, ?, ?, ?)"
        )
        .execute(arguments: [
            collection, author, sequence, position.map { Int64($0) }, Data(kept.bytes),
            Data(link.previous.bytes), signature.map { Data($0) },
        ])
        return true
    }

    func heldBytes(
        _ replica: Int64, _ sequence: Int64, _ collection: Int64, _ db: Database
    ) throws -> Data? {
        try Data.fetchOne(
            db.cachedStatement(
                sql: "SELECT bytes FROM held WHERE collection = ? AND replica = ? AND sequence = ?"),
            arguments: [collection, replica, sequence])
    }

    /// Applies every held change whose time has come, until none is left.
    ///
    /// A held change that does not fit its author's chain stays held: it names a fork, and blocks nothing.
    func releaseHeld(_ writer: CollectionWriter, _ db: Database) throws -> Int {
        let rows = try Row.fetchAll(
            db.cachedStatement(
                sql: """
                    SELECT replica, sequence, position, hash, signature FROM held
                    WHERE collection = ? ORDER BY replica, sequence
                    """), arguments: [writer.number])
        // Of each author only the next can be applied.
        var waiting: [ArraySlice<Row>] = []
        for row in rows {
            if let last = waiting.last?.last, last[0] as Int64 == row[0] as Int64 {
                waiting[waiting.count - 1].append(row)
            } else {
                waiting.append([row])
            }
        }
        var applied = 0
        var progress = true
        while progress {
            progress = false
            for author in waiting.indices {
                while let row = waiting[author].first,
                    let wasApplied = try release(row, writer, db)
                {
                    waiting[author].removeFirst()
                    applied += wasApplied ? 1 : 0
                    progress = true
                }
            }
        }
        return applied
    }

    /// Applies a held change, or drops it when it is known.
    ///
    /// - Returns: whether it was applied; `nil` when it has to stay.
    private func release(_ row: Row, _ writer: CollectionWriter, _ db: Database) throws -> Bool? {
        let dot = Dot(
            replica: try names.replica(row[0], db), sequence: UInt64(clamping: row[1] as Int64))
        let head = writer.head(of: dot.replica)
        guard dot.sequence <= head.sequence + 1 else { return nil }
        let isNext = dot.sequence == head.sequence + 1
        if isNext {
            guard ChainHash(row[3] as Data) == head.hash,
                let stored = try heldBytes(row[0], row[1], writer.number, db)
            else { return nil }
            let bytes = try ChangeBytes(Array(stored))
            guard writer.covers(bytes) else { return nil }
            let hash = bytes.hash(
                in: ChainPlace(collection: writer.collection, dot: dot, previous: head.hash),
                using: sha256)
            let proof = (row[4] as Data?).map { Proof(bytes: Array($0)) }
            try writer.append(
                bytes, dot: dot, sums: { CollectionWriter.Sums(bytes, dot, hash: hash) },
                proof: { _ in proof })
            if let position = row[2] as Int64? {
                try writer.place(dot.replica, dot.sequence, 1, at: UInt64(clamping: position))
            }
        }
        try db.cachedStatement(
            sql: "DELETE FROM held WHERE collection = ? AND replica = ? AND sequence = ?"
        )
        .execute(arguments: [writer.number, row[0] as Int64, row[1] as Int64])
        return isNext
    }
}

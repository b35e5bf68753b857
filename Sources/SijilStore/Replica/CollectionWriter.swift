import Foundation
import GRDB
import SijilCore

/// One collection's log during one transaction: who has written how far, and what comes next.
///
/// The heads and the digest are read when first needed and written back by ``finish()``.
final class CollectionWriter {
    struct Head {
        var sequence: UInt64 = 0
        var hash = ChainHash.start
        /// Everything the author had seen at `sequence`, their own changes not counted.
        var seen = VersionVector()
        var isChanged = false
    }

    let collection: CollectionID
    let number: Int64
    let role: Role
    private(set) var heads: [ReplicaID: Head] = [:]
    private(set) var vector = VersionVector()
    private(set) var digest: StateDigest
    private let tables: RecordTables
    private let db: Database
    private let insertJournal: Statement
    private let upsertAuthor: Statement
    private let updateDigest: Statement

    init(_ collection: CollectionID, _ tables: RecordTables, _ db: Database) throws {
        self.collection = collection
        self.tables = tables
        self.db = db
        guard
            let row = try Row.fetchOne(
                db.cachedStatement(sql: "SELECT n, digest, role FROM collection WHERE id = ?"),
                arguments: [collection.stored])
        else {
            throw SijilError(
                .notFound, "This replica does not hold that collection.",
                hint: "'sijil collections' lists what it holds.")
        }
        number = row[0]
        role = Role(rawValue: row[2]) ?? .reader
        digest = StateDigest(try Identifier(stored: row[1]).rawValue)
        insertJournal = try db.cachedStatement(
            sql: """
                INSERT INTO journal
                    (collection, replica, sequence, position, at, bytes, signature)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """)
        upsertAuthor = try db.cachedStatement(
            sql: "INSERT OR REPLACE INTO author VALUES (?, ?, ?, ?, ?)")
        updateDigest = try db.cachedStatement(
            sql: "UPDATE collection SET digest = ? WHERE n = ?")
        let authors = try Row.fetchAll(
            db.cachedStatement(
                sql: "SELECT replica, sequence, hash, seen FROM author WHERE collection = ?"),
            arguments: [number])
        for author in authors {
            let replica = try tables.names.replica(author[0], db)
            let sequence = UInt64(clamping: author[1] as Int64)
            heads[replica] = Head(
                sequence: sequence, hash: ChainHash(author[2] as Data) ?? .start,
                seen: try decodeSeen(Array(author[3] as Data)))
            vector[replica] = sequence
        }
    }

    func head(of author: ReplicaID) -> Head { heads[author] ?? Head() }

    /// Whether a change with this newly seen part may be applied now.
    func covers(_ change: ChangeBytes) -> Bool { vector.covers(change.seen) }

    /// Applies the author's next change: journal, records, vector, digest.
    ///
    /// - Parameter rows: of records that the caller has looked for: `nil` for one that is not there.
    /// - Precondition: it is the next of its author, its hash was computed from the author's head, and what
    ///   it has seen is covered.
    func append(
        _ encoded: ChangeBytes, dot: Dot, hash: ChainHash, proof: Proof?, position: UInt64?,
        rows: [RecordID: RecordRow?] = [:]
    ) throws {
        var head = head(of: dot.replica)
        precondition(dot.sequence == head.sequence + 1, "Changes are applied without gaps.")
        let local = LocalDot(
            replica: try tables.names.number(of: dot.replica, db), sequence: dot.sequence)
        insertJournal.bind(number, at: 1)
        insertJournal.bind(local.replica, at: 2)
        insertJournal.bind(Int64(dot.sequence), at: 3)
        if let position { insertJournal.bind(Int64(position), at: 4) }
        insertJournal.bind(encoded.correctedAt, at: 5)
        insertJournal.bind(encoded.bytes, at: 6)
        if let proof { insertJournal.bind(proof.bytes, at: 7) }
        try insertJournal.run()
        head.seen.merge(encoded.seen)
        var seen = head.seen
        seen[dot.replica] = head.sequence
        let source = RecordTables.Source(
            collection: number, dot: dot, localDot: local, at: encoded.correctedAt,
            seen: seen)
        try tables.apply(encoded, source, rows: rows, digest: &digest, db)
        head.sequence = dot.sequence
        head.hash = hash
        head.isChanged = true
        heads[dot.replica] = head
        vector[dot.replica] = dot.sequence
    }

    /// Writes heads and digest back.
    ///
    /// To be called once in each transaction that appends, before it commits.
    func finish() throws {
        for (replica, head) in heads where head.isChanged {
            upsertAuthor.bind(number, at: 1)
            upsertAuthor.bind(try tables.names.number(of: replica, db), at: 2)
            upsertAuthor.bind(Int64(head.sequence), at: 3)
            upsertAuthor.bind(head.hash.bytes, at: 4)
            upsertAuthor.bind(try encodeSeen(head.seen), at: 5)
            try upsertAuthor.run()
            heads[replica]!.isChanged = false
        }
        updateDigest.bind(Identifier(digest.sum), at: 1)
        updateDigest.bind(number, at: 2)
        try updateDigest.run()
    }

    private func encodeSeen(_ seen: VersionVector) throws -> [UInt8] {
        var writer = ByteWriter()
        for dot in seen.sorted {
            writer.varint(UInt64(try tables.names.number(of: dot.replica, db)))
            writer.varint(dot.sequence)
        }
        return writer.bytes
    }

    private func decodeSeen(_ bytes: [UInt8]) throws -> VersionVector {
        var reader = ByteReader(bytes)
        var seen = VersionVector()
        while !reader.isAtEnd {
            let replica = try tables.names.replica(
                Int64(truncatingIfNeeded: try reader.varint()), db)
            seen[replica] = try reader.varint()
        }
        return seen
    }
}

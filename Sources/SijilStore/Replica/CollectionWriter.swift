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
    func covers(_ change: Change) -> Bool { vector.covers(change.seen) }

    /// Applies the author's next change: journal, records, vector, digest.
    ///
    /// - Parameters:
    ///   - fresh: records that the caller knows not to exist yet.
    ///   - isInJournal: whether the journal has it, and only the rest was undone by a snapshot.
    /// - Precondition: it is the next of its author, its hash was computed from the author's head, and what
    ///   it has seen is covered.
    func append(
        _ encoded: ChangeBytes, dot: Dot, hash: ChainHash, proof: Proof?, position: UInt64?,
        fresh: Set<RecordID> = [], isInJournal: Bool = false
    ) throws {
        var head = head(of: dot.replica)
        precondition(dot.sequence == head.sequence + 1, "Changes are applied without gaps.")
        let local = LocalDot(
            replica: try tables.names.number(of: dot.replica, db), sequence: dot.sequence)
        if !isInJournal {
            try insertJournal.run([
                number.databaseValue, local.replica.databaseValue,
                Int64(dot.sequence).databaseValue,
                position.map { Int64($0).databaseValue } ?? .null,
                encoded.change.correctedAt.databaseValue, Data(encoded.bytes).databaseValue,
                proof.map { Data($0.bytes).databaseValue } ?? .null,
            ])
        }
        head.seen.merge(encoded.change.seen)
        var seen = head.seen
        seen[dot.replica] = head.sequence
        let source = RecordTables.Source(
            collection: number, dot: dot, localDot: local, at: encoded.change.correctedAt,
            seen: seen)
        for edit in encoded.change.edits {
            try tables.apply(
                edit, source, isNew: fresh.contains(edit.record), digest: &digest, db)
        }
        head.sequence = dot.sequence
        head.hash = hash
        head.isChanged = true
        heads[dot.replica] = head
        vector[dot.replica] = dot.sequence
    }

    /// Writes heads and digest back.
    ///
    /// To be called once, before the transaction commits.
    func finish() throws {
        let upsert = try db.cachedStatement(
            sql: "INSERT OR REPLACE INTO author VALUES (?, ?, ?, ?, ?)")
        for (replica, head) in heads where head.isChanged {
            try upsert.execute(arguments: [
                number, try tables.names.number(of: replica, db), Int64(head.sequence),
                Data(head.hash.bytes), Data(try Self.encodeSeen(head.seen, tables.names, db)),
            ])
        }
        try db.cachedStatement(sql: "UPDATE collection SET digest = ? WHERE n = ?")
            .execute(arguments: [Identifier(digest.sum).stored, number])
    }

    /// What the column `author.seen` holds.
    static func encodeSeen(
        _ seen: VersionVector, _ names: Names, _ db: Database
    ) throws -> [UInt8] {
        var writer = ByteWriter()
        for dot in seen.sorted {
            writer.varint(UInt64(try names.number(of: dot.replica, db)))
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

import Foundation
import GRDB
import SijilCore

/// One collection's log: who has written how far, and what comes next.
///
/// What it changes is in the file when ``finish()`` has returned.
final class CollectionWriter {
    /// An author's place in the collection.
    struct Head {
        var sequence: UInt64 = 0
        var hash = ChainHash.start
        /// The last of the author's changes that have positions.
        fileprivate(set) var placed: Placement?
        fileprivate var share = RecordTables.Share()
        fileprivate var last: Int64 = 0
        fileprivate var seen: Seen = .decoded(VersionVector())
        fileprivate var isChanged = false
        fileprivate var isPlacementChanged = false
    }

    /// Decoded when it is needed: a collection may have many authors, and a change has one.
    fileprivate enum Seen {
        case encoded([UInt8])
        case decoded(VersionVector)
    }

    /// Consecutive changes of one author at consecutive positions.
    struct Placement {
        var first: UInt64
        var count: UInt64
        /// Of the first; 0 when only a snapshot told that the server has them.
        var position: UInt64

        var isKnown: Bool { position > 0 }

        /// The sequence after the last.
        var end: UInt64 { first &+ count }
    }

    let collection: CollectionID
    let number: Int64
    let role: Role
    private(set) var heads: [ReplicaID: Head] = [:]
    private(set) var vector = VersionVector()
    /// What was erased since it was last taken: the log still holds what the records held.
    private var erased: [RecordTables.Erased] = []
    /// Whether something was taken out since ``finish()``: of a record, or of a change that came after it was
    /// erased.
    private(set) var hasReduced = false
    /// Whether a change was applied since ``finish()`` that erases.
    private(set) var hasErasing = false
    private let tables: RecordTables
    private let db: Database
    private let insertJournal: Statement
    private let updateJournal: Statement
    private let upsertAuthor: Statement
    private let upsertPlaced: Statement

    init(_ collection: CollectionID, _ tables: RecordTables, _ db: Database) throws {
        self.collection = collection
        self.tables = tables
        self.db = db
        guard
            let row = try Row.fetchOne(
                db.cachedStatement(sql: "SELECT n, role FROM collection WHERE id = ?"),
                arguments: [collection.stored])
        else {
            throw SijilError(
                .notFound, "This replica does not hold that collection.",
                hint: "'sijil collections' lists what it holds.")
        }
        number = row[0]
        role = Role(rawValue: row[1]) ?? .reader
        insertJournal = try db.cachedStatement(
            sql: """
                INSERT INTO journal (collection, replica, sequence, n, at, signature, bytes)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """)
        updateJournal = try db.cachedStatement(sql: "UPDATE journal SET bytes = ?2 WHERE n = ?1")
        upsertAuthor = try db.cachedStatement(
            sql: """
                INSERT OR REPLACE INTO author
                    (collection, replica, sequence, last, hash, digest, records, seen)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """)
        upsertPlaced = try db.cachedStatement(
            sql: "INSERT OR REPLACE INTO placed VALUES (?, ?, ?, ?, ?)")
        try readHeads()
    }

    private func readHeads() throws {
        let authors = try db.readied(
            """
            SELECT replica, sequence, last, hash, digest, records, seen FROM author
            WHERE collection = ?
            """)
        authors.bind(number, at: 1)
        let rows = try authors.all { row in
            (
                replica: row.integer(0),
                head: Head(
                    sequence: UInt64(clamping: row.integer(1)),
                    hash: ChainHash(row.bytes(3)) ?? .start,
                    share: RecordTables.Share(
                        digest: StateDigest(Identifier(bytes: row.bytes(4))?.rawValue ?? 0),
                        records: Int(row.integer(5))),
                    last: row.integer(2), seen: .encoded(row.bytes(6)))
            )
        }
        for (author, head) in rows {
            let replica = try tables.names.replica(author, db)
            heads[replica] = head
            heads[replica]!.placed = try placement(author)
            vector[replica] = head.sequence
        }
    }

    /// The last placement that is kept of an author.
    private func placement(_ author: Int64) throws -> Placement? {
        let placed = try db.readied(
            """
            SELECT sequence, count, position FROM placed
            WHERE collection = ? AND replica = ? ORDER BY sequence DESC LIMIT 1
            """)
        placed.bind(number, at: 1)
        placed.bind(author, at: 2)
        return try placed.first { row in
            Placement(
                first: UInt64(clamping: row.integer(0)), count: UInt64(clamping: row.integer(1)),
                position: UInt64(clamping: row.integer(2)))
        }
    }

    func head(of author: ReplicaID) -> Head { heads[author] ?? Head() }

    /// Everything an author had seen at their last change, their own changes not counted.
    func seen(by author: ReplicaID) throws -> VersionVector {
        switch heads[author]?.seen {
        case nil: return VersionVector()
        case .decoded(let seen): return seen
        case .encoded(let bytes):
            let seen = try decodeSeen(bytes)
            heads[author]!.seen = .decoded(seen)
            return seen
        }
    }

    /// Whether a change with this newly seen part may be applied now.
    func covers(_ change: ChangeBytes) -> Bool { vector.covers(change.seen) }

    /// The digest of the collection's live state.
    var digest: StateDigest {
        heads.values.reduce(into: StateDigest()) { $0.add($1.share.digest.sum) }
    }

    // MARK: Snapshots

    /// Puts in the authors of a snapshot whose records are in the tables already; there must be none yet.
    ///
    /// - Parameter share: what the records amount to.
    func begin(with manifest: SnapshotManifest, _ share: RecordTables.Share) throws {
        let last = try tables.lastInJournal()
        for (index, author) in manifest.authors.enumerated() {
            var head = Head(
                sequence: author.sequence, hash: author.hash, last: last,
                seen: .decoded(author.seen), isChanged: true)
            // Only the sum over all authors means something.
            if index == 0 { head.share = share }
            head.placed = try placement(tables.names.number(of: author.replica, db))
            heads[author.replica] = head
            vector[author.replica] = author.sequence
        }
    }

    /// Remembers that the server has all that a snapshot covers.
    func confirm(_ manifest: SnapshotManifest) throws {
        for author in manifest.authors {
            let first = head(of: author.replica).placed?.end ?? 1
            guard first <= author.sequence else { continue }
            try place(author.replica, first, author.sequence - first + 1, at: 0)
        }
    }

    // MARK: Appending

    /// What is computed of a change without the database.
    struct Sums: Sendable {
        var hash: ChainHash
        /// See ``ChangeBytes/digestSums(_:least:)``.
        var digests: [UInt128?]

        init(_ change: ChangeBytes, _ dot: Dot, hash: ChainHash) {
            self.hash = hash
            digests = change.digestSums(dot, least: 4)
        }
    }

    /// Applies the author's next change: journal, records, vector, digest.
    ///
    /// - Parameters:
    ///   - sums: computed from the author's head; asked for once, after the records.
    ///   - proof: what the journal keeps, given the hash.
    ///   - logged: its number, when it is in the journal already.
    ///   - rows: what the caller has found for each edit, if it has looked.
    /// - Precondition: it is the next of its author, and what it has seen is covered.
    func append(
        _ encoded: ChangeBytes, dot: Dot, sums: () -> Sums,
        proof: (ChainHash) -> Proof? = { _ in nil }, loggedAs logged: Int64? = nil,
        rows: [RecordRow?]? = nil
    ) throws {
        var head = head(of: dot.replica)
        precondition(dot.sequence == head.sequence + 1, "Changes are applied without gaps.")
        let local = LocalDot(
            replica: try tables.names.number(of: dot.replica, db), sequence: dot.sequence)
        var seen = try seen(by: dot.replica)
        seen.merge(encoded.seen)
        head.seen = .decoded(seen)
        seen[dot.replica] = head.sequence
        let source = RecordTables.Source(
            collection: number, dot: dot, localDot: local, at: encoded.correctedAt,
            seen: seen)
        let applied = try tables.apply(encoded, source, rows: rows, share: &head.share, db)
        let sums = sums()
        for index in applied.made {
            head.share.digest.add(sums.digests[index] ?? encoded.digestSum(of: index, dot))
        }
        erased += applied.erased
        if !applied.erased.isEmpty { hasReduced = true }
        if encoded.edits.contains(where: \.erases) { hasErasing = true }
        // What was erased before it came is not kept, in whatever order it came.
        var kept = encoded
        if !applied.late.isEmpty {
            let late = Set(applied.late.map { encoded.edits[$0].record })
            kept = encoded.erasing(using: sha256) { record, _ in late.contains(record) } ?? encoded
            hasReduced = true
        }
        head.last = try logged ?? tables.nextJournalNumber()
        if let logged {
            if !applied.late.isEmpty { try rewrite(logged, kept) }
        } else {
            insertJournal.bind(number, at: 1)
            insertJournal.bind(local.replica, at: 2)
            insertJournal.bind(Int64(dot.sequence), at: 3)
            insertJournal.bind(head.last, at: 4)
            insertJournal.bind(encoded.correctedAt, at: 5)
            if let proof = proof(sums.hash) { insertJournal.bind(proof.bytes, at: 6) }
            try insertJournal.run(withBlob: kept.bytes, at: 7)
        }
        head.sequence = dot.sequence
        head.hash = sums.hash
        head.isChanged = true
        heads[dot.replica] = head
        vector[dot.replica] = dot.sequence
    }

    /// Writes a change of the journal anew, from which something was erased.
    func rewrite(_ number: Int64, _ change: ChangeBytes) throws {
        updateJournal.bind(number, at: 1)
        try updateJournal.run(withBlob: change.bytes, at: 2)
    }

    /// What was erased since this was last called.
    func takeErased() -> [RecordTables.Erased] {
        defer { erased = [] }
        return erased
    }

    /// Remembers the positions that the server gave to applied changes.
    ///
    /// Idempotent. An author's changes get their positions in order: those before are confirmed too.
    func place(_ author: ReplicaID, _ first: UInt64, _ count: UInt64, at position: UInt64) throws {
        guard count > 0, var head = heads[author] else { return }
        var placement = Placement(first: first, count: count, position: position)
        if var last = head.placed {
            guard placement.end > last.end else { return }
            if first <= last.end, last.isKnown, position &- first == last.position &- last.first {
                last.count = placement.end - last.first
                placement = last
            } else {
                if head.isPlacementChanged { try write(last, of: author) }
                let known = max(first, last.end) - first
                placement = Placement(
                    first: first + known, count: count - known,
                    position: position == 0 ? 0 : position + known)
            }
        }
        head.placed = placement
        head.isPlacementChanged = true
        heads[author] = head
    }

    private func write(_ placement: Placement, of author: ReplicaID) throws {
        upsertPlaced.bind(number, at: 1)
        upsertPlaced.bind(try tables.names.number(of: author, db), at: 2)
        upsertPlaced.bind(Int64(placement.first), at: 3)
        upsertPlaced.bind(Int64(placement.count), at: 4)
        upsertPlaced.bind(Int64(placement.position), at: 5)
        try upsertPlaced.run()
    }

    /// Writes the heads back.
    ///
    /// To be called once in each transaction that appends or places, before it commits.
    func finish() throws {
        (hasReduced, hasErasing) = (false, false)
        for (replica, head) in heads where head.isChanged || head.isPlacementChanged {
            if head.isPlacementChanged, let placed = head.placed { try write(placed, of: replica) }
            if head.isChanged {
                upsertAuthor.bind(number, at: 1)
                upsertAuthor.bind(try tables.names.number(of: replica, db), at: 2)
                upsertAuthor.bind(Int64(head.sequence), at: 3)
                upsertAuthor.bind(head.last, at: 4)
                upsertAuthor.bind(head.hash.bytes, at: 5)
                upsertAuthor.bind(Identifier(head.share.digest.sum), at: 6)
                upsertAuthor.bind(Int64(head.share.records), at: 7)
                upsertAuthor.bind(try encode(seen(by: replica)), at: 8)
                try upsertAuthor.run()
            }
            heads[replica]!.isChanged = false
            heads[replica]!.isPlacementChanged = false
        }
    }

    private func encode(_ seen: VersionVector) throws -> [UInt8] {
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

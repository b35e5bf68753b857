import Foundation
import GRDB
public import SijilCore

/// What became of a snapshot.
public struct SnapshotReport: Hashable, Sendable {
    /// Whether all of it was here already; then nothing was changed.
    public var isKnown = false
    /// Records in the snapshot, the deleted ones included.
    public var records: UInt64 = 0
    /// Changes of this replica's journal that the snapshot does not cover, applied again on top of it.
    public var reapplied = 0
    /// Changes that had waited and are applied now.
    public var released = 0

    public init() {}
}

/// The snapshot that a collection began with on this replica.
public struct SnapshotOrigin: Sendable {
    /// The server's position of the last change in it.
    public var position: UInt64
    public var vector: VersionVector
}

extension Replica {
    /// Takes in a snapshot: all of it or, if anything in it does not hold, nothing.
    ///
    /// A merge: idempotent, and nothing that is here is lost. Changes that the snapshot does not cover stay and are
    /// applied again on top of it; those that it covers stay in the journal. Beside a piece, memory holds the largest
    /// record and the names of the journal's changes.
    ///
    /// - Parameters:
    ///   - head: what stands before the pieces.
    ///   - next: gives the pieces one after another, compressed, in the order of the manifest; `nil` at the end.
    ///   - progress: is told now and then how many records were loaded.
    /// - Throws: `configuration` for a replica that has not joined, `notFound` for a collection that it was not granted,
    ///   `notPermitted` for one whose grant was taken away, `notAuthentic` for an origin that the authority has not
    ///   certified and for a piece that is not the manifest's, `protocolMismatch` for another history of the server,
    ///   `fork` when the snapshot has other changes under a known name, or later ones of this replica, `unseen` when what
    ///   is here began with a snapshot that has more than this one, `badData` and `futureVersion` for what cannot be
    ///   read; and what `next` and `progress` throw.
    @discardableResult
    public func loadSnapshot(
        _ head: SnapshotHead, pieces next: () throws -> [UInt8]?,
        progress: (_ records: Int) throws -> Void = { _ in }
    ) throws -> SnapshotReport {
        let manifest = head.manifest
        return try transaction(durable: false) { db in
            try checkOrigin(of: head, db)
            let before = try CollectionWriter(manifest.collection, tables(db), db)
            guard before.role != .withdrawn else {
                throw SijilError(
                    .notPermitted, "This replica may not read that collection any more.",
                    hint: "Ask a coordinator for a grant.")
            }
            for certificate in head.certificates { try add(certificate, db) }
            try checkAgainst(before, manifest, db)
            var report = SnapshotReport()
            report.records = manifest.records
            guard !before.vector.covers(manifest.vector) else {
                report.isKnown = true
                return report
            }
            if let base = try base(of: before.number, db), !manifest.vector.covers(base.vector) {
                throw SijilError(
                    .unseen, "This replica began with a snapshot that has more than this one.",
                    hint: "Make a new snapshot and load that.")
            }
            try forgetRecords(of: before.number, db)
            try keepBase(head, of: before.number, db)
            let writer = try CollectionWriter(manifest.collection, tables(db), db)
            var piece = 0
            try loadRecords(
                manifest, into: writer, db,
                pieces: {
                    guard let bytes = try next() else { return nil }
                    piece += 1
                    try keepPiece(bytes, piece, of: before.number, db)
                    return bytes
                }, progress: progress)
            report.reapplied = try reapply(over: manifest, writer, db)
            report.released = try releaseHeld(writer, db)
            if try hasErased(db) {
                try eraseFromHeld(in: before.number, db)
                let hadAny = try !before.vector.entries.isEmpty || hasHeld(db)
                if hadAny { try notePurge(db) }
            }
            try finish(writer, db)
            try db.execute(
                sql: "UPDATE collection SET cursor = max(cursor, ?) WHERE n = ?",
                arguments: [Int64(manifest.position), before.number])
            return report
        }
    }

    /// The snapshot that a collection began with here, if it did.
    public func snapshotOrigin(of collection: CollectionID) throws -> SnapshotOrigin? {
        try read { db in
            let number = try Int64.fetchOne(
                db, sql: "SELECT n FROM collection WHERE id = ?", arguments: [collection.stored])
            return try number.flatMap { try base(of: $0, db) }
                .map { SnapshotOrigin(position: $0.position, vector: $0.vector) }
        }
    }

    // MARK: Checks

    private func checkOrigin(of head: SnapshotHead, _ db: Database) throws {
        let authority = Data.fromDatabaseValue(try Settings.value("authority", db) ?? .null)
        guard let authority else {
            throw SijilError(
                .configuration, "This replica has not joined a server.",
                hint: "Run 'sijil join' first: it says whom to believe.")
        }
        let certified = Set(head.certificates.map(\.replica))
        guard head.manifest.authors.allSatisfy({ certified.contains($0.replica) }) else {
            throw SijilError(.notAuthentic, "An author's certificate is missing.")
        }
        guard head.isAuthentic(authority: Array(authority)) else {
            throw SijilError(
                .notAuthentic, "The snapshot is not from a device of this server.",
                hint: "Get it again from a device that has joined the same server.")
        }
        let epoch = String.fromDatabaseValue(try Settings.value("epoch", db) ?? .null)
            .flatMap { Identifier($0) }
        guard epoch == nil || epoch == head.epoch else {
            throw SijilError(
                .protocolMismatch, "The snapshot belongs to another history of this server.",
                hint: "Make a new snapshot.")
        }
    }

    /// What both have must be the same, and the snapshot must not have more of this replica than it has itself.
    private func checkAgainst(
        _ writer: CollectionWriter, _ manifest: SnapshotManifest, _ db: Database
    ) throws {
        for author in manifest.authors
        where author.replica == id || author.sequence <= writer.head(of: author.replica).sequence {
            try checkKnown(author.replica, author.sequence, 1, author.hash, writer, db)
        }
    }

    // MARK: What is kept

    /// The manifest of the snapshot that a collection's records began with.
    func base(of collection: Int64, _ db: Database) throws -> SnapshotManifest? {
        try baseHead(of: collection, db)?.manifest
    }

    func baseHead(of collection: Int64, _ db: Database) throws -> SnapshotHead? {
        let bytes = try Data.fetchOne(
            db.cachedStatement(sql: "SELECT bytes FROM base WHERE collection = ? AND piece = 0"),
            arguments: [collection])
        return try bytes.map {
            var reader = ByteReader(Array($0))
            return try SnapshotHead(from: &reader)
        }
    }

    /// The pieces that are kept of a collection's snapshot, in order.
    func basePieces(of collection: Int64, _ db: Database) throws -> () throws -> [UInt8]? {
        let rows = try Data.fetchCursor(
            db, sql: "SELECT bytes FROM base WHERE collection = ? AND piece > 0 ORDER BY piece",
            arguments: [collection])
        return { try rows.next().map(Array.init) }
    }

    func keepBase(_ head: SnapshotHead, of collection: Int64, _ db: Database) throws {
        try db.execute(sql: "DELETE FROM base WHERE collection = ?", arguments: [collection])
        try keepPiece(head.bytes, 0, of: collection, db)
    }

    private func keepPiece(
        _ bytes: [UInt8], _ number: Int, of collection: Int64, _ db: Database
    ) throws {
        try db.cachedStatement(sql: "INSERT INTO base (collection, piece, bytes) VALUES (?, ?, ?)")
            .execute(arguments: [collection, number, Data(bytes)])
    }

    // MARK: Records

    /// Puts a snapshot's records, authors and digest into tables that have none of the collection.
    ///
    /// - Throws: when a piece is not the manifest's or the state is not the digest's.
    func loadRecords(
        _ manifest: SnapshotManifest, into writer: CollectionWriter, _ db: Database,
        pieces next: () throws -> [UInt8]?, progress: (_ records: Int) throws -> Void = { _ in }
    ) throws {
        let loader = try SnapshotLoader(manifest, into: writer.number, tables(db), db)
        let authors = manifest.authors.map(\.replica)
        var ahead: PieceAhead?
        for expected in manifest.pieces {
            guard let compressed = try next() else {
                throw SijilError(.badData, "A piece of the snapshot is missing.")
            }
            let following = PieceAhead(compressed, expected, authors: authors)
            if let ahead { try loader.add(try ahead.content()) }
            ahead = following
            try progress(Int(clamping: loader.records))
        }
        if let ahead { try loader.add(try ahead.content()) }
        guard try next() == nil else {
            throw SijilError(.badData, "There is more after the snapshot's last piece.")
        }
        try loader.finish()
        if loader.hasErased { try noteErased(db) }
        try writer.begin(with: manifest, loader.share)
    }

    /// Takes a collection's records out of the tables, and its authors; its journal stays.
    private func forgetRecords(of collection: Int64, _ db: Database) throws {
        for name in schema.types.map(\.name) + ["other"] {
            let numbers = "SELECT n FROM data_\(name) WHERE collection = ?"
            for table in ["cell", "sibling", "conflict", "touch"] {
                try db.execute(
                    sql: "DELETE FROM \(table) WHERE record IN (\(numbers))",
                    arguments: [collection])
            }
            try db.execute(
                sql: "DELETE FROM search WHERE rowid IN (\(numbers))", arguments: [collection])
            try db.execute(
                sql: "DELETE FROM data_\(name) WHERE collection = ?", arguments: [collection])
        }
        try db.execute(sql: "DELETE FROM dot WHERE collection = ?", arguments: [collection])
        try db.execute(sql: "DELETE FROM author WHERE collection = ?", arguments: [collection])
        try tables(db).forget()
    }

    // MARK: The journal

    /// Applies what the journal has beyond a snapshot, in its order; notes of what the snapshot covers which records it
    /// touched, and that the server has it.
    ///
    /// - Returns: how many changes were applied.
    private func reapply(
        over manifest: SnapshotManifest, _ writer: CollectionWriter, _ db: Database
    ) throws -> Int {
        let covered = manifest.vector
        var applied = 0
        for key in try journalKeys(in: writer.collection, db) {
            let dot = Dot(
                replica: try names.replica(key.replica, db),
                sequence: UInt64(clamping: key.sequence))
            let change = try ChangeBytes(journalBytes(key, db))
            if covered.contains(dot) {
                try touch(change.change, key, in: writer.number, db)
                if let reduced = try withoutErased(change, in: writer.number, db) {
                    try writer.rewrite(key.n, reduced)
                }
            } else {
                try writer.appendAgain(change, dot, key)
                applied += 1
            }
        }
        try writer.confirm(manifest)
        return applied
    }

    /// Notes which records a change that a snapshot covers has touched: a history reads it then.
    func touch(_ change: Change, _ key: JournalKey, in collection: Int64, _ db: Database) throws {
        let tables = try tables(db)
        for edit in change.edits {
            let isOther = tables.table(of: edit.type).type == nil
            var arguments = [
                key.replica.databaseValue, key.sequence.databaseValue, edit.record.stored,
                collection.databaseValue,
            ]
            if isOther { arguments.append(edit.type.databaseValue) }
            try db.cachedStatement(
                sql: """
                    INSERT OR IGNORE INTO touch SELECT n, ?, ? FROM data_\(isOther ? "other" : edit.type)
                    WHERE id = ? AND collection = ?\(isOther ? " AND type = ?" : "") AND deleted < 2
                    """
            )
            .execute(arguments: StatementArguments(arguments))
        }
    }
}

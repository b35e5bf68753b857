import Foundation
import GRDB
package import SijilCore

/// What an erasure does beyond the records: nothing of what they held may be left in the file.
///
/// Everything is in the transaction of the change that erases, but for what SQLite leaves in free places of
/// the file and in its write-ahead log: that goes right after, or when the file is opened next.
extension Replica {
    /// Ends a transaction that appended: takes out of the log what was erased in it, and writes the heads.
    func finish(_ writer: CollectionWriter, _ db: Database) throws {
        try eraseFromLog(writer, db)
        try writer.finish()
    }

    private func eraseFromLog(_ writer: CollectionWriter, _ db: Database) throws {
        guard writer.hasErasing else { return }
        try noteErased(db)
        let erased = writer.takeErased()
        // What waits, or waited, may say something of a record that never was in the tables.
        let hasHeld = try hasHeld(db)
        if hasHeld { try eraseFromHeld(in: writer.number, db) }
        if !erased.isEmpty {
            let keys = Set(erased.map(\.key))
            var dots = Set<LocalDot>()
            for record in erased { dots.formUnion(record.dots) }
            try eraseFromJournal(keys, dots, writer, db)
            try eraseFromBase(keys, of: writer.number, db)
        }
        if hasHeld || !erased.isEmpty { try notePurge(db) }
    }

    /// Writes the changes anew that touched what was erased.
    private func eraseFromJournal(
        _ keys: Set<RecordKey>, _ dots: Set<LocalDot>, _ writer: CollectionWriter, _ db: Database
    ) throws {
        let select = try db.readied(
            "SELECT n, bytes FROM journal WHERE collection = ? AND replica = ? AND sequence = ?")
        for dot in dots {
            select.bind(writer.number, at: 1)
            select.bind(dot.replica, at: 2)
            select.bind(Int64(clamping: dot.sequence), at: 3)
            // What only a snapshot covers is not in the journal.
            guard let (number, bytes) = try select.first(read: { ($0.integer(0), $0.bytes(1)) })
            else { continue }
            let reduced = try ChangeBytes(bytes)
                .erasing(using: sha256) { keys.contains(RecordKey($0, $1)) }
            if let reduced { try writer.rewrite(number, reduced) }
        }
    }

    /// Takes what was erased out of changes that wait.
    func eraseFromHeld(in collection: Int64, _ db: Database) throws {
        let held = try db.readied("SELECT replica, sequence FROM held WHERE collection = ?")
        held.bind(collection, at: 1)
        for (author, sequence) in try held.all(read: { ($0.integer(0), $0.integer(1)) }) {
            guard let stored = try heldBytes(author, sequence, collection, db),
                let reduced = try withoutErased(
                    ChangeBytes(Array(stored)), in: collection, db)
            else { continue }
            try db.execute(
                sql: """
                    UPDATE held SET bytes = ? WHERE collection = ? AND replica = ? AND sequence = ?
                    """,
                arguments: [Data(reduced.bytes), collection, author, sequence])
        }
    }

    /// A change without what it says of records that were erased here; `nil` when it says nothing of any.
    func withoutErased(
        _ change: ChangeBytes, in collection: Int64, _ db: Database
    ) throws -> ChangeBytes? {
        guard try hasErased(db) else { return nil }
        let tables = try tables(db)
        return try change.erasing(using: sha256) {
            try tables.isErased(RecordKey($0, $1), in: collection)
        }
    }

    /// Takes records out of the snapshot that a collection began with.
    ///
    /// What is left is no longer what the snapshot's maker signed: it is this replica's own from then on. Its
    /// vector and its chains stay; the change that erases lies in the journal and is applied on top of it.
    private func eraseFromBase(
        _ keys: Set<RecordKey>, of collection: Int64, _ db: Database
    ) throws {
        guard let head = try baseHead(of: collection, db) else { return }
        let authors = head.manifest.authors.map(\.replica)
        var manifest = head.manifest
        manifest.pieces = []
        var dropped = Set<RecordKey>()
        var hasher = StateDigest.Hasher()
        let numbers = try Int64.fetchAll(
            db, sql: "SELECT n FROM base WHERE collection = ? AND piece > 0 ORDER BY piece",
            arguments: [collection])
        for (number, expected) in zip(numbers, head.manifest.pieces) {
            let stored = try Data.fetchOne(
                db, sql: "SELECT bytes FROM base WHERE n = ?", arguments: [number])
            let bytes = try Zstd.decompress(Array(stored ?? Data()), count: expected.byteCount)
            let reduced = try SnapshotPiece(bytes, authors: authors.count)
                .dropping(authors: authors) { keys.contains(RecordKey($0, $1)) }
            guard let reduced else {
                manifest.pieces.append(expected)
                continue
            }
            for record in reduced.dropped {
                dropped.insert(RecordKey(record.id, record.type))
                hasher.begin(record: record.id, type: record.type)
                for cell in record.cells {
                    for sibling in cell.siblings {
                        manifest.digest.remove(
                            hasher.item(cell: cell.name, dot: sibling.dot, value: sibling.value))
                    }
                }
            }
            guard let piece = reduced.bytes else {
                try db.execute(sql: "DELETE FROM base WHERE n = ?", arguments: [number])
                continue
            }
            manifest.pieces.append(
                .init(hash: sha256(piece.bytes), byteCount: piece.bytes.count))
            try db.execute(
                sql: "UPDATE base SET bytes = ? WHERE n = ?",
                arguments: [Data(Zstd.compress(piece.bytes, seams: piece.seams)), number])
        }
        guard !dropped.isEmpty else { return }
        manifest.records -= UInt64(dropped.count)
        let own = try certificate(of: id, db)
        let root = manifest.root(using: sha256)
        let ours = SnapshotHead(
            manifest: manifest, epoch: head.epoch,
            certificates: head.certificates.filter { $0.replica != id } + [own], origin: id,
            signature: key.sign(SnapshotHead.signedMessage(root: root, epoch: head.epoch)))
        try db.execute(
            sql: "UPDATE base SET bytes = ? WHERE collection = ? AND piece = 0",
            arguments: [Data(ours.bytes), collection])
    }

    // MARK: Whether there is something

    /// Whether any record of this file was ever erased: most files need not look for one.
    func hasErased(_ db: Database) throws -> Bool {
        try Settings.value(Self.erasedSetting, db) != nil
    }

    func noteErased(_ db: Database) throws {
        guard try !hasErased(db) else { return }
        try Settings.set(Self.erasedSetting, true.databaseValue, db)
    }

    private static let erasedSetting = "has_erased"

    /// Whether any change ever waited in this file.
    func hasHeld(_ db: Database) throws -> Bool {
        if try Settings.value(Self.heldSetting, db) != nil { return true }
        return try db.readied("SELECT 1 FROM held LIMIT 1").first { _ in true } ?? false
    }

    func noteHeld(_ db: Database) throws {
        guard try Settings.value(Self.heldSetting, db) == nil else { return }
        try Settings.set(Self.heldSetting, true.databaseValue, db)
    }

    private static let heldSetting = "has_held"

    /// Whether a record with this identifier was erased in a collection, of whatever type it was.
    func isErased(_ id: RecordID, in collection: Int64, _ db: Database) throws -> Bool {
        guard try hasErased(db) else { return false }
        for name in schema.types.map(\.name) + ["other"] {
            let found = try db.readied(
                "SELECT 1 FROM data_\(name) WHERE id = ? AND collection = ? AND deleted = 2")
            found.bind(id, at: 1)
            found.bind(collection, at: 2)
            if try found.first(read: { _ in true }) != nil { return true }
        }
        return false
    }

    /// The same, for checks from outside.
    package func isErased(_ id: RecordID, in collection: CollectionID) throws -> Bool {
        try read { db in
            let number = try Int64.fetchOne(
                db, sql: "SELECT n FROM collection WHERE id = ?", arguments: [collection.stored])
            return try number.map { try isErased(id, in: $0, db) } ?? false
        }
    }

    // MARK: What SQLite leaves behind

    /// Takes deleted words out of the search index, and remembers that the file is to be purged.
    func notePurge(_ db: Database) throws {
        let indexes = try String.fetchAll(
            db,
            sql: """
                SELECT name FROM sqlite_master
                WHERE type = 'table' AND sql LIKE 'CREATE VIRTUAL TABLE%USING fts5 (%'
                """)
        // The index marks what is deleted, and drops it when it merges (https://sqlite.org/fts5.html#the_optimize_command).
        for name in indexes {
            try db.execute(sql: "INSERT INTO \"\(name)\"(\"\(name)\") VALUES ('optimize')")
        }
        try Purge.note(in: Settings.table, db)
        purgePlan = PurgePlan(isDue: true)
    }
}

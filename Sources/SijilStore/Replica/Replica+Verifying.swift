import Foundation
import GRDB
public import SijilCore

/// What a check of a whole replica found.
public struct Verification: Sendable {
    public struct Problem: Sendable {
        /// The change that it is about; `nil` for the file as a whole.
        public var dot: Dot?
        public var what: String
    }

    /// Changes checked.
    public var changes = 0
    public var problems: [Problem] = []

    public var isSound: Bool { problems.isEmpty }
}

extension Replica {
    /// Checks every hash, chain and signature, then rebuilds the records from snapshots and the log beside the
    /// file and compares them with those in it.
    ///
    /// Changes nothing. What another process writes meanwhile is no damage: then it looks again.
    ///
    /// - Throws: `tryAgain` when others write all the time.
    public func verify() throws -> Verification {
        for _ in 0..<5 {
            let version = try dataVersion()
            let verification = try verifyOnce()
            if try verification.isSound || dataVersion() == version { return verification }
        }
        throw SijilError(
            .tryAgain, "Another process is writing to this replica.",
            hint: "Run the command again.")
    }

    /// Another number after another process has written.
    private func dataVersion() throws -> Int64 {
        try read { try Int64.fetchOne($0, sql: "PRAGMA data_version") ?? 0 }
    }

    private func verifyOnce() throws -> Verification {
        var verification = Verification()
        let copy = try Replica.create(
            at: nil, name: "", key: key, schema: schema, environment: environment)
        do {
            try read { db in
                let problems = try String.fetchAll(db, sql: "PRAGMA integrity_check(10)")
                if problems != ["ok"] {
                    verification.problems.append(
                        .init(dot: nil, what: "SQLite: the file is damaged"))
                }
            }
            try copyGrants(to: copy)
            try checkLog(&verification, into: copy)
            if verification.isSound { try compare(with: copy, &verification) }
        } catch let error as SijilError where error.code == .badData {
            verification.problems.append(.init(dot: nil, what: error.message))
        }
        try copy.close()
        return verification
    }

    /// Makes the record tables anew from the log: after a change of schema or layout.
    func rebuild() throws {
        try transaction { db in
            // Another process may have done it since this one looked.
            let (layout, fingerprint) = try Self.layout(db)
            guard layout <= ReplicaSchema.layout else { throw Self.laterVersion }
            guard layout < ReplicaSchema.layout || fingerprint != schemaFingerprint else { return }
            forgetTables()
            try ReplicaSchema.migrate(from: layout, db)
            try ReplicaSchema.dropRecords(db)
            try ReplicaSchema.createRecords(db, schema)
            _ = try tables(db)
            try db.execute(sql: "DELETE FROM author")
            let bases = try loadBases(db)
            var writers: [Int64: CollectionWriter] = [:]
            for key in try journalKeys(in: nil, db) {
                if writers[key.collection] == nil {
                    writers[key.collection] = try CollectionWriter(
                        collectionID(key.collection, db), tables(db), db)
                }
                let dot = Dot(
                    replica: try names.replica(key.replica, db),
                    sequence: UInt64(clamping: key.sequence))
                let change = try ChangeBytes(journalBytes(key, db))
                if bases[key.collection]?.contains(dot) == true {
                    try touch(change.change, key, in: key.collection, db)
                } else {
                    try writers[key.collection]!.appendAgain(change, dot, key)
                }
            }
            for writer in writers.values { try finish(writer, db) }
            try Settings.set("layout", ReplicaSchema.layout.databaseValue, db)
            try Settings.set("schema", schemaFingerprint.databaseValue, db)
        }
        forgetTables()
    }

    /// Puts in what the kept snapshots hold.
    ///
    /// - Returns: by collection, what they cover.
    private func loadBases(_ db: Database) throws -> [Int64: VersionVector] {
        var covered: [Int64: VersionVector] = [:]
        let collections = try Int64.fetchAll(
            db, sql: "SELECT DISTINCT collection FROM base")
        for collection in collections {
            guard let manifest = try base(of: collection, db) else { continue }
            let pieces = try basePieces(of: collection, db)
            let writer = try CollectionWriter(manifest.collection, tables(db), db)
            try loadRecords(manifest, into: writer, db, pieces: pieces)
            try writer.finish()
            covered[collection] = manifest.vector
        }
        return covered
    }

    private func copyGrants(to copy: Replica) throws {
        try copy.setGrants(try collections().map(\.grant))
    }

    private func checkLog(_ verification: inout Verification, into copy: Replica) throws {
        try read { db in
            try copy.transaction(durable: false) { copyDB in
                var writers: [CollectionID: CollectionWriter] = [:]
                var covered = try checkBases(&verification, into: copy, db, copyDB)
                guard verification.isSound else { return }
                var keys: [ReplicaID: [UInt8]] = [:]
                var unsigned: [CollectionID: [ReplicaID: [LoggedChange]]] = [:]
                // Collections in which something was found that was erased: once is enough.
                var held: Set<CollectionID> = []
                for logged in try journalKeys(in: nil, db) {
                    verification.changes += 1
                    let collection = try collectionID(logged.collection, db)
                    let writer =
                        try writers[collection]
                        ?? CollectionWriter(collection, copy.tables(copyDB), copyDB)
                    writers[collection] = writer
                    let dot = Dot(
                        replica: try names.replica(logged.replica, db),
                        sequence: UInt64(clamping: logged.sequence))
                    func report(_ what: String) {
                        verification.problems.append(.init(dot: dot, what: what))
                    }
                    let isCovered = covered[collection]?.vector.contains(dot) == true
                    guard
                        isCovered || dot.sequence == writer.head(of: dot.replica).sequence + 1
                    else {
                        report("a change before this one is missing")
                        return
                    }
                    let (stored, signature, at) = try journalRow(logged, "bytes, signature, at", db)
                    {
                        ($0.bytes(0), $0.isNull(1) ? nil : $0.bytes(1), $0.integer(2))
                    }
                    let bytes: ChangeBytes
                    do throws(SijilError) {
                        bytes = try ChangeBytes(stored)
                    } catch {
                        report("the change cannot be read: \(error.message)")
                        return
                    }
                    guard bytes.correctedAt == at else {
                        report("the time kept beside the change is not the one in it")
                        return
                    }
                    guard writer.covers(bytes) else {
                        report("the change has seen what is not in the log")
                        return
                    }
                    let hash: ChainHash?
                    if isCovered {
                        do throws(SijilError) {
                            hash = try covered[collection]?.add(bytes, dot, in: collection)
                        } catch {
                            report(error.message)
                            return
                        }
                        var touched = logged
                        touched.replica = try copy.names.number(of: dot.replica, copyDB)
                        try copy.touch(bytes.change, touched, in: writer.number, copyDB)
                    } else {
                        hash = bytes.hash(
                            in: ChainPlace(
                                collection: collection, dot: dot,
                                previous: writer.head(of: dot.replica).hash), using: sha256)
                    }
                    if let hash, let signature {
                        if keys[dot.replica] == nil {
                            keys[dot.replica] = try knownKey(of: dot.replica, db)
                        }
                        guard let key = keys[dot.replica] else {
                            report("the author's certificate is missing")
                            return
                        }
                        let proof = Proof(bytes: signature)
                        guard !proof.isHash || dot.replica == id, proof.holds(for: hash, by: key)
                        else {
                            let run = unsigned[collection]?[dot.replica] ?? []
                            verification.problems += try unlikeRecords(
                                run + [LoggedChange(dot: dot, key: logged)], db)
                            return
                        }
                        unsigned[collection]?[dot.replica] = nil
                    } else if !isCovered {
                        unsigned[collection, default: [:]][dot.replica, default: []]
                            .append(
                                LoggedChange(dot: dot, key: logged))
                    }
                    guard !isCovered, let hash else { continue }
                    try writer.append(
                        bytes, dot: dot,
                        sums: { CollectionWriter.Sums(bytes, dot, hash: hash) })
                    if writer.hasReduced, !held.contains(collection) {
                        held.insert(collection)
                        report("what a record held that was erased is still there")
                    }
                }
                try checkErased(&verification, in: writers, copy, db, copyDB)
                for (collection, authors) in unsigned {
                    for (author, changes) in authors {
                        let head = writers[collection]!.head(of: author)
                        guard try !isSigned(by: author, beyond: head, in: collection, db) else {
                            continue
                        }
                        verification.problems += changes.map {
                            .init(dot: $0.dot, what: "no signature covers this change")
                        }
                    }
                }
                for writer in writers.values { try writer.finish() }
            }
        }
    }

    private struct LoggedChange {
        var dot: Dot
        var key: JournalKey
    }

    /// What is wrong with changes under one signature that does not hold for them.
    ///
    /// The signature does not tell which of them was damaged. The records do, while nobody has replaced what the
    /// change wrote; else it is the last that is named.
    private func unlikeRecords(
        _ run: [LoggedChange], _ db: Database
    ) throws -> [Verification.Problem] {
        let tables = try tables(db)
        let unlike = try run.filter { logged in
            let change = try ChangeBytes(journalBytes(logged.key, db)).change
            return try change.edits.contains { edit in
                guard
                    let row = try tables.table(of: edit.type)
                        .find(edit.record, type: edit.type, collection: logged.key.collection)
                else { return true }
                guard !row.isErased, let cells = try? tables.state(of: row, db) else {
                    return false
                }
                return edit.operations.contains { operation in
                    guard case .put(let value) = operation.effect else { return false }
                    let kept = cells[operation.cell]?.siblings.first { $0.dot == logged.dot }
                    return kept.map { $0.value != value } ?? false
                }
            }
        }
        let what =
            unlike.isEmpty
            ? "the signature does not hold for this change and those before it"
            : "no signature holds for the change, and the records say otherwise"
        return (unlike.isEmpty ? run.suffix(1) : unlike[...]).map { .init(dot: $0.dot, what: what) }
    }

    /// Looks for what was erased in changes that are not applied: those that a snapshot covers, those that wait.
    private func checkErased(
        _ verification: inout Verification, in writers: [CollectionID: CollectionWriter],
        _ copy: Replica, _ db: Database, _ copyDB: Database
    ) throws {
        guard try hasErased(db) else { return }
        let tables = try copy.tables(copyDB)
        let logs = [
            "SELECT c.id, j.bytes FROM journal j JOIN collection c ON c.n = j.collection",
            "SELECT c.id, h.bytes FROM held h JOIN collection c ON c.n = h.collection",
        ]
        for sql in logs {
            let rows = try Row.fetchCursor(db, sql: sql)
            while let row = try rows.next() {
                let collection = try Identifier(stored: row[0])
                guard let number = writers[collection]?.number,
                    let bytes = Data.fromDatabaseValue(row[1]),
                    let change = try? ChangeBytes(Array(bytes))
                else { continue }
                let reduced = try change.erasing(using: sha256) {
                    try tables.isErased(RecordKey($0, $1), in: number)
                }
                guard reduced != nil else { continue }
                verification.problems.append(
                    .init(dot: nil, what: "what a record held that was erased is still there"))
                return
            }
        }
    }

    /// Checks the snapshots that records here began with, and puts them into the copy.
    ///
    /// - Returns: by collection, how to look at the changes that they cover.
    private func checkBases(
        _ verification: inout Verification, into copy: Replica, _ db: Database, _ copyDB: Database
    ) throws -> [CollectionID: CoveredLog] {
        var covered: [CollectionID: CoveredLog] = [:]
        let authority = Data.fromDatabaseValue(try Settings.value("authority", db) ?? .null)
        let collections = try Int64.fetchAll(db, sql: "SELECT DISTINCT collection FROM base")
        for number in collections {
            do {
                guard let head = try baseHead(of: number, db), let authority,
                    head.isAuthentic(authority: Array(authority))
                else {
                    throw SijilError(.notAuthentic, "Nobody vouches for it.")
                }
                let collection = head.manifest.collection
                let writer = try CollectionWriter(collection, copy.tables(copyDB), copyDB)
                try copy.loadRecords(
                    head.manifest, into: writer, copyDB, pieces: basePieces(of: number, db))
                try writer.finish()
                covered[collection] = CoveredLog(head.manifest)
            } catch let error as SijilError {
                verification.problems.append(
                    .init(
                        dot: nil,
                        what: "the snapshot that records began with: \(error.message)"))
            }
        }
        return covered
    }

    /// Whether held changes carry the chain on from an author's head to a signature: the rest of a run of
    /// which only the beginning could be applied.
    private func isSigned(
        by author: ReplicaID, beyond head: CollectionWriter.Head, in collection: CollectionID,
        _ db: Database
    ) throws -> Bool {
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT h.sequence, h.bytes, h.signature FROM held h
                JOIN collection c ON c.n = h.collection JOIN replica r ON r.n = h.replica
                WHERE c.id = ? AND r.id = ? AND h.sequence > ? ORDER BY h.sequence
                """, arguments: [collection.stored, author.stored, Int64(head.sequence)])
        var hash = head.hash
        var dot = Dot(replica: author, sequence: head.sequence)
        while let row = try rows.next() {
            dot.sequence += 1
            guard Int64.fromDatabaseValue(row[0]).map({ UInt64(clamping: $0) }) == dot.sequence,
                let stored = Data.fromDatabaseValue(row[1]),
                let bytes = try? ChangeBytes(Array(stored))
            else { return false }
            hash = bytes.hash(
                in: ChainPlace(collection: collection, dot: dot, previous: hash), using: sha256)
            guard let signature = Data.fromDatabaseValue(row[2]) else { continue }
            guard let key = try knownKey(of: author, db) else { return false }
            return isValidSignature(
                Array(signature), over: SignedRun.signedMessage(hash), by: key)
        }
        return false
    }

    private func knownKey(of author: ReplicaID, _ db: Database) throws -> [UInt8]? {
        if author == id { return key.publicKey }
        let stored = try Data.fetchOne(
            db, sql: "SELECT certificate FROM replica WHERE id = ?", arguments: [author.stored])
        guard let stored else { return nil }
        var reader = ByteReader(Array(stored))
        guard let certificate = try? Certificate(from: &reader),
            let authority = Data.fromDatabaseValue(try Settings.value("authority", db) ?? .null),
            certificate.isValid(authority: Array(authority))
        else { return nil }
        return certificate.publicKey
    }

    // MARK: Dump

    /// The whole state as text: every cell with every sibling and its author, sorted.
    ///
    /// Two replicas with equal states dump equal text. For tests and for `verify`; it shows
    /// everything.
    public func dump() throws -> String { try dumpLines().joined(separator: "\n") }

    private func dumpLines() throws -> [String] {
        var lines: [String] = []
        try forEachRecord(RecordQuery(includesDeleted: true)) { record in
            for (name, cell) in record.cells {
                let key = name.key == .none ? "" : "[\(name.key.dumped)]"
                let field =
                    name == .liveness ? "(deleted)" : name == .erasure ? "(erased)" : name.field
                let siblings = cell.siblings
                    .map {
                        "\($0.value.dumped) @\($0.dot.replica.abbreviated):\($0.dot.sequence)"
                    }
                    .joined(separator: " | ")
                let shown = record.shown(name).dumped
                lines.append("\(record.id) \(record.type) \(field)\(key) = \(shown) <- \(siblings)")
            }
        }
        let conflicts = try conflictedRecords()
            .flatMap { record in
                record.conflicts.map {
                    "\(record.id) ? \($0.field)[\($0.key.dumped)]"
                }
            }
        return (lines + conflicts).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }
}

extension Value {
    fileprivate var dumped: String {
        switch self {
        case .none: "none"
        case .text(let text): "\"\(text)\""
        case .integer(let integer): "\(integer)"
        case .real(let real): "real \(real)"
        case .boolean(let boolean): "\(boolean)"
        case .date(let date): "date \(date)"
        case .reference(let id): "-> \(id)"
        case .unknown(let tag, let bytes): "unknown \(tag) \(bytes)"
        }
    }
}

extension CollectionWriter {
    /// Applies a change of the log again; it was checked when it came.
    func appendAgain(_ change: ChangeBytes, _ dot: Dot, _ key: JournalKey) throws {
        let hash = change.hash(
            in: ChainPlace(collection: collection, dot: dot, previous: head(of: dot.replica).hash),
            using: sha256)
        try append(
            change, dot: dot,
            sums: { Sums(change, dot, hash: hash) }, loggedAs: key.n)
    }
}

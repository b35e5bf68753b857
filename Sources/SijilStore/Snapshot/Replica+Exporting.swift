import Foundation
import GRDB
public import SijilCore

extension Replica {
    /// Writes out the live state of a collection as a snapshot.
    ///
    /// Equal states give equal manifests and pieces on every replica. Everything is of one moment, and no more than one
    /// piece is in memory.
    ///
    /// - Parameters:
    ///   - collection: all of whose changes here the server has confirmed: a snapshot is the state at a position.
    ///   - emit: is handed each piece, compressed, in the order of the manifest.
    ///   - progress: is told now and then how many records were written.
    /// - Returns: what stands before the pieces, signed by this replica.
    /// - Throws: `notFound` for a collection that is not here, `unseen` when there are changes that the server has not
    ///   confirmed, `configuration` for a replica that has not joined, and what `emit` and `progress` throw.
    public func exportSnapshot(
        of collection: CollectionID, emit: (_ piece: [UInt8]) throws -> Void,
        progress: (_ records: Int) throws -> Void = { _ in }
    ) throws -> SnapshotHead {
        try read { db in
            let writer = try CollectionWriter(collection, tables(db), db)
            let cursor = try UInt64(
                clamping: Int64.fetchOne(
                    db, sql: "SELECT cursor FROM collection WHERE n = ?",
                    arguments: [writer.number]) ?? 0)
            guard cursor == writer.heads.values.reduce(0, { $0 &+ $1.sequence }) else {
                throw SijilError(
                    .unseen, "This replica holds changes that the server has not confirmed.",
                    hint: "Run 'sijil sync' first: a snapshot is what everybody has.")
            }
            return try snapshot(writer, db, emit, progress)
        }
    }

    /// The pieces and the manifest alone, without anybody's word for them; for checks from outside.
    package func snapshotManifest(
        of collection: CollectionID, emit: (_ piece: [UInt8]) throws -> Void
    ) throws -> SnapshotManifest {
        try read { db in
            try encodeSnapshot(CollectionWriter(collection, tables(db), db), db, emit) { _ in }
        }
    }

    /// What is here, whatever of it the server has confirmed.
    func snapshot(
        _ writer: CollectionWriter, _ db: Database, _ emit: (_ piece: [UInt8]) throws -> Void,
        _ progress: (_ records: Int) throws -> Void = { _ in }
    ) throws -> SnapshotHead {
        let manifest = try encodeSnapshot(writer, db, emit, progress)
        let certificates = try (manifest.authors.map(\.replica) + [id])
            .reduce(into: [ReplicaID: Certificate]()) { found, replica in
                found[replica] = try certificate(of: replica, db)
            }
        let epoch =
            String.fromDatabaseValue(try Settings.value("epoch", db) ?? .null)
            .flatMap { Identifier($0) } ?? .zero
        let root = manifest.root(using: sha256)
        return SnapshotHead(
            manifest: manifest, epoch: epoch, certificates: Array(certificates.values),
            origin: id, signature: key.sign(SnapshotHead.signedMessage(root: root, epoch: epoch)))
    }

    func certificate(of replica: ReplicaID, _ db: Database) throws -> Certificate {
        let stored = try Data.fetchOne(
            db, sql: "SELECT certificate FROM replica WHERE id = ?", arguments: [replica.stored])
        guard let stored else {
            throw SijilError(
                .configuration, "An author's certificate is missing.",
                hint: "Join the server first, and sync.")
        }
        var reader = ByteReader(Array(stored))
        return try Certificate(from: &reader)
    }

    /// The state at the version vector that is here.
    private func encodeSnapshot(
        _ writer: CollectionWriter, _ db: Database, _ emit: (_ piece: [UInt8]) throws -> Void,
        _ progress: (_ records: Int) throws -> Void
    ) throws -> SnapshotManifest {
        let authors = try writer.heads.filter { $0.value.sequence > 0 }
            .map { replica, head in
                SnapshotManifest.Author(
                    replica: replica, sequence: head.sequence, hash: head.hash,
                    // An author may be told to have seen their own changes: that goes without saying.
                    seen: try writer.seen(by: replica).without(replica))
            }
            .sorted { $0.replica < $1.replica }
        var snapshot = SnapshotWriter(authors: authors.map(\.replica))
        var pieces: [SnapshotManifest.Piece] = []
        var read = 0
        func keep(_ piece: SnapshotWriter.Piece) throws {
            pieces.append(.init(hash: sha256(piece.bytes), byteCount: piece.bytes.count))
            try emit(Zstd.compress(piece.bytes, seams: piece.seams))
            try progress(read)
        }
        try forEachState(in: writer.number, db) {
            try snapshot.add($0, keep)
            read += 1
        }
        try snapshot.finish(keep)
        return SnapshotManifest(
            collection: writer.collection, authors: authors, records: snapshot.records,
            pieces: pieces, digest: writer.digest)
    }

    /// Every record of a collection, in the order of a snapshot.
    private func forEachState(
        in collection: Int64, _ db: Database, _ body: (SnapshotRecord) throws -> Void
    ) throws {
        let tables = try tables(db)
        let unknown = try String.fetchAll(
            db, sql: "SELECT DISTINCT type FROM data_other WHERE collection = ?",
            arguments: [collection])
        let types = (schema.types.map(\.name) + unknown)
            .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        let reader = try StateReader(tables, collection, db)
        for type in types {
            let table = tables.table(of: type)
            let order = table.columns.indices.sorted {
                table.columns[$0].field.name.precedesInBytes(table.columns[$1].field.name)
            }
            try table.forEachRow(of: type, in: collection, db) { row in
                try body(try reader.record(row, table, order))
            }
        }
    }
}

/// Reads whole records with the times of all their siblings.
private final class StateReader {
    private let tables: RecordTables
    private let collection: Int64
    private let db: Database
    private let hasCells: Statement
    private var times: [LocalDot: Sibling] = [:]
    private static let mostTimes = 10_000

    init(_ tables: RecordTables, _ collection: Int64, _ db: Database) throws {
        self.tables = tables
        self.collection = collection
        self.db = db
        hasCells = try db.makeStatement(sql: "SELECT EXISTS (SELECT 1 FROM cell WHERE record = ?)")
    }

    /// - Parameter order: the columns by the bytes of their names.
    func record(_ row: RecordRow, _ table: RecordTable, _ order: [Int]) throws -> SnapshotRecord {
        let isPlain =
            try row.clock.exceptions.allSatisfy { $0.place != .elsewhere }
            && Bool.fetchOne(hasCells, arguments: [row.number]) == false
        return SnapshotRecord(
            type: row.type, id: row.id,
            cells: try isPlain ? plainCells(of: row, table, order) : cells(of: row))
    }

    /// The cells of a record all of which lie in its row, alone.
    private func plainCells(
        of row: RecordRow, _ table: RecordTable, _ order: [Int]
    ) throws -> [SnapshotRecord.Cell] {
        var cells: [SnapshotRecord.Cell] = []
        cells.reserveCapacity(order.count + 1)
        func add(_ name: CellName, _ field: Int64, _ value: Value) throws {
            var dot = row.clock.base
            if !row.clock.exceptions.isEmpty, case .dot(let other) = row.clock[field] {
                dot = other
            }
            var sibling = try sibling(dot)
            sibling.value = value
            cells.append(SnapshotRecord.Cell(name, [sibling]))
        }
        try add(.liveness, 0, .boolean(row.deleted))
        for index in order {
            let (column, stored) = (table.columns[index], row[index])
            if stored.isNull {
                // Without an exception it was never written.
                guard row.clock[column.number] != nil else { continue }
                try add(CellName(column.field.name), column.number, .none)
            } else {
                let value = try Value.read(stored, kind: column.field.kind.storedKind)
                try add(CellName(column.field.name), column.number, value)
            }
        }
        return cells
    }

    private func cells(of row: RecordRow) throws -> [SnapshotRecord.Cell] {
        try tables.state(of: row, db)
            .map { name, cell in
                SnapshotRecord.Cell(
                    name,
                    try cell.siblings.map {
                        let number = try tables.names.number(of: $0.dot.replica, db)
                        var sibling = try sibling(
                            LocalDot(replica: number, sequence: $0.dot.sequence))
                        sibling.value = $0.value
                        return sibling
                    })
            }
    }

    /// A sibling of a change, with the change's time and without a value yet.
    private func sibling(_ dot: LocalDot) throws -> Sibling {
        if let known = times[dot] { return known }
        if times.count >= Self.mostTimes { times = [:] }
        let name = Dot(
            replica: try tables.names.replica(dot.replica, db), sequence: dot.sequence)
        let sibling = Sibling(
            dot: name, value: .none, at: try tables.time(of: name, collection, db))
        times[dot] = sibling
        return sibling
    }
}

extension RecordTable {
    /// The rows of a type in a collection, by identifier.
    fileprivate func forEachRow(
        of type: String, in collection: Int64, _ db: Database, _ body: (RecordRow) throws -> Void
    ) throws {
        let isOther = self.type == nil
        let list = columns.map { ", \"\($0.field.name)\"" }.joined()
        let rows = try Row.fetchCursor(
            db.cachedStatement(
                sql: """
                    SELECT n, id, deleted, clock\(list) FROM data_\(self.type?.name ?? "other")
                    WHERE collection = ?1 \(isOther ? "AND type = ?2" : "") ORDER BY id
                    """),
            arguments: StatementArguments(
                isOther
                    ? [collection.databaseValue, type.databaseValue] : [collection.databaseValue]
            ))
        while let row = try rows.next() {
            var values: [DatabaseValue] = []
            values.reserveCapacity(columns.count)
            for index in columns.indices { values.append(row[4 + index]) }
            try body(
                RecordRow(
                    number: row[0], id: try Identifier(stored: row[1]), type: type,
                    life: row[2], clock: try RowClock(Array(row[3] as Data)),
                    present: columns.indices, values: values))
        }
    }
}

extension VersionVector {
    fileprivate func without(_ replica: ReplicaID) -> VersionVector {
        var result = self
        result[replica] = 0
        return result
    }
}

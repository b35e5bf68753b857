import Foundation
import GRDB
import SijilCore

/// Puts the records of a snapshot into tables that have none of its collection, piece by piece.
final class SnapshotLoader {
    /// How many records were put in.
    private(set) var records: UInt64 = 0
    private let manifest: SnapshotManifest
    private let authors: [ReplicaID]
    /// The authors' numbers in this file.
    private let authorNumbers: [Int64]
    private let collection: Int64
    private let tables: RecordTables
    private let db: Database
    /// By the table's type; "" for the table of unknown types.
    private var inserts: [String: SnapshotRowInsert] = [:]
    private let insertDot: Statement
    private let insertCell: Statement
    private let insertSibling: Statement
    private let insertConflict: Statement
    /// What the records amount to.
    private(set) var share = RecordTables.Share()
    /// Whether any of them was erased.
    private(set) var hasErased = false
    private var last: (type: String, id: RecordID)?
    /// The piece before, as long as the next may go on with its record, and what went on with it.
    private var open: [SnapshotPiece] = []

    init(
        _ manifest: SnapshotManifest, into collection: Int64, _ tables: RecordTables,
        _ db: Database
    ) throws {
        self.manifest = manifest
        self.collection = collection
        self.tables = tables
        self.db = db
        authors = manifest.authors.map(\.replica)
        authorNumbers = try authors.map { try tables.names.number(of: $0, db) }
        insertDot = try db.makeStatement(sql: "INSERT OR IGNORE INTO dot VALUES (?, ?, ?, ?)")
        insertCell = try db.makeStatement(sql: "INSERT INTO cell VALUES (?, ?, ?, ?, ?, ?, ?)")
        insertSibling = try db.makeStatement(
            sql: "INSERT INTO sibling VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
        insertConflict = try db.makeStatement(sql: "INSERT INTO conflict VALUES (?, ?, ?)")
    }

    /// Takes the next piece.
    func add(_ content: PieceAhead.Content) throws {
        let piece = content.piece
        share.digest.add(content.digest.sum)
        if piece.continues {
            guard !open.isEmpty else { throw Self.disorder }
            open.append(piece)
        } else {
            try close()
            open = [piece]
        }
    }

    /// - Throws: `badData` when the records are not what the manifest says of them.
    func finish() throws {
        try close()
        guard records == manifest.records, share.digest == manifest.digest else {
            throw SijilError(.badData, "The snapshot's records are not what it says of them.")
        }
    }

    private func close() throws {
        guard let first = open.first else { return }
        let piece = open.count == 1 ? first : try SnapshotPiece(joining: open, authors: authors)
        open = []
        for dot in piece.dots {
            guard dot.sequence <= manifest.authors[dot.author].sequence else {
                throw SijilError(.badData, "A snapshot has a value of a change that is not in it.")
            }
            try insertDot.run([
                collection.databaseValue, authorNumbers[dot.author].databaseValue,
                Int64(dot.sequence).databaseValue, dot.at.databaseValue,
            ])
        }
        for group in piece.groups { try insert(group, of: piece) }
    }

    private func insert(_ group: SnapshotPiece.Group, of piece: SnapshotPiece) throws {
        if let last {
            let isNext =
                last.type.hasSameBytes(as: group.type)
                ? last.id < group.ids[0]
                : last.type.utf8.lexicographicallyPrecedes(group.type.utf8)
            guard isNext else { throw Self.disorder }
        }
        last = (group.type, group.ids.last!)
        let table = tables.table(of: group.type)
        let insert = try inserts[table.type?.name ?? ""] ?? SnapshotRowInsert(table, db)
        inserts[table.type?.name ?? ""] = insert
        var rows = try SnapshotRows(group, of: piece, table, authorNumbers)
        var numbers: [Int64] = []
        numbers.reserveCapacity(group.ids.count)
        for _ in group.ids { numbers.append(try table.nextNumber()) }
        for column in group.columns {
            try insertAside(column, of: group, piece, numbers, table, &rows)
        }
        try insert.run(rows, numbers, collection)
        if table.isSearched {
            for index in group.ids.indices {
                if let texts = rows.texts(index) {
                    tables.search.add(numbers[index], texts)
                } else {
                    try tables.search.update(
                        rows.searched(index, numbers[index]), table, isNew: true)
                }
            }
            try tables.search.flush()
        }
        records += UInt64(group.ids.count)
        for index in group.ids.indices where !rows.isDeleted(index) { share.records += 1 }
        if group.columns.contains(where: { $0.name == .erasure }) { hasErased = true }
    }

    // MARK: Cells beside the rows

    /// Puts in what does not lie in a record's row: cells without a column, siblings, conflicts.
    private func insertAside(
        _ column: SnapshotPiece.Column, of group: SnapshotPiece.Group, _ piece: SnapshotPiece,
        _ numbers: [Int64], _ table: RecordTable, _ rows: inout SnapshotRows
    ) throws {
        let place = rows.place(of: column.name)
        // A column of plain cells, all of the right kind, lies in the rows.
        if let place, column.firsts.isEmpty, rows.fits(column, in: place) { return }
        let field = try tables.names.number(ofField: column.name.field, db).databaseValue
        let key = column.name.key.storedKey
        let policy = table.policy(of: column.name)
        for (cell, record) in column.cells.enumerated() {
            let values = column.values(of: cell)
            let number = numbers[record].databaseValue
            if values.count == 1, place == nil {
                let (author, sequence) = dot(values.lowerBound, record, column, group, piece)
                let value = piece.value(values.lowerBound, of: column)
                try insertCell.run([
                    number, field, key, author, sequence, value.storedKind.databaseValue,
                    value.stored,
                ])
                continue
            }
            if values.count == 1, let place, rows.fits(values.lowerBound, of: column, in: place) {
                continue
            }
            let siblings = Cell(
                values.map {
                    piece.sibling($0, of: column, base: group.bases[record], authors)
                })
            for (value, sibling) in zip(values, siblings.siblings) {
                let (author, sequence) = dot(value, record, column, group, piece)
                try insertSibling.run([
                    number, field, key, author, sequence, sibling.at.databaseValue,
                    sibling.value.storedKind.databaseValue, sibling.value.stored,
                ])
            }
            let shown = policy.shown(siblings)?.value ?? .none
            if let place {
                rows.show(shown, in: place, of: record)
            } else {
                try insertCell.run([
                    number, field, key, (0 as Int64).databaseValue, (0 as Int64).databaseValue,
                    shown.storedKind.databaseValue, shown.stored,
                ])
            }
            if policy.asks(siblings) { try insertConflict.run([number, field, key]) }
        }
    }

    private func dot(
        _ value: Int, _ record: Int, _ column: SnapshotPiece.Column, _ group: SnapshotPiece.Group,
        _ piece: SnapshotPiece
    ) -> (author: DatabaseValue, sequence: DatabaseValue) {
        let number = column.dots[value] < 0 ? group.bases[record] : column.dots[value]
        let dot = piece.dots[number]
        return (
            authorNumbers[dot.author].databaseValue, Int64(dot.sequence).databaseValue
        )
    }

    private static var disorder: SijilError {
        SijilError(.badData, "The pieces of the snapshot are not in order.")
    }
}

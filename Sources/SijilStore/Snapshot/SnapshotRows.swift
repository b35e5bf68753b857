import Foundation
import GRDB
import SijilCore

/// The rows that a group of a snapshot's piece makes in the table of its type.
struct SnapshotRows {
    /// Where a cell lies in a row.
    enum Place: Hashable {
        case liveness
        case column(Int)
    }

    /// A column of the table, as far as the piece has values for it.
    struct Source {
        var column: SnapshotPiece.Column
        /// For each record the number of its cell, or −1.
        var cells: [Int]
        /// Whether every value is of its record's base and none is cleared.
        var isUniform: Bool

        init(_ column: SnapshotPiece.Column, cells: [Int]) {
            self.column = column
            self.cells = cells
            isUniform =
                !column.dots.contains { $0 >= 0 }
                && !column.tags.indices.contains(where: column.isNone)
        }

        func isOfBase(_ record: Int) -> Bool {
            isUniform || column.dots[column.values(of: cells[record]).lowerBound] < 0
        }

        func isNone(_ record: Int) -> Bool {
            !isUniform && column.isNone(column.values(of: cells[record]).lowerBound)
        }
    }

    let group: SnapshotPiece.Group
    let piece: SnapshotPiece
    let table: RecordTable
    /// The changes of the piece, as this file numbers their authors.
    let dots: [LocalDot]
    /// `nil` when all records of the group were erased.
    fileprivate let liveness: Source?
    /// For each record whether it was erased.
    private let erased: [Bool]
    /// One for each column of the table.
    fileprivate let sources: [Source?]
    /// The numbers of the columns' fields.
    fileprivate let fields: [Int64]
    /// Cells whose siblings lie in `sibling`: what they show.
    fileprivate var shown: [Int: [Place: Value]] = [:]

    /// - Throws: `badData` when a record does not say whether it lives.
    init(
        _ group: SnapshotPiece.Group, of piece: SnapshotPiece, _ table: RecordTable,
        _ authorNumbers: [Int64]
    ) throws {
        self.group = group
        self.piece = piece
        self.table = table
        dots = piece.dots.map {
            LocalDot(replica: authorNumbers[$0.author], sequence: $0.sequence)
        }
        var erased = [Bool](repeating: false, count: group.ids.count)
        var isTold = erased
        for column in group.columns.prefix(2) where column.name.field.isEmpty {
            for record in column.cells {
                isTold[record] = true
                if column.name == .erasure { erased[record] = true }
            }
        }
        guard !isTold.contains(false) else {
            throw SijilError(.badData, "A record of the snapshot does not say whether it lives.")
        }
        self.erased = erased
        liveness = group.columns.first.flatMap { column in
            guard column.name == .liveness else { return nil }
            return Source(column, cells: Self.cells(of: column, group.ids.count))
        }
        var sources: [Source?] = Array(repeating: nil, count: table.columns.count)
        for column in group.columns
        where column.name.key == .none && !column.name.field.isEmpty {
            guard let index = table.column(of: column.name.field) else { continue }
            sources[index] = Source(column, cells: Self.cells(of: column, group.ids.count))
        }
        self.sources = sources
        fields = table.columns.map(\.number)
    }

    private static func cells(of column: SnapshotPiece.Column, _ records: Int) -> [Int] {
        guard column.cells.count < records else { return Array(0..<records) }
        var cells = [Int](repeating: -1, count: records)
        for (cell, record) in column.cells.enumerated() { cells[record] = cell }
        return cells
    }

    func place(of cell: CellName) -> Place? {
        if cell == .liveness { return .liveness }
        guard cell.key == .none else { return nil }
        return table.column(of: cell.field).map { .column($0) }
    }

    /// Whether all values of a column suit their place.
    func fits(_ column: SnapshotPiece.Column, in place: Place) -> Bool {
        guard case .column(let index) = place else { return true }
        let kind = table.columns[index].field.kind
        return column.tags.indices.allSatisfy { column.isNone($0) || column.kind(of: $0) == kind }
    }

    func fits(_ value: Int, of column: SnapshotPiece.Column, in place: Place) -> Bool {
        guard case .column(let index) = place else { return true }
        return column.isNone(value) || column.kind(of: value) == table.columns[index].field.kind
    }

    /// Says what a cell shows whose siblings lie in `sibling`.
    mutating func show(_ value: Value, in place: Place, of record: Int) {
        shown[record, default: [:]][place] = value
    }

    /// What a cell shows whose siblings lie in `sibling`; `nil` for all others, mostly without a look.
    fileprivate func shown(in place: Place, of record: Int) -> Value? {
        shown.isEmpty ? nil : shown[record]?[place]
    }

    /// The texts that the search index asks for; `nil` when not all of them lie in the row.
    func texts(_ record: Int) -> [SearchIndex.Text]? {
        guard shown.isEmpty, table.searchedCells.isEmpty else { return nil }
        guard !isDeleted(record) else { return [] }
        var texts: [SearchIndex.Text] = []
        for index in table.searchedColumns {
            guard let search = table.columns[index].field.search, let source = sources[index],
                source.cells[record] >= 0
            else { continue }
            let value = source.column.values(of: source.cells[record]).lowerBound
            guard source.column.kind(of: value) == .text else { continue }
            let start = Int(source.column.payloads[value])
            texts.append((search, Array(piece.bytes[start..<start + source.column.counts[value]])))
        }
        return texts
    }

    /// As much of a row as the search index asks for.
    func searched(_ record: Int, _ number: Int64) -> RecordRow {
        var values = [DatabaseValue](repeating: .null, count: sources.count)
        for (index, column) in table.columns.enumerated() where column.field.isSearched {
            if let shown = shown(in: .column(index), of: record) {
                values[index] = shown.kind == column.field.kind ? shown.stored : .null
            } else if let source = sources[index], source.cells[record] >= 0 {
                let value = source.column.values(of: source.cells[record]).lowerBound
                values[index] = piece.value(value, of: source.column).stored
            }
        }
        return RecordRow(
            number: number, id: group.ids[record], type: group.type, deleted: isDeleted(record),
            clock: RowClock(base: dots[group.bases[record]]), present: table.columns.indices,
            values: values)
    }

    /// What the column `deleted` is to hold; see ``RecordRow/life``.
    func life(_ record: Int) -> Int64 {
        erased[record] ? RecordRow.erased : isDeleted(record) ? 1 : 0
    }

    func isDeleted(_ record: Int) -> Bool {
        guard !erased[record], let liveness else { return true }
        if let shown = shown(in: .liveness, of: record) { return shown == .boolean(true) }
        return liveness.column.isYes(
            liveness.column.values(of: liveness.cells[record]).lowerBound)
    }

    /// Whether no cell of a record needs an exception in its clock.
    fileprivate func isOfOneChange(_ record: Int) -> Bool {
        guard shown.isEmpty, let liveness, !erased[record], liveness.isOfBase(record) else {
            return erased[record]
        }
        for source in sources {
            guard let source, source.cells[record] >= 0 else { continue }
            guard source.isOfBase(record), !source.isNone(record) else { return false }
        }
        return true
    }

    /// Writes the row clock of a record; see ``RowClock``.
    fileprivate func writeClock(_ record: Int, to writer: inout ByteWriter) {
        let base = RowClock(base: dots[group.bases[record]])
        (isOfOneChange(record) ? base : clock(record)).write(to: &writer)
    }

    private func clock(_ record: Int) -> RowClock {
        var clock = RowClock(base: dots[group.bases[record]])
        func note(_ place: Place, _ field: Int64, _ source: Source) {
            if shown(in: place, of: record) != nil {
                clock.exceptions.append((field, .elsewhere))
                return
            }
            let value = source.column.values(of: source.cells[record]).lowerBound
            let dot = source.column.dots[value]
            if dot >= 0 {
                clock.exceptions.append((field, .dot(dots[dot])))
            } else if place != .liveness, source.column.isNone(value) {
                clock.exceptions.append((field, .dot(clock.base)))
            }
        }
        guard !erased[record], let liveness else { return clock }
        note(.liveness, 0, liveness)
        for (index, source) in sources.enumerated() {
            guard let source, source.cells[record] >= 0 else { continue }
            note(.column(index), fields[index], source)
        }
        return clock
    }
}

/// The statement that puts rows into one table, bound straight from the bytes of a piece.
final class SnapshotRowInsert {
    private let statement: Statement
    private let isOther: Bool

    init(_ table: RecordTable, _ db: Database) throws {
        isOther = table.type == nil
        let list = table.columns.map { ", \"\($0.field.name)\"" }.joined()
        let count = 5 + table.columns.count + (isOther ? 1 : 0)
        statement = try db.makeStatement(
            sql: """
                INSERT INTO data_\(table.type?.name ?? "other")
                    (n, collection, id, deleted, clock\(list)\(isOther ? ", type" : ""))
                VALUES (\(Array(repeating: "?", count: count).joined(separator: ", ")))
                """)
    }

    /// Puts all rows in.
    ///
    /// - Throws: `DatabaseError`, without the values.
    func run(_ rows: SnapshotRows, _ numbers: [Int64], _ collection: Int64) throws {
        var clock = ByteWriter(reservingCapacity: 32)
        try unsafe rows.piece.bytes.withUnsafeBytes { bytes in
            for record in rows.group.ids.indices {
                statement.bind(numbers[record], at: 1)
                statement.bind(collection, at: 2)
                statement.bind(rows.group.ids[record], at: 3)
                statement.bind(rows.life(record), at: 4)
                clock.removeAll()
                rows.writeClock(record, to: &clock)
                statement.bind(clock.bytes, at: 5)
                for (index, source) in rows.sources.enumerated() {
                    if let shown = rows.shown(in: .column(index), of: record) {
                        let fits = shown.kind == rows.table.columns[index].field.kind
                        statement.bind(fits ? shown.stored : .null, at: 6 + index)
                    } else if let source, source.cells[record] >= 0 {
                        let value = source.column.values(of: source.cells[record]).lowerBound
                        unsafe bind(value, of: source.column, rows.piece, bytes, at: 6 + index)
                    }
                }
                if isOther { statement.bind(rows.group.type, at: 6 + rows.sources.count) }
                try statement.run()
            }
        }
    }

    /// Binds a value of the piece: a text stays where it lies until the row is in.
    @unsafe
    private func bind(
        _ value: Int, of column: SnapshotPiece.Column, _ piece: SnapshotPiece,
        _ bytes: UnsafeRawBufferPointer, at index: Int
    ) {
        guard column.kind(of: value) == .text else {
            return statement.bind(piece.value(value, of: column).stored, at: index)
        }
        let start = Int(column.payloads[value])
        unsafe statement.bind(
            text: UnsafeRawBufferPointer(rebasing: bytes[start..<start + column.counts[value]]),
            at: index, Statement.kept)
    }
}

import Foundation
import GRDB
import GRDBSQLite
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
    /// The base of each change of the piece, as this file numbers it.
    let dots: [LocalDot]
    fileprivate let liveness: Source
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
        guard let first = group.columns.first, first.name == .liveness,
            first.cells.count == group.ids.count
        else {
            throw SijilError(.badData, "A record of the snapshot does not say whether it lives.")
        }
        liveness = Source(first, cells: Array(group.ids.indices))
        var sources: [Source?] = Array(repeating: nil, count: table.columns.count)
        for column in group.columns.dropFirst() where column.name.key == .none {
            guard let index = table.column(of: column.name.field) else { continue }
            var cells = [Int](repeating: -1, count: group.ids.count)
            for (cell, record) in column.cells.enumerated() { cells[record] = cell }
            sources[index] = Source(column, cells: cells)
        }
        self.sources = sources
        fields = table.columns.map(\.number)
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

    /// Where the words lie that the search index asks for; `nil` when not all of them lie in the row.
    func words(_ record: Int) -> [Range<Int>]? {
        guard shown.isEmpty, table.searchedCells.isEmpty else { return nil }
        guard !isDeleted(record) else { return [] }
        var words: [Range<Int>] = []
        for index in table.searchedColumns {
            guard let source = sources[index], source.cells[record] >= 0 else { continue }
            let value = source.column.values(of: source.cells[record]).lowerBound
            guard source.column.kind(of: value) == .text else { continue }
            let start = Int(source.column.payloads[value])
            words.append(start..<start + source.column.counts[value])
        }
        return words
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

    func isDeleted(_ record: Int) -> Bool {
        if let shown = shown(in: .liveness, of: record) { return shown == .boolean(true) }
        return liveness.column.isYes(liveness.column.values(of: record).lowerBound)
    }

    /// Whether no cell of a record needs an exception in its clock.
    fileprivate func isOfOneChange(_ record: Int) -> Bool {
        guard shown.isEmpty, liveness.isOfBase(record) else { return false }
        for source in sources {
            guard let source, source.cells[record] >= 0 else { continue }
            guard source.isOfBase(record), !source.isNone(record) else { return false }
        }
        return true
    }

    /// The row clock of a record; see ``RowClock``.
    fileprivate func clock(_ record: Int) -> RowClock {
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
        var row = unsafe BoundRow(statement: statement.sqliteStatement)
        defer { row.clear() }
        var clock = ByteWriter(reservingCapacity: 32)
        try unsafe rows.piece.bytes.withUnsafeBytes { bytes in
            for record in rows.group.ids.indices {
                row.begin()
                row.bind(numbers[record])
                row.bind(collection)
                row.bind(rows.group.ids[record])
                row.bind(rows.isDeleted(record) ? 1 : 0)
                if rows.isOfOneChange(record) {
                    let dot = rows.dots[rows.group.bases[record]]
                    clock.removeAll()
                    clock.varint(UInt64(bitPattern: dot.replica))
                    clock.varint(dot.sequence)
                    row.bind(clock.bytes)
                } else {
                    row.bind(rows.clock(record).bytes)
                }
                for (index, source) in rows.sources.enumerated() {
                    let column = rows.table.columns[index]
                    if let shown = rows.shown(in: .column(index), of: record) {
                        row.bind(shown.kind == column.field.kind ? shown : .none)
                    } else if let source, source.cells[record] >= 0 {
                        let value = source.column.values(of: source.cells[record]).lowerBound
                        unsafe row.bind(value, of: source.column, rows.piece, bytes)
                    } else {
                        row.bindNull()
                    }
                }
                if isOther { row.bind(.text(rows.group.type)) }
                try row.step()
            }
        }
    }
}

/// The arguments of one row, in their order.
@safe
private struct BoundRow {
    private let statement: OpaquePointer
    private var index: CInt = 0
    private var code = SQLITE_OK

    init(statement: OpaquePointer) { unsafe self.statement = unsafe statement }

    mutating func begin() { index = 0 }

    mutating func bindNull() {
        index += 1
        code |= unsafe sqlite3_bind_null(statement, index)
    }

    mutating func bind(_ number: Int64) {
        index += 1
        code |= unsafe sqlite3_bind_int64(statement, index, number)
    }

    mutating func bind(_ id: Identifier) {
        unsafe withUnsafeBytes(of: id.rawValue.bigEndian) { unsafe bindCopy($0) }
    }

    mutating func bind(_ bytes: [UInt8]) {
        unsafe bytes.withUnsafeBytes { unsafe bindCopy($0) }
    }

    /// SQLite takes a copy before the call returns.
    private mutating func bindCopy(_ bytes: UnsafeRawBufferPointer) {
        index += 1
        let copy = unsafe unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        code |= unsafe sqlite3_bind_blob(
            statement, index, bytes.baseAddress, CInt(bytes.count), copy)
    }

    mutating func bind(_ value: Value) {
        switch value {
        case .none: bindNull()
        case .integer(let integer): bind(integer)
        case .boolean(let boolean): bind(boolean ? 1 : 0)
        case .real(let real):
            index += 1
            code |= unsafe sqlite3_bind_double(statement, index, real)
        case .reference(let id): bind(id)
        case .text(let text): bindText(text)
        case .date(let date): bindText(date.description)
        case .unknown(_, let bytes): bind(bytes)
        }
    }

    private mutating func bindText(_ text: String) {
        index += 1
        var text = text
        let copy = unsafe unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        code |= text.withUTF8 { utf8 in
            unsafe utf8.withMemoryRebound(to: CChar.self) { characters in
                unsafe characters.isEmpty
                    ? sqlite3_bind_text(statement, index, "", 0, copy)
                    : sqlite3_bind_text(
                        statement, index, characters.baseAddress, CInt(characters.count), copy)
            }
        }
    }

    /// A value of the piece: a text stays where it lies until the row is in.
    @unsafe
    mutating func bind(
        _ value: Int, of column: SnapshotPiece.Column, _ piece: SnapshotPiece,
        _ bytes: UnsafeRawBufferPointer
    ) {
        guard column.kind(of: value) == .text else {
            return bind(piece.value(value, of: column))
        }
        index += 1
        let start = unsafe bytes.baseAddress! + Int(column.payloads[value])
        code |= unsafe sqlite3_bind_text(
            statement, index, start.assumingMemoryBound(to: CChar.self),
            CInt(column.counts[value]), nil)
    }

    mutating func step() throws {
        precondition(code == SQLITE_OK, "An argument does not fit its statement.")
        let code = unsafe sqlite3_step(statement)
        unsafe sqlite3_reset(statement)
        guard code == SQLITE_DONE else {
            throw DatabaseError(resultCode: ResultCode(rawValue: code))
        }
    }

    /// What was bound must not linger in memory: these are people's numbers.
    func clear() { unsafe sqlite3_clear_bindings(statement) }
}

import Foundation
import GRDB
import SijilCore

/// The table of one record type and its prepared statements; also the one table that takes every type the
/// schema lacks.
///
/// A row's number holds the type in its low byte, so that one number names a record in all tables.
final class RecordTable {
    struct Column {
        var field: Field
        var number: Int64

        /// Whether a value can lie in the column; ``Value/none`` is NULL there.
        func takes(_ value: Value) -> Bool { value == .none || value.kind == field.kind }
    }

    private final class Some {
        let select: Statement
        let update: Statement

        init(select: Statement, update: Statement) {
            self.select = select
            self.update = update
        }
    }

    /// `nil` for the table of unknown types.
    let type: RecordType?
    let columns: [Column]
    /// For each column the tags of the values that it holds.
    let tags: [ClosedRange<UInt8>]
    /// The searched fields: those with a column by its index, the others by their number.
    let searchedColumns: [Int]
    let searchedCells: [(field: Field, number: Int64)]
    /// By field, the cell of which it says more.
    private let qualifiedCells: [String: CellName]
    private let typeNumber: Int64
    private let columnIndex: [String: Int]
    private var lastColumn: (field: String, index: Int?)?
    private let name: String
    private let db: Database
    private let insert: Statement
    private let lastNumber: Statement
    /// What reads and updates some columns of a row: none, each one, all.
    private var some: [Some?]
    /// How often each was wanted before it was compiled.
    private var uses: [Int]
    private static let usesToCompile = 8
    private let highestID: Statement
    /// Kept for its memory.
    private var clock = ByteWriter(reservingCapacity: 64)
    /// The highest number and identifier, once they are known; see ``forget()``.
    private var last: Int64?
    private var highest: RecordID?

    init(_ type: RecordType?, _ names: Names, _ db: Database) throws {
        self.type = type
        self.db = db
        name = "data_\(type?.name ?? "other")"
        var columns: [Column] = []
        for field in type?.fields ?? [] where field.shape == .single {
            columns.append(
                Column(field: field, number: try names.number(ofField: field.name, db)))
        }
        self.columns = columns
        some = Array(repeating: nil, count: columns.count + 2)
        uses = Array(repeating: 0, count: columns.count + 2)
        tags = columns.map { $0.field.kind.tags }
        columnIndex = Dictionary(
            uniqueKeysWithValues: columns.enumerated().map { ($1.field.name, $0) })
        qualifiedCells = (type?.fields ?? [])
            .reduce(into: [:]) { cells, field in
                if let subject = field.qualifies { cells[field.name] = CellName(subject) }
            }
        searchedColumns = columns.indices.filter {
            columns[$0].field.isSearched && columns[$0].field.kind == .text
        }
        searchedCells = try (type?.fields ?? [])
            .filter { $0.isSearched && $0.shape != .single }
            .map { ($0, try names.number(ofField: $0.name, db)) }
        typeNumber = try type.map { try Names.number(ofType: $0.name, db) } ?? 0
        let list = columns.map { ", \"\($0.field.name)\"" }.joined()
        let extra = type == nil ? ", type" : ""
        let count = 5 + columns.count + (type == nil ? 1 : 0)
        insert = try db.makeStatement(
            sql: """
                INSERT INTO \(name) (n, collection, id, deleted, clock\(list)\(extra))
                VALUES (\(Array(repeating: "?", count: count).joined(separator: ", ")))
                """)
        lastNumber = try db.makeStatement(sql: "SELECT max(n) FROM \(name)")
        highestID = try db.makeStatement(sql: "SELECT max(id) FROM \(name)")
    }

    var isSearched: Bool { !searchedColumns.isEmpty || !searchedCells.isEmpty }

    func isSearched(_ column: Int) -> Bool { columns[column].field.isSearched }

    /// The cell of which another one says more.
    func qualified(by cell: CellName) -> CellName? {
        qualifiedCells.isEmpty ? nil : qualifiedCells[cell.field]
    }

    /// Whether a cell's field is searched.
    func isSearched(_ cell: CellName) -> Bool {
        guard isSearched else { return false }
        return column(of: cell.field).map(isSearched) ?? (type?[cell.field]?.isSearched == true)
    }

    /// The place of a single field's column.
    func column(of field: String) -> Int? {
        // An edit's field is asked for several times.
        if let lastColumn, lastColumn.field == field { return lastColumn.index }
        let index = columnIndex[field]
        lastColumn = (field, index)
        return index
    }

    /// How siblings of a cell are shown; a register's way for what the schema lacks.
    func policy(of cell: CellName) -> Policy {
        if cell == .liveness { return .liveness }
        if cell.key == .none, let column = column(of: cell.field) {
            return columns[column].field.policy
        }
        return type?.policy(of: cell) ?? .register
    }

    // MARK: Reading and updating

    private func index(of present: Range<Int>) -> Int {
        present.isEmpty ? 0 : present.count == 1 ? 1 + present.lowerBound : columns.count + 1
    }

    /// The columns to read where some are wanted.
    ///
    /// To compile statements for one column costs as much as some uses of those for all columns.
    private func worthwhile(_ wanted: Range<Int>) -> Range<Int> {
        let index = index(of: wanted)
        guard wanted.count == 1, some[index] == nil else { return wanted }
        uses[index] += 1
        return uses[index] > Self.usesToCompile ? wanted : columns.indices
    }

    private func statements(for present: Range<Int>) throws -> Some {
        let index = index(of: present)
        if let made = some[index] { return made }
        let list = columns[present].map { ", \"\($0.field.name)\"" }.joined()
        let assignments = columns[present].map { ", \"\($0.field.name)\" = ?" }.joined()
        let made = Some(
            select: try db.makeStatement(
                sql: """
                    SELECT n, deleted, clock\(list) FROM \(name)
                    WHERE id = ? AND collection = ?\(type == nil ? " AND type = ?" : "")
                    """),
            update: try db.makeStatement(
                sql: "UPDATE \(name) SET deleted = ?, clock = ?\(assignments) WHERE n = ?"))
        some[index] = made
        return made
    }

    /// The record's row, if there is one.
    ///
    /// - Parameter present: the columns whose values are needed, and may be updated: none, one, or all; there may
    ///   be more in the row.
    func find(
        _ id: RecordID, type: String, collection: Int64, present: Range<Int>? = nil
    ) throws -> RecordRow? {
        let present = worthwhile(present ?? columns.indices)
        let select = try statements(for: present).select
        select.bind(id, at: 1)
        select.bind(collection, at: 2)
        if self.type == nil { select.bind(type, at: 3) }
        return try select.first { row in
            var values: [DatabaseValue] = []
            values.reserveCapacity(present.count)
            for index in 0..<present.count { values.append(row.value(3 + index)) }
            return RecordRow(
                number: row.integer(0), id: id, type: type, life: row.integer(1),
                clock: try RowClock(row.bytes(2)), present: present, values: values)
        }
    }

    /// The same in a transaction that writes, where what is remembered of the table is sound.
    func findToWrite(
        _ id: RecordID, type: String, collection: Int64, present: Range<Int>?
    ) throws -> RecordRow? {
        guard try id <= highestKnown() else { return nil }
        return try find(id, type: type, collection: collection, present: present)
    }

    /// - Precondition: the row is one that ``find(_:type:collection:present:)`` gave.
    func update(_ row: RecordRow) throws {
        let update = try statements(for: row.present).update
        update.bind(row.life, at: 1)
        update.bind(row.clock.bytes, at: 2)
        for (index, value) in row.values.enumerated() { update.bind(value, at: 3 + index) }
        update.bind(row.number, at: 3 + row.values.count)
        try update.run()
    }

    // MARK: Inserting

    func nextNumber() throws -> Int64 {
        let last = try last ?? lastNumber.first { $0.integer(0) } ?? 0
        let next = (last >> 8 + 1) << 8 | typeNumber
        self.last = next
        return next
    }

    /// The highest identifier, zero without any.
    ///
    /// Identifiers are ordered by time: most records that are made are above all others, and need not be
    /// looked for.
    private func highestKnown() throws -> RecordID {
        if let highest { return highest }
        let found = try highestID.first { row in
            row.isNull(0) ? .zero : RecordID(bytes: row.bytes(0)) ?? RecordID(.max)
        }
        highest = found ?? .zero
        return highest!
    }

    /// Forgets what another process may have changed.
    func forget() {
        last = nil
        highest = nil
    }

    /// Inserts a row.
    ///
    /// - Parameter bindColumns: binds what is not NULL.
    func insert(
        _ row: RecordRow, collection: Int64, bindColumns: () throws -> Void
    ) throws {
        insert.bind(row.number, at: 1)
        insert.bind(collection, at: 2)
        insert.bind(row.id, at: 3)
        insert.bind(row.life, at: 4)
        clock.removeAll()
        row.clock.write(to: &clock)
        insert.bind(clock.bytes, at: 5)
        if type == nil { insert.bind(row.type, at: 6) }
        try bindColumns()
        try insert.run()
        if let highest { self.highest = max(highest, row.id) }
    }

    /// Binds a value of the row that is being inserted, straight from the change's bytes.
    ///
    /// - Parameters:
    ///   - operation: puts a value of the column's kind.
    ///   - bytes: the change's, which stay where they are until the row is inserted.
    @unsafe
    func bind(
        _ operation: ChangeBytes.Operation, of change: ChangeBytes, _ bytes: UnsafeRawBufferPointer,
        column: Int
    ) {
        let index = 6 + column
        switch operation.tag {
        case ValueTag.text:
            unsafe insert.bind(
                text: UnsafeRawBufferPointer(rebasing: bytes[change.text(of: operation)]),
                at: index, Statement.kept)
        case ValueTag.reference:
            unsafe insert.bind(
                blob: UnsafeRawBufferPointer(rebasing: bytes[operation.payload]), at: index,
                Statement.kept)
        default:
            insert.bind(change.value(of: operation).stored, at: index)
        }
    }
}

/// One row of a ``RecordTable``, while a change is applied to it.
struct RecordRow {
    var number: Int64
    var id: RecordID
    var type: String
    var deleted: Bool
    var clock: RowClock
    /// The columns whose values are here.
    var present: Range<Int>
    var values: [DatabaseValue]
    /// Whether it was erased: then it is deleted, and holds nothing but the cell that says so.
    private(set) var isErased = false

    init(
        number: Int64, id: RecordID, type: String, deleted: Bool, clock: RowClock,
        present: Range<Int>, values: [DatabaseValue]
    ) {
        self.number = number
        self.id = id
        self.type = type
        self.deleted = deleted
        self.clock = clock
        self.present = present
        self.values = values
    }

    /// - Parameter life: what the column `deleted` holds.
    init(
        number: Int64, id: RecordID, type: String, life: Int64, clock: RowClock,
        present: Range<Int>, values: [DatabaseValue]
    ) {
        self.init(
            number: number, id: id, type: type, deleted: life != 0, clock: clock,
            present: present, values: values)
        isErased = life == Self.erased
    }

    /// What the column `deleted` holds: 0 for a record that lives, 1 for a deleted one, 2 for an erased one.
    var life: Int64 { isErased ? Self.erased : deleted ? 1 : 0 }

    static let erased: Int64 = 2

    /// Takes out all that is in the row.
    ///
    /// - Parameter dot: the change that erases it.
    mutating func erase(_ dot: LocalDot) {
        deleted = true
        isErased = true
        clock = RowClock(base: dot)
        values = Array(repeating: .null, count: values.count)
    }

    /// The value in a column that is here.
    subscript(column: Int) -> DatabaseValue {
        get { values[column - present.lowerBound] }
        set { values[column - present.lowerBound] = newValue }
    }
}

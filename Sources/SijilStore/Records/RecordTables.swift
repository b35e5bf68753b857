import Foundation
import GRDB
import SijilCore

/// Reads and writes the cells of records, wherever they lie: in a column, in `cell` or in `sibling`.
///
/// Lives as long as its database connection; all of it runs inside the caller's transaction.
final class RecordTables {
    let schema: Schema
    let names: Names
    private let tables: [String: RecordTable]
    private let other: RecordTable
    private let statements: CellStatements
    let search: SearchIndex
    private let db: Database
    private let maximalJournalNumber: Statement
    private var lastTable: (type: String, table: RecordTable)?
    /// The highest number in the journal, once it is known; see ``forget()``.
    private var lastJournalNumber: Int64?
    private var hasher = StateDigest.Hasher()

    init(_ schema: Schema, _ names: Names, _ db: Database) throws {
        self.schema = schema
        self.names = names
        self.db = db
        var tables: [String: RecordTable] = [:]
        for type in schema.types { tables[type.name] = try RecordTable(type, names, db) }
        self.tables = tables
        other = try RecordTable(nil, names, db)
        statements = try CellStatements(db)
        search = try SearchIndex(statements, db)
        maximalJournalNumber = try db.makeStatement(sql: "SELECT max(last) FROM author")
    }

    func table(of type: String) -> RecordTable {
        // Most records come among others of their type.
        if let lastTable, lastTable.type == type { return lastTable.table }
        let table = tables[type] ?? other
        lastTable = (type, table)
        return table
    }

    /// Forgets what another process may have changed.
    func forget() {
        for table in tables.values { table.forget() }
        other.forget()
        lastJournalNumber = nil
    }

    /// The number of the next change in the journal.
    func nextJournalNumber() throws -> Int64 {
        let last = try lastJournalNumber ?? maximalJournalNumber.first { $0.integer(0) } ?? 0
        lastJournalNumber = last &+ 1
        return last &+ 1
    }

    /// The highest number in the journal, found in all of it: for when authors' rows were taken away.
    ///
    /// The next number is counted from it.
    func lastInJournal() throws -> Int64 {
        let last = try db.readied("SELECT max(n) FROM journal").first { $0.integer(0) } ?? 0
        lastJournalNumber = last
        return last
    }

    // MARK: Applying

    /// What an author's changes have added to the state of a collection, and taken from it: only the sum over
    /// all authors has a meaning.
    struct Share {
        var digest = StateDigest()
        /// Living records.
        var records = 0
    }

    /// Where an edit comes from.
    struct Source {
        var collection: Int64
        var dot: Dot
        var localDot: LocalDot
        /// Corrected time, milliseconds.
        var at: Int64
        /// Everything the author had seen, their own earlier changes included.
        var seen: VersionVector
    }

    /// What a change's names mean in the table of one type: looked up once a change and not once a cell.
    private struct Columns {
        var table: RecordTable
        /// By the number of a field's name: the column, or -1.
        var byName: [Int]
    }

    /// Applies a change to the tables and the digest.
    ///
    /// Deterministic: equal sets of changes applied in any causal order leave equal cells.
    ///
    /// - Parameter rows: what the caller has found in this transaction for each edit, with the columns that it
    ///   touches present: `nil` for a record that is not there. `nil` when the caller has not looked.
    func apply(
        _ change: ChangeBytes, _ source: Source, rows: [RecordRow?]?, share: inout Share,
        _ db: Database
    ) throws -> Applied {
        var types: [Columns?] = Array(repeating: nil, count: change.names.count)
        var applied = Applied()
        search.forgetWaiting()
        for (index, edit) in change.edits.enumerated() {
            let type = change.names[edit.type]
            if types[edit.type] == nil {
                let table = table(of: type)
                types[edit.type] = Columns(
                    table: table, byName: change.names.map { table.column(of: $0) ?? -1 })
            }
            let columns = types[edit.type]!
            let operations = change.operations[edit.operations]
            let row =
                try rows.map { $0[index] }
                ?? columns.table.findToWrite(
                    edit.record, type: type, collection: source.collection,
                    present: Self.present(operations, columns.byName))
            if edit.erases {
                let erased = try erase(row, edit, type, columns.table, source, &share, db)
                if let erased { applied.erased.append(erased) }
            } else if let row, row.isErased {
                applied.late.append(index)
            } else if let row {
                try update(
                    row, operations.map(change.operation), deletes: edit.deletes, columns.table,
                    source, &share, db)
            } else {
                try insert(edit, of: change, columns, source, db)
                if !edit.deletes { share.records &+= 1 }
                applied.made.append(index)
            }
        }
        try search.flush()
        return applied
    }

    /// What became of a change's edits.
    struct Applied {
        /// The edits that made their records.
        ///
        /// What these add to the digest, the caller adds: see ``ChangeBytes/digestSums(_:least:)``.
        var made: [Int] = []
        /// The edits of records that were erased before they came: they did nothing, and must not be kept.
        var late: [Int] = []
        /// The records that held something until this change erased them.
        var erased: [Erased] = []
    }

    /// A record that held something until it was erased, and the changes that had touched it.
    struct Erased {
        var key: RecordKey
        var dots: [LocalDot]
    }

    /// The columns that must be read for some operations: none, one, or `nil` for all.
    private static func present(
        _ operations: ArraySlice<ChangeBytes.Operation>, _ columns: [Int]
    ) -> Range<Int>? {
        var only: Int?
        for operation in operations where operation.isSingle {
            let column = columns[operation.field]
            guard column >= 0, column != only else { continue }
            guard only == nil else { return nil }
            only = column
        }
        return only.map { $0..<$0 + 1 } ?? 0..<0
    }

    private func update(
        _ found: RecordRow, _ operations: [CellOperation], deletes: Bool, _ table: RecordTable,
        _ source: Source, _ share: inout Share, _ db: Database
    ) throws {
        var row = found
        for operation in operations {
            try apply(operation, to: &row, table, source, &share, db)
        }
        let liveness = CellOperation(.liveness, .put(.boolean(deletes)))
        try apply(liveness, to: &row, table, source, &share, db)
        if found.deleted != row.deleted { share.records &+= row.deleted ? -1 : 1 }
        try table.update(row)
        try statements.touch(row.number, source.localDot)
        let touchesSearch = operations.contains { table.isSearched($0.cell) }
        guard touchesSearch || found.deleted != row.deleted else { return }
        if row.present != table.columns.indices,
            let whole = try table.find(row.id, type: row.type, collection: source.collection)
        {
            row = whole
        }
        try search.update(row, table, isNew: false)
    }

    /// Applies the first edit of a record: one row, whose clock is the edit's dot, and no look at cells that
    /// cannot be there.
    ///
    /// Most cells are columns of the row, and go there as they lie in the change.
    private func insert(
        _ edit: ChangeBytes.Edit, of change: ChangeBytes, _ columns: Columns, _ source: Source,
        _ db: Database
    ) throws {
        let table = columns.table
        let operations = change.operations[edit.operations]
        func column(_ operation: ChangeBytes.Operation) -> Int? {
            guard operation.isSingle else { return nil }
            let column = columns.byName[operation.field]
            return column >= 0 && table.tags[column].contains(operation.tag) ? column : nil
        }
        var row = RecordRow(
            number: try table.nextNumber(), id: edit.record, type: change.names[edit.type],
            deleted: edit.deletes, clock: RowClock(base: source.localDot), present: 0..<0,
            values: [])
        let others = operations.filter { column($0) == nil }
        // Texts that lie beside the row are found there once they are.
        let isSearchedWhole = !others.isEmpty && table.isSearched
        if !others.isEmpty {
            row.present = table.columns.indices
            row.values = Array(repeating: .null, count: table.columns.count)
        }
        for operation in others {
            let operation = change.operation(operation)
            let place = try place(of: operation.cell, table, db)
            var cell = Cell()
            cell.apply(operation.effect, dot: source.dot, at: source.at, seen: source.seen)
            let policy = table.policy(of: operation.cell)
            try store(cell, replacing: Cell(), place, operation.cell, policy, &row, db)
        }
        try unsafe change.bytes.withUnsafeBytes { bytes in
            try table.insert(row, collection: source.collection) {
                for operation in operations {
                    guard let column = column(operation) else { continue }
                    unsafe table.bind(operation, of: change, bytes, column: column)
                }
            }
        }
        guard table.isSearched, !edit.deletes else { return }
        if isSearchedWhole {
            for operation in operations {
                guard let column = column(operation), table.isSearched(column) else { continue }
                row[column] = change.value(of: operation).stored
            }
            return try search.update(row, table, isNew: true)
        }
        var texts: [SearchIndex.Text] = []
        for searched in table.searchedColumns {
            guard let search = table.columns[searched].field.search else { continue }
            for operation in operations
            where operation.tag == ValueTag.text && column(operation) == searched {
                texts.append((search, Array(change.bytes[change.text(of: operation)])))
            }
        }
        search.add(row.number, texts)
    }

    /// Takes out everything that is here of a record, and notes that it was erased.
    ///
    /// - Returns: the record, if it held anything.
    private func erase(
        _ found: RecordRow?, _ edit: ChangeBytes.Edit, _ type: String, _ table: RecordTable,
        _ source: Source, _ share: inout Share, _ db: Database
    ) throws -> Erased? {
        let note = CellOperation(.erasure, .put(.boolean(true)))
        guard let found else {
            var row = RecordRow(
                number: try table.nextNumber(), id: edit.record, type: type,
                life: RecordRow.erased, clock: RowClock(base: source.localDot), present: 0..<0,
                values: [])
            try table.insert(row, collection: source.collection) {}
            try apply(note, to: &row, table, source, &share, db)
            return nil
        }
        var row = found
        guard !row.isErased else {
            try apply(note, to: &row, table, source, &share, db)
            return nil
        }
        if row.present != table.columns.indices,
            let whole = try table.find(row.id, type: type, collection: source.collection)
        {
            row = whole
        }
        for item in try items(of: row, db) { share.digest.remove(item) }
        if !row.deleted { share.records &-= 1 }
        let dots = try [row.clock.base] + statements.touches(row.number)
        try statements.removeAll(of: row.number)
        if table.isSearched { try search.remove(row.number) }
        row.erase(source.localDot)
        try table.update(row)
        try apply(note, to: &row, table, source, &share, db)
        return Erased(key: RecordKey(row.id, type), dots: dots)
    }

    private func apply(
        _ operation: CellOperation, to row: inout RecordRow, _ table: RecordTable,
        _ source: Source, _ share: inout Share, _ db: Database
    ) throws {
        let name = operation.cell
        let place = try place(of: name, table, db)
        if try replace(operation, place, in: &row, table, source, &share, db) { return }
        let before = try load(place, name, row, db)
        var after = before
        let replaced = after.apply(
            operation.effect, dot: source.dot, at: source.at, seen: source.seen)
        hasher.begin(record: row.id, type: row.type)
        for sibling in replaced {
            share.digest.remove(hasher.item(cell: name, dot: sibling.dot, value: sibling.value))
        }
        if case .put(let value) = operation.effect {
            share.digest.add(hasher.item(cell: name, dot: source.dot, value: value))
        }
        if after.siblings.count > 1, before.siblings.count == 1 {
            // Alone, a sibling's time is not kept beside it; in company it decides what is shown.
            var siblings = after.siblings
            for index in siblings.indices where siblings[index].dot != source.dot {
                siblings[index].at = try time(of: siblings[index].dot, source.collection, db)
            }
            after = Cell(siblings)
        }
        let policy = table.policy(of: name)
        try store(after, replacing: before, place, name, policy, &row, db)
        let asked = policy.asks(before)
        if asked != policy.asks(after) {
            try statements.setConflict(row.number, place.field, name.key.storedKey, isOpen: !asked)
        }
    }

    /// Does what most edits do: puts a value in the place of the only one, which its author had seen.
    ///
    /// - Returns: `false`, with nothing done, for any other.
    private func replace(
        _ operation: CellOperation, _ place: Place, in row: inout RecordRow, _ table: RecordTable,
        _ source: Source, _ share: inout Share, _ db: Database
    ) throws -> Bool {
        guard case .put(let value) = operation.effect else { return false }
        if case .column(let column) = place.home, !table.columns[column].takes(value) {
            return false
        }
        let alone = try alone(place, row)
        if case .elsewhere = alone { return false }
        hasher.begin(record: row.id, type: row.type)
        if case .value(let present) = alone {
            var local = row.clock.base
            if case .dot(let dot) = row.clock[place.field] { local = dot }
            let dot = Dot(replica: try names.replica(local.replica, db), sequence: local.sequence)
            guard source.seen.contains(dot) else { return false }
            share.digest.remove(hasher.item(cell: operation.cell, dot: dot, value: present))
        }
        share.digest.add(hasher.item(cell: operation.cell, dot: source.dot, value: value))
        var coveredByBase = source.localDot == row.clock.base
        switch place.home {
        case .liveness: row.deleted = value == .boolean(true)
        case .column(let column):
            row[column] = value.stored
            coveredByBase = coveredByBase && value != .none
        case .cellTable: break
        }
        row.clock[place.field] = coveredByBase ? nil : .dot(source.localDot)
        return true
    }

    func time(of dot: Dot, _ collection: Int64, _ db: Database) throws -> Int64 {
        try statements.time(
            collection, LocalDot(replica: names.number(of: dot.replica, db), sequence: dot.sequence)
        )
    }

    // MARK: Where a cell lies

    private enum Home {
        case liveness
        case column(Int)
        case cellTable
    }

    private struct Place {
        var field: Int64
        var home: Home
    }

    private func place(of name: CellName, _ table: RecordTable, _ db: Database) throws -> Place {
        if name == .liveness { return Place(field: 0, home: .liveness) }
        if name.key == .none, let column = table.column(of: name.field) {
            return Place(field: table.columns[column].number, home: .column(column))
        }
        return Place(field: try names.number(ofField: name.field, db), home: .cellTable)
    }

    /// What a cell holds that lies in its row, by itself.
    private enum Alone {
        case nothing
        case value(Value)
        /// It has several siblings, one that does not suit its column, or no column.
        case elsewhere
    }

    private func alone(_ place: Place, _ row: RecordRow) throws -> Alone {
        let exception = row.clock[place.field]
        guard exception != .elsewhere else { return .elsewhere }
        switch place.home {
        case .liveness: return .value(.boolean(row.deleted))
        case .column(let column):
            let stored = row[column]
            if stored.isNull { return exception == nil ? .nothing : .value(.none) }
            let kind = table(of: row.type).columns[column].field.kind.storedKind
            return .value(try Value.read(stored, kind: kind))
        case .cellTable: return .elsewhere
        }
    }

    private func load(
        _ place: Place, _ name: CellName, _ row: RecordRow, _ db: Database
    ) throws -> Cell {
        switch place.home {
        case .liveness, .column:
            switch try alone(place, row) {
            case .nothing: return Cell()
            case .elsewhere:
                return try siblings(row.number, place.field, name.key.storedKey, db)
            case .value(let value):
                var dot = row.clock.base
                if case .dot(let exception) = row.clock[place.field] { dot = exception }
                return Cell([try sibling(dot, value, db)])
            }
        case .cellTable:
            guard
                let found = try statements.cell(row.number, place.field, name.key.storedKey)
            else { return Cell() }
            guard found.dot.replica > 0 else {
                return try siblings(row.number, place.field, name.key.storedKey, db)
            }
            return Cell([try sibling(found.dot, found.value, db)])
        }
    }

    private func sibling(_ dot: LocalDot, _ value: Value, _ db: Database) throws -> Sibling {
        Sibling(
            dot: Dot(replica: try names.replica(dot.replica, db), sequence: dot.sequence),
            value: value, at: 0)
    }

    func siblings(
        _ record: Int64, _ field: Int64, _ key: DatabaseValue, _ db: Database
    ) throws -> Cell {
        Cell(
            try statements.siblings(record, field, key)
                .map {
                    var sibling = try sibling($0.dot, $0.value, db)
                    sibling.at = $0.at
                    return sibling
                })
    }

    // MARK: Storing

    private func store(
        _ cell: Cell, replacing before: Cell, _ place: Place, _ name: CellName, _ policy: Policy,
        _ row: inout RecordRow, _ db: Database
    ) throws {
        let key = name.key.storedKey
        let shown = policy.shown(cell)
        switch place.home {
        case .liveness, .column:
            if row.clock[place.field] == .elsewhere {
                try statements.removeSiblings(row.number, place.field, key)
            }
            var fits = true
            if case .column(let column) = place.home {
                let value = shown?.value ?? .none
                fits =
                    value == .none || value.kind == table(of: row.type).columns[column].field.kind
                row[column] = fits ? value.stored : .null
            } else {
                row.deleted = shown?.value == .boolean(true)
            }
            if cell.siblings.isEmpty {
                row.clock[place.field] = nil
            } else if cell.siblings.count > 1 || !fits {
                row.clock[place.field] = .elsewhere
                try insertSiblings(cell, row.number, place.field, key, db)
            } else {
                let dot = try localDot(cell.siblings[0].dot, db)
                let coveredByBase =
                    dot == row.clock.base
                    && (cell.siblings[0].value != .none || name == .liveness)
                row.clock[place.field] = coveredByBase ? nil : .dot(dot)
            }
        case .cellTable:
            if before.siblings.count > 1 {
                try statements.removeSiblings(row.number, place.field, key)
            }
            guard let shown else {
                if !before.siblings.isEmpty {
                    try statements.removeCell(row.number, place.field, key)
                }
                return
            }
            let isAlone = cell.siblings.count == 1
            let dot =
                isAlone ? try localDot(shown.dot, db) : LocalDot(replica: 0, sequence: 0)
            try statements.setCell(row.number, place.field, key, dot, shown.value)
            if !isAlone { try insertSiblings(cell, row.number, place.field, key, db) }
        }
    }

    private func localDot(_ dot: Dot, _ db: Database) throws -> LocalDot {
        LocalDot(replica: try names.number(of: dot.replica, db), sequence: dot.sequence)
    }

    private func insertSiblings(
        _ cell: Cell, _ record: Int64, _ field: Int64, _ key: DatabaseValue, _ db: Database
    ) throws {
        for sibling in cell.siblings {
            try statements.insertSibling(
                record, field, key, try localDot(sibling.dot, db), sibling.at, sibling.value)
        }
    }

    // MARK: Erased records

    /// Whether a record of a collection was erased.
    func isErased(_ record: RecordKey, in collection: Int64) throws -> Bool {
        try table(of: record.type)
            .find(record.id, type: record.type, collection: collection, present: 0..<0)?
            .isErased == true
    }

    // MARK: Reading whole records

    /// Every cell of a record with every sibling; times are filled in where there are several.
    func state(of row: RecordRow, _ db: Database) throws -> [CellName: Cell] {
        let table = table(of: row.type)
        var cells: [CellName: Cell] = [:]
        if !row.isErased {
            cells[.liveness] = try load(Place(field: 0, home: .liveness), .liveness, row, db)
        }
        for (index, column) in table.columns.enumerated() where !row.isErased {
            let name = CellName(column.field.name)
            let cell = try load(
                Place(field: column.number, home: .column(index)), name, row, db)
            if !cell.siblings.isEmpty { cells[name] = cell }
        }
        for found in try statements.cells(row.number) {
            let name = CellName(
                try names.field(found.field, db), key: try Value(storedKey: found.key))
            cells[name] =
                found.dot.replica == 0
                ? try siblings(row.number, found.field, found.key, db)
                : Cell([try sibling(found.dot, found.value, db)])
        }
        return cells
    }

    /// What a cell holds: the first sibling's value, if there is one, and whether others differ from it.
    ///
    /// The columns that are asked for must be present in the row.
    func content(
        of name: CellName, of row: RecordRow, _ db: Database
    ) throws -> (first: Value?, isContested: Bool) {
        let place = try place(of: name, table(of: row.type), db)
        switch try alone(place, row) {
        case .value(let value): return (value, false)
        case .nothing: return (nil, false)
        case .elsewhere:
            let cell = try load(place, name, row, db)
            return (cell.siblings.first?.value, cell.isContested)
        }
    }

    /// The digest items of a whole record, for checking the kept sum.
    func items(of row: RecordRow, _ db: Database) throws -> [UInt128] {
        var items: [UInt128] = []
        for (name, cell) in try state(of: row, db) {
            for sibling in cell.siblings {
                items.append(
                    hasher.item(
                        record: row.id, type: row.type, cell: name, dot: sibling.dot,
                        value: sibling.value))
            }
        }
        return items
    }

    var allTables: [RecordTable] { schema.types.map { table(of: $0.name) } + [other] }
}

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
    private var hasher = StateDigest.Hasher()

    init(_ schema: Schema, _ names: Names, _ db: Database) throws {
        self.schema = schema
        self.names = names
        var tables: [String: RecordTable] = [:]
        for type in schema.types { tables[type.name] = try RecordTable(type, names, db) }
        self.tables = tables
        other = try RecordTable(nil, names, db)
        statements = try CellStatements(db)
    }

    func table(of type: String) -> RecordTable { tables[type] ?? other }

    /// To be called first in every transaction: another process may have written since the last one.
    func beginTransaction() {
        for table in tables.values { table.beginTransaction() }
        other.beginTransaction()
    }

    // MARK: Applying

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

    /// Applies an edit to the tables and the digest.
    ///
    /// Deterministic: equal sets of changes applied in any causal order leave equal cells.
    ///
    /// - Parameter isNew: whether the caller knows that there is no such record yet.
    func apply(
        _ edit: RecordEdit, _ source: Source, isNew: Bool, digest: inout StateDigest,
        _ db: Database
    ) throws {
        let table = table(of: edit.type)
        let found =
            isNew
            ? nil
            : try table.find(edit.record, type: edit.type, collection: source.collection)
        guard var row = found else {
            return try insert(edit, into: table, source, &digest, db)
        }
        var touchesSearch = false
        for operation in edit.operations {
            try apply(operation, to: &row, table, isNew: false, source, &digest, db)
            touchesSearch = touchesSearch || table.type?[operation.cell.field]?.isSearched == true
        }
        let wasDeleted = row.deleted
        try apply(edit.liveness, to: &row, table, isNew: false, source, &digest, db)
        try table.update(row)
        try statements.touch(row.number, source.localDot)
        if touchesSearch || wasDeleted != row.deleted {
            try index(row, table, isNew: false, db)
        }
    }

    /// Applies the first edit of a record: one row, whose clock is the edit's dot, and no look at cells that
    /// cannot be there.
    private func insert(
        _ edit: RecordEdit, into table: RecordTable, _ source: Source,
        _ digest: inout StateDigest, _ db: Database
    ) throws {
        var row = RecordRow(
            number: try table.nextNumber(), id: edit.record, type: edit.type,
            deleted: edit.deletes, clock: RowClock(base: source.localDot),
            values: Array(repeating: .null, count: table.columns.count))
        hasher.begin(record: edit.record, type: edit.type)
        var next = 0
        for operation in edit.operations {
            if case .put(let value) = operation.effect, case .none = operation.cell.key,
                let column = table.column(of: operation.cell.field, near: next),
                value.kind == table.columns[column].field.kind
            {
                row.values[column] = value.stored
                digest.add(hasher.item(cell: operation.cell, dot: source.dot, value: value))
                next = column + 1
            } else {
                try apply(operation, to: &row, table, isNew: true, source, &digest, db)
            }
        }
        digest.add(
            hasher.item(cell: .liveness, dot: source.dot, value: .boolean(edit.deletes)))
        try table.insert(row, collection: source.collection)
        try index(row, table, isNew: true, db)
    }

    private func apply(
        _ operation: CellOperation, to row: inout RecordRow, _ table: RecordTable, isNew: Bool,
        _ source: Source, _ digest: inout StateDigest, _ db: Database
    ) throws {
        let name = operation.cell
        let place = try place(of: name, table, db)
        let before = isNew ? Cell() : try load(place, name, row, db)
        var after = before
        let replaced = after.apply(
            operation.effect, dot: source.dot, at: source.at, seen: source.seen)
        hasher.begin(record: row.id, type: row.type)
        for sibling in replaced {
            digest.remove(hasher.item(cell: name, dot: sibling.dot, value: sibling.value))
        }
        if case .put(let value) = operation.effect {
            digest.add(hasher.item(cell: name, dot: source.dot, value: value))
        }
        if after.siblings.count > 1, before.siblings.count == 1 {
            // Alone, a sibling's time is not kept beside it; in company it decides what is shown.
            var siblings = after.siblings
            for index in siblings.indices where siblings[index].dot != source.dot {
                siblings[index].at = try time(of: siblings[index].dot, source.collection, db)
            }
            after = Cell(siblings)
        }
        let policy = table.type?.policy(of: name) ?? (name == .liveness ? .liveness : .register)
        try store(after, replacing: before, place, name, policy, &row, db)
        let asked = policy.asks(before)
        if asked != policy.asks(after) {
            try statements.setConflict(row.number, place.field, name.key.storedKey, !asked)
        }
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

    private func load(
        _ place: Place, _ name: CellName, _ row: RecordRow, _ db: Database
    ) throws -> Cell {
        switch place.home {
        case .liveness:
            return try load(row.clock[0], .boolean(row.deleted), place, name, row, db)
        case .column(let column):
            let exception = row.clock[place.field]
            let stored = row.values[column]
            if stored.isNull, exception == nil { return Cell() }
            let kind = table(of: row.type).columns[column].field.kind.storedKind
            let value: Value =
                exception == .elsewhere || stored.isNull
                ? .none : try Value.read(stored, kind: kind)
            return try load(exception, value, place, name, row, db)
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

    private func load(
        _ exception: RowClock.Place?, _ value: Value, _ place: Place, _ name: CellName,
        _ row: RecordRow, _ db: Database
    ) throws -> Cell {
        switch exception {
        case nil: Cell([try sibling(row.clock.base, value, db)])
        case .dot(let dot): Cell([try sibling(dot, value, db)])
        case .elsewhere: try siblings(row.number, place.field, name.key.storedKey, db)
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
                row.values[column] = fits ? value.stored : .null
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

    // MARK: Search

    /// Brings the search index in step with the row's shown values.
    func index(
        _ row: RecordRow, _ table: RecordTable, isNew: Bool, _ db: Database
    ) throws {
        guard let type = table.type, type.fields.contains(where: \.isSearched) else { return }
        if !isNew { try statements.removeSearch(row.number) }
        guard !row.deleted else { return }
        var words: [String] = []
        for field in type.fields where field.isSearched {
            if let column = table.column(of: field.name) {
                if case .string(let text) = row.values[column].storage { words.append(text) }
            } else {
                let number = try names.number(ofField: field.name, db)
                for (key, value) in try statements.cells(row.number, number) {
                    if field.shape == .set {
                        if value == .boolean(true), case .string(let text) = key.storage {
                            words.append(text)
                        }
                    } else if case .text(let text) = value {
                        words.append(text)
                    }
                }
            }
        }
        if !words.isEmpty {
            try statements.insertSearch(
                row.number, SearchText.indexed(words.joined(separator: "\n")))
        }
    }

    // MARK: Reading whole records

    /// Every cell of a record with every sibling; times are filled in where there are several.
    func state(of row: RecordRow, _ db: Database) throws -> [CellName: Cell] {
        let table = table(of: row.type)
        var cells: [CellName: Cell] = [:]
        cells[.liveness] = try load(Place(field: 0, home: .liveness), .liveness, row, db)
        for (index, column) in table.columns.enumerated() {
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

    /// The cell of a record that may not exist yet.
    func cell(_ name: CellName, of row: RecordRow, _ db: Database) throws -> Cell {
        try load(place(of: name, table(of: row.type), db), name, row, db)
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

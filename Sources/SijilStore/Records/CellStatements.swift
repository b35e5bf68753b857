import Foundation
import GRDB
import SijilCore

/// The prepared statements for cells outside the record rows.
final class CellStatements {
    struct Found {
        var field: Int64
        var key: DatabaseValue
        var dot: LocalDot
        var at: Int64
        var value: Value
    }

    private let selectCell: Statement
    private let selectCells: Statement
    private let selectFieldCells: Statement
    private let upsertCell: Statement
    private let deleteCell: Statement
    private let selectSiblings: Statement
    private let insertSiblingRow: Statement
    private let deleteSiblings: Statement
    private let insertConflict: Statement
    private let deleteConflict: Statement
    private let insertTouch: Statement
    private let selectTime: Statement
    private let selectTouches: Statement
    /// Of each table that has rows for a record.
    private let deleteAll: [Statement]

    init(_ db: Database) throws {
        selectCell = try db.makeStatement(
            sql: """
                SELECT field, key, replica, sequence, 0, kind, value FROM cell
                WHERE record = ? AND field = ? AND key = ?
                """)
        selectCells = try db.makeStatement(
            sql: """
                SELECT field, key, replica, sequence, 0, kind, value FROM cell WHERE record = ?
                """)
        selectFieldCells = try db.makeStatement(
            sql: """
                SELECT field, key, replica, sequence, 0, kind, value FROM cell
                WHERE record = ? AND field = ?
                """)
        upsertCell = try db.makeStatement(
            sql: """
                INSERT OR REPLACE INTO cell (record, field, key, replica, sequence, kind, value)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """)
        deleteCell = try db.makeStatement(
            sql: "DELETE FROM cell WHERE record = ? AND field = ? AND key = ?")
        selectSiblings = try db.makeStatement(
            sql: """
                SELECT field, key, replica, sequence, at, kind, value FROM sibling
                WHERE record = ? AND field = ? AND key = ?
                """)
        insertSiblingRow = try db.makeStatement(
            sql: "INSERT INTO sibling VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
        deleteSiblings = try db.makeStatement(
            sql: "DELETE FROM sibling WHERE record = ? AND field = ? AND key = ?")
        insertConflict = try db.makeStatement(
            sql: "INSERT OR IGNORE INTO conflict VALUES (?, ?, ?)")
        deleteConflict = try db.makeStatement(
            sql: "DELETE FROM conflict WHERE record = ? AND field = ? AND key = ?")
        insertTouch = try db.makeStatement(sql: "INSERT OR IGNORE INTO touch VALUES (?, ?, ?)")
        selectTouches = try db.makeStatement(
            sql: "SELECT replica, sequence FROM touch WHERE record = ?")
        deleteAll = try ["cell", "sibling", "conflict", "touch"]
            .map { try db.makeStatement(sql: "DELETE FROM \($0) WHERE record = ?") }
        selectTime = try db.makeStatement(
            sql: """
                SELECT at FROM journal WHERE collection = ?1 AND replica = ?2 AND sequence = ?3
                UNION ALL
                SELECT at FROM dot WHERE collection = ?1 AND replica = ?2 AND sequence = ?3
                LIMIT 1
                """)
    }

    private func found(_ row: Statement) throws -> Found {
        Found(
            field: row.integer(0), key: row.value(1),
            dot: LocalDot(replica: row.integer(2), sequence: UInt64(clamping: row.integer(3))),
            at: row.integer(4), value: try Value.read(row.value(6), kind: row.integer(5)))
    }

    func cell(_ record: Int64, _ field: Int64, _ key: DatabaseValue) throws -> Found? {
        bind(selectCell, record, field, key)
        return try selectCell.first(read: found)
    }

    func cells(_ record: Int64) throws -> [Found] {
        selectCells.bind(record, at: 1)
        return try selectCells.all(read: found)
    }

    func cells(_ record: Int64, _ field: Int64) throws -> [(key: DatabaseValue, value: Value)] {
        selectFieldCells.bind(record, at: 1)
        selectFieldCells.bind(field, at: 2)
        return try selectFieldCells.all { row in
            let found = try found(row)
            return (found.key, found.value)
        }
    }

    func setCell(
        _ record: Int64, _ field: Int64, _ key: DatabaseValue, _ dot: LocalDot, _ value: Value
    ) throws {
        bind(upsertCell, record, field, key)
        upsertCell.bind(dot.replica, at: 4)
        upsertCell.bind(Int64(dot.sequence), at: 5)
        upsertCell.bind(value.storedKind, at: 6)
        upsertCell.bind(value.stored, at: 7)
        try upsertCell.run()
    }

    func removeCell(_ record: Int64, _ field: Int64, _ key: DatabaseValue) throws {
        bind(deleteCell, record, field, key)
        try deleteCell.run()
    }

    func siblings(_ record: Int64, _ field: Int64, _ key: DatabaseValue) throws -> [Found] {
        bind(selectSiblings, record, field, key)
        return try selectSiblings.all(read: found)
    }

    func insertSibling(
        _ record: Int64, _ field: Int64, _ key: DatabaseValue, _ dot: LocalDot, _ at: Int64,
        _ value: Value
    ) throws {
        bind(insertSiblingRow, record, field, key)
        insertSiblingRow.bind(dot.replica, at: 4)
        insertSiblingRow.bind(Int64(dot.sequence), at: 5)
        insertSiblingRow.bind(at, at: 6)
        insertSiblingRow.bind(value.storedKind, at: 7)
        insertSiblingRow.bind(value.stored, at: 8)
        try insertSiblingRow.run()
    }

    func removeSiblings(_ record: Int64, _ field: Int64, _ key: DatabaseValue) throws {
        bind(deleteSiblings, record, field, key)
        try deleteSiblings.run()
    }

    func setConflict(
        _ record: Int64, _ field: Int64, _ key: DatabaseValue, isOpen: Bool
    ) throws {
        let statement = isOpen ? insertConflict : deleteConflict
        bind(statement, record, field, key)
        try statement.run()
    }

    func touch(_ record: Int64, _ dot: LocalDot) throws {
        insertTouch.bind(record, at: 1)
        insertTouch.bind(dot.replica, at: 2)
        insertTouch.bind(Int64(dot.sequence), at: 3)
        try insertTouch.run()
    }

    /// The changes that touched a record after the one that made it.
    func touches(_ record: Int64) throws -> [LocalDot] {
        selectTouches.bind(record, at: 1)
        return try selectTouches.all { row in
            LocalDot(replica: row.integer(0), sequence: UInt64(clamping: row.integer(1)))
        }
    }

    /// Takes out all that lies beside a record's row.
    func removeAll(of record: Int64) throws {
        for statement in deleteAll {
            statement.bind(record, at: 1)
            try statement.run()
        }
    }

    /// The corrected time of an applied change, milliseconds; of one that a snapshot covers as long as a
    /// sibling of it was there.
    func time(_ collection: Int64, _ dot: LocalDot) throws -> Int64 {
        selectTime.bind(collection, at: 1)
        selectTime.bind(dot.replica, at: 2)
        selectTime.bind(Int64(clamping: dot.sequence), at: 3)
        return try selectTime.first { $0.integer(0) } ?? 0
    }

    /// Binds what names a cell.
    private func bind(
        _ statement: Statement, _ record: Int64, _ field: Int64, _ key: DatabaseValue
    ) {
        statement.bind(record, at: 1)
        statement.bind(field, at: 2)
        statement.bind(key, at: 3)
    }
}

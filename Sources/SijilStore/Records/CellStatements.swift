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
    private let insertSearchRow: Statement
    private let deleteSearch: Statement
    private let selectTime: Statement

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
        insertSearchRow = try db.makeStatement(
            sql: "INSERT INTO search (rowid, text) VALUES (?, ?)")
        deleteSearch = try db.makeStatement(sql: "DELETE FROM search WHERE rowid = ?")
        selectTime = try db.makeStatement(
            sql: """
                SELECT at FROM journal WHERE collection = ?1 AND replica = ?2 AND sequence = ?3
                UNION ALL
                SELECT at FROM dot WHERE collection = ?1 AND replica = ?2 AND sequence = ?3
                LIMIT 1
                """)
    }

    private func found(_ row: Row) throws -> Found {
        Found(
            field: row[0], key: row[1],
            dot: LocalDot(replica: row[2], sequence: UInt64(clamping: row[3] as Int64)), at: row[4],
            value: try Value.read(row[6], kind: row[5]))
    }

    func cell(_ record: Int64, _ field: Int64, _ key: DatabaseValue) throws -> Found? {
        try Row.fetchOne(selectCell, arguments: [record, field, key]).map(found)
    }

    func cells(_ record: Int64) throws -> [Found] {
        try Row.fetchAll(selectCells, arguments: [record]).map(found)
    }

    func cells(_ record: Int64, _ field: Int64) throws -> [(key: DatabaseValue, value: Value)] {
        try Row.fetchAll(selectFieldCells, arguments: [record, field])
            .map {
                let found = try found($0)
                return (found.key, found.value)
            }
    }

    func setCell(
        _ record: Int64, _ field: Int64, _ key: DatabaseValue, _ dot: LocalDot, _ value: Value
    ) throws {
        try upsertCell.run([
            record.databaseValue, field.databaseValue, key, dot.replica.databaseValue,
            Int64(dot.sequence).databaseValue, value.storedKind.databaseValue, value.stored,
        ])
    }

    func removeCell(_ record: Int64, _ field: Int64, _ key: DatabaseValue) throws {
        try deleteCell.execute(arguments: [record, field, key])
    }

    func siblings(_ record: Int64, _ field: Int64, _ key: DatabaseValue) throws -> [Found] {
        try Row.fetchAll(selectSiblings, arguments: [record, field, key]).map(found)
    }

    func insertSibling(
        _ record: Int64, _ field: Int64, _ key: DatabaseValue, _ dot: LocalDot, _ at: Int64,
        _ value: Value
    ) throws {
        try insertSiblingRow.execute(arguments: [
            record, field, key, dot.replica, Int64(dot.sequence), at, value.storedKind,
            value.stored,
        ])
    }

    func removeSiblings(_ record: Int64, _ field: Int64, _ key: DatabaseValue) throws {
        try deleteSiblings.execute(arguments: [record, field, key])
    }

    func setConflict(
        _ record: Int64, _ field: Int64, _ key: DatabaseValue, _ isOpen: Bool
    ) throws {
        try (isOpen ? insertConflict : deleteConflict).execute(arguments: [record, field, key])
    }

    func touch(_ record: Int64, _ dot: LocalDot) throws {
        try insertTouch.execute(arguments: [record, dot.replica, Int64(dot.sequence)])
    }

    func insertSearch(_ record: Int64, _ text: String) throws {
        try insertSearchRow.run([record.databaseValue, text.databaseValue])
    }

    func removeSearch(_ record: Int64) throws {
        try deleteSearch.execute(arguments: [record])
    }

    /// The corrected time of an applied change, milliseconds; of one that a snapshot covers as long as a
    /// sibling of it was there.
    func time(_ collection: Int64, _ dot: LocalDot) throws -> Int64 {
        try Int64.fetchOne(
            selectTime, arguments: [collection, dot.replica, Int64(clamping: dot.sequence)]) ?? 0
    }
}

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
    }

    /// `nil` for the table of unknown types.
    let type: RecordType?
    let columns: [Column]
    private let typeNumber: Int64
    private let columnIndex: [String: Int]
    private let select: Statement
    private let insert: Statement
    private let update: Statement
    private let lastNumber: Statement
    /// The highest number, once it is known in the present transaction.
    private var last: Int64?

    init(_ type: RecordType?, _ names: Names, _ db: Database) throws {
        self.type = type
        let name = "data_\(type?.name ?? "other")"
        var columns: [Column] = []
        for field in type?.fields ?? [] where field.shape == .single {
            columns.append(
                Column(field: field, number: try names.number(ofField: field.name, db)))
        }
        self.columns = columns
        columnIndex = Dictionary(
            uniqueKeysWithValues: columns.enumerated().map { ($1.field.name, $0) })
        typeNumber = try type.map { try Names.number(ofType: $0.name, db) } ?? 0
        let list = columns.map { ", \"\($0.field.name)\"" }.joined()
        let extra = type == nil ? ", type" : ""
        select = try db.makeStatement(
            sql: """
                SELECT n, deleted, clock\(list) FROM \(name)
                WHERE id = ? AND collection = ?\(type == nil ? " AND type = ?" : "")
                """)
        let count = 5 + columns.count + (type == nil ? 1 : 0)
        insert = try db.makeStatement(
            sql: """
                INSERT INTO \(name) (n, collection, id, deleted, clock\(list)\(extra))
                VALUES (\(Array(repeating: "?", count: count).joined(separator: ", ")))
                """)
        let assignments = columns.map { ", \"\($0.field.name)\" = ?" }.joined()
        update = try db.makeStatement(
            sql: "UPDATE \(name) SET deleted = ?, clock = ?\(assignments) WHERE n = ?")
        lastNumber = try db.makeStatement(sql: "SELECT max(n) FROM \(name)")
    }

    /// The place of a single field's column.
    func column(of field: String) -> Int? { columnIndex[field] }

    /// The same, looking first where it would be if fields came in the order of the columns.
    func column(of field: String, near hint: Int) -> Int? {
        if hint < columns.count, columns[hint].field.name == field { return hint }
        return columnIndex[field]
    }

    /// The record's row, if there is one.
    func find(_ id: RecordID, type: String, collection: Int64) throws -> RecordRow? {
        var arguments = [id.stored, collection.databaseValue]
        if self.type == nil { arguments.append(type.databaseValue) }
        guard let row = try Row.fetchOne(select, arguments: StatementArguments(arguments)) else {
            return nil
        }
        let clock = try RowClock(Array(row[2] as Data))
        var values: [DatabaseValue] = []
        values.reserveCapacity(columns.count)
        for index in columns.indices { values.append(row[3 + index]) }
        return RecordRow(
            number: row[0], id: id, type: type, deleted: row[1], clock: clock, values: values)
    }

    func nextNumber() throws -> Int64 {
        let last = try last ?? Int64.fetchOne(lastNumber) ?? 0
        let next = (last >> 8 + 1) << 8 | typeNumber
        self.last = next
        return next
    }

    func beginTransaction() { last = nil }

    func insert(_ row: RecordRow, collection: Int64) throws {
        var arguments: [DatabaseValue] = []
        arguments.reserveCapacity(6 + row.values.count)
        arguments.append(row.number.databaseValue)
        arguments.append(collection.databaseValue)
        arguments.append(row.id.stored)
        arguments.append(row.deleted.databaseValue)
        arguments.append(Data(row.clock.bytes).databaseValue)
        arguments += row.values
        if type == nil { arguments.append(row.type.databaseValue) }
        try insert.run(arguments)
    }

    func update(_ row: RecordRow) throws {
        var arguments: [DatabaseValue] = [
            row.deleted.databaseValue, Data(row.clock.bytes).databaseValue,
        ]
        arguments += row.values
        arguments.append(row.number.databaseValue)
        try update.run(arguments)
    }
}

/// One row of a ``RecordTable``, while a change is applied to it.
struct RecordRow {
    var number: Int64
    var id: RecordID
    var type: String
    var deleted: Bool
    var clock: RowClock
    /// One per column of the table.
    var values: [DatabaseValue]
}

import Foundation
import GRDB
import SijilCore

/// The baseline: the same rows in a plain SQLite table with the same pragmas, through the same library, and
/// nothing else: no log, no signature, no clock, no digest.
final class RawTable {
    private let database: DatabaseQueue
    private let fields: [String]
    private let searched: Int

    /// - Parameter searched: how many of the fields an FTS5 table indexes too.
    init(path: String, fields: [String], searched: Int = 0) throws {
        self.searched = searched
        var configuration = Configuration()
        configuration.prepareDatabase { db in
            try db.execute(
                sql: """
                    PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
                    PRAGMA secure_delete = ON; PRAGMA cache_size = -16000
                    """)
        }
        database = try DatabaseQueue(path: path, configuration: configuration)
        self.fields = fields
        try database.write { db in
            let columns = fields.map { "\"\($0)\" TEXT" }.joined(separator: ", ")
            try db.execute(
                sql: """
                    CREATE TABLE record (n INTEGER PRIMARY KEY, id BLOB NOT NULL, \(columns));
                    CREATE UNIQUE INDEX record_id ON record (id);
                    CREATE VIRTUAL TABLE search USING fts5 (
                        text, detail = none, columnsize = 0,
                        tokenize = "unicode61 remove_diacritics 2 categories 'L* N* Co Mn Mc'")
                    """)
        }
    }

    /// Inserts rows, so many a transaction.
    func insert(_ rows: [(id: RecordID, values: [String])], perTransaction: Int) throws {
        let marks = Array(repeating: "?", count: fields.count + 1).joined(separator: ", ")
        let columns = fields.map { "\"\($0)\"" }.joined(separator: ", ")
        for start in stride(from: 0, to: rows.count, by: perTransaction) {
            try database.write { db in
                let insert = try db.cachedStatement(
                    sql: "INSERT INTO record (id, \(columns)) VALUES (\(marks))")
                for row in rows[start..<min(start + perTransaction, rows.count)] {
                    var arguments = [Data(row.id.bytes).databaseValue]
                    for value in row.values { arguments.append(value.databaseValue) }
                    try insert.execute(arguments: StatementArguments(arguments))
                    guard searched > 0 else { continue }
                    let text = row.values.prefix(searched).joined(separator: "\n")
                    try db.cachedStatement(sql: "INSERT INTO search (rowid, text) VALUES (?, ?)")
                        .execute(arguments: [db.lastInsertedRowID, text])
                }
            }
        }
    }

    /// Sets one field of each record, one transaction each.
    func update(_ ids: [RecordID], field: String, to value: String) throws {
        for id in ids {
            try database.write { db in
                try db.cachedStatement(sql: "UPDATE record SET \"\(field)\" = ? WHERE id = ?")
                    .execute(arguments: [value, Data(id.bytes)])
            }
        }
    }
}

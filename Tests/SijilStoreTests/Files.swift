import Foundation
import GRDB
import SijilCore
import Testing

@testable import SijilStore

/// A folder that is gone when the test ends.
final class Folder {
    let path: String

    init() throws {
        let url = FileManager.default.temporaryDirectory
            .appendingPathComponent("sijil-store-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String = "replica.sqlite") -> String { path + "/" + name }
}

extension Replica {
    /// Runs SQL as somebody with a SQLite tool would.
    func sql(_ sql: String, _ arguments: StatementArguments = []) throws {
        try database.write { try $0.execute(sql: sql, arguments: arguments) }
        forgetTables()
    }

    func number(sql: String, _ arguments: StatementArguments = []) throws -> Int {
        try database.read { try Int.fetchOne($0, sql: sql, arguments: arguments) ?? 0 }
    }

    func rows(sql: String) throws -> [Row] { try database.read { try Row.fetchAll($0, sql: sql) } }

    /// Every row of every table as text: the whole file.
    func wholeFile() throws -> String {
        try database.read { db in
            let tables = try String.fetchAll(
                db, sql: "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
            var lines: [String] = []
            for table in tables {
                let rows = try Row.fetchAll(db, sql: "SELECT * FROM \"\(table)\"")
                lines += rows.map { row in
                    let values = row.databaseValues.map { value in
                        switch value.storage {
                        case .blob(let data): "x" + hex(data)
                        default: "\(value.storage)"
                        }
                    }
                    return table + ": " + values.joined(separator: ", ")
                }
            }
            return lines.joined(separator: "\n")
        }
    }
}

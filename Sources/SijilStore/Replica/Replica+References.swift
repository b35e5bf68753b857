import Foundation
import GRDB
public import SijilCore

/// That a record names another.
public struct RecordReference: Hashable, Sendable {
    public var record: RecordID
    public var type: String
    public var field: String
    public var target: RecordID
}

extension Replica {
    /// Where records of a collection name one of some records, in whatever cell and in any of its siblings;
    /// deleted records included.
    ///
    /// One pass over each table; records are not read.
    ///
    /// - Returns: ascending by record, then type and field; none twice.
    public func references(
        to targets: Set<RecordID>, in collection: CollectionID
    ) throws -> [RecordReference] {
        guard !targets.isEmpty else { return [] }
        return try read { db in
            guard
                let number = try Int64.fetchOne(
                    db, sql: "SELECT n FROM collection WHERE id = ?",
                    arguments: [collection.stored])
            else { return [] }
            var found: Set<RecordReference> = []
            let wanted = targets.sorted()
            for start in stride(from: 0, to: wanted.count, by: Self.targetsAtOnce) {
                let some = wanted[start..<min(start + Self.targetsAtOnce, wanted.count)]
                try addColumns(to: &found, some, number, db)
                try addCells(to: &found, some, number, db)
            }
            return found.sorted {
                ($0.record, $0.type, $0.field, $0.target)
                    < ($1.record, $1.type, $1.field, $1.target)
            }
        }
    }

    private static let targetsAtOnce = 200

    private func addColumns(
        to found: inout Set<RecordReference>, _ targets: ArraySlice<RecordID>,
        _ collection: Int64, _ db: Database
    ) throws {
        let places = Array(repeating: "?", count: targets.count).joined(separator: ", ")
        for type in schema.types {
            for field in type.fields where field.shape == .single && field.kind == .reference {
                let rows = try Row.fetchCursor(
                    db,
                    sql: """
                        SELECT id, "\(field.name)" FROM data_\(type.name)
                        WHERE collection = ? AND "\(field.name)" IN (\(places))
                        """,
                    arguments: StatementArguments(
                        [collection.databaseValue] + targets.map(\.stored)))
                while let row = try rows.next() {
                    found.insert(
                        RecordReference(
                            record: try Identifier(stored: row[0]), type: type.name,
                            field: field.name, target: try Identifier(stored: row[1])))
                }
            }
        }
    }

    /// Cells beside the rows: keyed references, members of sets, siblings.
    private func addCells(
        to found: inout Set<RecordReference>, _ targets: ArraySlice<RecordID>,
        _ collection: Int64, _ db: Database
    ) throws {
        let places = Array(repeating: "?", count: targets.count).joined(separator: ", ")
        let keys = Dictionary(
            uniqueKeysWithValues: targets.map { (Value.reference($0).storedKey, $0) })
        for table in ["cell", "sibling"] {
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT DISTINCT record, field, key, iif(kind = 7, value, NULL) FROM \(table)
                    WHERE kind = 7 AND value IN (\(places)) OR key IN (\(places))
                    """,
                arguments: StatementArguments(targets.map(\.stored) + Array(keys.keys)))
            for row in rows {
                guard let (record, place) = try self.row(number: row[0], db),
                    place == collection
                else { continue }
                let field = try names.field(row[1], db)
                let value = row[3] as DatabaseValue
                let ids = [
                    keys[row[2]], value.isNull ? nil : try? Identifier(stored: value),
                ]
                for target in ids.compactMap(\.self) where targets.contains(target) {
                    found.insert(
                        RecordReference(
                            record: record.id, type: record.type, field: field, target: target))
                }
            }
        }
    }
}

import Foundation
import GRDB
public import SijilCore

/// What a record shows, without what is in conflict and who wrote it.
public struct ShownRecord: Sendable {
    public var id: RecordID
    public var collection: CollectionID
    private var singles: [String: Value] = [:]
    private var cells: [String: [(key: Value, value: Value)]] = [:]

    /// The value of a single field; `.none` when it is empty.
    public subscript(field: String) -> Value { singles[field] ?? .none }

    /// The values of a keyed field, by key, in the order of the keys' bytes.
    public func keyed(_ field: String) -> [(key: Value, value: Value)] { cells[field] ?? [] }

    /// The members of a set, in the order of their bytes.
    public func members(_ field: String) -> [Value] {
        keyed(field).filter { $0.value == .boolean(true) }.map(\.key)
    }

    fileprivate init(id: RecordID, collection: CollectionID) {
        self.id = id
        self.collection = collection
    }

    fileprivate init(_ view: RecordView, _ fields: [String]) {
        self.init(id: view.id, collection: view.collection)
        for field in fields {
            set(field, view[field])
            cells[field] = view.keyed(field)
        }
    }

    fileprivate mutating func set(_ field: String, _ value: Value) {
        if value != .none { singles[field] = value }
    }

    fileprivate mutating func set(_ field: String, _ key: Value, _ value: Value) {
        guard value != .none else { return }
        guard key != .none else {
            singles[field] = value
            return
        }
        cells[field, default: []].append((key, value))
    }

    fileprivate mutating func sort() {
        for field in cells.keys { cells[field]?.sort { $0.key.precedes($1.key) } }
    }
}

extension Replica {
    /// What the living records of a type, or the deleted ones, show in some fields: one pass over the type's table and one over
    /// its keyed cells, where ``forEachRecord(_:_:)`` looks up every record with all its siblings.
    ///
    /// - Parameters:
    ///   - type: one of the schema's.
    ///   - fields: those of them that the type has.
    ///   - collection: `nil` for all.
    ///   - areDeleted: whether the deleted ones are asked for.
    /// - Returns: in the order of collections and identifiers, equal on equal replicas.
    public func shownRecords(
        of type: String, _ fields: [String], in collection: CollectionID? = nil,
        areDeleted: Bool = false
    ) throws -> [ShownRecord] {
        guard let known = schema[type] else { return [] }
        let life = areDeleted ? 1 : 0
        let singles = fields.compactMap { known[$0] }.filter { $0.shape == .single }
        let wanted = Set(fields)
        return try read { db in
            var collections: [Int64: CollectionID] = [:]
            for row in try Row.fetchAll(
                db.cachedStatement(sql: "SELECT n, id FROM collection"))
            {
                collections[row[0]] = try Identifier(stored: row[1])
            }
            var records: [ShownRecord] = []
            var places: [Int64: Int] = [:]
            let columns = singles.map { ", d.\"\($0.name)\"" }.joined()
            let rows = try Row.fetchCursor(
                db.cachedStatement(
                    sql: """
                        SELECT d.n, d.collection, d.id\(columns) FROM data_\(known.name) d
                        JOIN collection c ON c.n = d.collection
                        WHERE d.deleted = \(life) AND (?1 IS NULL OR c.id = ?1) ORDER BY c.id, d.id
                        """), arguments: [collection?.stored ?? .null])
            while let row = try rows.next() {
                guard let collection = collections[row[1]] else { continue }
                var record = ShownRecord(
                    id: try Identifier(stored: row[2]), collection: collection)
                for (index, field) in singles.enumerated() {
                    let stored: DatabaseValue = row[3 + index]
                    guard !stored.isNull else { continue }
                    record.set(field.name, try Value.read(stored, kind: field.kind.storedKind))
                }
                places[row[0]] = records.count
                records.append(record)
            }
            let cells = try Row.fetchCursor(
                db.cachedStatement(
                    sql: """
                        SELECT l.record, l.field, l.key, l.kind, l.value
                        FROM data_\(known.name) d JOIN cell l ON l.record = d.n
                        WHERE d.deleted = \(life)
                        """))
            while let row = try cells.next() {
                guard let place = places[row[0]] else { continue }
                let field = try names.field(row[1], db)
                guard wanted.contains(field) else { continue }
                let value = try Value.read(row[4], kind: row[3])
                records[place].set(field, try Value(storedKey: row[2]), value)
            }
            for index in records.indices { records[index].sort() }
            // What is contested, and values of a kind that the column cannot hold, stand elsewhere.
            let others = try Int64.fetchAll(
                db.cachedStatement(
                    sql: """
                        SELECT DISTINCT s.record FROM sibling s JOIN data_\(known.name) d
                        ON d.n = s.record WHERE d.deleted = \(life)
                        """))
            for number in others {
                guard let place = places[number], let view = try record(number: number, db) else {
                    continue
                }
                records[place] = ShownRecord(view, fields)
            }
            return records
        }
    }
}

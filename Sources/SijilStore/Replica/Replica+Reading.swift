import Foundation
import GRDB
public import SijilCore

/// A record as it is shown, with what is in conflict.
public struct RecordView: Sendable {
    public var id: RecordID
    public var type: String
    public var collection: CollectionID
    public var collectionName: String
    public var isDeleted: Bool
    public var cells: [CellName: Cell]
    private let recordType: RecordType?

    init(
        row: RecordRow, collection: CollectionID, collectionName: String,
        cells: [CellName: Cell], recordType: RecordType?
    ) {
        id = row.id
        type = row.type
        self.collection = collection
        self.collectionName = collectionName
        isDeleted = row.deleted
        self.cells = cells
        self.recordType = recordType
    }

    /// Whether it was erased: then it holds nothing but the cell that says so.
    public var isErased: Bool { cells[.erasure] != nil }

    /// What a cell shows; `.none` for one that is cleared or was never written.
    public func shown(_ cell: CellName) -> Value {
        guard let siblings = cells[cell] else { return .none }
        return policy(of: cell).shown(siblings)?.value ?? .none
    }

    public func policy(of cell: CellName) -> Policy {
        recordType?.policy(of: cell) ?? (cell == .liveness ? .liveness : .register)
    }

    /// The shown value of a single field.
    public subscript(field: String) -> Value { shown(CellName(field)) }

    /// The shown values of a keyed field, by key, in the order of the keys' bytes.
    public func keyed(_ field: String) -> [(key: Value, value: Value)] {
        cells.keys.filter { $0.field.hasSameBytes(as: field) && $0.key != .none }
            .sorted { $0.key.precedes($1.key) }
            .map { ($0.key, shown($0)) }
            .filter { $0.1 != .none }
    }

    /// The present members of a set, in the order of their bytes.
    public func members(_ field: String) -> [Value] {
        keyed(field).filter { $0.value == .boolean(true) }.map(\.key)
    }

    /// The fields that hold something, in the order of their names.
    public var fields: [String] {
        // Compared as bytes: to Swift, two spellings of one accent are one name, and a field would go missing.
        let names = cells.keys.filter { !$0.field.isEmpty && shown($0) != .none }.map(\.field)
            .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        var fields: [String] = []
        for name in names where fields.last?.hasSameBytes(as: name) != true { fields.append(name) }
        return fields
    }

    /// The shape of a field: the schema's, or for one that it lacks what its cells look like.
    public func shape(of field: String) -> Field.Shape {
        if let shape = recordType?[field]?.shape { return shape }
        let keys = cells.filter { $0.key.field.hasSameBytes(as: field) && $0.key.key != .none }
        if keys.isEmpty { return .single }
        return keys.allSatisfy { shown($0.key) == .boolean(true) } ? .set : .keyed
    }

    /// The cells that wait for a person, in a fixed order.
    public var conflicts: [CellName] {
        cells.filter { policy(of: $0.key).asks($0.value) }.map(\.key)
            .sorted { left, right in
                left.field.utf8.elementsEqual(right.field.utf8)
                    ? left.key.precedes(right.key)
                    : left.field.utf8.lexicographicallyPrecedes(right.field.utf8)
            }
    }
}

extension Value {
    /// The order of keys in everything that is canonical: by the bytes of their kind and content.
    public func precedes(_ other: Value) -> Bool {
        switch (self, other) {
        case (.text(let left), .text(let right)): left.utf8.lexicographicallyPrecedes(right.utf8)
        default: bytes.lexicographicallyPrecedes(other.bytes)
        }
    }
}

/// What to list.
public struct RecordQuery: Sendable {
    public var type: String?
    public var collection: CollectionID?
    /// Cells that must show these values; a member of a set is asked for with `.boolean(true)`.
    public var conditions: [(cell: CellName, value: Value)]
    public var includesDeleted: Bool
    public var limit: Int?

    public init(
        type: String? = nil, collection: CollectionID? = nil,
        conditions: [(cell: CellName, value: Value)] = [], includesDeleted: Bool = false,
        limit: Int? = nil
    ) {
        self.type = type
        self.collection = collection
        self.conditions = conditions
        self.includesDeleted = includesDeleted
        self.limit = limit
    }
}

extension Replica {
    /// The record with this identifier, deleted or not.
    ///
    /// - Throws: `notFound` when no collection of this replica has it.
    public func record(_ id: RecordID) throws -> RecordView {
        try read { db in
            guard let found = try locate(id, db) else {
                throw SijilError(
                    .notFound, "There is no record with that id here.",
                    hint: "It may be in a collection that this replica does not hold.")
            }
            return try view(found.row, collection: found.collection, db)
        }
    }

    /// Whether a record exists here, deleted or not.
    public func hasRecord(_ id: RecordID) throws -> Bool { try read { try locate(id, $0) != nil } }

    /// The record that an identifier stands for.
    ///
    /// When several collections or types have it, the same one on every replica that holds the same: what lives
    /// before what is deleted, and that before what was erased, then by the collection's identifier.
    func locate(_ id: RecordID, _ db: Database) throws -> (row: RecordRow, collection: Int64)? {
        try located(id, db).first
    }

    /// Every record with an identifier, in that order.
    func located(
        _ id: RecordID, _ db: Database
    ) throws -> [(row: RecordRow, collection: Int64)] {
        var found: [(row: RecordRow, collection: Int64, place: Identifier)] = []
        for name in schema.types.map(\.name) + ["other"] {
            let isOther = name == "other"
            let select = try db.readied(
                """
                SELECT d.collection, c.id\(isOther ? ", d.type" : "") FROM data_\(name) d
                JOIN collection c ON c.n = d.collection WHERE d.id = ?
                """)
            select.bind(id, at: 1)
            let places = try select.all {
                (
                    $0.integer(0), Identifier(bytes: $0.bytes(1)) ?? .zero,
                    isOther ? $0.text(2) : name
                )
            }
            for (collection, place, type) in places {
                let row = try tables(db).table(of: type)
                    .find(id, type: type, collection: collection)
                if let row { found.append((row, collection, place)) }
            }
        }
        // Types keep the order of the schema: `sorted` is stable.
        return found.sorted { ($0.row.life, $0.place) < ($1.row.life, $1.place) }
            .map { ($0.row, $0.collection) }
    }

    func view(_ row: RecordRow, collection: Int64, _ db: Database) throws -> RecordView {
        let found = try Row.fetchOne(
            db.cachedStatement(sql: "SELECT id, name FROM collection WHERE n = ?"),
            arguments: [collection])
        var view = RecordView(
            row: row, collection: try Identifier(stored: found?[0] ?? .null),
            collectionName: found?[1] ?? "", cells: try tables(db).state(of: row, db),
            recordType: schema[row.type])
        // When it was erased is all that there is to say of it.
        if row.isErased { try addTimes(to: &view, collection, db) }
        return view
    }

    /// Fills in the times of siblings that are alone.
    func addTimes(to view: inout RecordView, _ collection: Int64, _ db: Database) throws {
        let tables = try tables(db)
        for (name, cell) in view.cells {
            view.cells[name] = Cell(
                try cell.siblings.map { sibling in
                    var sibling = sibling
                    sibling.at = try tables.time(of: sibling.dot, collection, db)
                    return sibling
                })
        }
    }

    /// Calls `body` with each record that fits, by collection, type and identifier: a fixed order, equal on
    /// equal replicas.
    public func forEachRecord(
        _ query: RecordQuery = RecordQuery(), _ body: (RecordView) throws -> Void
    ) throws {
        try read { try forEachRecord(query, $0, body) }
    }

    func forEachRecord(
        _ query: RecordQuery, _ db: Database, _ body: (RecordView) throws -> Void
    ) throws {
        var remaining = query.limit ?? .max
        let collections = try Row.fetchAll(
            db.cachedStatement(sql: "SELECT n, id FROM collection ORDER BY id"))
        for collection in collections {
            let id = try Identifier(stored: collection["id"])
            if let wanted = query.collection, wanted != id { continue }
            for type in try typeNames(query.type, db) {
                try forEachRow(
                    of: type, in: collection["n"], query, remaining: &remaining, db, body)
            }
        }
    }

    private func typeNames(_ wanted: String?, _ db: Database) throws -> [String] {
        if let wanted { return [wanted] }
        let unknown = try String.fetchAll(
            db.cachedStatement(sql: "SELECT DISTINCT type FROM data_other"))
        return (schema.types.map(\.name) + unknown)
            .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    private func forEachRow(
        of type: String, in collection: Int64, _ query: RecordQuery, remaining: inout Int,
        _ db: Database, _ body: (RecordView) throws -> Void
    ) throws {
        let tables = try tables(db)
        let table = tables.table(of: type)
        var sql = "SELECT d.id FROM data_\(table.type?.name ?? "other") d WHERE d.collection = ?"
        var arguments: [DatabaseValue] = [collection.databaseValue]
        if table.type == nil {
            sql += " AND d.type = ?"
            arguments.append(type.databaseValue)
        }
        if !query.includesDeleted { sql += " AND d.deleted = 0" }
        for (cell, value) in query.conditions {
            if let column = table.column(of: cell.field), cell.key == .none {
                sql += " AND d.\"\(table.columns[column].field.name)\" IS ?"
                arguments.append(value.stored)
            } else {
                sql += """
                     AND EXISTS (SELECT 1 FROM cell c JOIN field f ON f.n = c.field
                        WHERE c.record = d.n AND f.name = ? AND c.key = ? AND c.value IS ?)
                    """
                arguments += [cell.field.databaseValue, cell.key.storedKey, value.stored]
            }
        }
        sql += " ORDER BY d.id"
        let ids = try Row.fetchCursor(
            db.cachedStatement(sql: sql), arguments: StatementArguments(arguments))
        while remaining > 0, let found = try ids.next() {
            let id = try Identifier(stored: found[0])
            guard let row = try table.find(id, type: type, collection: collection) else { continue }
            try body(try view(row, collection: collection, db))
            remaining -= 1
        }
    }

    /// The record that has this number in the file.
    func record(number: Int64, _ db: Database) throws -> RecordView? {
        guard let (row, collection) = try row(number: number, db) else { return nil }
        return try view(row, collection: collection, db)
    }

    func row(
        number: Int64, _ db: Database
    ) throws -> (row: RecordRow, collection: Int64)? {
        let typeNumber = number & 0xFF
        let name =
            typeNumber == 0
            ? "other"
            : try String.fetchOne(
                db.cachedStatement(sql: "SELECT name FROM type WHERE n = ?"),
                arguments: [typeNumber])
        guard let name else { return nil }
        let found = try Row.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT id, collection\(name == "other" ? ", type" : "")
                    FROM data_\(name) WHERE n = ?
                    """), arguments: [number])
        guard let found else { return nil }
        let type = name == "other" ? found[2] as String : name
        let row = try tables(db).table(of: type)
            .find(try Identifier(stored: found[0]), type: type, collection: found[1])
        return row.map { ($0, found[1]) }
    }

    // MARK: Conflicts

    /// The records with cells that wait for a person, by collection, type and identifier.
    public func conflictedRecords(in collection: CollectionID? = nil) throws -> [RecordView] {
        try read { db in
            try Int64.fetchAll(db.cachedStatement(sql: "SELECT DISTINCT record FROM conflict"))
                .compactMap { try record(number: $0, db) }
                .filter { collection == nil || $0.collection == collection }
                .sorted {
                    ($0.collection, $0.type, $0.id) < ($1.collection, $1.type, $1.id)
                }
        }
    }

    /// The number of cells that wait for a person.
    public func conflictCount() throws -> Int {
        try read {
            try Int.fetchOne($0.cachedStatement(sql: "SELECT count(*) FROM conflict")) ?? 0
        }
    }

    // MARK: People's names for replicas

    /// Every replica this one has heard of, with the name that its certificate gives it.
    public func replicaNames() throws -> [ReplicaID: String] {
        try read { db in
            var names: [ReplicaID: String] = [:]
            for row in try Row.fetchAll(db, sql: "SELECT id, name FROM replica") {
                let id = try Identifier(stored: row["id"])
                names[id] = row["name"] ?? id.abbreviated
            }
            return names
        }
    }
}

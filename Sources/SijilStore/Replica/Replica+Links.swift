import GRDB
public import SijilCore

/// A reference that a living record shows.
public struct RecordLink: Hashable, Sendable {
    public var record: RecordID
    public var target: RecordID
    /// Whether a record of the same type with that identifier lives here.
    public var isTargetHere: Bool

    public init(record: RecordID, target: RecordID, isTargetHere: Bool) {
        self.record = record
        self.target = target
        self.isTargetHere = isTargetHere
    }
}

extension Replica {
    /// The references that living records of a type show in a field with one value, by record; a fixed
    /// order, equal on equal replicas.
    ///
    /// One pass over the type's table, of a sparse field over those that have it; records are not read. Where
    /// several collections have the record and tell a reference, that of the collection with the smallest
    /// identifier counts.
    ///
    /// - Parameter includesDeleted: whether deleted records count like living ones; erased ones never do.
    /// - Returns: nothing when the schema has no such field of references.
    public func links(
        of type: String, through field: String, includesDeleted: Bool = false
    ) throws -> [RecordLink] {
        guard let known = schema.link(of: type, through: field) else { return [] }
        let life = includesDeleted ? "< 2" : "= 0"
        let index = ReplicaSchema.sparseIndex(of: field, in: type)
        return try read { db in
            let rows = try Row.fetchCursor(
                db.cachedStatement(
                    sql: """
                        SELECT d.id, d."\(field)", EXISTS (SELECT 1 FROM data_\(type) t
                            WHERE t.id = d."\(field)" AND t.deleted \(life))
                        FROM data_\(type) d \(known.isSparse ? "INDEXED BY \(index)" : "")
                        JOIN collection c ON c.n = d.collection
                        WHERE d."\(field)" IS NOT NULL AND d.deleted \(life)
                        ORDER BY d.id, c.id
                        """))
            var links: [RecordLink] = []
            while let row = try rows.next() {
                let record = try Identifier(stored: row[0])
                guard links.last?.record != record else { continue }
                links.append(
                    RecordLink(
                        record: record, target: try Identifier(stored: row[1]),
                        isTargetHere: row[2]))
            }
            return links
        }
    }
}

extension Schema {
    /// A field with one reference; `nil` when the type has no such field.
    func link(of type: String, through field: String) -> Field? {
        self[type]?[field].flatMap { $0.shape == .single && $0.kind == .reference ? $0 : nil }
    }
}

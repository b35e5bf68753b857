import GRDB
public import SijilCore

/// A record in one of the collections that have it, with its past.
public struct RecordCopy: Sendable {
    /// With every sibling, and the time of each.
    public var record: RecordView
    public var history: [HistoryEntry]
}

extension Replica {
    /// Every record with this identifier, deleted and erased ones too, by collection.
    ///
    /// Mostly one. Exports keep identifiers, so a list of one collection that was imported into another makes a
    /// second.
    ///
    /// - Returns: nothing when no collection of this replica has it.
    public func copies(of id: RecordID) throws -> [RecordView] {
        try read { db in
            try located(id, db).map { try view($0.row, collection: $0.collection, db) }
                .sorted { ($0.collection, $0.type) < ($1.collection, $1.type) }
        }
    }

    /// All that is held of one copy of a record.
    ///
    /// - Throws: `notFound` when the collection does not have it.
    public func copy(
        of id: RecordID, type: String, in collection: CollectionID
    ) throws -> RecordCopy {
        try read { db in
            let number = try Int64.fetchOne(
                db, sql: "SELECT n FROM collection WHERE id = ?", arguments: [collection.stored])
            guard let number,
                let row = try tables(db).table(of: type)
                    .find(id, type: type, collection: number)
            else {
                throw SijilError(.notFound, "There is no record with that id here.")
            }
            var view = try view(row, collection: number, db)
            try addTimes(to: &view, number, db)
            return RecordCopy(record: view, history: try history(of: row, in: number, db))
        }
    }
}

public import SijilCore
public import SijilStore

extension MergedPeople {
    /// The edits of merged records without which an edit of their canonical record would not be seen: they
    /// claim what it writes.
    ///
    /// - Returns: none for an edit of a record that is not merged.
    public func yielding(
        to edit: RecordEdit, on replica: Replica
    ) throws -> [(edit: RecordEdit, collection: CollectionID)] {
        guard canonical(edit.record) == edit.record else { return [] }
        return try members(of: edit.record).dropFirst()
            .compactMap { member in
                let record = try replica.record(member)
                return RecordEdit(yielding: edit.operations.map(\.cell), in: record)
                    .map { ($0, record.collection) }
            }
    }

    /// What an edit cleared or took out in one record and another record of the same person still shows,
    /// with that record.
    public func stillShown(
        after edit: RecordEdit, on replica: Replica
    ) throws -> [(cell: CellName, source: RecordID)] {
        let others = members(of: edit.record).filter { $0 != edit.record }
        let cleared = edit.operations.filter { $0.effect == .remove || $0.effect == .put(.none) }
        guard !others.isEmpty, !cleared.isEmpty else { return [] }
        let records = try others.map { try replica.record($0) }
        return cleared.compactMap { operation in
            records.first { $0.shown(operation.cell) != .none }.map { (operation.cell, $0.id) }
        }
    }
}

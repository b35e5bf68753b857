/// A record as its changes left it: every cell with every sibling.
///
/// Knows no schema: what survives never depends on one. The store keeps the same state in tables; this form
/// serves histories, checks and tests.
public struct RecordState: Hashable, Sendable {
    public var cells: [CellName: Cell] = [:]

    public init() {}

    /// Applies what a change does to this record.
    ///
    /// - Returns: what each cell lost, for those that the edit names; the liveness cell under
    ///   ``CellName/liveness``.
    @discardableResult
    public mutating func apply(
        _ edit: RecordEdit, dot: Dot, at: Int64, seen: VersionVector
    ) -> [CellName: [Sibling]] {
        var replaced: [CellName: [Sibling]] = [:]
        for operation in edit.operations + [edit.liveness] {
            replaced[operation.cell] = cells[operation.cell, default: Cell()]
                .apply(operation.effect, dot: dot, at: at, seen: seen)
            if cells[operation.cell]!.siblings.isEmpty { cells[operation.cell] = nil }
        }
        return replaced
    }
}

extension RecordEdit {
    /// What the edit says of the record's life.
    public var liveness: CellOperation { CellOperation(.liveness, .put(.boolean(deletes))) }
}

/// A record as its changes left it: every cell with every sibling.
///
/// Knows no schema: what survives never depends on one. The store keeps the same state in tables; this form
/// serves histories, checks and tests.
public struct RecordState: Hashable, Sendable {
    public var cells: [CellName: Cell] = [:]

    public init() {}

    /// Whether it was erased: then its only cell is ``CellName/erasure``, for good.
    public var isErased: Bool { cells[.erasure] != nil }

    /// Applies what a change does to this record.
    ///
    /// An edit that erases drops every cell, whatever its author had seen; what comes after finds nothing to
    /// change. So it does not matter which of the two came first.
    ///
    /// - Returns: what each cell lost, for those that the edit names; the liveness cell under
    ///   ``CellName/liveness``.
    @discardableResult
    public mutating func apply(
        _ edit: RecordEdit, dot: Dot, at: Int64, seen: VersionVector
    ) -> [CellName: [Sibling]] {
        var replaced: [CellName: [Sibling]] = [:]
        if edit.erases {
            for (name, cell) in cells where name != .erasure { replaced[name] = cell.siblings }
            cells = cells.filter { $0.key == .erasure }
        } else if isErased {
            return replaced
        }
        for operation in edit.effects {
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

    /// Everything that it writes, what it says of the record's life or end included.
    public var effects: [CellOperation] {
        erases ? [CellOperation(.erasure, .put(.boolean(true)))] : operations + [liveness]
    }
}

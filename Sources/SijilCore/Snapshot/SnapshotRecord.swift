/// A record as a snapshot holds it: every cell with every sibling, in the order of the bytes.
public struct SnapshotRecord: Hashable, Sendable {
    /// One cell.
    ///
    /// Of each sibling the corrected time belongs to it, also of one that is alone: a value that comes later
    /// may stand beside it, and then the times decide which is shown.
    public struct Cell: Hashable, Sendable {
        public var name: CellName
        /// At least one; ascending by dot, none twice.
        public var siblings: [Sibling]

        public init(_ name: CellName, _ siblings: [Sibling]) {
            self.name = name
            self.siblings = siblings
        }
    }

    public var type: String
    public var id: RecordID
    /// Ascending by ``CellName/precedes(_:)``, none twice; the liveness cell is the first, or the only one the
    /// erasure cell.
    public var cells: [Cell]

    /// Brings the cells in their order; times must be right.
    public init(type: String, id: RecordID, cells: [Cell]) {
        self.type = type
        self.id = id
        self.cells = cells
        for index in cells.indices.dropFirst()
        where !cells[index - 1].name.precedes(cells[index].name) {
            self.cells.sort { $0.name.precedes($1.name) }
            break
        }
    }

    /// The order of records in a snapshot: by the bytes of the type, then by identifier.
    public func precedes(_ other: SnapshotRecord) -> Bool {
        type.hasSameBytes(as: other.type)
            ? id < other.id : type.precedesInBytes(other.type)
    }
}

extension CellName {
    /// The order of cells in a snapshot: by the bytes of the field, then by those of the key as a value.
    public func precedes(_ other: CellName) -> Bool {
        guard field.hasSameBytes(as: other.field) else {
            return field.precedesInBytes(other.field)
        }
        switch (key, other.key) {
        case (.none, .none): return false
        default: return key.bytes.lexicographicallyPrecedes(other.key.bytes)
        }
    }
}

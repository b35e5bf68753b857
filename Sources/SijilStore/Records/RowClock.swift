import SijilCore

/// A dot inside one database: the replica by its interned number, which is above zero.
struct LocalDot: Hashable {
    var replica: Int64
    var sequence: UInt64
}

/// Who wrote the cells of one record row, in a few bytes: one dot for all cells, then the exceptions.
///
/// A fresh record costs three to five bytes whatever the number of its fields.
///
///     varint replica, varint sequence            the base: the change that made the record
///     { varint field, varint replica, [varint sequence] }*   replica 0: the siblings are in their table
struct RowClock: Hashable {
    enum Place: Hashable {
        case dot(LocalDot)
        /// The cell has several siblings, or one that its column cannot hold: see the table `sibling`.
        case elsewhere
    }

    /// Covers the liveness cell and every column that is not NULL, unless there is an exception.
    var base: LocalDot
    /// By interned field number; 0 is liveness.
    var exceptions: [(field: Int64, place: Place)]

    init(base: LocalDot) {
        self.base = base
        exceptions = []
    }

    subscript(field: Int64) -> Place? {
        get { exceptions.first { $0.field == field }?.place }
        set {
            let index = exceptions.firstIndex { $0.field == field }
            switch (index, newValue) {
            case (let index?, let place?): exceptions[index].place = place
            case (let index?, nil): exceptions.remove(at: index)
            case (nil, let place?): exceptions.append((field, place))
            case (nil, nil): break
            }
        }
    }

    var bytes: [UInt8] {
        var writer = ByteWriter(reservingCapacity: 8 + 6 * exceptions.count)
        write(to: &writer)
        return writer.bytes
    }

    func write(to writer: inout ByteWriter) {
        writer.varint(UInt64(bitPattern: base.replica))
        writer.varint(base.sequence)
        for (field, place) in exceptions {
            writer.varint(UInt64(bitPattern: field))
            switch place {
            case .elsewhere: writer.varint(0 as UInt64)
            case .dot(let dot):
                writer.varint(UInt64(bitPattern: dot.replica))
                writer.varint(dot.sequence)
            }
        }
    }

    /// - Throws: `badData` when a program other than ours has written the row.
    init(_ bytes: [UInt8]) throws(SijilError) {
        var reader = ByteReader(bytes)
        base = try Self.readDot(try reader.varint(), &reader)
        exceptions = []
        while !reader.isAtEnd {
            let field = Int64(truncatingIfNeeded: try reader.varint())
            let replica = try reader.varint()
            exceptions.append(
                (field, replica == 0 ? .elsewhere : .dot(try Self.readDot(replica, &reader))))
        }
    }

    private static func readDot(
        _ replica: UInt64, _ reader: inout ByteReader
    ) throws(SijilError) -> LocalDot {
        LocalDot(replica: Int64(truncatingIfNeeded: replica), sequence: try reader.varint())
    }

    static func == (left: Self, right: Self) -> Bool { left.bytes == right.bytes }
    func hash(into hasher: inout Hasher) { hasher.combine(bytes) }
}

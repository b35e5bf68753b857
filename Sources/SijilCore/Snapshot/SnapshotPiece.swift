/// A piece of a snapshot as it is read: columns of values that still lie in the piece's bytes.
///
/// Everything was checked when it was made: every value that a column names can be read, and no other bytes
/// would have been written for the same content.
package struct SnapshotPiece: Sendable {
    package struct Dot: Hashable, Sendable {
        /// The author's number in the manifest.
        package var author: Int
        package var sequence: UInt64
        /// Corrected time, milliseconds.
        package var at: Int64
    }

    /// The records of one type.
    package struct Group: Sendable {
        package var type: String
        /// Ascending.
        package var ids: [RecordID] = []
        /// For each record the number in ``SnapshotPiece/dots`` of the change that most of it comes from.
        package var bases: [Int] = []
        package var columns: [Column] = []
    }

    /// One cell of each record that has it.
    package struct Column: Sendable {
        package var name: CellName
        /// The records that have the cell, ascending.
        package var cells: [Int] = []
        /// For each of ``cells`` the number of its first value, and at the end how many there are; empty when
        /// no cell has several, and a cell's number is its value's.
        package var firsts: [Int] = []
        /// One for each value.
        package var tags: [UInt8] = []
        /// For each value the number of its change in ``SnapshotPiece/dots``; −1 for the record's base.
        package var dots: [Int] = []
        /// For each value what its tag asks for: of a text or a later kind the place of its bytes, of a reference
        /// that of its first six, of an integer and a real the bits, of a date its parts.
        package var payloads: [Int64] = []
        /// For each value: of a text or a later kind how many bytes it has, of a reference the place of the others.
        package var counts: [Int] = []

        /// The kind of field that a value suits, as ``Value/kind`` tells it.
        package func kind(of value: Int) -> Field.Kind? {
            switch tags[value] {
            case ValueTag.text: .text
            case ValueTag.integer: .integer
            case ValueTag.real: .real
            case ValueTag.no, ValueTag.yes: .boolean
            case ValueTag.date: .date
            case ValueTag.reference: .reference
            default: nil
            }
        }

        /// Whether a value is the boolean *true*.
        package func isYes(_ value: Int) -> Bool { tags[value] == ValueTag.yes }

        package func isNone(_ value: Int) -> Bool { tags[value] == ValueTag.none }

        /// The values of a cell, by its number among ``cells``.
        package func values(of cell: Int) -> Range<Int> {
            firsts.isEmpty ? cell..<cell + 1 : firsts[cell]..<firsts[cell + 1]
        }
    }

    package let bytes: [UInt8]
    /// Whether the one record in it goes on from the piece before.
    package private(set) var continues = false
    package private(set) var dots: [Dot] = []
    /// Ascending by the bytes of their types.
    package private(set) var groups: [Group] = []

    /// - Parameters:
    ///   - bytes: before compression.
    ///   - authors: how many the manifest names.
    /// - Throws: `futureVersion` for a version above ours, `badData` for anything malformed.
    package init(_ bytes: [UInt8], authors: Int) throws(SijilError) {
        guard bytes.count <= Limits.snapshotPieceBytes else {
            throw SijilError(.badData, "A piece of a snapshot is larger than allowed.")
        }
        self.bytes = bytes
        var reader = SnapshotPieceReader(bytes, authors: authors)
        (continues, dots, groups) = try reader.read()
    }

    /// One piece with the whole of a record that had to be cut, larger than a piece may be.
    ///
    /// - Parameters:
    ///   - parts: the pieces that hold it, all but the first of which go on.
    ///   - authors: as the manifest names them.
    /// - Throws: `badData` unless the parts follow one another.
    package init(joining parts: [SnapshotPiece], authors: [ReplicaID]) throws(SijilError) {
        var whole: SnapshotRecord?
        for part in parts {
            let records = part.records(authors: authors)
            guard records.count == 1, whole == nil || part.continues else {
                throw SnapshotPieceReader.disorder
            }
            guard var joined = whole else {
                whole = records[0]
                continue
            }
            guard joined.type.hasSameBytes(as: records[0].type), joined.id == records[0].id else {
                throw SnapshotPieceReader.disorder
            }
            try joined.goOn(with: records[0].cells)
            whole = joined
        }
        guard let whole else { throw SnapshotPieceReader.disorder }
        var builder = SnapshotPieceBuilder()
        builder.add(whole, whole.commonDot)
        bytes =
            try builder.encoded(
                Dictionary(uniqueKeysWithValues: authors.enumerated().map { ($1, $0) })
            )
            .bytes
        var reader = SnapshotPieceReader(bytes, authors: authors.count, isWhole: true)
        (continues, dots, groups) = try reader.read()
    }

    package func value(_ number: Int, of column: Column) -> Value {
        let payload = column.payloads[number]
        switch column.tags[number] {
        case ValueTag.none: return .none
        case ValueTag.text:
            let start = Int(payload)
            return .text(
                String(decoding: bytes[start..<start + column.counts[number]], as: UTF8.self))
        case ValueTag.integer: return .integer(payload)
        case ValueTag.real: return .real(Double(bitPattern: UInt64(bitPattern: payload)))
        case ValueTag.no: return .boolean(false)
        case ValueTag.yes: return .boolean(true)
        case ValueTag.date:
            return .date(
                PartialDate(
                    year: Int(payload >> 16), month: Int(payload >> 8 & 0xFF),
                    day: Int(payload & 0xFF))!)
        case ValueTag.reference: return .reference(reference(number, of: column))
        case let tag:
            let start = Int(payload)
            return .unknown(tag: tag, bytes: Array(bytes[start..<start + column.counts[number]]))
        }
    }

    package func reference(_ number: Int, of column: Column) -> RecordID {
        let (head, tail) = (Int(column.payloads[number]), column.counts[number])
        var id: UInt128 = 0
        for byte in bytes[head..<head + 6] { id = id << 8 | UInt128(byte) }
        for byte in bytes[tail..<tail + 10] { id = id << 8 | UInt128(byte) }
        return RecordID(id)
    }

    /// Everything in it, record by record: as ``SnapshotWriter`` took it.
    ///
    /// - Parameter authors: as the manifest names them.
    package func records(authors: [ReplicaID]) -> [SnapshotRecord] {
        groups.flatMap { group in
            var cells: [[SnapshotRecord.Cell]] = Array(repeating: [], count: group.ids.count)
            for column in group.columns {
                for (cell, record) in column.cells.enumerated() {
                    let siblings = column.values(of: cell)
                        .map { sibling($0, of: column, base: group.bases[record], authors) }
                    cells[record].append(SnapshotRecord.Cell(column.name, siblings))
                }
            }
            return zip(group.ids, cells).map { SnapshotRecord(type: group.type, id: $0, cells: $1) }
        }
    }

    package func sibling(
        _ value: Int, of column: Column, base: Int, _ authors: [ReplicaID]
    ) -> Sibling {
        let dot = dots[column.dots[value] < 0 ? base : column.dots[value]]
        return Sibling(
            dot: SijilCore.Dot(replica: authors[dot.author], sequence: dot.sequence),
            value: self.value(value, of: column), at: dot.at)
    }
}

extension SnapshotRecord {
    fileprivate mutating func goOn(with more: [Cell]) throws(SijilError) {
        var more = more[...]
        if let next = more.first, let last = cells.indices.last, cells[last].name == next.name {
            guard cells[last].siblings.last!.dot < next.siblings[0].dot else {
                throw SnapshotPieceReader.disorder
            }
            cells[last].siblings += next.siblings
            more = more.dropFirst()
        }
        if let next = more.first, let last = cells.last, !last.name.precedes(next.name) {
            throw SnapshotPieceReader.disorder
        }
        cells += more
    }
}

extension SnapshotPiece {
    /// The piece without some records, for whoever keeps it while they are erased.
    ///
    /// - Parameters:
    ///   - authors: as the manifest names them.
    ///   - isGone: for each record.
    /// - Returns: `nil` bytes when nothing is left; nothing at all when every record stays.
    package func dropping(
        authors: [ReplicaID], where isGone: (_ record: RecordID, _ type: String) throws -> Bool
    ) throws -> (bytes: SnapshotWriter.Piece?, dropped: [SnapshotRecord])? {
        let goes = try groups.contains { group in
            try group.ids.contains { try isGone($0, group.type) }
        }
        guard goes else { return nil }
        var builder = SnapshotPieceBuilder()
        builder.continues = continues
        var dropped: [SnapshotRecord] = []
        for record in records(authors: authors) {
            // One that was erased already says only that.
            if record.cells[0].name != .erasure, try isGone(record.id, record.type) {
                dropped.append(record)
            } else {
                builder.add(record, record.commonDot)
            }
        }
        guard !dropped.isEmpty else { return nil }
        guard !builder.isEmpty else { return (nil, dropped) }
        let numbers = Dictionary(uniqueKeysWithValues: authors.enumerated().map { ($1, $0) })
        return (try builder.encoded(numbers), dropped)
    }
}

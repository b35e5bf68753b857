/// The bytes of a piece. `Documentation/Format.md` § Snapshot is normative.
extension SnapshotPieceBuilder {
    static let version: UInt8 = 1

    enum Flag {
        static let continues: UInt8 = 1
    }

    /// How a column says which records have the cell.
    enum Presence {
        static let all: UInt8 = 0
        static let bits: UInt8 = 1
        static let steps: UInt8 = 2
    }

    /// In the place of a column's tag: each value has its own.
    static let mixedTags: UInt8 = 0xFF

    /// - Throws: `badData` for a dot whose replica is not among the authors.
    func encoded(_ authors: [ReplicaID: Int]) throws(SijilError) -> SnapshotWriter.Piece {
        var writer = ByteWriter(reservingCapacity: cost + 64)
        var seams: [Int] = []
        writer.byte(Self.version)
        writer.byte(continues ? Flag.continues : 0)
        let names = names
        writer.varint(names.count)
        for name in names { writer.text(name) }
        let numbers = Dictionary(uniqueKeysWithValues: names.enumerated().map { (NameKey($1), $0) })
        let dots = try writeDots(authors, &writer, &seams)
        writer.varint(groups.count)
        for group in groups {
            writer.varint(numbers[NameKey(group.type)]!)
            writer.varint(group.ids.count)
            seams.append(writer.count)
            Self.writeIdentifiers(group.ids, &writer, &seams)
            seams.append(writer.count)
            var before = 0
            for base in group.bases {
                let number = dots[base]!
                writer.signed(Int64(number - before))
                before = number
            }
            writer.varint(group.columns.count)
            for column in group.columns.sorted(by: { $0.name.precedes($1.name) }) {
                seams.append(writer.count)
                let field = column.name.field
                writer.varint(field.isEmpty ? 0 : numbers[NameKey(field)]! + 1)
                column.name.key.write(to: &writer)
                column.write(of: group.ids.count, dots, &writer, &seams)
            }
        }
        return SnapshotWriter.Piece(bytes: writer.bytes, seams: seams)
    }

    /// Types and fields, each once, ascending by bytes.
    private var names: [String] {
        var found = Set<NameKey>()
        for group in groups {
            found.insert(NameKey(group.type))
            for column in group.columns where !column.name.field.isEmpty {
                found.insert(NameKey(column.name.field))
            }
        }
        return found.map(\.text).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// Writes the changes that the piece names, by author and sequence.
    ///
    /// - Returns: their numbers.
    private func writeDots(
        _ authors: [ReplicaID: Int], _ writer: inout ByteWriter, _ seams: inout [Int]
    ) throws(SijilError) -> [Dot: Int] {
        let dots = times.keys.sorted()
        var runs: [(author: Int, count: Int)] = []
        var last: ReplicaID?
        for dot in dots {
            guard let author = authors[dot.replica] else {
                throw SijilError(
                    .badData, "The database names a change that it does not have.",
                    hint: "Run 'sijil verify'.")
            }
            if dot.replica == last {
                runs[runs.count - 1].count += 1
            } else {
                runs.append((author, 1))
            }
            last = dot.replica
        }
        writer.varint(runs.count)
        var next = 0
        for run in runs {
            writer.varint(run.author - next)
            writer.varint(run.count)
            next = run.author + 1
        }
        seams.append(writer.count)
        for (index, dot) in dots.enumerated() {
            let isFirst = index == 0 || dots[index - 1].replica != dot.replica
            writer.varint(dot.sequence - (isFirst ? 1 : dots[index - 1].sequence + 1))
        }
        seams.append(writer.count)
        var before: Int64 = 0
        for dot in dots {
            let at = times[dot]!
            writer.signed(at &- before)
            before = at
        }
        seams.append(writer.count)
        return Dictionary(uniqueKeysWithValues: dots.enumerated().map { ($1, $0) })
    }

    /// Times first, as steps, then what is chance: together they would hide each other's patterns.
    private static func writeIdentifiers(
        _ ids: [RecordID], _ writer: inout ByteWriter, _ seams: inout [Int]
    ) {
        var before: UInt64 = 0
        for id in ids {
            let time = UInt64(id.rawValue >> 80)
            writer.varint(time - before)
            before = time
        }
        seams.append(writer.count)
        for id in ids { writer.raw(id.bytes[6...]) }
    }

    private struct NameKey: Hashable {
        let text: String
        init(_ text: String) { self.text = text }
        static func == (left: Self, right: Self) -> Bool { left.text.hasSameBytes(as: right.text) }
        func hash(into hasher: inout Hasher) { text.hashBytes(into: &hasher) }
    }
}

extension SnapshotPieceBuilder.Column {
    fileprivate func write(
        of records: Int, _ dots: [Dot: Int], _ writer: inout ByteWriter, _ seams: inout [Int]
    ) {
        writePresence(of: records, &writer)
        writer.varint(contested.count)
        var next = 0
        for (cell, count) in contested {
            writer.varint(cell - next)
            writer.varint(count - 2)
            next = cell + 1
        }
        if let tag = values.first?.tag, values.allSatisfy({ $0.tag == tag }) {
            writer.byte(tag)
        } else {
            writer.byte(SnapshotPieceBuilder.mixedTags)
            for value in values { writer.byte(value.tag) }
        }
        writer.varint(exceptions.count)
        next = 0
        for (value, dot) in exceptions {
            writer.varint(value - next)
            writer.varint(dots[dot]!)
            next = value + 1
        }
        for tag in Set(values.map(\.tag)).sorted() {
            Self.writePayloads(values.filter { $0.tag == tag }, &writer, &seams)
        }
    }

    private func writePresence(of records: Int, _ writer: inout ByteWriter) {
        guard cells.count < records else { return writer.byte(SnapshotPieceBuilder.Presence.all) }
        var steps = ByteWriter()
        steps.varint(cells.count)
        var next = 0
        for cell in cells {
            steps.varint(cell - next)
            next = cell + 1
        }
        guard steps.count >= (records + 7) / 8 else {
            writer.byte(SnapshotPieceBuilder.Presence.steps)
            return writer.raw(steps.bytes)
        }
        writer.byte(SnapshotPieceBuilder.Presence.bits)
        var bits = [UInt8](repeating: 0, count: (records + 7) / 8)
        for cell in cells { bits[cell / 8] |= 1 << UInt8(cell % 8) }
        writer.raw(bits)
    }

    /// Values of one kind, taken apart: what looks alike stands together.
    private static func writePayloads(
        _ values: [Value], _ writer: inout ByteWriter, _ seams: inout [Int]
    ) {
        switch values[0] {
        case .none, .boolean: break
        case .integer, .real: for value in values { value.writePayload(to: &writer) }
        case .text:
            for case .text(let text) in values { writer.varint(text.utf8.count) }
            seams.append(writer.count)
            for case .text(let text) in values { writer.raw(text.utf8) }
        case .unknown:
            for case .unknown(_, let bytes) in values { writer.varint(bytes.count) }
            seams.append(writer.count)
            for case .unknown(_, let bytes) in values { writer.raw(bytes) }
        case .date:
            for case .date(let date) in values { writer.varint(date.year) }
            for case .date(let date) in values { writer.byte(UInt8(date.month)) }
            for case .date(let date) in values { writer.byte(UInt8(date.day)) }
        case .reference:
            for case .reference(let id) in values { writer.raw(id.bytes[..<6]) }
            seams.append(writer.count)
            for case .reference(let id) in values { writer.raw(id.bytes[6...]) }
        }
    }
}

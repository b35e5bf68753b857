/// Takes the bytes of a piece apart and checks them.
struct SnapshotPieceReader {
    private let bytes: [UInt8]
    private let authors: Int
    private var reader: ByteReader
    private var names: [String] = []
    private var isNameUsed: [Bool] = []
    private var dots: [SnapshotPiece.Dot] = []
    private var isDotUsed: [Bool] = []
    /// What was read so far is counted with, by ``SnapshotCost``: so that what takes no byte has its limit too.
    private var cost = 0
    private let limit: Int

    /// - Parameter isWhole: whether it is a record that we joined: that has no limit.
    init(_ bytes: [UInt8], authors: Int, isWhole: Bool = false) {
        self.bytes = bytes
        self.authors = authors
        limit = isWhole ? .max : SnapshotCost.limit
        reader = ByteReader(bytes)
    }

    private mutating func spend(_ bytes: Int, times count: Int = 1) throws(SijilError) {
        let (product, overflow) = bytes.multipliedReportingOverflow(by: count)
        guard !overflow, product <= limit - cost else {
            throw SijilError(.badData, "A piece of a snapshot has more in it than allowed.")
        }
        cost += product
    }

    mutating func read() throws(SijilError) -> (Bool, [SnapshotPiece.Dot], [SnapshotPiece.Group]) {
        try SnapshotManifest.checkVersion(try reader.byte())
        let flags = try reader.byte()
        guard flags & ~SnapshotPieceBuilder.Flag.continues == 0 else {
            throw SijilError(
                .futureVersion, "A snapshot uses a part of the format that this version lacks.",
                hint: "Install a newer version of Sijil.")
        }
        try readNames()
        try readDots()
        var groups: [SnapshotPiece.Group] = []
        var lastType = -1
        for _ in 0..<(try reader.count(minimumBytes: 16)) {
            let type = try name()
            guard type > lastType else { throw Self.disorder }
            lastType = type
            groups.append(try readGroup(names[type]))
        }
        guard !groups.isEmpty else { throw SijilError(.badData, "A piece of a snapshot is empty.") }
        try reader.expectEnd()
        guard !isNameUsed.contains(false), !isDotUsed.contains(false) else {
            throw SijilError(.badData, "A piece of a snapshot lists what it does not use.")
        }
        let continues = flags & SnapshotPieceBuilder.Flag.continues != 0
        guard !continues || groups.count == 1 && groups[0].ids.count == 1 else {
            throw SijilError(.badData, "A piece that goes on has other records in it.")
        }
        return (continues, dots, groups)
    }

    private mutating func readNames() throws(SijilError) {
        for _ in 0..<(try reader.count(minimumBytes: 2)) {
            let name = try reader.text()
            if let last = names.last, !last.utf8.lexicographicallyPrecedes(name.utf8) {
                throw Self.disorder
            }
            guard (1...Limits.nameBytes).contains(name.utf8.count), !name.hasZeroByte else {
                throw SijilError(.badData, "A name is empty or longer than allowed.")
            }
            names.append(name)
        }
        isNameUsed = Array(repeating: false, count: names.count)
    }

    private mutating func name() throws(SijilError) -> Int {
        let number = try reader.varint()
        guard number < UInt64(names.count) else { throw SijilError(.badData, "A name is missing.") }
        isNameUsed[Int(number)] = true
        return Int(number)
    }

    private mutating func readDots() throws(SijilError) {
        var next = 0
        for _ in 0..<(try reader.count(minimumBytes: 4)) {
            let author = next + (try step(below: authors - next))
            let count = try reader.count(minimumBytes: 2)
            guard count > 0 else { throw Self.disorder }
            try spend(SnapshotCost.dot, times: count)
            for _ in 0..<count { dots.append(.init(author: author, sequence: 0, at: 0)) }
            next = author + 1
        }
        for index in dots.indices {
            let isFirst = index == 0 || dots[index - 1].author != dots[index].author
            let before = isFirst ? 0 : dots[index - 1].sequence
            let step = try reader.varint()
            guard step < UInt64(Int64.max) - before - 1 else {
                throw SijilError(.badData, "A sequence cannot be.")
            }
            dots[index].sequence = before + step + 1
        }
        var at: Int64 = 0
        for index in dots.indices {
            at &+= try reader.signed()
            dots[index].at = at
        }
        isDotUsed = Array(repeating: false, count: dots.count)
    }

    /// A distance that was written as such: below what is left.
    private mutating func step(below count: Int) throws(SijilError) -> Int {
        let step = try reader.varint()
        guard step < UInt64(max(0, count)) else { throw Self.disorder }
        return Int(step)
    }

    // MARK: Groups

    private mutating func readGroup(_ type: String) throws(SijilError) -> SnapshotPiece.Group {
        var group = SnapshotPiece.Group(type: type)
        let count = try reader.count(minimumBytes: 12)
        guard count > 0 else { throw Self.disorder }
        try spend(SnapshotCost.group + type.utf8.count)
        try spend(SnapshotCost.record, times: count)
        var times: [UInt64] = []
        times.reserveCapacity(count)
        var time: UInt64 = 0
        for _ in 0..<count {
            let step = try reader.varint()
            guard step < 1 << 48 - time else { throw Self.disorder }
            time += step
            times.append(time)
        }
        group.ids.reserveCapacity(count)
        for time in times {
            var id = UInt128(time)
            for byte in try reader.raw(10) { id = id << 8 | UInt128(byte) }
            if let last = group.ids.last, id <= last.rawValue { throw Self.disorder }
            group.ids.append(RecordID(id))
        }
        group.bases.reserveCapacity(count)
        var base: Int64 = 0
        for _ in 0..<count {
            let (next, overflow) = base.addingReportingOverflow(try reader.signed())
            guard !overflow, next >= 0, next < Int64(dots.count) else { throw Self.disorder }
            base = next
            group.bases.append(Int(base))
            isDotUsed[Int(base)] = true
        }
        let columns = try reader.count(minimumBytes: 6)
        guard columns > 0 else { throw Self.disorder }
        group.columns.reserveCapacity(columns)
        for _ in 0..<columns {
            let column = try readColumn(of: count)
            if let last = group.columns.last, !last.name.precedes(column.name) {
                throw Self.disorder
            }
            group.columns.append(column)
        }
        try checkErasures(of: group)
        try checkBases(of: group)
        return group
    }

    /// A record that was erased has no other cell.
    private func checkErasures(of group: SnapshotPiece.Group) throws(SijilError) {
        guard let erasure = group.columns.first(where: { $0.name == .erasure }) else { return }
        let erased = Set(erasure.cells)
        for column in group.columns where column.name != .erasure {
            guard erased.isDisjoint(with: column.cells) else {
                throw SijilError(.badData, "A record of a snapshot is erased and is not.")
            }
        }
    }

    /// Every record has a cell, siblings are ascending by dot, and a record's base is the dot that most of its siblings have.
    private func checkBases(of group: SnapshotPiece.Group) throws(SijilError) {
        var counts = [Int](repeating: 0, count: group.ids.count)
        var exceptions: [(record: Int, dot: Int)] = []
        for column in group.columns {
            for (cell, record) in column.cells.enumerated() {
                var last = -1
                for value in column.values(of: cell) {
                    let dot = column.dots[value] < 0 ? group.bases[record] : column.dots[value]
                    guard dot > last else { throw Self.disorder }
                    last = dot
                    if column.dots[value] < 0 {
                        counts[record] += 1
                    } else {
                        exceptions.append((record, column.dots[value]))
                    }
                }
            }
        }
        guard !counts.contains(0) else { throw Self.disorder }
        exceptions.sort { $0 < $1 }
        var index = 0
        while index < exceptions.count {
            let (record, dot) = exceptions[index]
            var count = 0
            while index < exceptions.count, exceptions[index] == (record, dot) {
                count += 1
                index += 1
            }
            let base = group.bases[record]
            guard dot != base, count < counts[record] || count == counts[record] && base < dot
            else { throw SijilError(.badData, "A record of a snapshot has the wrong base.") }
        }
    }

    // MARK: Columns

    private mutating func readColumn(of records: Int) throws(SijilError) -> SnapshotPiece.Column {
        let field = try reader.varint()
        var text = ""
        if field > 0 {
            guard field <= UInt64(names.count) else {
                throw SijilError(.badData, "A name is missing.")
            }
            isNameUsed[Int(field) - 1] = true
            text = names[Int(field) - 1]
        }
        let key = try Value(from: &reader)
        guard field > 0 || key == .none || key == CellName.erasure.key else {
            throw SijilError(.badData, "A key has the wrong form.")
        }
        try key.checkAsKey()
        try spend(SnapshotCost.column + text.utf8.count + key.bytes.count)
        var column = SnapshotPiece.Column(name: CellName(text, key: key))
        column.cells = try readPresence(of: records)
        try readContested(&column)
        let count = column.firsts.last ?? column.cells.count
        try readTags(count, &column)
        column.dots = Array(repeating: -1, count: count)
        var next = 0
        for _ in 0..<(try reader.count(minimumBytes: 2)) {
            try spend(SnapshotCost.exception)
            let value = next + (try step(below: count - next))
            let dot = try step(below: dots.count)
            column.dots[value] = dot
            isDotUsed[dot] = true
            next = value + 1
        }
        column.payloads = Array(repeating: 0, count: count)
        column.counts = Array(repeating: 0, count: count)
        let start = reader.position
        try readPayloads(&column)
        try spend(reader.position - start)
        return column
    }

    private mutating func readPresence(of records: Int) throws(SijilError) -> [Int] {
        let form = try reader.byte()
        if form == SnapshotPieceBuilder.Presence.all {
            try spend(SnapshotCost.sibling, times: records)
            return Array(0..<records)
        }
        var cells: [Int] = []
        let bitCount = (records + 7) / 8
        switch form {
        case SnapshotPieceBuilder.Presence.bits:
            var stepCount = 0
            for (index, byte) in try reader.raw(bitCount).enumerated() {
                var byte = byte
                while byte != 0 {
                    let cell = index * 8 + byte.trailingZeroBitCount
                    stepCount += Self.varintCount(cell - (cells.last ?? -1) - 1)
                    cells.append(cell)
                    byte &= byte - 1
                }
            }
            guard stepCount + Self.varintCount(cells.count) >= bitCount else {
                throw Self.disorder
            }
        case SnapshotPieceBuilder.Presence.steps:
            let start = reader.position
            for _ in 0..<(try reader.count()) {
                let next = (cells.last ?? -1) + 1
                cells.append(next + (try step(below: records - next)))
            }
            guard reader.position - start < bitCount else { throw Self.disorder }
        default: throw Self.disorder
        }
        guard let last = cells.last, last < records, cells.count < records else {
            throw Self.disorder
        }
        try spend(SnapshotCost.sibling, times: cells.count)
        return cells
    }

    private mutating func readContested(
        _ column: inout SnapshotPiece.Column
    ) throws(SijilError) {
        let contested = try reader.count(minimumBytes: 2)
        guard contested > 0 else { return }
        try spend(SnapshotCost.contested, times: contested)
        column.firsts.reserveCapacity(column.cells.count + 1)
        var value = 0
        for _ in 0..<contested {
            let cell =
                column.firsts.count + (try step(below: column.cells.count - column.firsts.count))
            while column.firsts.count < cell {
                column.firsts.append(value)
                value += 1
            }
            let more = try step(below: limit)
            try spend(SnapshotCost.sibling, times: more + 1)
            column.firsts.append(value)
            value += more + 2
        }
        while column.firsts.count < column.cells.count {
            column.firsts.append(value)
            value += 1
        }
        column.firsts.append(value)
    }

    private mutating func readTags(
        _ count: Int, _ column: inout SnapshotPiece.Column
    ) throws(SijilError) {
        let tag = try reader.byte()
        if tag == SnapshotPieceBuilder.mixedTags {
            column.tags = Array(try reader.raw(count))
            guard column.tags.contains(where: { $0 != column.tags[0] }) else {
                throw Self.disorder
            }
        } else {
            column.tags = Array(repeating: tag, count: count)
        }
        guard column.tags.allSatisfy({ $0 < ValueTag.removed }) else {
            throw SijilError(.badData, "A value has a tag that cannot be.")
        }
        guard
            column.name != .liveness
                || column.tags.allSatisfy({ $0 == ValueTag.no || $0 == ValueTag.yes })
        else { throw SijilError(.badData, "A record of a snapshot is neither alive nor deleted.") }
        guard column.name != .erasure || column.tags.allSatisfy({ $0 == ValueTag.yes }) else {
            throw SijilError(.badData, "A record of a snapshot is erased and is not.")
        }
    }

    static func varintCount(_ number: Int) -> Int {
        max(1, (Int.bitWidth - number.leadingZeroBitCount + 6) / 7)
    }

    static var disorder: SijilError {
        SijilError(.badData, "A piece of a snapshot is not in order.")
    }
}

// MARK: Payloads

extension SnapshotPieceReader {
    private mutating func readPayloads(
        _ column: inout SnapshotPiece.Column
    ) throws(SijilError) {
        var kinds: UInt32 = 0
        for tag in column.tags { kinds |= 1 << UInt32(tag) }
        while kinds != 0 {
            let tag = UInt8(kinds.trailingZeroBitCount)
            kinds &= kinds - 1
            try readPayloads(
                of: tag, column.tags.indices.filter { column.tags[$0] == tag }, &column)
        }
    }

    private mutating func readPayloads(
        of tag: UInt8, _ values: [Int], _ column: inout SnapshotPiece.Column
    ) throws(SijilError) {
        switch tag {
        case ValueTag.integer:
            for value in values { column.payloads[value] = try reader.signed() }
        case ValueTag.real:
            for value in values {
                let bits = try reader.fixed()
                let real = Double(bitPattern: bits)
                guard real.isFinite, real != 0 || real.sign == .plus else {
                    throw SijilError(.badData, "A number must be finite and not negative zero.")
                }
                column.payloads[value] = Int64(bitPattern: bits)
            }
        case ValueTag.date: try readDates(values, &column)
        case ValueTag.reference:
            for value in values { column.payloads[value] = try place(of: 6) }
            for value in values { column.counts[value] = Int(try place(of: 10)) }
        case ValueTag.text, ValueTag.later:
            for value in values {
                let count = try reader.count()
                guard count <= Limits.valueBytes else {
                    throw SijilError(.badData, "A value is larger than allowed.")
                }
                column.counts[value] = count
            }
            let start = reader.position
            for value in values { column.payloads[value] = try place(of: column.counts[value]) }
            if tag == ValueTag.text { try checkTexts(values, from: start, column) }
        default: break
        }
    }

    private mutating func place(of count: Int) throws(SijilError) -> Int64 {
        let position = reader.position
        _ = try reader.raw(count)
        return Int64(position)
    }

    private mutating func readDates(
        _ values: [Int], _ column: inout SnapshotPiece.Column
    ) throws(SijilError) {
        for value in values {
            let year = try reader.varint()
            guard year <= 9999 else { throw SijilError(.badData, "A date does not exist.") }
            column.payloads[value] = Int64(year) << 16
        }
        for value in values { column.payloads[value] |= Int64(try reader.byte()) << 8 }
        for value in values {
            column.payloads[value] |= Int64(try reader.byte())
            let date = column.payloads[value]
            let (month, day) = (Int(date >> 8 & 0xFF), Int(date & 0xFF))
            guard month > 0 || day == 0,
                PartialDate(year: Int(date >> 16), month: month, day: day) != nil
            else { throw SijilError(.badData, "A date does not exist.") }
        }
    }

    /// Texts that stand one after another are looked at together: that all of it is UTF-8, and that each
    /// begins where a character does.
    private func checkTexts(
        _ values: [Int], from start: Int, _ column: SnapshotPiece.Column
    ) throws(SijilError) {
        let all = bytes.span.extracting(start..<reader.position)
        guard (try? UTF8Span(validating: all)) != nil else {
            throw SijilError(.badData, "A text is not UTF-8.")
        }
        for value in values where column.counts[value] > 0 {
            guard bytes[Int(column.payloads[value])] & 0xC0 != 0x80 else {
                throw SijilError(.badData, "A text is not UTF-8.")
            }
        }
        for index in all.indices {
            guard all[index] != 0 else {
                throw SijilError(.badData, "A text holds the character U+0000.")
            }
        }
    }
}

extension Value {
    /// Refuses a key that no change could have.
    fileprivate func checkAsKey() throws(SijilError) {
        guard self != .none else { return }
        // What a change names by a text has at least one byte.
        guard self != .text("") else { throw SijilError(.badData, "A key has the wrong form.") }
        try check(in: "", atMost: Limits.nameBytes)
    }
}

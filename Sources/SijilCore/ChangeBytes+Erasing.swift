/// How a body is written.
enum BodyForm {
    /// Everything is there.
    static let whole: UInt8 = 0
    /// Of some leaves only the hash.
    static let partlyErased: UInt8 = 1
}

extension ChangeBytes {
    /// What a body has in the place of its secret when something was erased from it: the hashes of what is
    /// gone, the salts of what is left.
    ///
    /// The secret is gone with the content: with it somebody could try out what the content was.
    struct Remains: Hashable, Sendable {
        static let hashCount = 32
        static let saltCount = 16
        /// What stands in a leaf's place: its form and its hash.
        static let erasedCount = 1 + hashCount

        /// The hash of the note, which goes with the first record: it may say who it is about.
        var note: [UInt8]?
        /// One for each edit that is left.
        var salts: [[UInt8]] = []
        /// Ascending by record.
        var erased: [(record: RecordID, hash: [UInt8])] = []

        /// Reads what stands before the content of a record's leaf, or in its place.
        ///
        /// - Returns: whether the content follows.
        mutating func readLeaf(
            of record: RecordID, _ reader: inout ByteReader
        ) throws(SijilError) -> Bool {
            switch try reader.byte() {
            case LeafForm.erased:
                erased.append((record, Array(try reader.raw(Self.hashCount))))
                return false
            case LeafForm.kept:
                salts.append(Array(try reader.raw(Self.saltCount)))
                return true
            default:
                throw SijilError(.badData, "A part of a change is neither there nor erased.")
            }
        }

        static func == (left: Self, right: Self) -> Bool {
            left.note == right.note && left.salts == right.salts
                && left.erased.map(\.record) == right.erased.map(\.record)
                && left.erased.map(\.hash) == right.erased.map(\.hash)
        }

        func hash(into hasher: inout Hasher) {
            hasher.combine(note)
            hasher.combine(salts)
            for leaf in erased {
                hasher.combine(leaf.record)
                hasher.combine(leaf.hash)
            }
        }
    }

    private enum LeafForm {
        static let erased: UInt8 = 0
        static let kept: UInt8 = 1
    }

    /// The records whose content was erased from it, ascending.
    package var erasedRecords: [RecordID] { remains?.erased.map(\.record) ?? [] }

    /// Whether both are one change, whatever was erased from each.
    ///
    /// Where they stand, what is left of both must be the same bytes; that both are hashed alike says it.
    package func isSame(as other: ChangeBytes, using hash: Hashing) -> Bool {
        bytes == other.bytes
            || bytes[..<headEnd] == other.bytes[..<other.headEnd]
                && bodyHash(using: hash) == other.bodyHash(using: hash)
    }

    /// The change without what it says of some records, and without its note.
    ///
    /// Chain and signature hold for it as before. An edit that erases a record stays: it says nothing about it.
    ///
    /// - Parameter isErased: for each record of which there is something left, with its type.
    /// - Returns: `nil` when there is nothing to take out.
    package func erasing(
        using hash: Hashing, where isErased: (_ record: RecordID, _ type: String) throws -> Bool
    ) rethrows -> ChangeBytes? {
        let goes = try edits.map { try !$0.erases && isErased($0.record, names[$0.type]) }
        guard goes.contains(true) else { return nil }
        return reduced(using: hash) { goes[$0] }
    }

    /// Written anew from what was read, for checks that there is one form only.
    package func rewritten(using hash: Hashing) -> [UInt8]? {
        remains == nil ? nil : reduced(using: hash) { _ in false }.bytes
    }

    private func reduced(using hash: Hashing, _ goes: (_ edit: Int) -> Bool) -> ChangeBytes {
        var writer = ByteWriter(reservingCapacity: bytes.count + 64)
        writer.raw(bytes[..<headEnd])
        writer.byte(BodyForm.partlyErased)
        let leaves = hashedLeaves
        if let first = leaves.first, first.record == nil { writer.raw(first.hash(bytes, hash)) }
        let records = leaves.filter { $0.record != nil }
        writer.varint(records.count)
        var previous = RecordID.zero
        var edit = 0
        for leaf in records {
            Self.writeStep(from: previous, to: leaf.record!, &writer)
            previous = leaf.record!
            guard case .content(let salt, let range) = leaf.state else {
                writer.byte(LeafForm.erased)
                writer.raw(leaf.hash(bytes, hash))
                continue
            }
            if goes(edit) {
                writer.byte(LeafForm.erased)
                writer.raw(leaf.hash(bytes, hash))
            } else {
                writer.byte(LeafForm.kept)
                writer.raw(salt)
                writer.counted(bytes[range])
            }
            edit += 1
        }
        do {
            return try ChangeBytes(writer.bytes)
        } catch {
            preconditionFailure("A change that was read does not read without a part of it.")
        }
    }

    /// A leaf as the hash of the body takes it.
    struct HashedLeaf {
        enum State {
            case content(salt: [UInt8], Range<Int>)
            case erased(hash: [UInt8])
        }

        private static let label = Array("sijil leaf 1".utf8)

        /// `nil` for the note.
        var record: RecordID?
        var state: State

        /// - Parameter bytes: the change's.
        func hash(_ bytes: [UInt8], _ hash: Hashing) -> [UInt8] {
            switch state {
            case .erased(let known): return known
            case .content(let salt, let range):
                var leaf = ByteWriter(reservingCapacity: 48 + range.count)
                leaf.raw(Self.label)
                leaf.raw(salt)
                leaf.identifier(record ?? .zero)
                leaf.raw(bytes[range])
                return hash(leaf.bytes)
            }
        }
    }

    /// Every leaf, in the order in which they are hashed.
    var hashedLeaves: [HashedLeaf] {
        guard let remains else { return wholeLeaves }
        var leaves: [HashedLeaf] = []
        if let note = remains.note {
            leaves.append(HashedLeaf(record: nil, state: .erased(hash: note)))
        }
        var erased = remains.erased[...]
        for (edit, salt) in zip(edits, remains.salts) {
            while let next = erased.first, next.record < edit.record {
                leaves.append(HashedLeaf(record: next.record, state: .erased(hash: next.hash)))
                erased.removeFirst()
            }
            leaves.append(
                HashedLeaf(record: edit.record, state: .content(salt: salt, edit.content)))
        }
        return leaves
            + erased.map { HashedLeaf(record: $0.record, state: .erased(hash: $0.hash)) }
    }

    private var wholeLeaves: [HashedLeaf] {
        let salts = SipHash(key: secret)
        var index = ByteWriter()
        let hasNote = leaves.count > edits.count
        return leaves.enumerated()
            .map { number, leaf in
                index.removeAll()
                index.varint(number)
                return HashedLeaf(
                    record: hasNote && number == 0 ? nil : leaf.record,
                    state: .content(
                        salt: Identifier(salts.hash(index.bytes)).bytes, leaf.range))
            }
    }

    /// Whether a change's bytes say anything of some records, erased or not.
    ///
    /// For going through a whole log: looks at the records only, not at what is said of them.
    package static func touches(
        _ records: Set<RecordID>, in bytes: [UInt8]
    ) throws(SijilError) -> Bool {
        var reader = ByteReader(bytes)
        try checkVersion(try reader.byte())
        let flags = try reader.byte()
        _ = try reader.signed()
        if flags & Flag.clockOffset != 0 { _ = try reader.signed() }
        for _ in 0..<(try reader.count(minimumBytes: 17)) {
            _ = try reader.raw(Identifier.byteCount)
            _ = try reader.varint()
        }
        for _ in 0..<(try reader.count(minimumBytes: 2)) { _ = try reader.counted() }
        let isWhole = try reader.byte() == BodyForm.whole
        if isWhole { _ = try reader.raw(secretCount) }
        if flags & Flag.note != 0 {
            _ = isWhole ? try reader.counted() : try reader.raw(Remains.hashCount)
        }
        var record = RecordID.zero
        for _ in 0..<(try reader.count(minimumBytes: 5)) {
            record = RecordID(record.rawValue &+ (try readStep(&reader)))
            if records.contains(record) { return true }
            if isWhole {
                _ = try reader.counted()
            } else if try reader.byte() == LeafForm.erased {
                _ = try reader.raw(Remains.hashCount)
            } else {
                _ = try reader.raw(Remains.saltCount)
                _ = try reader.counted()
            }
        }
        return false
    }
}

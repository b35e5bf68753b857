import SijilSimulator
import Testing

@testable import SijilCore

struct ChangeBytesTests {
    @Test(arguments: UInt64(0)..<300)
    func `what was written is read, and has one byte form`(seed: UInt64) throws {
        var generator = ChangeGenerator(seed: seed)
        let change = generator.change()
        let secret = generator.random.bytes(16)
        let written = try ChangeBytes(change, secret: secret)
        let read = try ChangeBytes(written.bytes)
        #expect(read.change == change)
        #expect(read.bytes == written.bytes)
        #expect(read.secret == secret)
        #expect(try ChangeBytes(read.change, secret: secret).bytes == written.bytes)
        #expect(
            read.hash(in: somePlace, using: sha256) == written.hash(in: somePlace, using: sha256))
    }

    @Test(arguments: UInt64(0)..<12)
    func `every cut and every flipped bit is refused or changes the hash`(seed: UInt64) throws {
        var generator = ChangeGenerator(seed: 1_000 + seed)
        let original = try ChangeBytes(generator.change(edits: 2), secret: secret)
        let hash = original.hash(in: somePlace, using: sha256)
        for count in 0..<original.bytes.count {
            #expect(
                code { () throws(SijilError) in
                    _ = try ChangeBytes(Array(original.bytes[..<count]))
                } == .badData)
        }
        for bit in 0..<original.bytes.count * 8 {
            var mutated = original.bytes
            mutated[bit / 8] ^= 1 << (bit % 8)
            guard let read = try? ChangeBytes(mutated) else { continue }
            try expectCanonical(read)
            #expect(read.hash(in: somePlace, using: sha256) != hash, "bit \(bit)")
        }
    }

    @Test(arguments: UInt64(0)..<12)
    func `whatever decodes is in its one byte form`(seed: UInt64) throws {
        var generator = ChangeGenerator(seed: 2_000 + seed)
        let original = try ChangeBytes(generator.change(edits: 2), secret: secret)
        for _ in 0..<1_500 {
            var mutated = original.bytes
            for _ in 0..<generator.random.int(1..<4) {
                let place = generator.random.int(0..<mutated.count)
                let small = UInt8(generator.random.int(0..<8))
                switch generator.random.int(0..<5) {
                case 0: mutated[place] = small
                case 1: mutated[place] &+= 1
                case 2: mutated[place] &-= 1
                case 3: mutated.insert(small, at: place)
                default: mutated.remove(at: place)
                }
            }
            if let read = try? ChangeBytes(mutated) { try expectCanonical(read) }
        }
    }

    func expectCanonical(_ read: ChangeBytes) throws {
        if let rewritten = read.rewritten(using: sha256) {
            #expect(rewritten == read.bytes, "\(hex(read.bytes))")
            return
        }
        let again = try ChangeBytes(read.change, secret: read.secret)
        #expect(again.bytes == read.bytes, "\(hex(read.bytes))")
    }

    @Test func `the place is part of the hash`() throws {
        let change = try ChangeBytes(smallChange(), secret: secret)
        var places = [somePlace]
        for alter in [
            { (place: inout ChainPlace) in place.collection = Identifier(0xC1) },
            { $0.dot.replica = Identifier(0xA2) }, { $0.dot.sequence = 8 },
            { $0.previous = ChainHash([UInt8](repeating: 1, count: 32))! },
        ] {
            var place = somePlace
            alter(&place)
            places.append(place)
        }
        #expect(Set(places.map { change.hash(in: $0, using: sha256) }).count == places.count)
    }

    @Test func `two secrets give two hashes of one content`() throws {
        let one = try ChangeBytes(smallChange(), secret: secret)
        let other = try ChangeBytes(smallChange(), secret: secret.reversed())
        #expect(one.change == other.change)
        #expect(one.hash(in: somePlace, using: sha256) != other.hash(in: somePlace, using: sha256))
    }

    @Test func `names that only Unicode calls equal stay two`() throws {
        let (composed, decomposed) = ("caf\u{E9}", "cafe\u{301}")
        #expect(CellName(composed) != CellName(decomposed))
        let change = Change(
            writtenAt: 0,
            edits: [
                RecordEdit(
                    record: Identifier(1), type: "place",
                    operations: [
                        CellOperation(CellName(composed), .put(.integer(1))),
                        CellOperation(CellName(decomposed), .put(.integer(2))),
                        CellOperation(CellName("tag", key: .text(composed)), .put(.integer(3))),
                        CellOperation(CellName("tag", key: .text(decomposed)), .put(.integer(4))),
                    ])
            ])
        let read = try ChangeBytes(ChangeBytes(change, secret: secret).bytes)
        let operations = read.change.edits[0].operations
        #expect(operations == change.edits[0].operations)
        #expect(operations.map { Array($0.cell.field.utf8).count } == [5, 6, 3, 3])
    }
}

/// What is refused, and under which name.
struct ChangeLimitTests {
    @Test(arguments: [UInt8(2), 3, 127, 128, 255])
    func `a later version is named so`(version: UInt8) throws {
        var later = try ChangeBytes(smallChange(), secret: secret).bytes
        later[0] = version
        #expect(decode(later) == .futureVersion)
    }

    @Test func `version 0 is no change`() throws {
        var none = try ChangeBytes(smallChange(), secret: secret).bytes
        none[0] = 0
        #expect(decode(none) == .badData)
        #expect(decode([]) == .badData)
    }

    @Test(arguments: 3..<8)
    func `an unknown flag belongs to a later version`(bit: Int) throws {
        var later = try ChangeBytes(smallChange(), secret: secret).bytes
        later[1] |= 1 << bit
        #expect(decode(later) == .futureVersion)
    }

    @Test func `an unknown form of body or flag of an edit belongs to a later version`() throws {
        let change = try ChangeBytes(smallChange(), secret: secret)
        var form = change.bytes
        form[change.headEnd] = 2
        #expect(decode(form) == .futureVersion)
        var flag = change.bytes
        flag[change.leaves[0].range.lowerBound + 1] = 4
        #expect(decode(flag) == .futureVersion)
    }

    @Test(arguments: 1..<3)
    func `a name that is listed and not used is refused`(extra: Int) throws {
        // A head without seen: version, flags, written-at 0, no seen, three names.
        let change = try ChangeBytes(smallChange(), secret: secret)
        #expect(hex(change.bytes[..<5]) == "0100000002")
        var padded = change.bytes
        padded[4] += UInt8(extra)
        // After "person" and "village": nothing else moves.
        let names = [
            [2, UInt8(ascii: "z"), UInt8(ascii: "a")], [2, UInt8(ascii: "z"), UInt8(ascii: "b")],
        ]
        padded.insert(contentsOf: names[..<extra].joined(), at: change.headEnd)
        #expect(decode(padded) == .badData)
    }

    @Test func `a value of 64 KiB passes, one byte more does not`() throws {
        let most = String(repeating: "a", count: Limits.valueBytes)
        #expect(encode(smallChange(CellName("text"), .put(.text(most)))) == nil)
        #expect(encode(smallChange(CellName("text"), .put(.text(most + "a")))) == .badData)
        let later = [UInt8](repeating: 0, count: Limits.valueBytes)
        #expect(encode(smallChange(CellName("x"), .put(.unknown(tag: 9, bytes: later)))) == nil)
        #expect(
            encode(smallChange(CellName("x"), .put(.unknown(tag: 9, bytes: later + [0]))))
                == .badData)
    }

    @Test func `a stranger's oversized value is refused like our own`() throws {
        // The value's length is three bytes at both sizes, so one byte more is a patch of lengths.
        let most = String(repeating: "a", count: Limits.valueBytes)
        let change = try ChangeBytes(
            smallChange(CellName("text"), .put(.text(most))), secret: secret)
        let leaf = change.leaves[0].range
        var writer = ByteWriter()
        writer.raw(change.bytes[..<(leaf.lowerBound - 3)])
        writer.varint(leaf.count + 1)
        writer.raw(change.bytes[leaf.lowerBound..<(leaf.lowerBound + 5)])
        writer.text(most + "a")
        #expect(writer.count == change.bytes.count + 1)
        #expect(decode(writer.bytes) == .badData)
    }

    @Test(arguments: [UInt8(0), 1, 7, 31, 32, 255])
    func `an unknown value cannot pose as a known one`(tag: UInt8) {
        #expect(
            encode(smallChange(CellName("x"), .put(.unknown(tag: tag, bytes: [])))) == .badData)
        #expect(
            encode(smallChange(CellName("x", key: .unknown(tag: tag, bytes: [])), .remove))
                == .badData)
    }

    @Test(arguments: [-0.0, .nan, .infinity, -.infinity])
    func `a number that SQL or JSON would change is refused`(real: Double) throws {
        #expect(encode(smallChange(CellName("x"), .put(.real(real)))) == .badData)
        #expect(encode(smallChange(CellName("x", key: .real(real)), .remove)) == .badData)
        var bytes = try ChangeBytes(
            smallChange(CellName("x"), .put(.real(0))), secret: secret
        )
        .bytes
        var writer = ByteWriter()
        writer.fixed(real.bitPattern)
        bytes.replaceSubrange(bytes.count - 8..<bytes.count, with: writer.bytes)
        #expect(decode(bytes) == .badData)
    }

    @Test func `the character U+0000 is refused`() {
        #expect(encode(smallChange(CellName("x"), .put(.text("a\u{0}")))) == .badData)
        #expect(encode(smallChange(CellName("a\u{0}"))) == .badData)
        #expect(encode(smallChange(CellName("x", key: .text("a\u{0}")))) == .badData)
    }

    @Test func `a name has 1 to 128 bytes`() {
        for name in ["", String(repeating: "ا", count: 65)] {
            #expect(encode(smallChange(CellName(name))) == .badData)
            #expect(encode(smallChange(CellName("title", key: .text(name)))) == .badData)
            let edit = RecordEdit(record: Identifier(1), type: name)
            #expect(encode(Change(writtenAt: 0, edits: [edit])) == .badData)
        }
        #expect(encode(smallChange(CellName(String(repeating: "ا", count: 64)))) == nil)
        let key = Value.unknown(tag: 8, bytes: [UInt8](repeating: 0, count: 129))
        #expect(encode(smallChange(CellName("set", key: key))) == .badData)
    }

    @Test func `a note has at most 2048 bytes`() {
        var change = smallChange()
        change.note = String(repeating: "a", count: Limits.noteBytes)
        #expect(encode(change) == nil)
        change.note! += "a"
        #expect(encode(change) == .badData)
    }

    @Test func `a change touches 1 to 4096 records`() {
        func change(_ count: Int) -> Change {
            Change(
                writtenAt: 0,
                edits: (0..<count).map { RecordEdit(record: Identifier(UInt128($0)), type: "t") })
        }
        #expect(encode(change(0)) == .badData)
        #expect(encode(change(Limits.recordsPerChange)) == nil)
        #expect(encode(change(Limits.recordsPerChange + 1)) == .badData)
    }

    @Test func `a change has at most 192 KiB`() {
        let value = Value.text(String(repeating: "a", count: 60_000))
        func change(_ count: Int) -> Change {
            Change(
                writtenAt: 0,
                edits: (0..<count)
                    .map {
                        RecordEdit(
                            record: Identifier(UInt128($0)), type: "t",
                            operations: [CellOperation(CellName("f"), .put(value))])
                    })
        }
        #expect(encode(change(3)) == nil)
        #expect(encode(change(4)) == .badData)
        #expect(decode([UInt8](repeating: 1, count: Limits.changeBytes + 1)) == .badData)
    }

    @Test(arguments: [2, 20])
    func `a cell or a record named twice is refused`(count: Int) {
        var operations = (0..<count)
            .map {
                CellOperation(CellName("set", key: .integer(Int64($0))), .put(.boolean(true)))
            }
        operations.append(operations[0])
        let edit = RecordEdit(record: Identifier(1), type: "t", operations: operations)
        #expect(encode(Change(writtenAt: 0, edits: [edit])) == .badData)
        let bare = RecordEdit(record: Identifier(1), type: "t")
        #expect(encode(Change(writtenAt: 0, edits: [bare, bare])) == .badData)
    }

    @Test func `a stranger's cell named twice is refused`() throws {
        let change = Change(
            writtenAt: 0,
            edits: [
                RecordEdit(
                    record: Identifier(1), type: "t",
                    operations: [
                        CellOperation(CellName("f", key: .integer(1)), .remove),
                        CellOperation(CellName("f", key: .integer(2)), .remove),
                    ])
            ])
        var twice = try ChangeBytes(change, secret: secret).bytes
        #expect(twice.suffix(3) == [2 << 5 | 31, 2, 4])
        twice[twice.count - 1] = 2
        #expect(decode(twice) == .badData)
    }

    private func encode(_ change: Change) -> SijilError.Code? {
        code { () throws(SijilError) in
            let written = try ChangeBytes(change, secret: secret)
            _ = try ChangeBytes(written.bytes)
        }
    }

    private func decode(_ bytes: [UInt8]) -> SijilError.Code? {
        code { () throws(SijilError) in _ = try ChangeBytes(bytes) }
    }
}

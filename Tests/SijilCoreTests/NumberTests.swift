import SijilCore
import SijilSimulator
import Testing

/// The smallest parts of the byte form.
struct NumberTests {
    static let numbers: [(UInt64, String)] = [
        (0, "00"), (1, "01"), (127, "7f"), (128, "8001"), (16_383, "ff7f"), (16_384, "808001"),
        (1 << 63 - 1, "ffffffffffffffff7f"), (1 << 63, "80808080808080808001"),
        (.max, "ffffffffffffffffff01"),
    ]

    @Test(arguments: numbers)
    func `a number has one byte form`(number: UInt64, form: String) throws {
        var writer = ByteWriter()
        writer.varint(number)
        #expect(hex(writer.bytes) == form)
        var reader = ByteReader(writer.bytes)
        #expect(try reader.varint() == number)
        #expect(reader.isAtEnd)
    }

    @Test(
        arguments: [
            "8000", "ff00", "80808000", "8080808080808080808000", "ffffffffffffffffff02",
            "80808080808080808002", "ffffffffffffffffffff01", "", "80", "ffffff",
        ])
    func `a number that is too long, too large or cut is refused`(form: String) {
        var reader = ByteReader(bytes(form))
        #expect(code { () throws(SijilError) in _ = try reader.varint() } == .badData)
    }

    static let signed: [(Int64, String)] = [
        (0, "00"), (-1, "01"), (1, "02"), (-2, "03"), (63, "7e"), (-64, "7f"), (64, "8001"),
        (.max, "feffffffffffffffff01"), (.min, "ffffffffffffffffff01"),
    ]

    @Test(arguments: signed)
    func `small signed numbers are short, whatever their sign`(number: Int64, form: String) throws {
        var writer = ByteWriter()
        writer.signed(number)
        #expect(hex(writer.bytes) == form)
        var reader = ByteReader(writer.bytes)
        #expect(try reader.signed() == number)
    }

    @Test func `a fixed number is eight bytes, least significant first`() throws {
        var writer = ByteWriter()
        writer.fixed(0x0102_0304_0506_0708)
        #expect(hex(writer.bytes) == "0807060504030201")
        var reader = ByteReader(writer.bytes)
        #expect(try reader.fixed() == 0x0102_0304_0506_0708)
    }

    @Test func `a count that promises more than is there is refused before it is believed`() {
        var reader = ByteReader(bytes("03 0000"))
        #expect(code { () throws(SijilError) in _ = try reader.count() } == .badData)
        var wide = ByteReader(bytes("02 0000000000"))
        #expect(
            code { () throws(SijilError) in _ = try wide.count(minimumBytes: 3) } == .badData)
        var huge = ByteReader(bytes("ffffffffffffffffff01"))
        #expect(code { () throws(SijilError) in _ = try huge.counted() } == .badData)
    }

    @Test(arguments: ["01ff", "02c3", "03eda080", "02c080", "04f4908080"])
    func `text that is not UTF-8 is refused`(form: String) {
        var reader = ByteReader(bytes(form))
        #expect(code { () throws(SijilError) in _ = try reader.text() } == .badData)
    }
}

struct IdentifierTests {
    @Test func `text and bytes are two spellings of one identifier`() throws {
        let id = try #require(Identifier("0198c0de0000700080000000000000ff"))
        #expect(id.description == "0198c0de0000700080000000000000ff")
        #expect(hex(id.bytes) == id.description)
        #expect(Identifier(bytes: id.bytes) == id)
        #expect(Identifier("0198C0DE0000700080000000000000FF") == id)
        #expect(id.abbreviated == "0198c0de")
    }

    @Test(
        arguments: [
            "", "0198c0de0000700080000000000000f", "0198c0de0000700080000000000000ff0",
            "0198c0de-000-7000-8000-000000000", "0198c0de0000700080000000000000fg",
            "٠198c0de00007000800000000000000",
        ])
    func `anything but 32 hexadecimal digits is no identifier`(text: String) {
        #expect(Identifier(text) == nil)
    }

    @Test func `15 and 17 bytes are no identifier`() {
        #expect(Identifier(bytes: [UInt8](repeating: 0, count: 15)) == nil)
        #expect(Identifier(bytes: [UInt8](repeating: 0, count: 17)) == nil)
    }

    @Test func `later is greater, whatever the chance in it`() {
        let early = Identifier(milliseconds: 1_772_000_000_000, random: .max)
        let late = Identifier(milliseconds: 1_772_000_000_001, random: 0)
        #expect(early < late)
        #expect(early.bytes.lexicographicallyPrecedes(late.bytes))
        #expect(early.rawValue >> 80 == 1_772_000_000_000)
    }

    @Test(arguments: [Int64.min, -1, 0, 1 << 48, .max])
    func `a clock that is far off gives an identifier too`(milliseconds: Int64) {
        let id = Identifier(milliseconds: milliseconds, random: 5)
        #expect(id.rawValue & ((1 << 80) - 1) == 5)
    }
}

struct PartialDateTests {
    @Test(arguments: ["2026", "2026-11", "2026-11-22", "0000", "9999-12-31", "2000-02-29"])
    func `a date reads as it is written`(text: String) throws {
        #expect(try #require(PartialDate(text)).description == text)
    }

    @Test(
        arguments: [
            "", "26", "2026-", "2026-00", "2026-13", "2026-11-00", "2026-11-31", "1900-02-29",
            "2023-02-29", "2026-1-2", "2026-11-22-", "-2026", "2026/11", "٢٠٢٦", " 2026", "10000",
        ])
    func `what is not a date is none`(text: String) { #expect(PartialDate(text) == nil) }

    @Test func `a day needs its month`() {
        #expect(PartialDate(year: 2026, month: 0, day: 1) == nil)
        #expect(PartialDate(year: 2026, month: -1) == nil)
        #expect(PartialDate(year: 2026, month: 1, day: -1) == nil)
        #expect(PartialDate(year: -1) == nil)
    }

    @Test func `the less that is known, the earlier`() throws {
        let dates = ["2025-12-31", "2026", "2026-03", "2026-03-01", "2026-04"]
        let parsed = try dates.map { try #require(PartialDate($0)) }
        #expect(parsed.sorted() == parsed)
    }
}

struct VersionVectorTests {
    static func vector(_ random: inout SeededGenerator) -> VersionVector {
        var vector = VersionVector()
        for replica in 0..<4 { vector[Identifier(UInt128(replica))] = UInt64(random.int(0..<4)) }
        return vector
    }

    @Test(arguments: UInt64(0)..<200)
    func `merging is commutative, associative and idempotent, and covers both`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let (a, b, c) = (
            Self.vector(&random), Self.vector(&random), Self.vector(&random)
        )
        func merged(_ left: VersionVector, _ right: VersionVector) -> VersionVector {
            var result = left
            result.merge(right)
            return result
        }
        #expect(merged(a, b) == merged(b, a))
        #expect(merged(merged(a, b), c) == merged(a, merged(b, c)))
        #expect(merged(a, a) == a)
        #expect(merged(a, b).covers(a) && merged(a, b).covers(b))
        #expect(merged(b, a.advanced(since: b)) == merged(a, b))
        #expect(a.covers(b) == b.advanced(since: a).isEmpty)
    }

    @Test func `texts that only Unicode calls equal have hashes of their own`() {
        // Else a stranger's change with thousands of spellings of one word is a set without hashing.
        let (one, other) = ("caf\u{E9}", "cafe\u{301}")
        #expect(Value.text(one).hashValue != Value.text(other).hashValue)
        #expect(CellName(one).hashValue != CellName(other).hashValue)
        #expect(Value.text(one).hashValue == Value.text("caf" + "\u{E9}").hashValue)
    }

    @Test func `a sequence of zero leaves no trace`() {
        let replica = Identifier(1)
        var vector: VersionVector = [replica: 2]
        #expect(vector.contains(Dot(replica: replica, sequence: 2)))
        #expect(!vector.contains(Dot(replica: replica, sequence: 3)))
        vector[replica] = 0
        #expect(vector == [:])
        #expect(vector.isEmpty)
    }

    @Test func `entries are sorted by replica`() {
        let vector: VersionVector = [Identifier(3): 1, Identifier(1): 9, Identifier(2): 4]
        #expect(vector.sorted.map(\.replica) == [Identifier(1), Identifier(2), Identifier(3)])
    }
}

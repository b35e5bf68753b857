import SijilCore
import SijilSimulator

/// Makes changes of every shape that the format allows.
struct ChangeGenerator {
    var random: SeededGenerator

    init(seed: UInt64) { random = SeededGenerator(seed: seed) }

    /// Names of one, two and many bytes, of both directions, two that only Unicode calls equal.
    static let names = [
        "a", "person", "channel", "value", "languages", "caf\u{E9}", "cafe\u{301}", "اسم", "ar",
        "fr", "en", "zgh-Tfng", "xk9_unknown", "සුමන", "\u{200F}rtl", "0", "ⴰⵎⵖⴰⵔ",
    ]

    mutating func change(edits: Int? = nil) -> Change {
        var seen = VersionVector()
        for _ in 0..<random.int(0..<4) {
            seen[Identifier(random.uint128())] = random.pick([1, 127, 128, 1 << 40])
        }
        var records: Set<RecordID> = []
        let start = random.uint128()
        for _ in 0..<(edits ?? random.int(1..<5)) {
            records.insert(
                random.chance(2, of: 3)
                    ? Identifier(start &+ UInt128(random.int(0..<70_000)))
                    : Identifier(random.uint128()))
        }
        if random.chance(1, of: 8) { records.insert(.zero) }
        let times: [Int64] = [0, -1, 1_772_000_000_000, .min, .max, 63, -64]
        return Change(
            seen: seen, writtenAt: random.pick(times),
            clockOffset: random.chance(1, of: 2) ? random.pick(times) : nil,
            note: random.chance(1, of: 2)
                ? random.pick(["", "confirmed by cabinet", "تصحيح"]) : nil,
            keysInLeaves: random.chance(1, of: 2),
            edits: records.sorted().map { edit($0) })
    }

    mutating func edit(_ record: RecordID) -> RecordEdit {
        if random.chance(1, of: 12) {
            return RecordEdit(erasing: record, type: random.pick(Self.names))
        }
        var cells: Set<CellName> = []
        let count = random.chance(1, of: 6) ? random.int(17..<30) : random.int(0..<5)
        for _ in 0..<count { cells.insert(CellName(random.pick(Self.names), key: key())) }
        // A set has no order of its own from run to run; the bytes do.
        let ordered = cells.sorted {
            ($0.field.utf8 + $0.key.bytes).lexicographicallyPrecedes($1.field.utf8 + $1.key.bytes)
        }
        return RecordEdit(
            record: record, type: random.pick(Self.names), deletes: random.chance(1, of: 6),
            operations: ordered.map {
                CellOperation($0, random.chance(1, of: 6) ? .remove : .put(value()))
            })
    }

    mutating func key() -> Value {
        switch random.int(0..<3) {
        case 0: .none
        case 1: .text(random.pick(Self.names))
        default:
            switch value() {
            case .none, .text: .integer(Int64(truncatingIfNeeded: random.next()))
            case let other: other
            }
        }
    }

    mutating func value() -> Value {
        switch random.int(0..<8) {
        case 0: .none
        case 1:
            .text(
                random.pick(["", "نادية أمزيان-تيفاوين", "Nadia Amziane-Tifaouine", "\u{1}", "é"]))
        case 2: .integer(random.pick([0, -1, .min, .max, 64, -65, 300]))
        case 3:
            .real(random.pick([0, 31.625, .leastNonzeroMagnitude, 0.1, -.greatestFiniteMagnitude]))
        case 4: .boolean(random.chance(1, of: 2))
        case 5:
            .date(
                random.pick([
                    PartialDate(year: 2026)!, PartialDate(year: 0, month: 1)!,
                    PartialDate(year: 2024, month: 2, day: 29)!,
                    PartialDate(year: 9999, month: 12, day: 31)!,
                ]))
        case 6: .reference(Identifier(random.uint128()))
        default:
            .unknown(tag: UInt8(random.int(8..<31)), bytes: random.bytes(random.int(0..<9)))
        }
    }
}

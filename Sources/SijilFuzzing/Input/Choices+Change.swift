import SijilCore

/// Changes made of choices: of the directory's types and of unknown ones, with values that suit their
/// fields and values that do not, about few records, so that they meet.
extension Choices {
    private static let types = ["person", "channel", "tenure", "area", "practice", "later_type"]
    private static let fields = [
        "name", "aliases", "contact_rule", "notes", "value", "owner", "kind", "person", "from",
        "level", "code", "title", "later_field", "deleted", "id", "اسم",
    ]
    private static let keys = ["ar", "fr", "zgh-Tfng", "", "caf\u{E9}", "cafe\u{301}"]
    private static let texts = [
        "", "never", "crisis_only", "نادية أمزيان-تيفاوين", "Nadia", "e\u{301}", "\u{E9}",
        "\u{202E}x", "+212 600 000 001", "'=1+1", "a;b\\", "\r\n", "\u{0}", "\u{1}",
        String(repeating: "ن", count: 200),
    ]
    private static let numbers: [Int64] = [0, 1, -1, .min, .max, 1_800_000_000_000, 63, -65]

    mutating func change(seen: VersionVector = [:], records: Int = 4) -> Change {
        var ids = Set<RecordID>()
        for _ in 0...number(below: 4) { ids.insert(record(of: records)) }
        var change = Change(
            seen: seen, writtenAt: flag() ? 1_800_000_000_000 : pick(Self.numbers),
            clockOffset: flag(oneIn: 3) ? pick(Self.numbers) : nil,
            note: flag(oneIn: 4) ? pick(Self.texts) : nil, edits: ids.sorted().map { edit($0) })
        change.keysInLeaves = flag()
        return change
    }

    /// One of a few, now and then any.
    mutating func record(of count: Int) -> RecordID {
        flag(oneIn: 16) ? identifier() : RecordID(UInt128(number(below: count)))
    }

    mutating func edit(_ record: RecordID) -> RecordEdit {
        let edit = RecordEdit(
            record: record, type: pick(Self.types), deletes: flag(oneIn: 6),
            operations: (0..<number(below: 6)).map { _ in operation() })
        return flag(oneIn: 16) ? RecordEdit(erasing: record, type: edit.type) : edit
    }

    mutating func operation() -> CellOperation {
        let key: Value =
            switch number(below: 4) {
            case 0: .text(pick(Self.keys))
            case 1: value()
            default: .none
            }
        return CellOperation(
            CellName(pick(Self.fields), key: key), flag(oneIn: 5) ? .remove : .put(value()))
    }

    mutating func value() -> Value {
        switch number(below: 10) {
        case 0: .none
        case 1: .integer(flag() ? pick(Self.numbers) : Int64(bitPattern: uint64()))
        case 2: .real(flag() ? Double(number(below: 9)) / 8 : Double(bitPattern: uint64()))
        case 3: .boolean(flag())
        case 4:
            .date(
                PartialDate(
                    year: 2000 + number(below: 40), month: number(below: 13),
                    day: number(below: 29)) ?? PartialDate(year: 2026)!)
        case 5: .reference(record(of: 4))
        case 6: .unknown(tag: UInt8(number(below: 40)), bytes: bytes(number(below: 5)))
        case 7: .text(String(decoding: bytes(number(below: 12)), as: UTF8.self))
        default: .text(pick(Self.texts))
        }
    }
}

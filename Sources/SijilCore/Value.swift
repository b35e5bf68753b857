/// What a cell holds.
///
/// Equality is equality of bytes, also for text: two spellings that Unicode calls equivalent are two values,
/// so that every replica agrees on what is equal without a Unicode table. Text that people type is brought
/// to NFC before it becomes a value.
public enum Value: Hashable, Sendable {
    /// A register that was cleared. It can clash with a concurrent value.
    case none
    case text(String)
    case integer(Int64)
    case real(Double)
    case boolean(Bool)
    case date(PartialDate)
    case reference(RecordID)
    /// A kind that this version does not know: kept and forwarded as it came.
    case unknown(tag: UInt8, bytes: [UInt8])

    public static func == (left: Value, right: Value) -> Bool {
        switch (left, right) {
        case (.none, .none): true
        case (.text(let a), .text(let b)): a.hasSameBytes(as: b)
        case (.integer(let a), .integer(let b)): a == b
        case (.real(let a), .real(let b)): a.bitPattern == b.bitPattern
        case (.boolean(let a), .boolean(let b)): a == b
        case (.date(let a), .date(let b)): a == b
        case (.reference(let a), .reference(let b)): a == b
        case (.unknown(let tagA, let a), .unknown(let tagB, let b)): tagA == tagB && a == b
        default: false
        }
    }

    public func hash(into hasher: inout Hasher) {
        switch self {
        case .none: hasher.combine(0)
        case .text(let text): text.hashBytes(into: &hasher)
        case .integer(let integer): hasher.combine(integer)
        case .real(let real): hasher.combine(real.bitPattern)
        case .boolean(let boolean): hasher.combine(boolean)
        case .date(let date): hasher.combine(date)
        case .reference(let id): hasher.combine(id)
        case .unknown(let tag, let bytes):
            hasher.combine(tag)
            hasher.combine(bytes)
        }
    }
}

/// A calendar date that may lack its day, or its day and month: `2021`, `2021-03`, `2021-03-07`.
public struct PartialDate: Hashable, Sendable, Comparable, CustomStringConvertible {
    public let year: Int
    /// 1…12, or 0 when only the year is known.
    public let month: Int
    /// 1…31, or 0 when the day is not known.
    public let day: Int

    /// `nil` unless the date exists in the Gregorian calendar, with a year of 0…9999.
    public init?(year: Int, month: Int = 0, day: Int = 0) {
        guard (0...9999).contains(year), (0...12).contains(month), day >= 0 else { return nil }
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        guard day <= (month == 2 && leap ? 29 : Self.lengths[month]) else { return nil }
        self.year = year
        self.month = month
        self.day = day
    }

    /// The days of each month; a date without a month has none.
    private static let lengths = [0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

    /// Reads `YYYY`, `YYYY-MM` or `YYYY-MM-DD`, and nothing else.
    public init?(_ text: some StringProtocol) {
        var numbers = (0, 0, 0)
        var part = 0
        var digits = 0
        for byte in text.utf8 {
            if byte == UInt8(ascii: "-") {
                guard part < 2, digits == Self.widths[part] else { return nil }
                part += 1
                digits = 0
                continue
            }
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte),
                digits < Self.widths[part]
            else { return nil }
            digits += 1
            let digit = Int(byte - UInt8(ascii: "0"))
            switch part {
            case 0: numbers.0 = numbers.0 * 10 + digit
            case 1: numbers.1 = numbers.1 * 10 + digit
            default: numbers.2 = numbers.2 * 10 + digit
            }
        }
        guard digits == Self.widths[part], part < 1 || numbers.1 > 0, part < 2 || numbers.2 > 0
        else { return nil }
        self.init(year: numbers.0, month: numbers.1, day: numbers.2)
    }

    /// The digits of year, month and day.
    private static let widths = [4, 2, 2]

    public var description: String {
        unsafe String(unsafeUninitializedCapacity: 10) { text in
            var end = 0
            func write(_ number: Int, digits: Int) {
                var rest = number
                for index in (end..<end + digits).reversed() {
                    unsafe text[index] = UInt8(ascii: "0") + UInt8(rest % 10)
                    rest /= 10
                }
                end += digits
            }
            write(year, digits: 4)
            for part in [month, day] where part > 0 {
                unsafe text[end] = UInt8(ascii: "-")
                end += 1
                write(part, digits: 2)
            }
            return end
        }
    }

    public static func < (left: Self, right: Self) -> Bool {
        (left.year, left.month, left.day) < (right.year, right.month, right.day)
    }
}

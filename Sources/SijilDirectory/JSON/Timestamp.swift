import SijilCore

/// Times as people and programs outside read them.
public enum Timestamp {
    /// Milliseconds since 1970 as ISO 8601 in UTC: `2026-03-07T14:05:09.123Z`.
    ///
    /// Total: a clock in the year 40000 or before the year 0 has a text too.
    public static func text(milliseconds: Int64) -> String {
        let day: Int64 = 86_400_000
        let time = milliseconds.modulo(day)
        let (year, month, dayOfMonth) = civil(milliseconds.floored(by: day))
        return "\(padded(year, 4))-\(padded(month, 2))-\(padded(dayOfMonth, 2))"
            + "T\(padded(time / 3_600_000, 2)):\(padded(time / 60_000 % 60, 2))"
            + ":\(padded(time / 1000 % 60, 2)).\(padded(time % 1000, 3))Z"
    }

    /// Reads a moment of ISO 8601 that says how far it is from UTC: `2026-03-07T14:05Z`,
    /// `2026-03-07T14:05:09+01:00`; `nil` for anything else.
    public static func milliseconds(_ text: String) -> Int64? {
        let pattern = /(\d{4}-\d\d-\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:\.\d+)?)?(Z|[+-]\d\d:?\d\d)/
        guard let match = text.withASCIIDigits.wholeMatch(of: pattern)?.output,
            let date = PartialDate(match.1), let hour = Int64(match.2), hour < 24,
            let minute = Int64(match.3), minute < 60,
            case let second = match.4.flatMap({ Int64($0) }) ?? 0, second < 60
        else { return nil }
        var offset: Int64 = 0
        if match.5 != "Z" {
            let digits = match.5.filter(\.isNumber)
            guard let hours = Int64(digits.prefix(2)), let minutes = Int64(digits.suffix(2)),
                hours < 24, minutes < 60
            else { return nil }
            offset = (match.5.hasPrefix("-") ? -1 : 1) * (hours * 60 + minutes)
        }
        let minutes = date.earliest.number * 1440 + hour * 60 + minute - offset
        return (minutes * 60 + second) * 1000
    }

    /// The Gregorian date of a day since 1970-01-01, after Hinnant's "chrono-Compatible Low-Level Date
    /// Algorithms": years begin in March, so that the leap day comes last.
    static func civil(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let era = shifted.floored(by: 146_097)
        let dayOfEra = shifted.modulo(146_097)
        let yearOfEra =
            (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        return (
            yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month,
            dayOfYear - (153 * marchMonth + 2) / 5 + 1
        )
    }

    private static func padded(_ number: Int64, _ width: Int) -> String {
        let digits = String(number.magnitude)
        return (number < 0 ? "-" : "")
            + String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}

extension Int64 {
    fileprivate func modulo(_ divisor: Int64) -> Int64 {
        let rest = self % divisor
        return rest < 0 ? rest + divisor : rest
    }

    func floored(by divisor: Int64) -> Int64 {
        let quotient = self / divisor
        return self % divisor < 0 ? quotient - 1 : quotient
    }
}

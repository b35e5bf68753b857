public import SijilCore

/// A day of the Gregorian calendar, counted from 1970-01-01.
public struct CalendarDay: Hashable, Comparable, Sendable {
    public let number: Int64

    public init(number: Int64) { self.number = number }

    /// The day of a moment in UTC.
    public init(milliseconds: Int64) { number = milliseconds.floored(by: 86_400_000) }

    /// After Hinnant's "chrono-Compatible Low-Level Date Algorithms"; ``Timestamp`` has the other way round.
    init(year: Int64, month: Int64, day: Int64) {
        let shifted = month <= 2 ? year - 1 : year
        let era = shifted.floored(by: 400)
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        number =
            era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    /// The date; `nil` outside the years 0…9999.
    public var date: PartialDate? {
        guard Self.dated.contains(self) else { return nil }
        let (year, month, day) = Timestamp.civil(number)
        return PartialDate(year: Int(year), month: Int(month), day: Int(day))
    }

    private static let dated =
        CalendarDay(year: 0, month: 1, day: 1)...CalendarDay(year: 9999, month: 12, day: 31)

    /// That many days later; of what cannot be counted the first or the last day that can.
    public func adding(days: Int64) -> CalendarDay {
        let (sum, overflow) = number.addingReportingOverflow(days)
        return CalendarDay(number: overflow ? (days < 0 ? .min : .max) : sum)
    }

    public static func < (left: Self, right: Self) -> Bool { left.number < right.number }
}

extension PartialDate {
    /// The first day that the date may mean.
    public var earliest: CalendarDay {
        CalendarDay(year: Int64(year), month: Int64(max(month, 1)), day: Int64(max(day, 1)))
    }

    /// The last day that it may mean.
    public var latest: CalendarDay {
        if day > 0 { return earliest }
        let (nextYear, nextMonth) = month == 0 || month == 12 ? (year + 1, 1) : (year, month + 1)
        return CalendarDay(year: Int64(nextYear), month: Int64(nextMonth), day: 1).adding(days: -1)
    }
}

import Foundation

/// What a clock on the wall of a place says.
public struct LocalTime: Hashable, Sendable {
    public var day: CalendarDay
    /// Minutes since midnight.
    public var minute: Int

    /// - Parameters:
    ///   - milliseconds: since 1970, UTC.
    ///   - zone: a name of the IANA time zone database.
    /// - Returns: `nil` for a zone that is not known here.
    public init?(milliseconds: Int64, in zone: String) {
        guard let zone = TimeZone(identifier: zone) else { return nil }
        let date = Date(timeIntervalSince1970: Double(milliseconds) / 1000)
        let local = milliseconds + Int64(zone.secondsFromGMT(for: date)) * 1000
        day = CalendarDay(milliseconds: local)
        minute = Int((local - day.number * 86_400_000) / 60_000)
    }

    /// 0 for Monday.
    public var weekday: Int {
        // 1970-01-01 was a Thursday.
        Int(((day.number % 7) + 7 + 3) % 7)
    }
}

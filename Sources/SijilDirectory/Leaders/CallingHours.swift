/// When somebody may be called, by weekday and local time: `mon-fri 09:00-17:00; sat 09:00-12:00`.
///
/// Parts are divided by `;`. Each has days (`mon`, `mon-fri`, `mon,wed`; every day when there are none) and
/// periods (`09:00-12:00, 14:00-17:00`). A period that ends before it begins runs into the next day. What
/// people write besides, such as `after 09:00`, is kept and shown, and puts nobody first or last.
public struct CallingHours: Hashable, Sendable {
    private struct Period: Hashable {
        /// 0 for Monday.
        var day: Int
        /// Minutes since midnight; the end is not in it and may lie in the next day.
        var start: Int
        var end: Int
    }

    private var periods: [Period] = []

    /// `nil` for what is not of that form.
    public init?(_ text: String) {
        let plain = text.withASCIIDigits.lowercased()
        for part in plain.split(separator: ";", omittingEmptySubsequences: false) {
            let words = Self.compacted(part).split(separator: " ")
            guard !words.isEmpty else { return nil }
            let days = words.prefix { $0.first?.isNumber == false }.joined(separator: ",")
            let times = words.drop { $0.first?.isNumber == false }.joined(separator: ",")
            guard let days = Self.days(days), !times.isEmpty else { return nil }
            for time in times.split(separator: ",") {
                guard let (start, end) = Self.period(time) else { return nil }
                periods += days.map { Period(day: $0, start: start, end: end) }
            }
        }
    }

    /// - Parameters:
    ///   - weekday: 0 for Monday.
    ///   - minute: since midnight, in the local time of the place.
    public func contains(weekday: Int, minute: Int) -> Bool {
        periods.contains { period in
            let days = (weekday - period.day + 7) % 7
            let place = days * 1440 + minute
            return (period.start..<period.end).contains(place)
        }
    }

    /// Without white space around dashes and commas.
    private static func compacted(_ part: Substring) -> String {
        var text = part.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        for dash in ["–", "—", "‑"] { text = text.replacing(dash, with: "-") }
        for mark in ["-", ","] {
            text = text.replacing(" " + mark, with: mark).replacing(mark + " ", with: mark)
        }
        return text
    }

    private static let names = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

    private static func days(_ text: String) -> [Int]? {
        if text.isEmpty || text == "daily" { return Array(0..<7) }
        var days: [Int] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let ends = part.split(separator: "-", omittingEmptySubsequences: false)
                .map { names.firstIndex(of: String($0)) }
            guard (1...2).contains(ends.count), let first = ends[0], let last = ends[ends.count - 1]
            else { return nil }
            // From Saturday to Thursday goes over the end of the week.
            let length = (last - first + 7) % 7
            days += (0...length).map { (first + $0) % 7 }
        }
        return days
    }

    private static func period(_ text: Substring) -> (start: Int, end: Int)? {
        let ends = text.split(separator: "-", omittingEmptySubsequences: false).map(minute)
        guard ends.count == 2, let start = ends[0], let end = ends[1], start != end, start < 1440
        else { return nil }
        return (start, end > start ? end : end + 1440)
    }

    /// `9:00`, `09:00`, `24:00`.
    private static func minute(_ text: Substring) -> Int? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, (1...2).contains(parts[0].utf8.count), parts[1].utf8.count == 2,
            parts.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }),
            let hour = Int(parts[0]), let minute = Int(parts[1]), minute < 60,
            hour * 60 + minute <= 1440
        else { return nil }
        return hour * 60 + minute
    }
}

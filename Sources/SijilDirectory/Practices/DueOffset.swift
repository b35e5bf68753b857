/// Until when after an incident something is to be done: a duration of ISO 8601 such as `PT1H` or `P2D`.
///
/// Weeks, days, hours and minutes; a day has 24 hours, because it counts from the incident and not from a
/// calendar.
public struct DueOffset: Hashable, Sendable {
    public enum Unit: Character, CaseIterable, Sendable {
        case weeks = "W"
        case days = "D"
        case hours = "H"
        case minutes = "M"

        fileprivate var minutes: Int {
            switch self {
            case .weeks: 7 * 24 * 60
            case .days: 24 * 60
            case .hours: 60
            case .minutes: 1
            }
        }
    }

    /// In the order in which they are written, each at most once, none of them zero.
    public let parts: [(count: Int, unit: Unit)]

    public var minutes: Int { parts.reduce(0) { $0 + $1.count * $1.unit.minutes } }

    /// `nil` for what is no such duration, for none at all and for more than 9,999 of a unit.
    public init?(_ text: String) {
        guard text.first == "P" else { return nil }
        var parts: [(count: Int, unit: Unit)] = []
        var digits = ""
        var isTime = false
        for character in text.dropFirst() {
            switch character {
            case "T" where !isTime && digits.isEmpty: isTime = true
            case "0"..."9" where character.isASCII && digits.count < 4: digits.append(character)
            default:
                guard let unit = Unit(rawValue: character), let count = Int(digits), count > 0,
                    isTime == (unit == .hours || unit == .minutes),
                    parts.last.map({ $0.unit.minutes > unit.minutes }) ?? true
                else { return nil }
                parts.append((count, unit))
                digits = ""
            }
        }
        guard digits.isEmpty, let last = parts.last else { return nil }
        guard isTime == (last.unit == .hours || last.unit == .minutes) else { return nil }
        self.parts = parts
    }

    public static func == (left: Self, right: Self) -> Bool { left.minutes == right.minutes }

    public func hash(into hasher: inout Hasher) { hasher.combine(minutes) }
}

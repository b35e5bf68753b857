import SijilCore

/// One line of a call sheet: somebody to call, how, or why not.
public struct CallSheetEntry: Sendable {
    public var leader: Leader
    /// The channel to use; `nil` when the person is not to be called.
    public var channel: ReachableChannel?
    /// Whose channel it is, where that is not the leader's or the office's.
    public var via: Roster.Person?
    /// What the local clock says; `nil` where the place has no time zone.
    public var localTime: LocalTime?
    /// Why the person is not called directly, or not at all.
    public var reason: Reason?

    public enum Reason: Hashable, Sendable {
        case obstacle(Roster.Obstacle)
        case noChannel
        /// Whoever is asked first cannot be called either.
        case noIntermediary

        public var code: String {
            switch self {
            case .obstacle(let obstacle): obstacle.rawValue
            case .noChannel: "no_channel"
            case .noIntermediary: "no_intermediary"
            }
        }
    }

    public var isCallable: Bool { channel != nil }
}

extension Roster {
    /// Whom to call at a moment, and how: first those whose channel is in its hours or may be, by preference;
    /// then those out of hours; last those who are not to be called, with the reason and no number.
    ///
    /// - *never*, and a consent that was taken back, give no number of anybody.
    /// - *via an intermediary* gives that person's channel, if they may be called; also when only the consent to
    ///   be called was taken back.
    /// - *only in a crisis* gives one in a crisis.
    ///
    /// Nobody is there twice with one number, whatever offices they hold.
    ///
    /// - Parameter at: milliseconds since 1970, UTC. The day is that of the place.
    public func callSheet(
        _ query: LeaderQuery, at milliseconds: Int64, inCrisis: Bool
    ) -> [CallSheetEntry] {
        let today = CalendarDay(milliseconds: milliseconds)
        var clocks: [String: LocalTime] = [:]
        for zone in Set(areas.values.compactMap(\.timeZone)) {
            clocks[zone] = LocalTime(milliseconds: milliseconds, in: zone)
        }
        // Somewhere it is tomorrow already, or still yesterday: others may sit there.
        let days = Set(clocks.values.map(\.day) + [today])
        var entries: [CallSheetEntry] = []
        for day in days {
            guard let date = day.date else { continue }
            for leader in leaders(query, on: date) {
                let now = timeZone(of: leader.area).flatMap { clocks[$0] }
                guard (now?.day ?? today) == day else { continue }
                entries.append(entry(for: leader, on: day, now: now, inCrisis: inCrisis))
            }
        }
        // Of two offices, or of one that two records say they hold, one call is enough.
        var calls: Set<Call> = []
        return entries.sorted { $0.order < $1.order }
            .filter {
                calls.insert(Call(person: $0.leader.person.id, channel: $0.channel?.channel.id))
                    .inserted
            }
    }

    private struct Call: Hashable {
        var person: RecordID
        var channel: RecordID?
    }

    private func entry(
        for leader: Leader, on day: CalendarDay, now: LocalTime?, inCrisis: Bool
    ) -> CallSheetEntry {
        var entry = CallSheetEntry(leader: leader, localTime: now)
        switch obstacle(to: leader.person, on: day, inCrisis: inCrisis) {
        case nil:
            entry.channel =
                channels(to: leader.person.id, in: leader.office.id, on: day, now: now).first
            if entry.channel == nil { entry.reason = .noChannel }
        case .viaIntermediary:
            entry.reason = .noIntermediary
            for id in leader.person.intermediaries {
                guard let person = people[id],
                    obstacle(to: person, on: day, inCrisis: inCrisis) == nil
                else { continue }
                let channel = channels(to: id, in: nil, on: day, now: now).first
                guard let channel, entry.channel.map({ channel < $0 }) ?? true else { continue }
                entry.channel = channel
                entry.via = person
                entry.reason = .obstacle(.viaIntermediary)
            }
        case let obstacle?: entry.reason = .obstacle(obstacle)
        }
        return entry
    }
}

extension CallSheetEntry {
    fileprivate var order: (Int, Int64, Int, String, RecordID, RecordID) {
        let group =
            switch channel?.hours {
            case .open, .unknown: channel?.hasFailed == true ? 1 : 0
            case .closed: 2
            case nil: 3
            }
        return (
            group, channel?.preference ?? 100, channel?.hours == .open ? 0 : 1,
            leader.person.names.first?.text ?? "", leader.person.id, leader.tenure.id
        )
    }
}

public import SijilCore

extension Roster {
    /// Why somebody is not to be called as they stand.
    public enum Obstacle: String, Sendable {
        case deceased
        /// They said never.
        case never
        /// They took back their consent to be called, or to be in the roster.
        case consentWithdrawn = "consent_withdrawn"
        case viaIntermediary = "via_intermediary"
        case crisisOnly = "crisis_only"
    }

    /// What stands against calling a person directly; `nil` when nothing does.
    func obstacle(to person: Person, on day: CalendarDay, inCrisis: Bool) -> Obstacle? {
        if person.isDeceased { return .deceased }
        let rule = person.rule(on: day)
        if rule == .never { return .never }
        if isWithdrawn("store", by: person.id, on: day) { return .consentWithdrawn }
        if rule == .viaIntermediary { return .viaIntermediary }
        if isWithdrawn("crisis_contact", by: person.id, on: day) { return .consentWithdrawn }
        return rule == .crisisOnly && !inCrisis ? .crisisOnly : nil
    }

    /// Whether a person has taken back a consent and not given it again on a later day.
    ///
    /// Of a consent and a withdrawal that may be of one day the withdrawal holds, and of one without a day.
    public func isWithdrawn(
        _ what: String, by person: RecordID, on day: CalendarDay
    ) -> Bool {
        consents[person]?.state(of: what, on: day) == .withdrawn
    }

    /// The channels that lead to somebody in an office on a day, the best first: those that worked last, in
    /// their hours, on which nothing is to be decided, the preferred, those that one can speak over.
    ///
    /// - Parameters:
    ///   - first: the first day of a period that ends on `day`, on some day of which somebody else may be protected.
    ///   - now: what the clock says there; `nil` when nobody knows.
    func channels(
        to person: RecordID?, in office: RecordID?, from first: CalendarDay? = nil,
        on day: CalendarDay, now: LocalTime?
    ) -> [ReachableChannel] {
        let own = person.flatMap { channels[$0] } ?? []
        let ofOffice = office.flatMap { channels[$0] } ?? []
        return (own.map { ($0, false) } + ofOffice.map { ($0, true) })
            .filter { channel, _ in
                (channel.validFrom?.earliest ?? day) <= day
                    && (channel.validTo?.latest ?? day) >= day
                    && !channel.values.isEmpty
                    && !channel.rivalOwners.contains { isProtected($0, on: first ?? day) }
            }
            .map { ReachableChannel(channel: $0, isOfOffice: $1, now: now) }
            .sorted()
    }
}

extension Roster {
    /// Whether a number that may be this person's must not be called as somebody else's.
    private func isProtected(_ id: RecordID, on day: CalendarDay) -> Bool {
        guard let person = people[id] ?? removedPeople[id] else {
            // Of somebody who is in no collection here nobody can tell.
            return offices[id] == nil && communities[id] == nil
        }
        return obstacle(to: person, on: day, inCrisis: true) != nil
    }
}

extension Roster.Person {
    /// The strictest contact rule that holds on a day.
    func rule(on day: CalendarDay) -> ContactRule {
        restrictions.filter { $0.holds(on: day) }.map(\.rule).max() ?? .none
    }

    /// Until when that rule holds; `nil` for one without an end.
    func ruleEnd(on day: CalendarDay) -> PartialDate? {
        let rule = rule(on: day)
        let ends = restrictions.filter { $0.rule == rule && $0.holds(on: day) }.map(\.until)
        return ends.contains(nil) ? nil : ends.compactMap(\.self).max { $0.latest < $1.latest }
    }
}

extension Roster.Restriction {
    fileprivate func holds(on day: CalendarDay) -> Bool { until.map { $0.latest >= day } ?? true }
}

/// A channel as it is at a moment.
public struct ReachableChannel: Sendable, Comparable {
    public enum Hours: String, Sendable {
        case open, closed
        /// There are none, or nobody can tell: free text, or a place without a time zone.
        case unknown
    }

    public var channel: Roster.Channel
    public var isOfOffice: Bool
    public var hours: Hours

    init(channel: Roster.Channel, isOfOffice: Bool, now: LocalTime?) {
        self.channel = channel
        self.isOfOffice = isOfOffice
        guard let now, let hours = channel.hours.flatMap(CallingHours.init) else {
            self.hours = .unknown
            return
        }
        self.hours = hours.contains(weekday: now.weekday, minute: now.minute) ? .open : .closed
    }

    /// A telephone number that could not be read when it was entered.
    public var isFlagged: Bool {
        ChannelKind(channel.kind.map { .text($0) } ?? .none) == .telephone
            && channel.values.contains { !PhoneNumbers.isE164($0) }
    }

    /// Whether the last attempt failed, or may have.
    public var hasFailed: Bool {
        guard let fail = channel.lastFail else { return false }
        return channel.lastOK.map { $0.earliest < fail.latest } ?? true
    }

    /// 1 is tried first; who said nothing stands in the middle.
    var preference: Int64 { channel.preference ?? 50 }

    /// How well one can speak over it.
    private var directness: Int {
        switch channel.kind {
        case "mobile", "landline", "sat": 0
        case "messaging": 1
        case "radio": 2
        case "in_person": 3
        case "email": 4
        case "fax": 5
        case "address": 6
        default: 7
        }
    }

    private var order: (Int, Int, Int64, Int, Int, RecordID) {
        let doubts =
            (hasFailed ? 4 : 0) + (hours == .closed ? 2 : 0) + (channel.isContested ? 1 : 0)
        // Programs prefer one address among those of its kind: no e-mail comes before a telephone for that.
        let isWritten = ["email", "fax", "address", "web"].contains(channel.kind)
        return (
            doubts, isWritten ? 1 : 0, preference, directness, isOfOffice ? 1 : 0, channel.id
        )
    }

    public static func < (left: Self, right: Self) -> Bool { left.order < right.order }

    public static func == (left: Self, right: Self) -> Bool { left.channel.id == right.channel.id }
}

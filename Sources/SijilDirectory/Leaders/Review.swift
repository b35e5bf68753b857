public import SijilCore

/// What is known of who looked last whether a leader's entry is so.
public struct Review: Sendable {
    /// What the latest verification says; `nil` when there is none.
    public var level: String?
    /// The day of the latest verification that counts.
    public var verifiedOn: PartialDate?
    public var by: String?
    /// When somebody is to look again; `nil` when it is overdue without a date.
    public var dueOn: CalendarDay?
    public var reason: Reason

    /// Why somebody is to look again.
    public enum Reason: String, Sendable {
        /// The time for which a verification is good is over, or will be.
        case periodic
        case neverVerified = "never_verified"
        /// Somebody disputes what is written.
        case disputed
        /// Somebody's time in the office ended since.
        case tenureEnded = "tenure_ended"
    }

    /// Whether somebody who should know has confirmed the entry.
    public var isVerified: Bool { reason == .periodic }

    /// Whether it is time to look again.
    public func isDue(on day: CalendarDay) -> Bool { dueOn.map { $0 <= day } ?? true }

    /// Levels that confirm; what somebody says of themselves does not.
    static let confirming: Set<String> = ["phone_confirmed", "in_person", "document"]
}

extension Roster {
    /// What is to be looked at again on or before a day, the longest overdue first.
    public struct DueEntry: Sendable {
        public var office: Office
        /// `nil` for an office that has nobody any more.
        public var leader: Leader?
        public var review: Review
    }

    public func due(
        _ query: LeaderQuery = LeaderQuery(), on date: PartialDate, before day: CalendarDay
    ) -> [DueEntry] {
        var entries = leaders(query, on: date).filter { $0.review.isDue(on: day) }
            .map { DueEntry(office: $0.office, leader: $0, review: $0.review) }
        let inside = query.area.map(areas(within:))
        for office in offices.values {
            guard query.language == nil, query.officeType.map({ $0 == office.type }) ?? true,
                query.category.map({ $0 == office.category }) ?? true,
                inside.map({ area(of: office).map($0.contains) ?? false }) ?? true,
                holders(of: office.id, on: date).isEmpty,
                let last = predecessors(of: office.id, before: date).first?.to
            else { continue }
            let review = Review(
                level: nil, verifiedOn: nil, by: nil, dueOn: last.latest.adding(days: 1),
                reason: .tenureEnded)
            entries.append(DueEntry(office: office, leader: nil, review: review))
        }
        let none = CalendarDay(number: .min)
        return entries.sorted { left, right in
            (
                left.review.dueOn ?? none, left.office.id,
                left.leader?.tenure.id ?? left.office.id
            ) < (
                right.review.dueOn ?? none, right.office.id,
                right.leader?.tenure.id ?? right.office.id
            )
        }
    }

    /// What verifications of the person, the tenure and the office say on a day.
    func review(of tenure: Tenure, on day: CalendarDay) -> Review {
        let events = [tenure.person, tenure.id, tenure.office]
            .flatMap { verifications[$0] ?? [] }
            .filter { ($0.on?.earliest ?? day) <= day }
        let none = CalendarDay(number: .min)
        // Of one day, a doubt counts before a confirmation.
        let latest = events.max { left, right in
            (left.on?.latest ?? none, left.doubt, left.id)
                < (right.on?.latest ?? none, right.doubt, right.id)
        }
        let confirmed =
            events.filter { $0.level.map(Review.confirming.contains) ?? false && $0.on != nil }
            .max { ($0.on!.latest, $0.id) < ($1.on!.latest, $1.id) }
        var review = Review(
            level: latest?.level, verifiedOn: confirmed?.on, by: confirmed?.by, dueOn: nil,
            reason: .neverVerified)
        if latest?.level == "disputed" {
            review.reason = .disputed
            review.dueOn = latest?.on?.latest
        } else if let on = confirmed?.on?.latest {
            let ends = (tenures[tenure.office] ?? [])
                .filter { $0.id != tenure.id || tenure.to != nil }
                .compactMap { $0.to?.latest }.filter { $0 >= on && $0 < day }
            if let end = ends.max() {
                review.reason = .tenureEnded
                review.dueOn = end.adding(days: 1)
            } else {
                review.reason = .periodic
                review.dueOn = on.adding(days: reviewDays(of: offices[tenure.office]))
            }
        } else {
            review.dueOn = tenure.from?.earliest
        }
        return review
    }

    /// For how long a verification is good: what the office says, else a year for those who stay for long and
    /// half a year for the others.
    private func reviewDays(of office: Office?) -> Int64 {
        office?.reviewDays ?? (["customary", "religious"].contains(office?.category) ? 365 : 180)
    }
}

extension Roster.Verification {
    fileprivate var doubt: Int { level == "disputed" ? 1 : 0 }
}

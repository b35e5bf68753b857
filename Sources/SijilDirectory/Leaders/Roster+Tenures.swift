public import SijilCore

/// Whether somebody holds an office on a day.
public enum TenureStatus: String, Sendable {
    /// Holds it, or may: dates can be partial.
    case current
    /// One of several people who say so, more than the office has seats, or one whose time or recognition is in doubt;
    /// no side is taken.
    case disputed
    case former
    case future
}

extension Roster.Tenure {
    /// Whether the tenure may cover some day of a period.
    ///
    /// An end or a beginning that is not known to the day counts wherever it may be. One that is said to have ended,
    /// nobody knows when, covers none, unless that is what waits for a decision.
    func mayCover(_ first: CalendarDay, _ last: CalendarDay) -> Bool {
        guard to != nil || endedHow == nil || isEndContested else { return false }
        return (from?.earliest ?? first) <= last && (to?.latest ?? last) >= first
    }

    /// Whether the tenure has ended to make way for another: they are no rivals on the days of which both
    /// may have a part.
    fileprivate func madeWay(for other: Roster.Tenure) -> Bool {
        guard let to, let from = other.from, other.to.map({ $0.latest >= to.latest }) ?? true else {
            return false
        }
        return to.earliest <= from.latest
    }
}

extension Roster {
    /// Those who hold an office on a day, and with which right.
    ///
    /// - Parameter date: a day, or a month or a year: then whoever held it on some day of it.
    public func holders(
        of office: RecordID, on date: PartialDate
    ) -> [(tenure: Tenure, status: TenureStatus)] {
        let covering = (tenures[office] ?? [])
            .filter { $0.mayCover(date.earliest, date.latest) }
        let rivals = covering.filter { one in
            !covering.contains { $0.id != one.id && one.madeWay(for: $0) }
        }
        // Two records of one person, merged, often bring a tenure each: nobody disputes with themselves.
        let claimants = Set(rivals.map(\.person))
        let isDisputed = claimants.count > Int(clamping: offices[office]?.seats ?? 1)
        return covering.map { tenure in
            let isRival = isDisputed && rivals.contains { $0.id == tenure.id }
            let status: TenureStatus =
                isRival || tenure.isContested
                    || ["disputed", "withdrawn"].contains(tenure.recognition)
                ? .disputed : .current
            return (tenure, status)
        }
    }

    /// Those whose time was over before a day, the latest first.
    public func predecessors(of office: RecordID, before date: PartialDate) -> [Tenure] {
        (tenures[office] ?? [])
            .filter { $0.to.map { $0.latest < date.earliest } ?? ($0.endedHow != nil) }
            .filter { !$0.mayCover(date.earliest, date.latest) }
            .sorted {
                let unknown = CalendarDay(number: .min)
                return ($0.to?.latest ?? unknown, $0.id) > ($1.to?.latest ?? unknown, $1.id)
            }
    }

    func status(of tenure: Tenure, on date: PartialDate) -> TenureStatus {
        if let holder = holders(of: tenure.office, on: date)
            .first(where: { $0.tenure.id == tenure.id })
        {
            return holder.status
        }
        return (tenure.from?.earliest ?? date.earliest) > date.latest ? .future : .former
    }
}

extension Roster {
    /// The offices that are asked for, by type, area and identifier.
    ///
    /// - Parameter date: for a language: that somebody who holds the office on it speaks.
    public func offices(_ query: LeaderQuery, on date: PartialDate) -> [Office] {
        let inside = query.area.map(areas(within:))
        return offices.values
            .filter { office in
                if let type = query.officeType, office.type != type { return false }
                if let category = query.category, office.category != category { return false }
                if let inside, !(area(of: office).map(inside.contains) ?? false) { return false }
                guard let language = query.language else { return true }
                return holders(of: office.id, on: date)
                    .contains { people[$0.tenure.person]?.speaks(language) ?? false }
            }
            .sorted { left, right in
                (left.type ?? "", area(of: left).flatMap { areas[$0]?.code } ?? "", left.id)
                    < (
                        right.type ?? "", area(of: right).flatMap { areas[$0]?.code } ?? "",
                        right.id
                    )
            }
    }

    /// An office's own channels, the best first.
    public func channels(of office: Office, on date: PartialDate) -> [ReachableChannel] {
        channels(to: nil, in: office.id, from: date.earliest, on: date.latest, now: nil)
    }
}

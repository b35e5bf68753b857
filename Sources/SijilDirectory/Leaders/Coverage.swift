public import SijilCore

/// Who is known in an area or a community.
public struct Coverage: Sendable {
    public struct Count: Hashable, Sendable {
        public var leaders = 0
        /// Whom somebody has confirmed, not longer ago than their office allows.
        public var verified = 0
        /// Confirmed, and due to be confirmed again.
        public var stale = 0
        public var women = 0
        public var youth = 0
    }

    public enum Place: Sendable {
        case area(Roster.Area)
        case community(Roster.Community)

        public var id: RecordID {
            switch self {
            case .area(let area): area.id
            case .community(let community): community.id
            }
        }

        public var names: Roster.Texts {
            switch self {
            case .area(let area): area.names
            case .community(let community): community.names
            }
        }
    }

    public var place: Place
    private var tally = Tally()
    private var tallies: [String: Tally] = [:]

    public var total: Count { tally.count }
    public var categories: [String: Count] { tallies.mapValues(\.count) }

    /// Whether nobody here has been verified.
    public var isGap: Bool { !tally.hasVerified }

    fileprivate init(place: Place) { self.place = place }

    fileprivate mutating func add(_ leader: Leader, on day: CalendarDay) {
        tally.add(leader, on: day)
        tallies[leader.office.category ?? "other", default: Tally()].add(leader, on: day)
    }
}

/// Whoever holds several offices is one leader: verified if one of the offices is, a woman or young if one of them says so.
private struct Tally {
    private var leaders: Set<RecordID> = []
    private var verified: Set<RecordID> = []
    private var due: Set<RecordID> = []
    private var women: Set<RecordID> = []
    private var youth: Set<RecordID> = []

    var hasVerified: Bool { !verified.isEmpty }

    var count: Coverage.Count {
        Coverage.Count(
            leaders: leaders.count, verified: verified.count,
            stale: due.subtracting(verified).count, women: women.count, youth: youth.count)
    }

    mutating func add(_ leader: Leader, on day: CalendarDay) {
        let id = leader.person.id
        leaders.insert(id)
        if leader.review.isVerified {
            if leader.review.isDue(on: day) { due.insert(id) } else { verified.insert(id) }
        }
        if leader.person.gender == "f" || leader.office.type == "women_leader" { women.insert(id) }
        if leader.office.type == "youth_leader" || leader.person.isYoung(on: day) {
            youth.insert(id)
        }
    }
}

extension Roster.Person {
    /// Whoever is 35 or younger is young (African Youth Charter).
    private static let youthAge: Int64 = 35

    /// A year that is none of a living person's says nothing.
    fileprivate func isYoung(on day: CalendarDay) -> Bool {
        guard let birthYear, let year = (day.date?.year).map(Int64.init),
            birthYear >= FieldRule.firstYear, birthYear <= year
        else { return false }
        return year - birthYear <= Self.youthAge
    }
}

extension Roster {
    /// Every area and every community with the leaders who are known in it or in what lies in it; those
    /// without a verified one first, then by code and name.
    ///
    /// - Parameter area: only it and what lies in it.
    public func coverage(within area: RecordID? = nil, on date: PartialDate) -> [Coverage] {
        let inside = area.map(areas(within:))
        var byPlace: [RecordID: Coverage] = [:]
        for area in areas.values where inside?.contains(area.id) ?? true {
            byPlace[area.id] = Coverage(place: .area(area))
        }
        for community in communities.values {
            if let inside, !(community.area.map(inside.contains) ?? false) { continue }
            byPlace[community.id] = Coverage(place: .community(community))
        }
        for leader in leaders(on: date) where !leader.person.isDeceased {
            var places: Set<RecordID> = []
            if let community = leader.community { places.insert(community) }
            var next = leader.area
            while let id = next, places.insert(id).inserted { next = parents[id] }
            for place in places { byPlace[place]?.add(leader, on: date.latest) }
        }
        return byPlace.values.sorted { left, right in
            if left.isGap != right.isGap { return left.isGap }
            return left.order < right.order
        }
    }
}

extension Coverage {
    fileprivate var order: (Int, String, RecordID) {
        switch place {
        case .area(let area): (0, area.code ?? "", area.id)
        case .community(let community): (1, community.names.first?.text ?? "", community.id)
        }
    }
}

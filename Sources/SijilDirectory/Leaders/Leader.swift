public import SijilCore

/// A person in an office on a day, with the ways to reach them.
public struct Leader: Sendable {
    public var person: Roster.Person
    public var office: Roster.Office
    public var tenure: Roster.Tenure
    public var status: TenureStatus
    public var area: RecordID?
    public var community: RecordID?
    public var review: Review
    /// The best first; none of those that must not be shown.
    public var channels: [ReachableChannel]
    /// How many channels of theirs are left out, because they must not be called directly.
    public var withheldChannels: Int
    /// The contact rule that holds on the day.
    public var rule: ContactRule
    /// Its last day; `nil` for one without an end.
    public var ruleEnd: PartialDate?
}

/// Which leaders are asked for.
public struct LeaderQuery: Sendable {
    public var officeType: String?
    public var category: String?
    /// The area or one that lies in it.
    public var area: RecordID?
    /// A tag: `ar` finds `ar-MA` too.
    public var language: String?

    public init(
        officeType: String? = nil, category: String? = nil, area: RecordID? = nil,
        language: String? = nil
    ) {
        self.officeType = officeType
        self.category = category
        self.area = area
        self.language = language
    }
}

extension Roster {
    /// Whoever holds an office on a date, as far as it is known: by office type, then area, then name.
    public func leaders(_ query: LeaderQuery = LeaderQuery(), on date: PartialDate) -> [Leader] {
        let inside = query.area.map(areas(within:))
        var leaders: [Leader] = []
        for office in offices.values.sorted(by: { $0.id < $1.id }) {
            if let type = query.officeType, office.type != type { continue }
            if let category = query.category, office.category != category { continue }
            for (tenure, status) in holders(of: office.id, on: date) {
                guard let leader = leader(tenure, status, on: date) else { continue }
                if let inside, !isInside(leader, inside) { continue }
                if let language = query.language, !leader.person.speaks(language) { continue }
                leaders.append(leader)
            }
        }
        return leaders
    }

    /// One person in all offices that they hold, held or will hold; those of the day first, then the latest.
    public func leader(_ person: RecordID, on date: PartialDate) -> [Leader] {
        tenures.values.joined().filter { $0.person == person }
            .compactMap { leader($0, status(of: $0, on: date), on: date) }
            .sorted { left, right in
                let none = CalendarDay(number: .min)
                return (
                    left.status.isPresent ? 0 : 1, right.tenure.from?.earliest ?? none,
                    left.tenure.id
                ) < (
                    right.status.isPresent ? 0 : 1, left.tenure.from?.earliest ?? none,
                    right.tenure.id
                )
            }
    }

    private func leader(
        _ tenure: Tenure, _ status: TenureStatus, on date: PartialDate
    ) -> Leader? {
        guard let person = people[tenure.person] else { return nil }
        let office =
            offices[tenure.office] ?? Office(id: tenure.office, collection: tenure.collection)
        let day = date.latest
        // A seat's own channels belong to whoever holds it.
        let seat = status.isPresent ? office.id : nil
        // Of a month or a year what protects on some day of it.
        let first = date.earliest
        var channels = channels(to: person.id, in: seat, from: first, on: day, now: nil)
        let all = channels.count
        switch obstacle(to: person, on: first, inCrisis: true) {
        case nil, .crisisOnly: break
        case .deceased: channels = channels.filter(\.isOfOffice)
        case .never, .consentWithdrawn, .viaIntermediary: channels = []
        }
        return Leader(
            person: person, office: office, tenure: tenure, status: status,
            area: area(of: office) ?? person.areas.first, community: office.community,
            review: review(of: tenure, on: day), channels: channels,
            withheldChannels: all - channels.count, rule: person.rule(on: first),
            ruleEnd: person.ruleEnd(on: first))
    }

    private func isInside(_ leader: Leader, _ areas: Set<RecordID>) -> Bool {
        if let area = area(of: leader.office) { return areas.contains(area) }
        return leader.person.areas.contains(where: areas.contains)
    }
}

extension TenureStatus {
    /// Whether somebody sits there now, rightly or not.
    public var isPresent: Bool { self == .current || self == .disputed }
}

extension Roster.Person {
    /// Whether they speak a language, given by its tag in whatever case: `ar` is spoken by who speaks `ar-MA`.
    public func speaks(_ language: String) -> Bool {
        let wanted = language.lowercased()
        return languages.lazy.map { $0.lowercased() }
            .contains { $0 == wanted || $0.hasPrefix(wanted + "-") }
    }
}

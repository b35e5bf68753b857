import SijilCore
import SijilStore

/// That a person allowed something or took it back, as a record says it.
///
/// Where rivals wrote the record, it is read so that it protects: what is not said by all of them is not
/// allowed, and what any of them took back is taken back. An act that this version does not know takes back.
struct ConsentAct: Sendable {
    /// Whom it is about: several, where rivals named several.
    var persons: Set<RecordID>
    /// What it is about, in lower case and without white space.
    var subjects: Set<String>
    var isGrant: Bool
    /// Whether it rests on the person's consent: it does unless it says on what else.
    var isByConsent: Bool
    /// The first and the last day on which it may have happened; `nil` when nobody knows.
    var earliest: CalendarDay?
    var latest: CalendarDay?

    init(_ record: RecordView) {
        self.init { record.cells[CellName($0)]?.siblings.map(\.value) ?? [] }
    }

    init(_ record: ShownRecord) { self.init { [record[$0]] } }

    /// - Parameter siblings: all values of a field.
    private init(_ siblings: (_ field: String) -> [Value]) {
        persons = Set(
            siblings("person").compactMap { if case .reference(let id) = $0 { id } else { nil } })
        subjects = Set(siblings("what").map { Self.plain($0.plainText) })
        isGrant = Set(siblings("act")) == [.text("grant")]
        let bases = Set(siblings("basis"))
        isByConsent = bases.isEmpty || !bases.isSubset(of: Self.otherBases)
        let dates = siblings("on")
            .map { value -> PartialDate? in
                if case .date(let date) = value { date } else { nil }
            }
        guard !dates.contains(nil) else { return }
        earliest = dates.compactMap { $0?.earliest }.min()
        latest = dates.compactMap { $0?.latest }.max()
    }

    private static let otherBases: Set<Value> = [
        .text("public_office"), .text("vital_interest"), .text("legal"),
    ]

    /// What a person can allow: what is looked for when it matters.
    static let known = [
        "store", "crisis_contact", "share_within_programme", "be_named", "be_quoted",
    ]
    /// Before the name of a partner.
    static let toShare = "share_partner:"

    static func isKnown(_ subject: String) -> Bool {
        let subject = plain(subject)
        return known.contains(subject)
            || subject.hasPrefix(toShare) && subject.utf8.count > toShare.utf8.count
    }

    fileprivate static func plain(_ text: String) -> String {
        text.lowercased().filter { !$0.isWhitespace }
    }
}

/// What a person allowed and took back: the one place where it is told what holds.
///
/// The latest act counts, by the day on which it happened. Where two may be of one day, or of a month
/// of which the day is not known, taking back counts: nobody can say that the grant came after. Without a
/// day it counts whatever is granted on any day. A grant of a day that has not come is none yet: it is a slip, or a
/// clock that was wrong. When something was written says nothing: clocks err.
struct ConsentLedger: Sendable {
    enum State: Sendable { case untold, granted, withdrawn }

    private var acts: [ConsentAct] = []

    fileprivate mutating func add(_ act: ConsentAct) { acts.append(act) }

    /// Notes what somebody said who is the same person.
    mutating func add(_ other: ConsentLedger) { acts += other.acts }

    /// Notes what somebody took back who may be the same person.
    mutating func addWithdrawals(of other: ConsentLedger) {
        acts += other.acts.filter { !$0.isGrant }
    }

    func state(of what: String, on day: CalendarDay) -> State {
        let what = ConsentAct.plain(what)
        let acts = acts.filter { act in
            act.subjects.contains(what) && !(act.isGrant && act.earliest.map { $0 > day } ?? false)
        }
        let grants = acts.filter(\.isGrant)
        let isWithdrawn = acts.contains { act in
            guard !act.isGrant else { return false }
            guard let last = act.latest else { return true }
            return !grants.contains { $0.earliest.map { $0 > last } ?? false }
        }
        if isWithdrawn { return .withdrawn }
        return grants.isEmpty ? .untold : .granted
    }

    /// Whether the person was asked: has allowed something, whatever it was.
    var hasConsented: Bool { acts.contains { $0.isGrant && $0.isByConsent } }
}

extension [RecordID: ConsentLedger] {
    /// Notes an act under everybody whom it may be about.
    mutating func add(_ act: ConsentAct, among people: MergedPeople) {
        var act = act
        let persons = Set(act.persons.map(people.canonical))
        // Who allowed something, and nobody knows who or what: nothing is allowed.
        if act.isGrant, persons.count > 1 || act.subjects.count > 1 { act.subjects = [] }
        for person in persons { self[person, default: ConsentLedger()].add(act) }
    }
}

public import SijilCore
public import SijilStore

extension Roster {
    /// Reads all that a replica shows: types one after another, joined in memory.
    ///
    /// - Parameter collection: where offices and tenures must lie; `nil` for everywhere. People, places and
    ///   what is said about a record are taken from wherever they are.
    public init(reading replica: Replica, in collection: CollectionID? = nil) throws {
        let merged = try MergedPeople(replica)
        try readPlaces(replica, merged, collection)
        try readPeople(replica, merged, collection)
        let contested = try replica.conflictedRecords()
        try readChannels(replica, merged, contested)
        try readEvents(replica, merged, contested)
        try heedRemoved(replica, merged)
    }

    /// Only offices with their tenures, areas and communities: enough to name them.
    public init(placesOf replica: Replica, in collection: CollectionID? = nil) throws {
        try readPlaces(replica, try MergedPeople(replica), collection)
    }

    private mutating func readPlaces(
        _ replica: Replica, _ merged: MergedPeople, _ collection: CollectionID?
    ) throws {
        for record in try replica.shownRecords(of: "office", Self.officeFields, in: collection) {
            offices[record.id] = Office(record)
        }
        for record in try replica.shownRecords(of: "tenure", Self.tenureFields, in: collection) {
            guard var tenure = Tenure(record) else { continue }
            tenure.person = merged.canonical(tenure.person)
            tenures[tenure.office, default: []].append(tenure)
        }
        for record in try replica.shownRecords(of: "area", Self.areaFields) {
            areas[record.id] = Area(record)
        }
        for record in try replica.shownRecords(of: "community", Self.communityFields) {
            communities[record.id] = Community(record)
        }
        for office in tenures.keys { tenures[office]?.sort(by: Tenure.isEarlier) }
    }

    /// - Parameter collection: whose copy says what a person of several collections is called.
    private mutating func readPeople(
        _ replica: Replica, _ merged: MergedPeople, _ collection: CollectionID?
    ) throws {
        let shown = try replica.shownRecords(of: "person", Self.personFields)
        for record in shown where !merged.isMerged(record.id) {
            if merged.members(of: record.id).count > 1 {
                guard people[record.id] == nil else { continue }
                people[record.id] = try united(record.id, on: replica, merged)
            } else {
                var person = Person(record)
                if person.rule > .none, person.ruleUntil != nil {
                    // Who wrote what counts here, and that stands in the whole record only.
                    person.ruleUntil = try replica.copies(of: record.id)
                        .first { $0.type == "person" && $0.collection == record.collection }?
                        .contactRuleEnd
                }
                people[record.id] =
                    people[record.id]?
                    .joined(by: person, prefersOther: person.collection == collection) ?? person
            }
        }
        for id in people.keys {
            people[id]!.intermediaries = people[id]!.intermediaries.map(merged.canonical)
        }
    }

    /// A person of several records; what any copy of any of these says to protect them holds.
    private func united(
        _ id: RecordID, on replica: Replica, _ merged: MergedPeople
    ) throws -> Person {
        let view = try merged.view(of: id, on: replica)
        var person = Person(view)
        person.ruleUntil = view.contactRuleEnd
        for member in merged.members(of: id) {
            let first = try replica.record(member).collection
            for copy in try replica.copies(of: member)
            where copy.type == "person" && copy.collection != first && !copy.isGone {
                person.heed(ContactRule(copy["contact_rule"]), until: copy.contactRuleEnd)
            }
        }
        return person
    }

    private mutating func readChannels(
        _ replica: Replica, _ merged: MergedPeople, _ conflicted: [RecordView]
    ) throws {
        var contested: [RecordID: [String]] = [:]
        for record in conflicted where record.type == "channel" {
            let siblings = record.cells[CellName("value")]?.siblings ?? []
            guard siblings.count > 1 else { continue }
            let shown = record["value"]
            contested[record.id] = siblings.map(\.value).filter { $0 != shown && $0 != .none }
                .map(\.plainText).sorted()
        }
        for record in try replica.shownRecords(of: "channel", Self.channelFields) {
            guard var channel = Channel(record) else { continue }
            channel.owner = merged.canonical(channel.owner)
            for other in contested[record.id] ?? [] where !channel.values.contains(other) {
                channel.values.append(other)
            }
            channels[channel.owner, default: []].append(channel)
        }
    }

    private mutating func readEvents(
        _ replica: Replica, _ merged: MergedPeople, _ conflicted: [RecordView]
    ) throws {
        for record in try replica.shownRecords(of: "verification", ["about", "level", "on", "by"]) {
            guard case .reference(let about) = record["about"] else { continue }
            verifications[merged.canonical(about), default: []]
                .append(
                    Verification(
                        id: record.id, level: record.text("level"), on: record.date("on"),
                        by: record.text("by")))
        }
        // What rivals wrote counts too, and that stands in the whole record only.
        var contested: [CollectionID: [RecordID: RecordView]] = [:]
        for record in conflicted where record.type == "consent" {
            contested[record.collection, default: [:]][record.id] = record
        }
        for record in try replica.shownRecords(of: "consent", Self.consentFields) {
            // The copy of another collection says what it says.
            let rivals = contested[record.collection]?[record.id]
            let act = rivals.map { ConsentAct($0) } ?? ConsentAct(record)
            consents.add(act, among: merged)
        }
    }

    /// Whoever was merged with a person protects them also when they were removed since: nobody has said that they
    /// are not the same.
    private mutating func heedRemoved(_ replica: Replica, _ merged: MergedPeople) throws {
        for group in try MergedPeople(replica, includesRemoved: true).groups {
            guard merged.members(of: group[0]) != group else { continue }
            let living = Set(group.map(merged.canonical)).filter { people[$0] != nil }
            guard !living.isEmpty else { continue }
            for member in group {
                let removed = try replica.copies(of: member)
                    .filter { $0.type == "person" && ($0.isDeleted || $0.isErased) }
                guard !removed.isEmpty else { continue }
                for person in living where person != member {
                    if let said = consents[member] {
                        consents[person, default: ConsentLedger()].add(said)
                    }
                    for record in removed {
                        people[person]!
                            .heed(
                                ContactRule(record["contact_rule"]), until: record.contactRuleEnd)
                    }
                }
            }
        }
    }

    private static let personFields = [
        "name", "form_of_address", "protocol_notes", "languages", "gender", "birth_year", "areas",
        "intermediaries", "contact_rule", "contact_rule_until", "life_status",
    ]
    private static let officeFields = [
        "title", "category", "type", "area", "community", "seats", "review_days",
    ]
    private static let tenureFields = [
        "person", "office", "from", "to", "mode", "recognition", "ended_how",
    ]
    private static let consentFields = ["person", "what", "act", "basis", "on"]
    private static let areaFields = ["name", "code", "parent", "time_zone"]
    private static let communityFields = ["name", "kind", "area"]
    private static let channelFields = [
        "owner", "kind", "value", "label", "answered_by", "preference", "hours", "avoid",
        "language", "last_ok", "last_fail", "valid_from", "valid_to",
    ]
}

extension RecordView {
    /// The day after which the contact rule that is shown no longer holds; `nil` when it has no end.
    ///
    /// Rule and end are two cells, so that two people who have not seen each other may each write one: an end
    /// that was meant for a milder rule must not end a stricter one. An end counts only when, for each value
    /// that makes the rule, its author has written an end with it or later.
    var contactRuleEnd: PartialDate? {
        let shown = self["contact_rule"]
        let rules = (cells[CellName("contact_rule")]?.siblings ?? []).filter { $0.value == shown }
        let ends = cells[CellName("contact_rule_until")]?.siblings ?? []
        guard !rules.isEmpty else { return nil }
        var last: PartialDate?
        for end in ends {
            guard case .date(let date) = end.value else { return nil }
            if last.map({ $0.latest < date.latest }) ?? true { last = date }
        }
        let isMeant = rules.allSatisfy { rule in
            ends.contains {
                $0.dot.replica == rule.dot.replica && $0.dot.sequence >= rule.dot.sequence
            }
        }
        return isMeant ? last : nil
    }
}

// MARK: What records show

/// A record of which only what it shows is asked.
private protocol Shown {
    var id: RecordID { get }
    var collection: CollectionID { get }
    subscript(field: String) -> Value { get }
    func keyed(_ field: String) -> [(key: Value, value: Value)]
    func members(_ field: String) -> [Value]
}

extension RecordView: Shown {}
extension ShownRecord: Shown {}

extension Shown {
    fileprivate func text(_ field: String) -> String? {
        if case .text(let text) = self[field] { text } else { nil }
    }

    fileprivate func integer(_ field: String) -> Int64? {
        if case .integer(let integer) = self[field] { integer } else { nil }
    }

    fileprivate func date(_ field: String) -> PartialDate? {
        if case .date(let date) = self[field] { date } else { nil }
    }

    fileprivate func reference(_ field: String) -> RecordID? {
        if case .reference(let id) = self[field] { id } else { nil }
    }

    fileprivate func texts(_ field: String) -> Roster.Texts {
        keyed(field)
            .compactMap { key, value in
                guard case .text(let language) = key, case .text(let text) = value else {
                    return nil
                }
                return (language, text)
            }
    }

    fileprivate func references(_ field: String) -> [RecordID] {
        members(field).compactMap { if case .reference(let id) = $0 { id } else { nil } }
    }

    fileprivate func words(_ field: String) -> [String] {
        members(field).compactMap { if case .text(let text) = $0 { text } else { nil } }
    }
}

extension Roster.Person {
    fileprivate init(_ record: some Shown) {
        self.init(id: record.id, collection: record.collection)
        names = record.texts("name")
        formOfAddress = record.texts("form_of_address")
        protocolNotes = record.texts("protocol_notes")
        languages = record.words("languages")
        gender = record.text("gender")
        birthYear = record.integer("birth_year")
        areas = record.references("areas")
        intermediaries = record.references("intermediaries")
        rule = ContactRule(record["contact_rule"])
        ruleUntil = record.date("contact_rule_until")
        isDeceased = record.text("life_status") == "deceased"
    }

    /// Takes the rule of a record that is the same person, if it is stricter.
    fileprivate mutating func heed(_ other: ContactRule, until: PartialDate?) {
        guard other > .none else { return }
        if rule == .none || ruleUntil != until { ruleUntil = rule == .none ? until : nil }
        rule = max(rule, other)
    }

    /// With what another collection's copy says.
    fileprivate func joined(by copy: Self, prefersOther: Bool) -> Self {
        let other = prefersOther ? self : copy
        var person = prefersOther ? copy : self
        person.heed(other.rule, until: other.ruleUntil)
        person.intermediaries += other.intermediaries.filter { [held = person.intermediaries] in
            !held.contains($0)
        }
        person.isDeceased = person.isDeceased || other.isDeceased
        return person
    }
}

extension Roster.Office {
    fileprivate init(_ record: some Shown) {
        self.init(id: record.id, collection: record.collection)
        title = record.texts("title")
        category = record.text("category")
        type = record.text("type")
        area = record.reference("area")
        community = record.reference("community")
        seats = max(1, record.integer("seats") ?? 1)
        // What others wrote was never measured by the rules.
        reviewDays = record.integer("review_days")
            .flatMap { FieldRule.reviewDays.contains($0) ? $0 : nil }
    }
}

extension Roster.Tenure {
    fileprivate init?(_ record: some Shown) {
        guard let person = record.reference("person"), let office = record.reference("office")
        else { return nil }
        self.init(id: record.id, collection: record.collection, person: person, office: office)
        from = record.date("from")
        to = record.date("to")
        mode = record.text("mode")
        recognition = record.text("recognition")
        endedHow = record.text("ended_how")
    }

    fileprivate static func isEarlier(_ left: Self, _ right: Self) -> Bool {
        let none = CalendarDay(number: .min)
        return (left.from?.earliest ?? none, left.id) < (right.from?.earliest ?? none, right.id)
    }
}

extension Roster.Channel {
    fileprivate init?(_ record: some Shown) {
        guard let owner = record.reference("owner") else { return nil }
        self.init(id: record.id, owner: owner)
        kind = record.text("kind")
        if let value = record.text("value") { values = [value] }
        label = record.text("label")
        answeredBy = record.text("answered_by")
        preference = record.integer("preference")
        hours = record.text("hours")
        avoid = record.words("avoid")
        language = record.text("language")
        lastOK = record.date("last_ok")
        lastFail = record.date("last_fail")
        validFrom = record.date("valid_from")
        validTo = record.date("valid_to")
    }
}

extension Roster.Area {
    fileprivate init(_ record: some Shown) {
        self.init(id: record.id)
        code = record.text("code")
        names = record.texts("name")
        parent = record.reference("parent")
        timeZone = record.text("time_zone")
    }
}

extension Roster.Community {
    fileprivate init(_ record: some Shown) {
        self.init(id: record.id)
        names = record.texts("name")
        kind = record.text("kind")
        area = record.reference("area")
    }
}

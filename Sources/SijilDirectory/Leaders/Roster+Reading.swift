public import SijilCore
public import SijilStore

extension Roster {
    /// Reads all that a replica shows: types one after another, joined in memory.
    ///
    /// - Parameter collection: where offices and tenures must lie; `nil` for everywhere. People, places and
    ///   what is said about a record are taken from wherever they are.
    public init(reading replica: Replica, in collection: CollectionID? = nil) throws {
        let merged = try MergedPeople(replica)
        let contested = try replica.conflictedRecords()
        let persons = try replica.shownRecords(
            of: "person", Self.personFields + Self.protectingFields)
        let dead = try readPlaces(replica, merged, contested, collection)
        try readPeople(persons, replica, merged, collection)
        try readChannels(replica, merged, contested)
        try readEvents(replica, merged, contested)
        try protect(replica, merged, persons, contested, dead: dead)
    }

    /// Only offices with their tenures, areas and communities: enough to name them.
    public init(placesOf replica: Replica, in collection: CollectionID? = nil) throws {
        _ = try readPlaces(
            replica, try MergedPeople(replica), try replica.conflictedRecords(), collection)
    }

    /// - Returns: whose tenure ended by death, wherever it lies.
    private mutating func readPlaces(
        _ replica: Replica, _ merged: MergedPeople, _ conflicted: [RecordView],
        _ collection: CollectionID?
    ) throws -> Set<RecordID> {
        // Of copies in several collections the first counts, as for whoever edits the record by its id.
        for record in try replica.shownRecords(of: "office", Self.officeFields, in: collection)
        where offices[record.id] == nil {
            offices[record.id] = Office(record)
        }
        for record in try replica.shownRecords(of: "area", Self.areaFields)
        where areas[record.id] == nil {
            areas[record.id] = Area(record)
        }
        parents = areas.compactMapValues(\.parent)
        for record in try replica.shownRecords(of: "area", ["parent"], areDeleted: true)
        where areas[record.id] == nil && parents[record.id] == nil {
            parents[record.id] = record.reference("parent")
        }
        for record in try replica.shownRecords(of: "community", Self.communityFields)
        where communities[record.id] == nil {
            communities[record.id] = Community(record)
        }
        let contested = Dictionary(
            grouping: conflicted.filter { $0.type == "tenure" }, by: \.id)
        var held: [RecordID: Tenure] = [:]
        var dead: Set<RecordID> = []
        for rivals in contested.values.joined()
        where rivals.siblings("ended_how").contains(.text("death")) {
            for case .reference(let person) in rivals.siblings("person") { dead.insert(person) }
        }
        for record in try replica.shownRecords(of: "tenure", Self.tenureFields) {
            if record["ended_how"] == .text("death"), let person = record.reference("person") {
                dead.insert(person)
            }
            guard var tenure = Tenure(shown: record) else { continue }
            tenure.person = merged.canonical(tenure.person)
            for rivals in contested[tenure.id] ?? [] where rivals.collection == tenure.collection {
                tenure.add(rivals)
            }
            guard collection == nil || tenure.collection == collection else { continue }
            // Of a tenure that of the office's collection: there it is ended.
            let isOfOffice = tenure.collection == offices[tenure.office]?.collection
            if held[tenure.id] == nil || isOfOffice { held[tenure.id] = tenure }
        }
        tenures = Dictionary(grouping: held.values, by: \.office)
            .mapValues { $0.sorted(by: Tenure.isEarlier) }
        return dead
    }

    /// What they are called and speak; see ``protect(_:_:_:_:dead:)`` for what protects them.
    ///
    /// - Parameter collection: whose copy says it of a person of several collections; else the first.
    private mutating func readPeople(
        _ persons: [ShownRecord], _ replica: Replica, _ merged: MergedPeople,
        _ collection: CollectionID?
    ) throws {
        for record in persons where !merged.isMerged(record.id) {
            let copy = people[record.id]
            guard copy == nil || record.collection == collection else {
                people[record.id]!.addIntermediaries(Person(record).intermediaries)
                continue
            }
            let isGroup = merged.members(of: record.id).count > 1
            var person =
                isGroup ? Person(try merged.view(of: record.id, on: replica)) : Person(record)
            person.addIntermediaries(copy?.intermediaries ?? [])
            people[record.id] = person
        }
        for id in people.keys {
            people[id]!.intermediaries = people[id]!.intermediaries.map(merged.canonical)
        }
    }

    private mutating func readChannels(
        _ replica: Replica, _ merged: MergedPeople, _ conflicted: [RecordView]
    ) throws {
        let contested = Dictionary(
            grouping: conflicted.filter { $0.type == "channel" }, by: \.id)
        var read: [RecordID: Channel] = [:]
        for record in try replica.shownRecords(of: "channel", Self.channelFields) {
            guard var channel = Channel(record) else { continue }
            channel.owner = merged.canonical(channel.owner)
            for rivals in contested[record.id] ?? [] { channel.add(rivals, among: merged) }
            read[record.id] = read[record.id]?.joined(by: channel) ?? channel
        }
        channels = Dictionary(grouping: read.values, by: \.owner)
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

    private static let personFields = [
        "name", "form_of_address", "protocol_notes", "languages", "gender", "birth_year", "areas",
        "intermediaries",
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
    }

    fileprivate mutating func addIntermediaries(_ others: [RecordID]) {
        for other in others where !intermediaries.contains(other) { intermediaries.append(other) }
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
    /// A tenure with all that rivals wrote in it.
    init?(_ record: RecordView) {
        self.init(shown: record)
        add(record)
    }

    fileprivate init?(shown record: some Shown) {
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

extension Roster.Tenure {
    /// Takes what rivals wrote, who have not seen each other: from the earliest beginning to the latest end.
    ///
    /// Whoever may still be in office is not left out because somebody else says that they are not.
    fileprivate mutating func add(_ record: RecordView) {
        func dates(_ field: String) -> [PartialDate?]? {
            guard record.cells[CellName(field)]?.isContested == true else { return nil }
            return record.siblings(field).map { if case .date(let date) = $0 { date } else { nil } }
        }
        if let beginnings = dates("from") {
            isContested = true
            let known = beginnings.compactMap(\.self)
            from =
                known.count < beginnings.count ? nil : known.min { $0.earliest < $1.earliest }
        }
        if let ends = dates("to") {
            (isContested, isEndContested) = (true, true)
            let known = ends.compactMap(\.self)
            to = known.count < ends.count ? nil : known.max { $0.latest < $1.latest }
        }
        // That it ended, nobody knows when, and that it did not.
        let reasons = record.siblings("ended_how")
        if to == nil, reasons.count > 1, reasons.contains(.none), Set(reasons).count > 1 {
            (isContested, isEndContested) = (true, true)
        }
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

extension Roster.Channel {
    /// Takes what rivals wrote, who have not seen each other.
    fileprivate mutating func add(_ record: RecordView, among people: MergedPeople) {
        for case .text(let value) in record.siblings("value").sorted(by: { $0.precedes($1) })
        where !values.contains(value) {
            values.append(value)
        }
        for case .reference(let other) in record.siblings("owner") {
            rivalOwners.insert(people.canonical(other))
        }
        rivalOwners.remove(owner)
        let deciding = ["value", "owner", "valid_from", "valid_to"].map { CellName($0) }
        isContested =
            isContested
            || (deciding + [.liveness]).contains { record.cells[$0]?.isContested == true }
    }

    /// With what another collection's copy says: a number that is wrong there is no better here.
    fileprivate func joined(by copy: Self) -> Self {
        var channel = self
        for value in copy.values where !channel.values.contains(value) {
            channel.values.append(value)
            channel.isContested = true
        }
        if copy.owner != owner { channel.rivalOwners.insert(copy.owner) }
        channel.rivalOwners.formUnion(copy.rivalOwners)
        channel.isContested = channel.isContested || copy.isContested || copy.owner != owner
        channel.lastFail = [lastFail, copy.lastFail].compactMap(\.self)
            .max { $0.latest < $1.latest }
        channel.lastOK = [lastOK, copy.lastOK].compactMap(\.self).max { $0.latest < $1.latest }
        channel.validTo = [validTo, copy.validTo].compactMap(\.self)
            .min { $0.latest < $1.latest }
        return channel
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

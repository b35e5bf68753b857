import SijilCore
import SijilStore

/// What may be given to somebody outside, and how much of it.
///
/// Takes values and gives values. What this version does not know, and whom it cannot tell to be open, it
/// holds back:
/// - A person whose sensitivity is anything but public or internal stays here; and one who took back the
///   consent to be kept, to be called, to be shared within the programme, or with this recipient. So do their
///   channels, tenures and memberships, and what was said or verified of any of these.
/// - So does what is about nobody who lives here: about a record that was removed, or that no collection of
///   this replica has.
/// - Of one who died, whether they themselves or a tenure of theirs says so, or must be called through another or
///   never, no channel goes out. A rule with an end counts for as long as it is written.
/// - One who took back the consent to be named, or gave consents and this one not among them, goes out
///   without a name, and without what spells it: notes, cards, web and mail addresses.
/// - Risk notes and years of birth stay here, and types and fields that this version does not know, and what cards of
///   other programs said that means nothing to us. Coordinates
///   are rounded to about a hundred metres.
///
/// Records that were merged are one person: what protects one of them protects all, also when it was removed
/// since. Of rival values the one that protects counts: also of rival merges, and of copies in two collections
/// that are merged into different records, each protects all.
struct DisclosureRule: Sendable {
    enum Protection: Int, Comparable, Sendable {
        case none, nameless, withheld

        static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
    }

    /// How much of what is about a person goes out.
    private struct Verdict: Hashable, Sendable {
        var protection = Protection.none
        var hidesChannels = false

        mutating func add(_ other: Verdict) {
            protection = max(protection, other.protection)
            hidesChannels = hidesChannels || other.hidesChannels
        }
    }

    private let schema: Schema
    private var people = MergedPeople([RecordLink]())
    private var verdicts: [RecordID: Verdict] = [:]
    /// What lives here and something may be about.
    private var living: Set<RecordID> = []
    /// Channels, tenures and memberships that are not open, and how much.
    private var restricted: [RecordID: Protection] = [:]

    /// - Parameters:
    ///   - recipient: as consents to share name a partner.
    ///   - today: on which it goes out.
    ///   - forEachRecord: calls a function with all records of a type that are here, removed ones too.
    init(
        recipient: String, on today: CalendarDay, schema: Schema,
        _ forEachRecord: (_ type: String, _ body: (RecordView) -> Void) throws -> Void
    ) rethrows {
        self.schema = schema
        var pointers: [RecordID: Set<Value>] = [:]
        var known: Set<RecordID> = []
        var found: [(RecordID, Verdict)] = []
        try forEachRecord("person") { person in
            known.insert(person.id)
            if !person.isGone { living.insert(person.id) }
            if !person.references("merged_into").isEmpty {
                pointers[person.id, default: []].formUnion(person.siblings("merged_into"))
            }
            let verdict = Self.verdict(on: person)
            // Of a large register only those that have a restriction are kept.
            if verdict != Verdict() { found.append((person.id, verdict)) }
        }
        var merges: [RecordLink] = []
        var rivals: [RecordLink] = []
        for (person, values) in pointers {
            for case .reference(let other) in values {
                let link = RecordLink(
                    record: person, target: other, isTargetHere: known.contains(other))
                if values.count == 1 { merges.append(link) } else { rivals.append(link) }
            }
        }
        people = MergedPeople(merges)
        try forEachRecord("tenure") { tenure in
            guard !tenure.isGone, tenure.siblings("ended_how").contains(.text("death")) else {
                return
            }
            for person in tenure.references("person") {
                found.append((person, Verdict(hidesChannels: true)))
            }
        }
        for (person, verdict) in found {
            verdicts[people.canonical(person), default: Verdict()].add(verdict)
        }
        var ledgers: [RecordID: ConsentLedger] = [:]
        try forEachRecord("consent") { consent in
            if !consent.isGone { ledgers.add(ConsentAct(consent), among: people) }
        }
        for (person, ledger) in ledgers {
            let protection = ledger.protection(from: recipient, on: today)
            guard protection > .none else { continue }
            verdicts[person, default: Verdict()].add(Verdict(protection: protection))
        }
        spread(along: rivals)
        for type in ["office", "community", "area"] {
            try forEachRecord(type) { if !$0.isGone { living.insert($0.id) } }
        }
        for (type, field) in [("channel", "owner"), ("tenure", "person"), ("membership", "person")]
        {
            try forEachRecord(type) { record in
                guard !record.isGone else { return }
                living.insert(record.id)
                let protection = protection(of: record, about: field)
                guard protection > .none else { return }
                restricted[record.id] = max(protection, restricted[record.id] ?? .none)
            }
        }
    }

    /// Gives all who may be one person what protects any of them.
    ///
    /// Apart from consents, which count for each alone: what one allowed undoes nothing that another, who may be
    /// somebody else, took back.
    private mutating func spread(along rivals: [RecordLink]) {
        var neighbours: [RecordID: [RecordID]] = [:]
        for rival in rivals where rival.isTargetHere {
            let (one, other) = (people.canonical(rival.record), people.canonical(rival.target))
            neighbours[one, default: []].append(other)
            neighbours[other, default: []].append(one)
        }
        var changed = neighbours.keys.filter { verdicts[$0] != nil }
        while let person = changed.popLast() {
            let verdict = verdict(on: person)
            for neighbour in neighbours[person] ?? [] {
                let present = self.verdict(on: neighbour)
                var stricter = present
                stricter.add(verdict)
                guard stricter != present else { continue }
                verdicts[neighbour] = stricter
                changed.append(neighbour)
            }
        }
    }

    private static func verdict(on person: RecordView) -> Verdict {
        let isUncallable =
            person.siblings("contact_rule").contains { ContactRule($0) >= .viaIntermediary }
            || person.siblings("life_status").contains(.text("deceased"))
        return Verdict(
            protection: isOpen(person) ? .none : .withheld, hidesChannels: isUncallable)
    }

    private static func isOpen(_ record: RecordView) -> Bool {
        record.siblings("sensitivity")
            .allSatisfy {
                [.none, .text("public"), .text("internal")].contains($0)
            }
    }

    private func verdict(on person: RecordID) -> Verdict {
        verdicts[people.canonical(person)] ?? Verdict()
    }

    /// How much of what is about a record goes out.
    func protection(of id: RecordID) -> Protection {
        guard living.contains(id) else { return .withheld }
        return max(verdict(on: id).protection, restricted[id] ?? .none)
    }

    /// As strict as that of anybody whom the field may mean; of a record about nobody, nobody can tell.
    private func protection(of record: RecordView, about field: String) -> Protection {
        let subjects = record.references(field)
        guard var strictest = subjects.map(protection(of:)).max(), Self.isOpen(record) else {
            return .withheld
        }
        guard record.type == "channel" else { return strictest }
        if subjects.contains(where: { verdict(on: $0).hidesChannels }) { return .withheld }
        if strictest == .nameless, Self.maySpellName(record) { strictest = .withheld }
        return strictest
    }

    /// Whether a name is easily read out of a channel: of an address in the web it is, and of a number with words
    /// beside it.
    private static func maySpellName(_ channel: RecordView) -> Bool {
        let kinds = channel.siblings("kind").filter { $0 != .none }
        if !kinds.isEmpty, placeKinds.isSuperset(of: kinds) { return false }
        if !kinds.isEmpty, !placeKinds.union(numberKinds).isSuperset(of: kinds) { return true }
        return channel.siblings("value").contains { $0.plainText.contains(where: \.isLetter) }
    }

    private static let numberKinds: Set<Value> = [
        .text("mobile"), .text("landline"), .text("sat"), .text("fax"), .text("radio"),
    ]
    private static let placeKinds: Set<Value> = [.text("address"), .text("in_person")]

    // MARK: Sharing

    /// What of a record goes out; `nil` for nothing.
    func shared(_ record: RecordView) -> RecordView? {
        guard let type = schema[record.type], Self.isOpen(record) else { return nil }
        var record = record
        record.cells = record.cells.filter {
            $0.key.field.isEmpty || type[$0.key.field] != nil
        }
        // Nobody knows what other programs say there: a number, a year of birth, a place to the metre.
        record.drop(["card_properties", "card_parameters"])
        switch record.type {
        case "person":
            switch protection(of: record.id) {
            case .withheld: return nil
            case .nameless: record.drop(Self.namingFields)
            case .none: break
            }
            record.drop(["risk_notes", "birth_year"])
            record.cells = record.cells.filter { name, _ in
                guard name.field == "intermediaries", case .reference(let other) = name.key else {
                    return true
                }
                return protection(of: other) < .withheld
            }
            return record
        case "channel":
            switch protection(of: record.id) {
            case .withheld: return nil
            case .nameless: record.drop(["raw", "label", "source"])
            case .none: break
            }
            return record
        case "tenure", "membership":
            return protection(of: record.id) < .withheld ? record : nil
        case "community":
            record.round("latitude", "longitude")
            return record
        case "consent": return protection(of: record, about: "person") == .none ? record : nil
        case "verification":
            return protection(of: record, about: "about") == .none ? record : nil
        // Whom we told what, and who looks like whom, is our own affair.
        case "disclosure", "distinction": return nil
        default: return record
        }
    }

    private static let namingFields: Set = [
        "name", "name_spelling", "name_source", "aliases", "form_of_address", "notes",
        "protocol_notes", "contact_rule_reason",
    ]
}

extension ConsentLedger {
    /// How much a person's consents let out to a recipient.
    fileprivate func protection(
        from recipient: String, on today: CalendarDay
    ) -> DisclosureRule.Protection {
        let needed = [
            "store", "crisis_contact", "share_within_programme", ConsentAct.toShare + recipient,
        ]
        if needed.contains(where: { state(of: $0, on: today) == .withdrawn }) { return .withheld }
        switch state(of: "be_named", on: today) {
        case .withdrawn: return .nameless
        case .granted: return .none
        // Whoever was asked, and did not say this, did not allow it. An office that is public needs no asking.
        case .untold: return hasConsented ? .nameless : .none
        }
    }
}

extension RecordView {
    /// All records that a field names in any of its values.
    fileprivate func references(_ field: String) -> [RecordID] {
        siblings(field).compactMap { if case .reference(let id) = $0 { id } else { nil } }
    }

    fileprivate mutating func drop(_ fields: Set<String>) {
        cells = cells.filter { !fields.contains($0.key.field) }
    }

    /// To three decimals, in every sibling.
    fileprivate mutating func round(_ fields: String...) {
        for field in fields {
            let cell = CellName(field)
            guard let siblings = cells[cell]?.siblings else { continue }
            cells[cell] = Cell(
                siblings.map { sibling in
                    var sibling = sibling
                    if case .real(let degrees) = sibling.value {
                        sibling.value = .real(Coordinate.coarse(degrees))
                    }
                    return sibling
                })
        }
    }
}

/// Degrees as they go out.
enum Coordinate {
    /// To three decimals, about a hundred metres.
    static func coarse(_ degrees: Double) -> Double {
        let coarse = (degrees * 1000).rounded() / 1000
        return coarse == 0 ? 0 : coarse
    }

    static func isOne(_ field: Field) -> Bool {
        field.kind == .real && ["latitude", "longitude"].contains(field.name)
    }
}

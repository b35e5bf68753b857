import SijilCore
public import SijilStore

/// What keeps somebody from being called, gathered from wherever it is said.
///
/// A restriction, that somebody died and that a consent was taken back hold whichever record says so: a copy in
/// another collection, a record that was merged or may have been, and one that was removed since. To be called in
/// spite of it somebody has to settle the conflict, or take the restriction back where it stands.
extension Roster {
    /// What the records with one identifier say.
    fileprivate struct Safeguard {
        var restrictions: Set<Restriction> = []
        var isDeceased = false
        /// Into whom they are merged.
        var targets: Set<RecordID> = []

        mutating func add(_ other: Safeguard) {
            restrictions.formUnion(other.restrictions)
            isDeceased = isDeceased || other.isDeceased
        }
    }

    /// What of a person is looked at.
    static let protectingFields = [
        "contact_rule", "contact_rule_until", "life_status", "merged_into",
    ]

    /// - Parameters:
    ///   - living: all persons who live here, with ``protectingFields``.
    ///   - dead: of whom a tenure says so.
    mutating func protect(
        _ replica: Replica, _ merged: MergedPeople, _ living: [ShownRecord],
        _ contested: [RecordView], dead: Set<RecordID>
    ) throws {
        let removed = try replica.shownRecords(
            of: "person", Self.protectingFields, areDeleted: true)
        var said: [RecordID: Safeguard] = [:]
        for record in living + removed {
            try said[record.id, default: Safeguard()].add(record, on: replica)
        }
        for record in contested where record.type == "person" {
            said[record.id, default: Safeguard()].add(rivals: record)
        }
        for person in dead { said[person, default: Safeguard()].isDeceased = true }
        // By person, before what others say who may be the same.
        var own: [RecordID: Safeguard] = [:]
        for (id, safeguard) in said {
            own[merged.canonical(id), default: Safeguard()].add(safeguard)
        }
        for (id, safeguard) in own { people[id]?.add(safeguard) }
        let consents = consents
        func withdraw(from other: RecordID, for person: RecordID) {
            guard people[person] != nil, let theirs = consents[other] else { return }
            self.consents[person, default: ConsentLedger()].addWithdrawals(of: theirs)
        }
        // Nobody has said that whoever was merged and then removed is not the same, nor who was merged with them.
        for group in try MergedPeople(replica, includesRemoved: true).groups {
            let living = Set(group.map(merged.canonical)).filter { people[$0] != nil }
            for member in group {
                for person in living where person != merged.canonical(member) {
                    if let theirs = said[member] { people[person]!.add(theirs) }
                    withdraw(from: merged.canonical(member), for: person)
                }
            }
        }
        for record in removed where people[record.id] == nil {
            var person = Person(id: record.id, collection: record.collection)
            person.add(said[record.id]!)
            removedPeople[record.id] = person
        }
        // Of rival merges one is shown: its person has the numbers. The others may be who is meant.
        for (id, safeguard) in said {
            let shown = merged.canonical(id)
            for other in Set(safeguard.targets.map(merged.canonical)) where other != shown {
                people[other]?.add(safeguard)
                withdraw(from: shown, for: other)
                if let theirs = own[other] { people[shown]?.add(theirs) }
                withdraw(from: other, for: shown)
            }
        }
    }
}

extension Roster.Safeguard {
    fileprivate mutating func add(_ record: ShownRecord, on replica: Replica) throws {
        let rule = ContactRule(record["contact_rule"])
        if rule > .none {
            if record["contact_rule_until"] == .none {
                restrictions.insert(Roster.Restriction(rule: rule, until: nil))
            } else {
                // Who wrote what counts here, and that stands in the whole record only.
                for copy in try replica.copies(of: record.id)
                where copy.type == "person" && copy.collection == record.collection {
                    restrictions.formUnion(copy.contactRestrictions)
                }
            }
        }
        if record["life_status"] == .text("deceased") { isDeceased = true }
        if case .reference(let target) = record["merged_into"] { targets.insert(target) }
    }

    /// What rivals wrote of a person, who have not seen each other.
    fileprivate mutating func add(rivals record: RecordView) {
        if record.siblings("life_status").contains(.text("deceased")) { isDeceased = true }
        for case .reference(let target) in record.siblings("merged_into") { targets.insert(target) }
    }
}

extension Roster.Person {
    fileprivate mutating func add(_ safeguard: Roster.Safeguard) {
        restrictions.formUnion(safeguard.restrictions)
        isDeceased = isDeceased || safeguard.isDeceased
    }
}

extension RecordView {
    /// With the end that the contact rule has as a whole: none when it has none, though one is written that was meant
    /// for another.
    public var withCountingEnd: RecordView {
        let until = CellName("contact_rule_until")
        let restrictions = contactRestrictions
        guard type == "person", !restrictions.isEmpty, let ends = cells[until]?.siblings else {
            return self
        }
        var record = self
        let last = restrictions.compactMap(\.until).max { $0.latest < $1.latest }
        let isEndless = restrictions.contains { $0.until == nil }
        record.cells[until] =
            isEndless ? nil : last.map { last in Cell(ends.filter { $0.value == .date(last) }) }
        return record
    }

    /// Each contact rule that somebody wrote and nobody replaced who knew of it, with its end.
    ///
    /// Rule and end are two cells, so that two people who have not seen each other may each write one: an end
    /// that was meant for a milder rule must not end a stricter one. An end counts for a rule only when the rule's
    /// author wrote it with the rule or later (whoever gives an end to another's rule writes the rule again:
    /// ``Field/qualifies``).
    var contactRestrictions: Set<Roster.Restriction> {
        let ends = cells[CellName("contact_rule_until")]?.siblings ?? []
        let rules = cells[CellName("contact_rule")]?.siblings ?? []
        return Set(
            rules.map { rule in
                let end = ends.first {
                    $0.dot.replica == rule.dot.replica && $0.dot.sequence >= rule.dot.sequence
                }
                var until: PartialDate?
                if case .date(let date)? = end?.value { until = date }
                return Roster.Restriction(rule: ContactRule(rule.value), until: until)
            }
            .filter { $0.rule > .none })
    }

    /// Whether an end would come before that of some contact rule that there is now.
    func endsRuleEarlier(_ value: Value) -> Bool {
        guard case .date(let end) = value else { return false }
        return contactRestrictions.contains { $0.until.map { end.latest < $0.latest } ?? true }
    }

    /// Whether somebody takes a consent back in it; one of rivals is enough.
    var isWithdrawal: Bool {
        type == "consent" && !isErased
            && siblings("act").contains { $0 != .none && $0 != .text("grant") }
    }

    /// Whether a value would undo that a consent is taken back, or say something else of whose it is, which, and when.
    func undoesWithdrawal(_ field: String, _ value: Value) -> Bool {
        guard isWithdrawal else { return false }
        switch field {
        case "act": return value != .text("withdraw")
        case "what", "person", "on":
            let said = Set(siblings(field)).subtracting([.none])
            // Without a day it counts whatever is granted on any day.
            return said.isEmpty ? field == "on" && value != .none : said != [value]
        default: return false
        }
    }
}

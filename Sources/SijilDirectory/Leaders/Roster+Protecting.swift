import SijilCore
import SijilStore

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

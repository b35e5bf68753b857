import SijilCore
import SijilDirectory
import SijilStore

/// Who is one person is what the pointers join, found by joining, and what is seen of them is what their
/// records show: after everything that is written about a person, and at the end, when it is the same everywhere.
final class MergeChecker: Checker {
    func wrote(_ writing: Writing, on device: SimulatedDevice, in world: World) throws {
        // A program of an older version knows no merges.
        guard device.schema["person"]?["merged_into"] != nil,
            writing.edits.contains(where: { ["person", "distinction"].contains($0.type) })
        else { return }
        _ = try look(at: device, in: world)
    }

    func settled(_ world: World) async throws {
        guard world.versions.newer["person"]?["merged_into"] != nil else { return }
        var first: String?
        for device in world.active {
            let seen = try look(at: device, in: world)
            try world.require(
                first ?? seen == seen, "merges: replica \(device.number) sees other persons")
            first = seen
        }
    }

    /// - Returns: who is one person there, and who is told apart.
    private func look(at device: SimulatedDevice, in world: World) throws -> String {
        let records = try Self.persons(device.replica)
        let people = try MergedPeople(device.replica)
        try world.require(
            people.groups == Self.joined(records),
            "merges: replica \(device.number) joins other records than their pointers do")
        for group in people.groups {
            try check(group, records, device, world)
        }
        let distinct = try distinctions(device.replica, people, world)
        return "\(people.groups) \(distinct)"
    }

    static func persons(_ replica: Replica) throws -> [RecordID: RecordView] {
        var records: [RecordID: RecordView] = [:]
        try replica.forEachRecord(RecordQuery(type: "person")) { record in
            // Persons with ids of their own collection; the others' records are merged by nobody.
            if records[record.id] == nil { records[record.id] = record }
        }
        return records
    }

    /// Groups of several in the order of their canonical records, which come first in them, by joining along
    /// the pointers until nothing changes.
    static func joined(_ records: [RecordID: RecordView]) -> [[RecordID]] {
        var group = Dictionary(uniqueKeysWithValues: records.keys.map { ($0, $0) })
        var pointers: [RecordID: RecordID] = [:]
        for (id, record) in records {
            guard case .reference(let target) = record["merged_into"], records[target] != nil,
                target != id
            else { continue }
            pointers[id] = target
        }
        for _ in records {
            for (id, target) in pointers {
                let least = min(group[id]!, group[target]!)
                group[id] = least
                group[target] = least
            }
        }
        let several = Dictionary(grouping: group.keys) { group[$0]! }.values.filter { $0.count > 1 }
        return
            several.map { group in
                let root = root(of: group, pointers)
                return [root] + group.filter { $0 != root }.sorted()
            }
            .sorted { $0[0] < $1[0] }
    }

    /// The one that points nowhere; in a ring, the smallest of those that come back to themselves.
    private static func root(of group: [RecordID], _ pointers: [RecordID: RecordID]) -> RecordID {
        if let end = group.first(where: { pointers[$0] == nil }) { return end }
        let ring = group.filter { id in
            var present = pointers[id]!
            for _ in group where present != id { present = pointers[present]! }
            return present == id
        }
        return ring.min()!
    }

    private func check(
        _ group: [RecordID], _ records: [RecordID: RecordView], _ device: SimulatedDevice,
        _ world: World
    ) throws {
        let view = try MergedPeople(device.replica).view(of: group[0], on: device.replica)
        let members = group.map { records[$0]! }
        try world.require(
            group.allSatisfy { $0 == group[0] || records[$0]!["merged_into"] != .none },
            "merges: a canonical record is not one that others point at")
        for (field, order) in [
            ("contact_rule", TestSchema.restrictions),
            ("sensitivity", ["public", "internal", "restricted", "protected"]),
        ] {
            let strictest = members.map { Self.strictness($0[field], order) }.max()!
            try world.require(
                Self.strictness(view[field], order) == strictest,
                "merges: a person with several records has a milder \(field) than one of them")
        }
        let languages = Set(members.flatMap { $0.members("languages") })
        try world.require(
            Set(view.members("languages")) == languages, "merges: a member of a set is not seen")
        for field in ["notes", "life_status"] {
            let shown = members.map { $0[field] }.filter { $0 != .none }
            try world.require(
                shown.isEmpty ? view[field] == .none : shown.contains(view[field]),
                "merges: what a person shows is shown by none of their records")
            let isClaimed = members.dropFirst()
                .contains { $0.members("merged_fields").contains(.text(field)) }
            if let own = members.first?[field], own != .none, !isClaimed {
                try world.require(
                    view[field] == own, "merges: nobody claims a field that shows another's value")
            }
        }
        for member in members {
            let names = Set(view.keyed("name").map(\.value)).union(view.members("aliases"))
            try world.require(
                names.isSuperset(of: member.keyed("name").map(\.value)),
                "merges: a name of a merged record is not seen")
        }
    }

    static func strictness(_ value: Value, _ order: [String]) -> Int {
        guard value != .none else { return -1 }
        return order.firstIndex { .text($0) == value } ?? order.count
    }

    /// Every pair that was noted is told apart, and no other.
    private func distinctions(
        _ replica: Replica, _ people: MergedPeople, _ world: World
    ) throws -> [[RecordID]] {
        var noted: [[RecordID]] = []
        try replica.forEachRecord(RecordQuery(type: "distinction")) { record in
            guard case .reference(let first) = record["first"],
                case .reference(let second) = record["second"]
            else { return }
            noted.append([first, second])
        }
        let distinctions = try Distinctions(replica, people)
        let persons = world.collections.indices.flatMap(DirectoryGenerator.persons)
        for first in persons {
            for second in persons where first < second {
                let areNoted = noted.contains { pair in
                    let group = [first, second].map { Set(people.members(of: $0)) }
                    return group[0] != group[1]
                        && (group[0].contains(pair[0]) && group[1].contains(pair[1])
                            || group[0].contains(pair[1]) && group[1].contains(pair[0]))
                }
                try world.require(
                    distinctions.areTwo(first, second) == areNoted,
                    "distinctions: two persons are told apart by nobody, or not although somebody did"
                )
            }
        }
        return noted.sorted { ($0[0], $0[1]) < ($1[0], $1[1]) }
    }
}

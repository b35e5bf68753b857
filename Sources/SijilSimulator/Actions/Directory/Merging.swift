import SijilCore
import SijilDirectory
import SijilStore

/// Two persons are merged, as `sijil merge` does; sometimes the other way round on another device too, by
/// somebody who has not heard of it.
enum MergePersons: Action {
    static let name = "merge persons"
    static let weight = 10
    static let isEssential = true
    static let isOfDirectory = true

    static func perform(in world: World, _ random: inout SeededGenerator) async throws -> String {
        let persons = world.collections.indices.flatMap(DirectoryGenerator.persons)
        let (first, second) = (random.pick(persons), random.pick(persons))
        let claims = try random.pick([[], ["notes"], ["name.fr"], ["name", "notes"]])
            .map { try Claim($0, schema: .directory) }
        let (device, rival) = (random.pick(world.devices), random.pick(world.devices))
        var outcome = try await world.attempt(device, allowing: Write.refusals, &random) {
            try merge(second, into: first, claiming: Set(claims), on: device, in: world)
        }
        guard rival !== device, random.oneIn(3) else { return "\(device.number): \(outcome)" }
        outcome +=
            try await ", rival \(rival.number): "
            + world.attempt(rival, allowing: Write.refusals, &random) {
                try merge(first, into: second, claiming: [], on: rival, in: world)
            }
        return "\(device.number): \(outcome)"
    }

    private static func merge(
        _ other: RecordID, into person: RecordID, claiming claims: Set<Claim>,
        on device: SimulatedDevice, in world: World
    ) throws {
        let people = try MergedPeople(device.replica)
        let (into, merged) = (people.canonical(person), people.canonical(other))
        guard into != merged, try device.replica.lives(into), try device.replica.lives(merged)
        else { return }
        let record = try device.replica.record(merged)
        try world.write(
            [RecordEdit(merging: record, into: into, claiming: claims)], in: record.collection,
            on: device)
        guard device.schema == .directory else { return }
        let after = try MergedPeople(device.replica)
        try world.require(
            after.canonical(person) == after.canonical(other),
            "merges: two persons that were merged are two")
    }
}

/// A merge is taken back, as `sijil unmerge` does.
enum UnmergePersons: Action {
    static let name = "unmerge persons"
    static let weight = 8
    static let isOfDirectory = true

    static func perform(in world: World, _ random: inout SeededGenerator) async throws -> String {
        let device = random.pick(world.devices)
        let choice = random.next()
        // Of several that point at one person the command wants one named.
        let outcome = try await world.attempt(
            device, allowing: Write.refusals.union([.usage]), &random
        ) {
            var random = SeededGenerator(seed: choice)
            let people = try MergedPeople(device.replica)
            guard let group = people.groups.isEmpty ? nil : random.pick(people.groups) else {
                return
            }
            let named = random.pick(group)
            let apart = try people.pointersHolding(named) ?? []
            for id in apart {
                let record = try device.replica.record(id)
                try world.write(
                    [RecordEdit(separating: record)], in: record.collection, on: device)
            }
            guard let taken = apart.first else { return }
            let after = try MergedPeople(device.replica)
            try world.require(
                after.canonical(taken) != after.canonical(people.canonical(named))
                    || taken == people.canonical(named),
                "merges: a record is still merged after it was taken out")
            try world.require(
                try device.replica.record(taken).members("merged_fields").isEmpty,
                "merges: a record that was taken out still claims fields")
        }
        return "\(device.number): \(outcome)"
    }
}

/// Somebody finds that two persons are two.
enum DistinguishPersons: Action {
    static let name = "distinguish persons"
    static let weight = 4
    static let isOfDirectory = true

    static func perform(in world: World, _ random: inout SeededGenerator) async throws -> String {
        let device = random.pick(world.devices)
        let number = random.int(0..<world.collections.count)
        let persons = DirectoryGenerator.persons(number)
        let (first, second) = (random.pick(persons), random.pick(persons))
        guard first != second else { return "the same" }
        let collection = world.collections[number]
        let edit = RecordEdit(distinguishing: first, second, because: nil, in: collection)
        let outcome = try await world.attempt(device, allowing: Write.refusals, &random) {
            try world.write([edit], in: collection, on: device)
        }
        return "\(device.number): \(outcome)"
    }
}

/// A person asks to be erased who may be merged with others and hold offices.
enum ErasePerson: Action {
    static let name = "erase person"
    static let weight = 5
    static let isOfDirectory = true

    /// Those who may ask for it; not all, so that something is left to do.
    static func persons(_ collection: Int) -> [RecordID] {
        DirectoryGenerator.persons(collection).suffix(2)
    }

    static func perform(in world: World, _ random: inout SeededGenerator) async throws -> String {
        let device = random.pick(world.devices)
        let number = random.int(0..<world.collections.count)
        let edit = RecordEdit(erasing: random.pick(persons(number)), type: "person")
        return try await Erase.erase(
            edit, in: world.collections[number], on: device, in: world, &random)
    }
}

extension Replica {
    fileprivate func lives(_ id: RecordID) throws -> Bool {
        try hasRecord(id) && !record(id).isDeleted
    }
}

import SijilCore
import SijilStore

/// Somebody keeps the directory: names, channels, offices and who holds them, consents.
enum Roster: Action {
    static let name = "roster"
    static let weight = 30
    static let isEssential = true
    static let isOfDirectory = true

    static func perform(in world: World, _ random: inout SeededGenerator) async throws -> String {
        let device = random.pick(world.devices)
        let collection = random.int(0..<world.collections.count)
        var generator = DirectoryGenerator(seed: random.next(), collection: collection)
        let edits = generator.edits()
        let outcome = try await world.attempt(device, allowing: Write.refusals, &random) {
            try world.write(edits, in: world.collections[collection], on: device)
        }
        return "\(device.number): \(outcome)"
    }
}

/// A person says how they may be called, and perhaps somebody decides on what they saw before.
enum Restriction: Action {
    static let name = "restriction"
    static let weight = 8
    static let isOfDirectory = true

    static func perform(in world: World, _ random: inout SeededGenerator) async throws -> String {
        let device = random.pick(world.devices)
        let number = random.int(0..<world.collections.count)
        let collection = world.collections[number]
        var generator = DirectoryGenerator(seed: random.next(), collection: number)
        let edit = RecordEdit(
            record: random.pick(DirectoryGenerator.persons(number)), type: "person",
            operations: [generator.rule()])
        let isLate = random.oneIn(2)
        let outcome = try await world.attempt(device, allowing: Write.refusals, &random) {
            guard isLate else { return try world.write([edit], in: collection, on: device) }
            let decision = try world.decision(on: device, in: collection)
            try await world.sync(device)
            try world.write([edit], in: collection, on: device, decision: decision)
        }
        return "\(device.number)\(isLate ? ", late" : ""): \(outcome)"
    }
}

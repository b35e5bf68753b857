import SijilCore
import SijilStore

/// A person writes on a device.
enum Write: Action {
    static let name = "write"
    static let weight = 40
    static let isEssential = true

    static func perform(in world: World, _ random: inout SeededGenerator) async throws -> String {
        let device = random.pick(world.devices)
        let collection = random.pick(world.collections)
        var generator = EditGenerator(seed: random.next())
        let edits = generator.edits()
        let outcome = try await world.attempt(device, allowing: refusals, &random) {
            try world.write(edits, in: collection, on: device)
        }
        return "\(device.number): \(outcome)"
    }

    /// What a device may refuse: a second value of a field that is written once, what its role forbids, and what
    /// is about a record that was erased.
    static let refusals: Set<SijilError.Code> = [.badData, .notPermitted, .erased]
}

extension World {
    /// Writes, and lets the checkers see it.
    ///
    /// - Parameters:
    ///   - process: who writes; `nil` for the device's first process.
    ///   - decision: what the person had before them when they decided; `nil` for what is here.
    ///   - note: `nil` for none, or one that is always the same.
    func write(
        _ edits: [RecordEdit], in collection: CollectionID, on device: SimulatedDevice,
        by process: Replica? = nil, decision: Decision? = nil, note: String? = nil
    ) throws {
        let replica = process ?? device.replica
        let seen = try decision?.dots ?? replica.appliedDots(in: collection)
        let result = try replica.write(
            edits, in: collection, note: note ?? (chance.oneIn(4) ? "seen on the spot" : nil),
            seen: decision?.vector)
        let writing = Writing(collection: collection, result: result, edits: edits, seen: seen)
        try tell { try $0.wrote(writing, on: device, in: self) }
    }

    /// What somebody has before them.
    struct Decision {
        var dots: Set<Dot>
        var vector: VersionVector
    }

    func decision(on device: SimulatedDevice, in collection: CollectionID) throws -> Decision {
        Decision(
            dots: try device.replica.appliedDots(in: collection),
            vector: try device.replica.seen()[collection] ?? [:])
    }
}

import SijilCore

/// A person writes more at once than one piece of a sync can carry.
enum BulkWrite: Action {
    static let name = "bulk write"
    static let weight = 1

    static func perform(in world: World, _ random: inout SeededGenerator) async throws -> String {
        let device = random.pick(world.devices)
        let collection = random.pick(world.collections)
        let count = random.int(2..<7)
        let seed = random.next()
        let outcome = try await world.attempt(device, allowing: Write.refusals, &random) {
            var random = SeededGenerator(seed: seed)
            for _ in 0..<count {
                let record = Identifier(UInt128(random.int(1..<4)) << 100 | 0xB1)
                // Two values without a pattern: they cannot be compressed away.
                let operations = ["name", "note"]
                    .map { field in
                        CellOperation.set(field, .text(random.letters(random.int(20_000..<60_000))))
                    }
                try world.write(
                    [RecordEdit(record: record, type: "person", operations: operations)],
                    in: collection, on: device)
            }
        }
        return "\(device.number): \(outcome)"
    }
}

/// A person writes many small things in a row.
enum Burst: Action {
    static let name = "burst"
    static let weight = 1

    static func perform(in world: World, _ random: inout SeededGenerator) async throws -> String {
        let device = random.pick(world.devices)
        let collection = random.pick(world.collections)
        var generator = EditGenerator(seed: random.next())
        let edits = (0..<random.int(10..<50)).map { _ in generator.edits() }
        let outcome = try await world.attempt(device, allowing: Write.refusals, &random) {
            for edits in edits { try world.write(edits, in: collection, on: device) }
        }
        return "\(device.number): \(outcome)"
    }
}

extension SeededGenerator {
    fileprivate mutating func letters(_ count: Int) -> String {
        let letters = Array("abcdefghijklmnopqrstuvwxyz0123456789".utf8)
        return String(
            decoding: bytes(count).map { letters[Int($0) % letters.count] }, as: UTF8.self)
    }
}

import SijilCore
import SijilStore

/// A person decides between the siblings of a cell in conflict.
enum Resolve: Action {
    static let name = "resolve"
    static let weight = 8
    static let isEssential = true

    static func perform(in world: World, _ random: inout SeededGenerator) async throws -> String {
        let device = random.pick(world.devices)
        let collection = random.pick(world.collections)
        let choice = random.next()
        return try await world.attempt(device, allowing: Write.refusals, &random) {
            var random = SeededGenerator(seed: choice)
            let records = try device.replica.conflictedRecords(in: collection)
            guard !records.isEmpty else { return }
            let record = random.pick(records)
            let name = random.pick(record.conflicts)
            let value = random.pick(record.cells[name]!.siblings).value
            let edit =
                name == .liveness
                ? RecordEdit(record: record.id, type: record.type, deletes: value == .boolean(true))
                : RecordEdit(
                    record: record.id, type: record.type,
                    operations: [CellOperation(name, .put(value))])
            try world.write([edit], in: collection, on: device)
        }
    }
}

import SijilCore
import SijilStore

/// What people are asked to decide is what the ``Model`` says, and the same on every replica.
final class ConflictChecker: Checker {
    private let model: ModelChecker

    init(_ model: ModelChecker) { self.model = model }

    func settled(_ world: World) async throws {
        for device in world.devices {
            for collection in world.collections {
                let dots = try device.replica.appliedDots(in: collection)
                let open = model.unheard(dots, in: collection)
                let expected = Model.questions(
                    model.model.siblings(after: dots, in: collection).without(open),
                    world.versions.newer)
                var found: Set<Model.CellID> = []
                for record in try device.replica.conflictedRecords(in: collection) {
                    for cell in record.conflicts {
                        let cell = Model.CellID(record.id, record.type, cell)
                        if !open.contains(Model.Record(of: cell)) { found.insert(cell) }
                    }
                }
                try world.require(
                    found == expected,
                    "conflicts: replica \(device.number) asks \(found.count) questions of "
                        + "\(expected.count), or others")
            }
        }
        for device in world.devices {
            var count = 0
            for collection in world.collections {
                for record in try device.replica.conflictedRecords(in: collection) {
                    count += record.conflicts.count
                }
            }
            try world.require(
                try device.replica.conflictCount() == count,
                "conflicts: the kept number is not that of the cells")
        }
    }
}

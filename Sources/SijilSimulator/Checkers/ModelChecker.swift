import SijilCore
import SijilStore

/// Every cell holds the siblings that the ``Model`` says, no more and no fewer: so no value disappears
/// unseen, and none comes back.
final class ModelChecker: Checker {
    private(set) var model = Model()

    func wrote(_ writing: Writing, on device: SimulatedDevice, in world: World) throws {
        guard let dot = writing.result.dot else { return }
        try learn(dot, seen: writing.seen, writing.collection, device, world)
    }

    private func learn(
        _ dot: Dot, seen: Set<Dot>, _ collection: CollectionID, _ device: SimulatedDevice,
        _ world: World
    ) throws {
        let entry = try device.replica.journal(of: collection).first { $0.dot == dot }
        guard let entry else {
            throw World.Broken(
                law: "a change that was written is not in the journal", seed: world.seed)
        }
        model.add(try ChangeBytes(entry.bytes).change, dot, seen: seen, in: collection)
    }

    func touched(_ device: SimulatedDevice, in world: World) throws {
        if world.chance.oneIn(6) { try check(device, in: world) }
    }

    func restarted(_ device: SimulatedDevice, in world: World) throws {
        try check(device, in: world)
    }

    /// A commit that failed, or whose writer died before it heard of it, may have happened all the same, as
    /// SQLite finds out when it opens the file next.
    ///
    /// What such a change had seen only the change itself can tell.
    private func learnDoubtful(on device: SimulatedDevice, _ world: World) throws {
        for collection in world.collections {
            for entry in try device.replica.journal(of: collection)
            where entry.dot.replica == device.id && !model.knows(entry.dot, in: collection) {
                model.add(try ChangeBytes(entry.bytes).change, entry.dot, in: collection)
            }
        }
    }

    /// The records that were erased by changes that are not among these.
    ///
    /// Whoever has not heard of it yet has of them what the others had left.
    func unheard(_ dots: Set<Dot>, in collection: CollectionID) -> Set<Model.Record> {
        model.erased(in: collection).subtracting(model.erased(by: dots, in: collection))
    }

    func healed(_ world: World) async throws { try await settled(world) }

    func settled(_ world: World) async throws {
        for device in world.devices { try check(device, in: world) }
    }

    private func check(_ device: SimulatedDevice, in world: World) throws {
        for writer in world.devices where !writer.disk.isDead {
            try learnDoubtful(on: writer, world)
        }
        for collection in world.collections {
            let dots = try device.replica.appliedDots(in: collection)
            let open = unheard(dots, in: collection)
            let expected = model.siblings(after: dots, in: collection).without(open)
            let found = try Model.siblings(on: device.replica, in: collection).without(open)
            guard expected != found else { continue }
            let cell =
                Set(expected.keys).union(found.keys).filter { expected[$0] != found[$0] }
                .map { "'\($0.fieldName)' of a \($0.type)" }.sorted().first ?? ""
            throw World.Broken(
                law: "siblings: replica \(device.number) does not hold in the cell \(cell) what "
                    + "its changes leave there", seed: world.seed)
        }
    }
}

extension Model.Siblings {
    func without(_ records: Set<Model.Record>) -> Self {
        records.isEmpty ? self : filter { !records.contains(Model.Record(of: $0.key)) }
    }
}

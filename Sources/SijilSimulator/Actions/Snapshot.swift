import SijilCore
import SijilStore

/// What one device holds is carried to another as a snapshot: to a new one, and to one that has much already.
enum Snapshot: Action {
    static let name = "snapshot"
    static let weight = 5

    static func perform(in world: World, _ random: inout SeededGenerator) async throws -> String {
        let giver = random.pick(world.devices)
        let taker = random.pick(world.devices.filter { $0 !== giver })
        let collection = random.pick(world.collections)
        var made: (head: SnapshotHead, pieces: [[UInt8]])?
        // What the server has not confirmed is in no snapshot.
        let export = try await world.attempt(giver, allowing: [.unseen], &random) {
            var pieces: [[UInt8]] = []
            let head = try giver.replica.exportSnapshot(of: collection, emit: { pieces.append($0) })
            made = (head, pieces)
        }
        guard let (head, pieces) = made else { return "\(giver.number): \(export)" }
        try world.undisturbed {
            try world.checkNewcomer(head, pieces, from: giver, in: collection)
        }
        let isGranted = try world.undisturbed {
            try taker.replica.collections()
                .contains { $0.grant.id == collection && $0.grant.role != .withdrawn }
        }
        guard isGranted else { return "\(giver.number) to a new one" }
        // What the taker began with may be later.
        let load = try await world.attempt(taker, allowing: [.unseen], &random) {
            var rest = pieces[...]
            try taker.replica.loadSnapshot(head, pieces: { rest.popFirst() })
        }
        try world.look(at: taker)
        return "\(giver.number) to \(taker.number), \(pieces.count) pieces: \(load)"
    }
}

extension World {
    /// Whoever begins with a snapshot holds what its maker holds, and would make the same.
    fileprivate func checkNewcomer(
        _ head: SnapshotHead, _ pieces: [[UInt8]], from giver: SimulatedDevice,
        in collection: CollectionID
    ) throws {
        let device = try SimulatedDevice(
            number: -1, seed: seed ^ 0x5A47, clock: SimulatedClock(now: server.clock.now),
            schema: chance.oneIn(3) ? versions.older : versions.newer)
        defer { device.shutDown() }
        let newcomer = device.replica
        var grants = try giver.replica.collections().map(\.grant)
        for index in grants.indices { grants[index].role = .reader }
        try newcomer.setGrants(grants)
        guard let authority = try giver.replica.authority else { return }
        try newcomer.trust(authority)
        var rest = pieces[...]
        try newcomer.loadSnapshot(head, pieces: { rest.popFirst() })
        var again: [[UInt8]] = []
        let copy = try newcomer.snapshotManifest(of: collection, emit: { again.append($0) })
        try require(copy == head.manifest, "snapshot: made again it is another")
        try require(again == pieces, "snapshot: its pieces are others when they are made again")
        let digests = try [giver.replica, newcomer]
            .map { replica in
                try replica.collections().first { $0.grant.id == collection }?.digest
            }
        try require(digests[0] == digests[1], "snapshot: a newcomer has another digest")
        try require(
            try newcomer.verify().isSound, "snapshot: what a newcomer holds is not sound")
    }
}

extension Replica {
    /// Every change whose effects are here: those of the journal, and those of the snapshot that it began with.
    func appliedDots(in collection: CollectionID) throws -> Set<Dot> {
        var dots = Set(try journal(of: collection).map(\.dot))
        for last in try snapshotOrigin(of: collection)?.vector.sorted ?? [] {
            for sequence in 1...last.sequence {
                dots.insert(Dot(replica: last.replica, sequence: sequence))
            }
        }
        return dots
    }
}

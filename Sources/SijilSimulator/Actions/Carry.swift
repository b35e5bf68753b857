import SijilCore
import SijilStore

/// What one device has and the server has not confirmed is carried to another by hand.
enum Carry: Action {
    static let name = "carry"
    static let weight = 8

    static func perform(in world: World, _ random: inout SeededGenerator) async throws -> String {
        let giver = random.pick(world.devices)
        let taker = random.pick(world.devices.filter { $0 !== giver })
        let collection = random.pick(world.collections)
        let order = random.next()
        let (isGranted, pending) = try world.undisturbed {
            (
                try taker.replica.collections().contains { $0.grant.id == collection },
                try giver.replica.pendingRuns(in: collection, byteLimit: .max).runs
            )
        }
        guard isGranted else { return "not granted" }
        // Without the hash before a run, what begins in the middle of an author's log is refused.
        let outcome = try await world.attempt(taker, allowing: [.unseen], &random) {
            var random = SeededGenerator(seed: order)
            let runs = pending.shuffled(using: &random)
            var certificates: [Certificate] = []
            for author in Set(runs.map(\.author)).sorted() {
                if let device = try await world.store.device(author) {
                    certificates.append(device.certificate)
                }
            }
            for run in runs {
                try taker.replica.receive(
                    [Delivery(position: nil, .run(run))], certificates: certificates,
                    in: collection)
            }
        }
        try world.look(at: taker)
        return "\(giver.number) to \(taker.number), \(pending.count) runs: \(outcome)"
    }
}

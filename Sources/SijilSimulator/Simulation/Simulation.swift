import SijilCore
import SijilStore

/// Plays a ``Plan`` in a world of its own and looks whether every law holds.
///
/// One plan, one result: playing it again does the same, event by event.
///
/// ```swift
/// let verdict = await Simulation(Plan(seed: 17)).run()
/// verdict.failure == nil
/// ```
public struct Simulation {
    /// What came out.
    public struct Verdict: Sendable {
        /// The law that did not hold, in a sentence; `nil` when all did.
        public var failure: String?
        /// The number of the event at which it showed; the number of events when it showed at the end.
        public var failedAt: Int
        /// What was being done then.
        public var failedIn = ""
        /// A hash of everything that happened and of the state at the end.
        public var fingerprint: UInt64
        /// Changes that were written.
        public var changes = 0
    }

    private let plan: Plan
    private let trace: (String) -> Void

    /// - Parameter trace: is given a line for each event.
    public init(_ plan: Plan, trace: @escaping (String) -> Void = { _ in }) {
        self.plan = plan
        self.trace = trace
    }

    public func run() async -> Verdict {
        var verdict = Verdict(failedAt: 0, fingerprint: 0)
        func tell(_ line: String) {
            trace(line)
            let hash = SipHash(key0: verdict.fingerprint, key1: 0).hash(Array(line.utf8))
            verdict.fingerprint = UInt64(truncatingIfNeeded: hash)
        }
        var present = "beginning"
        do {
            let world = try await World.begin(
                seed: plan.seed, schemas: plan.schemas, clocks: plan.clocks,
                collections: plan.collectionCount, versions: plan.versions,
                checkers: Checkers.all())
            world.road.observe = { [unowned world] request, response in
                for checker in world.checkers { try checker.answered(request, response, in: world) }
            }
            for event in plan.events {
                guard let action = Actions.named(event.action) else {
                    throw World.Broken(law: "there is no action '\(event.action)'", seed: plan.seed)
                }
                present = event.action
                var random = SeededGenerator(seed: event.seed)
                world.advance(milliseconds: Int64(random.int(0..<600_000)))
                let outcome = try await action.perform(in: world, &random)
                try await world.bringUpTheDead(&random)
                try await world.administer {
                    for checker in world.checkers { try await checker.passed(world) }
                }
                tell("\(verdict.failedAt) \(event.action) \(outcome)")
                verdict.failedAt += 1
            }
            present = "the end"
            var random = SeededGenerator(seed: ~plan.seed)
            try await world.settle(&random)
            for device in world.devices {
                tell(try device.replica.dump())
                tell("\(device.disk.operations) operations")
            }
            for collection in world.collections {
                verdict.changes += Int(try await world.store.collection(collection)?.head ?? 0)
            }
        } catch let error as World.Broken {
            verdict.failure = error.law
        } catch let error as SijilError {
            verdict.failure =
                "an error was not expected: '\(error.code.rawValue)': \(error.message)"
        } catch {
            verdict.failure = "an error is not ours: \(type(of: error))"
        }
        if verdict.failure != nil { verdict.failedIn = present }
        return verdict
    }
}

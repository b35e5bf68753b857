public import SijilCore
public import SijilStore
public import SijilSync
import Synchronization

/// Several replicas and a server in one process, driven by one seed: real SQLite, real signatures, the real
/// sync; only network, clocks and chance are simulated.
///
/// ```swift
/// let world = try await World.begin(seed: 7, replicas: 3, schema: .directory)
/// try world.replicas[0].write(…, in: world.collection)
/// try await world.syncUntilQuiet()
/// try world.checkConvergence()
/// ```
public final class World {
    public let seed: UInt64
    public let store: SQLiteLogStore
    public let application: ServerApplication
    public let collection: CollectionID
    public private(set) var replicas: [Replica] = []
    /// Faults of the network; change them at any time.
    public var faults = NetworkFaults()
    private let chance: Chance
    private let clocks: [SimulatedClock]

    private init(
        seed: UInt64, store: SQLiteLogStore, application: ServerApplication,
        collection: CollectionID, chance: Chance, clocks: [SimulatedClock]
    ) {
        self.seed = seed
        self.store = store
        self.application = application
        self.collection = collection
        self.chance = chance
        self.clocks = clocks
    }

    /// A server, and replicas that have joined it.
    ///
    /// - Parameters:
    ///   - roles: one per replica; editors where there are fewer.
    ///   - clocks: milliseconds by which each device's clock is wrong; right where there are fewer.
    public static func begin(
        seed: UInt64, replicas count: Int, schema: Schema, roles: [Role] = [],
        clocks: [Int64] = []
    ) async throws -> World {
        let chance = Chance(seed: seed)
        let serverClock = SimulatedClock(now: 1_780_000_000_000)
        let environment = ServerEnvironment(
            now: { serverClock.now }, randomBytes: { chance.bytes($0) })
        let store = try SQLiteLogStore(path: nil)
        let authority = try await Authority.establish(in: store, environment: environment)
        let deviceClocks = (0..<count)
            .map { index in
                SimulatedClock(
                    now: 1_780_000_000_000 + (index < clocks.count ? clocks[index] : 0))
            }
        let world = World(
            seed: seed, store: store,
            application: ServerApplication(
                store: store, authority: authority, environment: environment),
            collection: CollectionID(milliseconds: 0, random: 1), chance: chance,
            clocks: deviceClocks + [serverClock])
        for (index, clock) in deviceClocks.enumerated() {
            let role = index < roles.count ? roles[index] : .editor
            try await world.enrol("replica-\(index)", role, clock, schema)
        }
        for replica in world.replicas { _ = try await world.sync(replica) }
        return world
    }

    private func enrol(
        _ name: String, _ role: Role, _ clock: SimulatedClock, _ schema: Schema
    ) async throws {
        let chance = chance
        let replica = try Replica.create(
            at: nil, name: name, key: SigningKey(seed: chance.bytes(32)), schema: schema,
            environment: Environment(
                now: { clock.now }, randomBytes: { chance.bytes($0) }))
        let code = InvitationCode(random: chance.bytes(20)).text
        try await store.addInvitation(
            Invitation(
                codeHash: InvitationCode.hash(code), name: name, grants: [:],
                isFounder: replicas.isEmpty, expiresAt: .max))
        let transport = SimulatedTransport(application: application)
        _ = try await ServerConnection(replica: replica, transport: transport).join(code: code)
        if replicas.isEmpty {
            try await store.createCollection(
                ServerCollection(id: collection, name: "roster", kind: "roster"),
                creator: replica.id)
        }
        try await store.setGrant(role, of: replica.id, in: collection)
        replicas.append(replica)
    }

    /// Lets time pass, on all clocks alike.
    public func advance(milliseconds: Int64) {
        for clock in clocks { clock.advance(milliseconds) }
    }

    /// One attempt of one replica, through a network with the present faults.
    @discardableResult
    public func sync(_ replica: Replica) async throws -> SyncReport {
        advance(milliseconds: 1000)
        let run = SyncRun(
            replica: replica,
            transport: SimulatedTransport(
                application: application, faults: faults, chance: chance))
        return try await run.run()
    }

    /// Heals the network and syncs everyone until nobody has news.
    public func syncUntilQuiet() async throws {
        faults = NetworkFaults()
        for _ in 0..<2 { for replica in replicas { try await sync(replica) } }
    }

    /// The laws of quiescence: nothing pending or held, equal dumps and digests, sound files.
    ///
    /// - Throws: ``Broken`` naming the law and the seed.
    public func checkConvergence() throws {
        let dump = try replicas[0].dump()
        let digest = try replicas[0].collections().map(\.digest)
        for (index, replica) in replicas.enumerated() {
            for collection in try replica.collections() {
                try require(collection.pending == 0, "replica \(index) has pending changes")
                try require(collection.held == 0, "replica \(index) holds changes")
            }
            try require(
                try replica.collections().map(\.digest) == digest, "digests differ at \(index)")
            try require(try replica.dump() == dump, "states differ at \(index)")
            let verification = try replica.verify()
            try require(
                verification.isSound,
                "replica \(index) is not sound: \(verification.problems.map(\.what))")
        }
    }

    private func require(_ condition: Bool, _ law: String) throws {
        guard condition else { throw Broken(law: law, seed: seed) }
    }

    /// A law that did not hold.
    public struct Broken: Error, CustomStringConvertible {
        public var law: String
        public var seed: UInt64
        public var description: String { "\(law) (seed \(seed))" }
    }
}

/// A clock that goes only when told.
public final class SimulatedClock: Sendable {
    private let milliseconds: Mutex<Int64>

    public init(now: Int64) { milliseconds = Mutex(now) }

    public var now: Int64 { milliseconds.withLock { $0 } }
    public func advance(_ by: Int64) { milliseconds.withLock { $0 += by } }
}

/// The one source of chance of a world.
public final class Chance: Sendable {
    private let generator: Mutex<SeededGenerator>

    public init(seed: UInt64) { generator = Mutex(SeededGenerator(seed: seed)) }

    public func bytes(_ count: Int) -> [UInt8] { generator.withLock { $0.bytes(count) } }
    public func oneIn(_ count: Int) -> Bool { generator.withLock { $0.oneIn(count) } }
}

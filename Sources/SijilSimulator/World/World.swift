public import SijilCore
public import SijilStore
public import SijilSync

/// Several devices and a server in one process, driven by one seed: real SQLite on simulated disks, real
/// signatures, the real sync; only disks, network, clocks and chance are simulated.
///
/// ```swift
/// let world = try await World.begin(seed: 7, replicas: 3, schema: .directory)
/// try world.replicas[0].write(…, in: world.collection)
/// try await world.syncUntilQuiet()
/// try world.checkConvergence()
/// ```
public final class World {
    public let seed: UInt64
    public let server: SimulatedServer
    public private(set) var devices: [SimulatedDevice] = []
    public let collections: [CollectionID]
    /// Faults of the network; change them at any time.
    public var faults = NetworkFaults()
    /// What its programs know.
    let versions: Versions
    /// Who looks whether the laws hold.
    let checkers: [any Checker]
    let chance: Chance
    let road = SimulatedTransport.Road()
    /// Devices that were revoked: they may not sync, and nobody takes what they write.
    var revoked: Set<ReplicaID> = []
    /// What was written, or tried to be, of records that may be erased: texts that are nowhere else.
    var marks: [CollectionID: [Model.Record: Set<String>]] = [:]

    private init(
        seed: UInt64, server: SimulatedServer, collections: [CollectionID], versions: Versions,
        checkers: [any Checker]
    ) {
        self.versions = versions
        self.seed = seed
        self.server = server
        self.collections = collections
        self.checkers = checkers
        chance = Chance(seed: seed)
    }

    deinit {
        for device in devices { device.shutDown() }
        server.shutDown()
    }

    /// A server, and replicas that have joined it.
    ///
    /// - Parameters:
    ///   - roles: one per replica; editors where there are fewer.
    ///   - clocks: milliseconds by which each device's clock is wrong; right where there are fewer.
    ///   - collections: how many there are; every replica is granted all.
    public static func begin(
        seed: UInt64, replicas count: Int, schema: Schema, roles: [Role] = [],
        clocks: [Int64] = [], collections: Int = 1
    ) async throws -> World {
        try await begin(
            seed: seed, schemas: Array(repeating: schema, count: count), roles: roles,
            clocks: clocks, collections: collections, checkers: [])
    }

    static func begin(
        seed: UInt64, schemas: [Schema], roles: [Role] = [], clocks: [Int64] = [],
        collections: Int, versions: Versions = .test, checkers: [any Checker]
    ) async throws -> World {
        let world = World(
            seed: seed, server: try await SimulatedServer(seed: seed ^ 0x5E8E),
            collections: (1...collections)
                .map {
                    CollectionID(milliseconds: 0, random: UInt128($0))
                }, versions: versions, checkers: checkers)
        world.road.isServerDead = { [server = world.server] in server.disk.isDead }
        world.road.isServerDiskFaulty = { [server = world.server] in server.disk.isFaulty }
        for (number, schema) in schemas.enumerated() {
            let clock = SimulatedClock(
                now: SimulatedClock.start &+ (number < clocks.count ? clocks[number] : 0))
            try await world.enrol(
                SimulatedDevice(
                    number: number, seed: seed &+ 0x9E37 &* UInt64(number + 1), clock: clock,
                    schema: schema), number < roles.count ? roles[number] : .editor)
        }
        for device in world.devices { try await world.sync(device) }
        return world
    }

    private func enrol(_ device: SimulatedDevice, _ role: Role) async throws {
        let code = InvitationCode(random: chance.bytes(20)).text
        try await store.addInvitation(
            Invitation(
                codeHash: InvitationCode.hash(code), name: try device.replica.name, grants: [:],
                isFounder: devices.isEmpty, expiresAt: .max))
        let transport = SimulatedTransport(application: application)
        _ = try await ServerConnection(replica: device.replica, transport: transport)
            .join(code: code)
        for (index, collection) in collections.enumerated() {
            if devices.isEmpty {
                try await store.createCollection(
                    ServerCollection(
                        id: collection, name: index == 0 ? "roster" : "roster \(index + 1)",
                        kind: "roster"), creator: device.id)
            }
            try await store.setGrant(role, of: device.id, in: collection)
        }
        devices.append(device)
    }

    // MARK: For worlds without faults of disks

    public var replicas: [Replica] { devices.map(\.replica) }
    public var collection: CollectionID { collections[0] }
    public var store: SQLiteLogStore { server.store }
    public var application: ServerApplication { server.application }

    /// Lets time pass, on all clocks alike.
    public func advance(milliseconds: Int64) {
        for device in devices { device.clock.advance(milliseconds) }
        server.clock.advance(milliseconds)
    }

    /// One attempt of one replica, through a network with the present faults.
    @discardableResult
    public func sync(_ replica: Replica) async throws -> SyncReport {
        advance(milliseconds: 1000)
        let run = SyncRun(
            replica: replica,
            transport: SimulatedTransport({ self.application }, faults, chance, road))
        return try await run.run()
    }

    @discardableResult
    public func sync(_ device: SimulatedDevice) async throws -> SyncReport {
        try await sync(device.replica)
    }

    /// Heals the network and syncs everyone until nobody has news.
    public func syncUntilQuiet() async throws {
        faults = NetworkFaults()
        for _ in 0..<2 { for device in devices { try await sync(device) } }
    }

    /// The laws of quiescence: nothing pending or held, equal dumps and digests, sound files.
    ///
    /// - Throws: ``Broken`` naming the law and the seed.
    public func checkConvergence() throws {
        try ConvergenceChecker().check(self)
        for device in devices { try SoundnessChecker().check(device, in: self) }
    }

    func require(_ condition: Bool, _ law: @autoclosure () -> String) throws {
        guard condition else { throw Broken(law: law(), seed: seed) }
    }

    /// A law that did not hold.
    public struct Broken: Error, CustomStringConvertible {
        public var law: String
        public var seed: UInt64
        public var description: String { "\(law) (seed \(seed))" }
    }
}

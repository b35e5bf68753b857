public import SijilCore
public import SijilStore

/// A device of a world: its disk, its clock, its key, and the replica that a process has open on it.
public final class SimulatedDevice {
    public let number: Int
    public let disk = SimulatedDisk()
    public let clock: SimulatedClock
    public private(set) var replica: Replica
    /// What its program knows; another version may have another one.
    public private(set) var schema: Schema
    /// How it dies when its disk comes to the operation at which it is to die.
    public var death = SimulatedDisk.Death.kill
    private let key: SigningKey
    private let chance: Chance

    public var id: ReplicaID { replica.id }

    init(number: Int, seed: UInt64, clock: SimulatedClock, schema: Schema) throws {
        self.number = number
        self.clock = clock
        self.schema = schema
        let chance = Chance(seed: seed)
        self.chance = chance
        key = try SigningKey(seed: chance.bytes(32))
        replica = try Replica.create(
            at: disk.path(of: Self.file), name: "replica-\(number)", key: key, schema: schema,
            environment: Self.environment(clock, chance, disk))
    }

    private static let file = "replica.sqlite"

    private static func environment(
        _ clock: SimulatedClock, _ chance: Chance, _ disk: SimulatedDisk
    ) -> Environment {
        Environment(
            now: { clock.now }, randomBytes: { chance.bytes($0) },
            fileExists: { _ in disk.holds(file) })
    }

    /// Another process opens the file; close it when done.
    public func openAgain() throws -> Replica {
        try Replica.open(
            at: disk.path(of: Self.file), key: key, schema: schema,
            environment: Self.environment(clock, chance, disk))
    }

    /// The program ends and starts again, perhaps as another version.
    public func reopen(as schema: Schema? = nil) throws {
        try? replica.close()
        self.schema = schema ?? self.schema
        replica = try openAgain()
    }

    /// The device dies, if its disk has not died already, and starts again.
    public func restart(after death: SimulatedDisk.Death, _ random: inout SeededGenerator) throws {
        disk.restart(after: death, &random)
        try reopen()
    }

    func shutDown() {
        try? replica.close()
        disk.unmount()
    }
}

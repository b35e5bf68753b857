import SijilCore
public import SijilStore
public import SijilSync

/// The server of a world: a real log store on a simulated disk, and the real application over it.
public final class SimulatedServer {
    public let disk = SimulatedDisk()
    public let clock = SimulatedClock()
    public private(set) var store: SQLiteLogStore
    public private(set) var application: ServerApplication
    /// How it dies when its disk comes to the operation at which it is to die.
    public var death = SimulatedDisk.Death.kill
    /// Lets other requests in between two steps of one.
    let between = Interruption()
    private let environment: ServerEnvironment

    init(seed: UInt64) async throws {
        let chance = Chance(seed: seed)
        let clock = clock
        environment = ServerEnvironment(
            now: { clock.now }, randomBytes: { chance.bytes($0) })
        store = try SQLiteLogStore(path: disk.path(of: Self.file))
        application = ServerApplication(
            store: InterruptedStore(store, between),
            authority: try await Authority.establish(in: store, environment: environment),
            environment: environment)
    }

    private static let file = "server.sqlite"

    /// The server dies, if its disk has not died already, and starts again.
    public func restart(
        after death: SimulatedDisk.Death, _ random: inout SeededGenerator
    ) async throws {
        disk.restart(after: death, &random)
        try? store.close()
        store = try SQLiteLogStore(path: disk.path(of: Self.file))
        application = ServerApplication(
            store: InterruptedStore(store, between),
            authority: try await Authority.read(from: store), environment: environment)
    }

    func shutDown() {
        try? store.close()
        disk.unmount()
    }
}

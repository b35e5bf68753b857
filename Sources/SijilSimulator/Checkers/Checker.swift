import SijilCore
import SijilStore
import SijilSync

/// Looks whether one law holds in a world, by other means than the code under test.
///
/// To add a law: a file with a checker, and its name in ``Checkers/all()``.
protocol Checker: AnyObject {
    /// A change was written on a device, and the call returned.
    func wrote(_ writing: Writing, on device: SimulatedDevice, in world: World) throws
    /// The server answered a request of a device, whether or not the answer arrives.
    func answered(
        _ request: TransportRequest, _ response: TransportResponse, in world: World) throws
    /// A device was given a role, or lost it.
    func granted(_ role: Role?, to device: SimulatedDevice, in collection: CollectionID)
    /// Something happened on a device.
    func touched(_ device: SimulatedDevice, in world: World) throws
    /// An event has passed.
    func passed(_ world: World) async throws
    /// A device died and was started again.
    func restarted(_ device: SimulatedDevice, in world: World) throws
    func restarted(_ server: SimulatedServer, in world: World) async throws
    /// Nothing is broken any more and all have synced, each with the rights that it has.
    func healed(_ world: World) async throws
    /// All may write, have synced, and have no news.
    func settled(_ world: World) async throws
}

extension Checker {
    func wrote(_ writing: Writing, on device: SimulatedDevice, in world: World) throws {}
    func answered(
        _ request: TransportRequest, _ response: TransportResponse, in world: World
    ) throws {}
    func granted(_ role: Role?, to device: SimulatedDevice, in collection: CollectionID) {}
    func touched(_ device: SimulatedDevice, in world: World) throws {}
    func passed(_ world: World) async throws {}
    func restarted(_ device: SimulatedDevice, in world: World) throws {}
    func restarted(_ server: SimulatedServer, in world: World) async throws {}
    func healed(_ world: World) async throws {}
    func settled(_ world: World) async throws {}
}

/// A change that a person wrote.
struct Writing {
    var collection: CollectionID
    var result: WriteResult
    var edits: [RecordEdit]
    /// What was here when the person decided.
    var seen: Set<Dot>
}

enum Checkers {
    static func all() -> [any Checker] {
        let model = ModelChecker()
        return [
            EffectChecker(), model, ConflictChecker(model), PromiseChecker(),
            EndStateChecker(model),
            PositionChecker(), ScopeChecker(), RightsChecker(), ShownChecker(), BoundsChecker(),
            SearchChecker(), MergeChecker(), TenureChecker(), RestrictionChecker(model),
            SoundnessChecker(), ConvergenceChecker(), ErasureChecker(model),
        ]
    }
}

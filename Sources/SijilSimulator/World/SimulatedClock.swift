import Synchronization

/// A clock that goes only when told.
public final class SimulatedClock: Sendable {
    /// When simulated worlds begin: 28 May 2026.
    public static let start: Int64 = 1_780_000_000_000

    private let milliseconds: Mutex<Int64>

    public init(now: Int64 = start) { milliseconds = Mutex(now) }

    public var now: Int64 { milliseconds.withLock { $0 } }
    public func advance(_ by: Int64) { milliseconds.withLock { $0 &+= by } }
    public func set(_ now: Int64) { milliseconds.withLock { $0 = now } }
}

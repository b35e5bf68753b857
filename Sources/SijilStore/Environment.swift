public import SijilCore

/// Where a replica gets its time and its chance from: the real ones in the executables, seeded ones in the
/// simulator and in tests.
public struct Environment {
    /// Milliseconds since 1970, by a clock that may be wrong.
    public var now: () -> Int64
    /// Unpredictable bytes, as many as asked for.
    public var randomBytes: (Int) -> [UInt8]

    public init(now: @escaping () -> Int64, randomBytes: @escaping (Int) -> [UInt8]) {
        self.now = now
        self.randomBytes = randomBytes
    }

    /// A new time-ordered identifier.
    public func newIdentifier() -> Identifier {
        Identifier(
            milliseconds: now(),
            random: Identifier(bytes: randomBytes(Identifier.byteCount))!.rawValue)
    }
}

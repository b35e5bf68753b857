import SijilStore

extension ServerEnvironment {
    /// The machine's clock and the operating system's randomness.
    public static let system = ServerEnvironment(
        now: { systemMilliseconds() }, randomBytes: { systemRandomBytes($0) })
}

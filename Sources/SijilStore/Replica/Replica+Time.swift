extension Replica {
    /// Milliseconds since 1970 by the server's clock, as far as this replica knows it: by the device's own until
    /// the first sync.
    public var now: Int64 {
        get throws { environment.now() &+ (try number("clock_offset") ?? 0) }
    }
}

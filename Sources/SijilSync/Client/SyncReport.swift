/// What a sync did.
///
/// Counts are changes; bytes are HTTP bodies as they crossed the wire.
public struct SyncReport: Sendable {
    public var sent = 0
    public var received = 0
    public var rejected = 0
    public var held = 0
    /// Cells that wait for a person, after the sync.
    public var conflicts = 0
    public var bytesSent = 0
    public var bytesReceived = 0
    public var roundTrips = 0
    public var durationMilliseconds: Int64 = 0
    /// Why the server refused changes, by collection name.
    public var refusals: [String: String] = [:]

    public init() {}
}

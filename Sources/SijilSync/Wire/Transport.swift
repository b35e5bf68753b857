/// One HTTP request as the sync conversation wants it: no socket, no library, just what is to be said.
public struct TransportRequest: Sendable {
    public var method: String
    /// The path below the server's base address, beginning with a slash, as `/v1/sync`.
    public var path: String
    /// Header names in lower case.
    public var headers: [String: String]
    public var body: [UInt8]

    public init(
        method: String, path: String, headers: [String: String] = [:], body: [UInt8] = []
    ) {
        self.method = method
        self.path = path
        self.headers = headers
        self.body = body
    }
}

/// What came back for a ``TransportRequest``.
public struct TransportResponse: Sendable {
    public var status: Int
    /// Header names in lower case.
    public var headers: [String: String]
    /// The body as the server meant it: decompressed.
    public var body: [UInt8]
    /// Bytes of the request's body as they crossed the wire.
    public var bytesSent: Int
    /// Bytes of the response's body as they crossed the wire, before decompression.
    public var bytesReceived: Int

    public init(
        status: Int, headers: [String: String] = [:], body: [UInt8] = [], bytesSent: Int = 0,
        bytesReceived: Int = 0
    ) {
        self.status = status
        self.headers = headers
        self.body = body
        self.bytesSent = bytesSent
        self.bytesReceived = bytesReceived
    }
}

/// Something that carries a request to the server and brings its answer back: libcurl on a device, a
/// function call in the simulator.
///
/// A transport has no opinion: it does not try again after a failure, does not follow redirects and does not
/// look into bodies. The request may all the same arrive twice: libcurl repeats it once on a new connection
/// when the kept one turns out to be closed before any byte of an answer came.
/// An answer of any HTTP status is a normal result. It throws ``SijilError`` with `unreachable` when nothing
/// answered, `untrusted` when TLS could not be verified, `tryAgain` when an answer began and broke off or
/// stalled, `cancelled` when the task was cancelled, and `badData` when the answer is larger than allowed.
public protocol Transport {
    func send(_ request: TransportRequest) async throws -> TransportResponse
}

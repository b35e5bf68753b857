import Foundation

/// Sizes and times that the HTTP server does not go beyond, each with its reason.
enum ServerLimits {
    /// A connection that says nothing for this long is closed, between requests and within one.
    ///
    /// A client opens a new one at little cost, and must not hold a file descriptor for free.
    static let idleSeconds = 60
    /// From the connection to the end of the TLS handshake: two round trips, on a very slow line.
    static let handshakeSeconds = 15
    /// All header fields of a request together; ours come to about 400 bytes, proxies add some.
    static let headerBytes = 16 * 1024
    static let headerFields = 100
    /// What running requests may still take after the server was asked to stop.
    static let drainSeconds = 10
    /// From the first byte of a body to its last: the largest one at 2 kB/s, which GPRS gives.
    static let bodySeconds = 660
    /// All bodies being received, before their signatures can be checked.
    static let receivingBytes = 128 * 1024 * 1024
    /// Connections at a time, when the process may have so many files.
    static let connections = 4096

    /// How many connections this process can hold without failing to open its database.
    static var affordableConnections: Int {
        var files = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &files) == 0 else {
            return 256
        }
        return max(16, min(connections, Int(clamping: files.rlim_cur) - 64))
    }
}

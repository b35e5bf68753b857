public import SijilCore
public import SijilSync

/// Carries requests to a server over HTTPS with the system's libcurl.
///
/// ```swift
/// var options = CurlTransport.Options()
/// options.caFile = "/etc/sijil/area.pem"
/// let transport = try CurlTransport(baseURL: "https://sync.example.org", options: options)
/// let answer = try await transport.send(TransportRequest(method: "GET", path: "/health"))
/// ```
///
/// What it guarantees:
/// * TLS 1.2 or later, with the server's certificate and its name verified; there is no way to turn
///   that off. Plain HTTP is accepted for an address of this same machine only.
/// * A redirect is an answer like any other and is not followed, so a token goes to no other host.
///   No cookies.
/// * HTTP/2 where the server offers it, else HTTP/1.1. One connection is kept and used again by
///   later requests; a request that finds it closed before any byte of an answer is sent again on a
///   new one, by libcurl.
/// * Requests of one transport, and of its copies, go one after the other.
/// * Nothing blocks Swift's cooperative threads. Cancelling the task ends the transfer at once:
///   when `send` throws `cancelled`, no more bytes are sent or received for that request.
/// * A compressed answer (gzip, deflate, and what else libcurl was built with) arrives decompressed
///   and without the headers `content-encoding` and `content-length`, which no longer describe it.
/// * For HTTPS the proxy that the environment names (`https_proxy`, else `all_proxy`) is used, also for
///   this same machine unless `no_proxy` names it. Plain HTTP goes through no proxy.
///
/// Each process needs libcurl 7.88 or later.
public struct CurlTransport: Transport, Sendable {
    private let connection: CurlConnection

    /// Prepares a transport; the network is not touched until the first request.
    ///
    /// - Parameters:
    ///   - baseURL: `https://host`, with a port and a path when needed. `http://` is accepted for
    ///     `localhost`, 127.0.0.0/8 and `[::1]` only. No user name, query or fragment.
    ///   - options: Deadlines, limits and whom to trust.
    /// - Throws: `configuration` if the address or an option cannot be used.
    public init(baseURL: String, options: Options = Options()) throws(SijilError) {
        connection = try CurlConnection(
            address: ServerAddress(baseURL), pin: options.pin(), options: options)
    }

    public func send(_ request: TransportRequest) async throws(SijilError) -> TransportResponse {
        let exchange = CurlExchange(connection)
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                exchange.submit(request, continuation)
            }
        } onCancel: {
            exchange.cancel()
        }
        return try result.get()
    }
}

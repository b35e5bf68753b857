import Logging
import SijilCore
import SijilSync

/// What is kept about a request for the log and the counters: no query, no body, no name, no code.
struct RequestEntry: Sendable {
    private static let routes: Set<String> = [
        Exchange.syncPath, Exchange.joinPath, Exchange.collectionsPath, Exchange.invitationsPath,
        Exchange.devicesPath, Exchange.revocationsPath, Exchange.grantsPath,
        ServerResponder.healthPath, ServerResponder.metricsPath,
    ]
    private static let methods: Set<String> = ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"]

    var method: String
    /// One of the server's own, or `other`: what a stranger asks for is not written down.
    var route: String
    /// The first digits of the replica that the request claims to come from.
    var device: String?
    var status = 0
    var bytesReceived = 0
    var bytesSent = 0
    /// The stable name of what went wrong.
    var failure: String?

    init(method: String, path: Substring, device: String?) {
        self.method = Self.methods.contains(method) ? method : "other"
        route = Self.routes.contains(String(path)) ? String(path) : "other"
        self.device = device.flatMap { ReplicaID($0) }?.abbreviated
    }

    func write(to logger: Logger, after duration: Duration) {
        let milliseconds =
            duration.components.seconds * 1000
            + duration.components.attoseconds / 1_000_000_000_000_000
        var metadata: Logger.Metadata = [
            "method": "\(method)", "route": "\(route)", "status": "\(status)",
            "duration_ms": "\(milliseconds)", "bytes_in": "\(bytesReceived)",
            "bytes_out": "\(bytesSent)",
        ]
        if let failure { metadata["failure"] = "\(failure)" }
        if let device { metadata["device"] = "\(device)" }
        logger.log(level: status >= 500 ? .error : .info, "request", metadata: metadata)
    }
}

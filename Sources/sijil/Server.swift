import ArgumentParser
import Foundation
import SijilCore
import SijilCurl
import SijilStore
import SijilSync

/// The server that a replica has joined, or is about to: its address and whom to trust.
struct Server {
    var url: String
    /// An absolute path.
    var caFile: String?
    var pin: String?

    /// What the replica remembers from joining.
    ///
    /// - Throws: `configuration` when it has not joined.
    static func joined(by replica: Replica) throws -> Server {
        guard let url = try replica.text("server") else {
            throw SijilError(
                .configuration, "This replica has not joined a server.",
                hint: "Run 'sijil join URL --code CODE' first.")
        }
        return Server(
            url: url, caFile: try remembered("ca", replica), pin: try remembered("pin", replica))
    }

    private static func remembered(_ key: String, _ replica: Replica) throws -> String? {
        try replica.text(key).flatMap { $0.isEmpty ? nil : $0 }
    }

    /// Keeps the address and whom to trust for later syncs.
    func remember(in replica: Replica) throws {
        try replica.remember(texts: ["server": url, "ca": caFile ?? "", "pin": pin ?? ""])
    }

    func transport() throws(SijilError) -> CurlTransport {
        var options = CurlTransport.Options()
        options.caFile = caFile
        options.pinnedPublicKey = pin
        options.userAgent = "sijil/" + Sijil.configuration.version
        return try CurlTransport(baseURL: url, options: options)
    }

    func connection(of replica: Replica) throws -> ServerConnection {
        ServerConnection(replica: replica, transport: try transport())
    }
}

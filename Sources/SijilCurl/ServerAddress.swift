import CSijilCurl
import SijilCore

/// A server's base address, taken apart by the same parser that will connect to it, so that what
/// was checked is what is used.
struct ServerAddress: Sendable {
    /// Scheme, host, port and path, without a slash at the end.
    let base: String
    /// Host and port, for messages.
    let name: String

    init(_ text: String) throws(SijilError) {
        guard let url = URLHandle(text), let scheme = url.part(CURLUPART_SCHEME),
            let host = url.part(CURLUPART_HOST), let path = url.part(CURLUPART_PATH)
        else {
            throw SijilError(
                .configuration, "The server's address cannot be read.",
                hint: "It looks like https://sync.example.org.")
        }
        for part in [CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_QUERY, CURLUPART_FRAGMENT]
        where url.part(part) != nil {
            throw SijilError(
                .configuration,
                "The server's address holds a user name, a password, a query or a fragment.",
                hint: "Give only https://, the host, and a port or a path when needed.")
        }
        switch scheme {
        case "https": break
        case "http" where Self.isLoopback(host): break
        case "http":
            throw SijilError(
                .configuration, "Plain HTTP is for a server on this same machine only.",
                hint: "Use https:// for this address.")
        default:
            throw SijilError(
                .configuration, "The server's address is neither https nor http.",
                hint: "It looks like https://sync.example.org.")
        }
        name = host + (url.part(CURLUPART_PORT).map { ":" + $0 } ?? "")
        var base = "\(scheme)://\(name)\(path)"
        while base.hasSuffix("/") { base.removeLast() }
        self.base = base
    }

    /// Whether the host is a name or an address that cannot leave the machine.
    ///
    /// That is `localhost` (libcurl does not ask a resolver for it), 127.0.0.0/8 and `::1`. Address
    /// forms such as `127.1` have been spelled out by libcurl's parser.
    private static func isLoopback(_ host: String) -> Bool {
        if host.lowercased() == "localhost" || host == "[::1]" { return true }
        let numbers = host.split(separator: ".", omittingEmptySubsequences: false)
        return numbers.count == 4 && numbers[0] == "127" && numbers.allSatisfy { UInt8($0) != nil }
    }
}

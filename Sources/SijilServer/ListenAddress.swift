public import SijilCore

/// Where the server listens: `127.0.0.1:8080`, `[::1]:8080`, `localhost:0`.
public struct ListenAddress: Hashable, Sendable {
    /// A name or an address, without brackets.
    public var host: String
    /// 0 takes any free port.
    public var port: Int

    public init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// - Throws: `usage` for anything but HOST:PORT.
    public init(_ text: String) throws(SijilError) {
        let colon = text.lastIndex(of: ":")
        var host = colon.map { text[..<$0] } ?? ""
        let digits = colon.map { text[text.index(after: $0)...] } ?? ""
        let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
        if isBracketed { host = host.dropFirst().dropLast() }
        guard !host.isEmpty, isBracketed || !host.contains(":"),
            digits.allSatisfy({ $0.isASCII && $0.isNumber }), let port = UInt16(digits)
        else {
            throw SijilError(
                .usage, "An address to listen on is HOST:PORT.",
                hint: "For example 127.0.0.1:8080, [::1]:8080, or port 0 for any free one.")
        }
        self.init(host: String(host), port: Int(port))
    }

    /// Whether only this machine can reach it.
    public var isLoopback: Bool {
        if host.lowercased() == "localhost" || host == "::1" { return true }
        let bytes = host.split(separator: ".", omittingEmptySubsequences: false)
        return bytes.count == 4 && bytes[0] == "127" && bytes.allSatisfy { UInt8($0) != nil }
    }

    /// The address in a URL.
    public func url(isSecure: Bool) -> String {
        let host = host.contains(":") ? "[\(host)]" : host
        return "\(isSecure ? "https" : "http")://\(host):\(port)"
    }
}

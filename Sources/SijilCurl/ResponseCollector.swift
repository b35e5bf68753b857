import CSijilCurl

/// Gathers an answer while libcurl delivers it, within limits.
final class ResponseCollector {
    /// Enough for any honest server; libcurl itself limits only single lines.
    private static let maximumHeaderBytes = 64 << 10

    private let maximumBodyBytes: Int
    private var headers: [String: String] = [:]
    private var headerBytes = 0
    private var areHeadersComplete = false

    private(set) var body: [UInt8] = []
    /// Whether the transfer was ended because the headers or the body grew past the limit.
    private(set) var isTooLarge = false

    init(maximumBodyBytes: Int) {
        self.maximumBodyBytes = maximumBodyBytes
    }

    /// Has a transfer deliver to this collector, which must outlive it.
    @unsafe
    func attach(to easy: borrowing EasyHandle) throws(CurlFailure) {
        let context = unsafe UnsafeRawPointer(Unmanaged.passUnretained(self).toOpaque())
        try unsafe easy.set(CURLOPT_WRITEFUNCTION, callback: receiveBody)
        try unsafe easy.set(CURLOPT_WRITEDATA, pointer: context)
        try unsafe easy.set(CURLOPT_HEADERFUNCTION, callback: receiveHeader)
        try unsafe easy.set(CURLOPT_HEADERDATA, pointer: context)
        try easy.set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
    }

    /// The headers, without those that describe the body as it was before libcurl decoded it.
    func headersOfDecodedBody() -> [String: String] {
        guard headers["content-encoding"] != nil else { return headers }
        return headers.filter { $0.key != "content-encoding" && $0.key != "content-length" }
    }

    fileprivate func receive(body bytes: UnsafeRawBufferPointer) -> Bool {
        guard bytes.count <= maximumBodyBytes - body.count else {
            isTooLarge = true
            return false
        }
        unsafe body.append(contentsOf: bytes)
        return true
    }

    /// Takes one line of the headers.
    ///
    /// A status line begins the headers anew (an interim answer came before); what follows
    /// the empty line are trailers, which nobody asked for.
    fileprivate func receive(header bytes: UnsafeRawBufferPointer) -> Bool {
        headerBytes += bytes.count
        guard headerBytes <= Self.maximumHeaderBytes else {
            isTooLarge = true
            return false
        }
        let line = unsafe String(decoding: bytes, as: UTF8.self).trimmed
        if line.isEmpty {
            areHeadersComplete = true
        } else if line.hasPrefix("HTTP/") {
            headers = [:]
            areHeadersComplete = false
        } else if !areHeadersComplete, let colon = line.firstIndex(of: ":") {
            let name = line[..<colon].lowercased()
            let value = line[line.index(after: colon)...].trimmed
            headers[name] = headers[name].map { "\($0), \(value)" } ?? String(value)
        }
        return true
    }
}

private func receiveBody(
    bytes: UnsafeMutablePointer<CChar>?, size: Int, count: Int, context: UnsafeMutableRawPointer?
) -> Int {
    unsafe deliver(bytes, size * count, context) { unsafe $0.receive(body: $1) }
}

private func receiveHeader(
    bytes: UnsafeMutablePointer<CChar>?, size: Int, count: Int, context: UnsafeMutableRawPointer?
) -> Int {
    unsafe deliver(bytes, size * count, context) { unsafe $0.receive(header: $1) }
}

/// Returns what libcurl expects: the count of bytes taken; any other number ends the transfer.
@unsafe
private func deliver(
    _ bytes: UnsafeMutablePointer<CChar>?, _ count: Int, _ context: UnsafeMutableRawPointer?,
    _ take: (ResponseCollector, UnsafeRawBufferPointer) -> Bool
) -> Int {
    guard let context = unsafe context else { return 0 }
    if count == 0 { return 0 }
    let collector = unsafe Unmanaged<ResponseCollector>.fromOpaque(context).takeUnretainedValue()
    let isTaken = unsafe take(collector, UnsafeRawBufferPointer(start: bytes, count: count))
    return isTaken ? count : 0
}

extension StringProtocol {
    /// Without white space at both ends. (A line end is one `Character`, `"\r\n"`.)
    fileprivate var trimmed: String {
        var rest = self[...]
        while rest.first?.isWhitespace == true { rest = rest.dropFirst() }
        while rest.last?.isWhitespace == true { rest = rest.dropLast() }
        return String(rest)
    }
}

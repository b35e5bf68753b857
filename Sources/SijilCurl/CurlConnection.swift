import CSijilCurl
import Dispatch
import SijilCore
import SijilSync
import Synchronization

/// The libcurl handles of one transport: requests use them one after the other, so connections are
/// kept.
final class CurlConnection: Sendable {
    /// Where transfers block: a thread of its own, not one of Swift's cooperative pool.
    let queue = DispatchQueue(label: "sijil.curl")

    private let address: ServerAddress
    private let pin: String?
    private let options: CurlTransport.Options
    private let multi: MultiHandle
    private let easy: Mutex<EasyHandle>

    init(
        address: ServerAddress, pin: String?, options: CurlTransport.Options
    ) throws(SijilError) {
        self.address = address
        self.pin = pin
        self.options = options
        do throws(CurlFailure) {
            multi = try MultiHandle()
            easy = Mutex(try EasyHandle())
        } catch {
            throw error.error(server: address.name)
        }
    }

    /// Makes a running transfer look at its `isCancelled` now.
    func wake() {
        multi.wake()
    }

    /// Carries out one request.
    ///
    /// Blocks the calling thread until the answer is complete or has failed.
    func transfer(
        _ request: TransportRequest, until isCancelled: @Sendable () -> Bool
    ) throws(SijilError) -> TransportResponse {
        precondition(request.path.hasPrefix("/"), "a path begins with a slash")
        return try easy.withLock { (easy) throws(SijilError) in
            let collector = ResponseCollector(maximumBodyBytes: options.maximumResponseBytes)
            let code = try transfer(request, with: easy, into: collector, until: isCancelled)
            guard let code else { throw .transferCancelled }
            if collector.isTooLarge {
                throw SijilError(
                    .badData, "The answer of \(address.name) is larger than allowed.",
                    hint: "Check that the address is that of a Sijil server.")
            }
            guard code == CURLE_OK else { throw easy.failure(code).error(server: address.name) }
            return TransportResponse(
                status: easy.integer(CURLINFO_RESPONSE_CODE),
                headers: collector.headersOfDecodedBody(), body: collector.body,
                bytesSent: easy.offset(CURLINFO_SIZE_UPLOAD_T),
                bytesReceived: easy.offset(CURLINFO_SIZE_DOWNLOAD_T))
        }
    }

    private func transfer(
        _ request: TransportRequest, with easy: borrowing EasyHandle,
        into collector: ResponseCollector, until isCancelled: @Sendable () -> Bool
    ) throws(SijilError) -> CURLcode? {
        do throws(CurlFailure) {
            try easy.reset()
            try applyLimits(to: easy)
            try applyTrust(to: easy)
            try easy.set(CURLOPT_URL, address.base + request.path)
            // What libcurl points at stays alive until the transfer is over: the body and the list
            // because they are borrowed here, the collector because the caller reads it afterwards.
            let headers = try headerList(of: request)
            try unsafe easy.set(CURLOPT_HTTPHEADER, list: headers)
            try unsafe collector.attach(to: easy)
            let code = try unsafe request.body.span.withUnsafeBytes { (body) throws(CurlFailure) in
                try unsafe apply(request.method, body, to: easy)
                return multi.run(easy, until: isCancelled)
            }
            withExtendedLifetime(headers) {}
            return code
        } catch {
            throw error.error(server: address.name)
        }
    }

    private func applyLimits(to easy: borrowing EasyHandle) throws(CurlFailure) {
        // No signals: libcurl would use them for its deadlines, and handlers belong to the process.
        try easy.set(CURLOPT_NOSIGNAL, 1)
        // At a deadline or a cancellation, do not wait for a resolver that is stuck without a
        // network: its thread ends by itself later.
        try easy.set(CURLOPT_QUICK_EXIT, 1)
        try easy.set(CURLOPT_CONNECTTIMEOUT_MS, options.connectDeadline.milliseconds)
        if let total = options.totalDeadline {
            try easy.set(CURLOPT_TIMEOUT_MS, total.milliseconds)
        }
        try easy.set(CURLOPT_LOW_SPEED_TIME, options.stallSeconds)
        try easy.set(CURLOPT_LOW_SPEED_LIMIT, options.stallBytesPerSecond)
        try easy.set(CURLOPT_TCP_KEEPALIVE, 1)
    }

    private func applyTrust(to easy: borrowing EasyHandle) throws(CurlFailure) {
        try easy.set(CURLOPT_PROTOCOLS_STR, "http,https")
        try easy.set(CURLOPT_FOLLOWLOCATION, 0)
        try easy.set(CURLOPT_SSL_VERIFYPEER, 1)
        try easy.set(CURLOPT_SSL_VERIFYHOST, 2)
        try easy.set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        try easy.set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_2TLS))
        if let caFile = options.caFile {
            try easy.set(CURLOPT_CAINFO, caFile)
            // Else the system's folder of authorities would be trusted as well.
            try easy.set(CURLOPT_CAPATH, nil)
        }
        if let pin { try easy.set(CURLOPT_PINNEDPUBLICKEY, pin) }
        // Plain HTTP never leaves the machine (ServerAddress): a proxy would carry it elsewhere, in clear.
        if address.base.hasPrefix("http:") { try easy.set(CURLOPT_PROXY, "") }
    }

    @unsafe
    private func apply(
        _ method: String, _ body: UnsafeRawBufferPointer, to easy: borrowing EasyHandle
    ) throws(CurlFailure) {
        switch (method, unsafe body.isEmpty) {
        case ("GET", true):
            try easy.set(CURLOPT_HTTPGET, 1)
        case ("HEAD", true):
            try easy.set(CURLOPT_NOBODY, 1)
        case (_, true):
            try easy.set(CURLOPT_POST, 1)
            try easy.set(CURLOPT_COPYPOSTFIELDS, "")
            try easy.set(CURLOPT_CUSTOMREQUEST, method)
        case (_, false):
            try easy.set(CURLOPT_POST, 1)
            try easy.set(CURLOPT_POSTFIELDSIZE_LARGE, offset: body.count)
            try unsafe easy.set(CURLOPT_POSTFIELDS, pointer: body.baseAddress)
            try easy.set(CURLOPT_CUSTOMREQUEST, method)
        }
        try easy.set(CURLOPT_USERAGENT, options.userAgent)
        // Empty: every encoding that libcurl can decode.
        try easy.set(CURLOPT_ACCEPT_ENCODING, "")
    }

    private func headerList(of request: TransportRequest) throws(CurlFailure) -> HeaderList {
        var list = HeaderList()
        // A name with nothing after the colon takes a header away that libcurl would add: the pause
        // before a body, and a content type of its own choice.
        try list.append("Expect:")
        if request.headers["content-type"] == nil { try list.append("Content-Type:") }
        for (name, value) in request.headers.sorted(by: { $0.key < $1.key }) {
            let line = value.isEmpty ? "\(name);" : "\(name): \(value)"
            precondition(line.utf8.allSatisfy { $0 >= 0x20 }, "a header is one line")
            try list.append(line)
        }
        return list
    }
}

extension Duration {
    /// At least one, because zero means "no limit" or "the default" to libcurl.
    fileprivate var milliseconds: Int {
        let (seconds, attoseconds) = components
        return max(1, Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000))
    }
}

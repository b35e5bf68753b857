import CSijilCurl

/// The process-wide setup of libcurl, made once, before the first handle.
private let globalSetup: CURLcode = curl_global_init(Int(CURL_GLOBAL_ALL))

/// The settings and the outcome of one transfer at a time.
@safe
struct EasyHandle: ~Copyable {
    private let handle: UnsafeMutableRawPointer
    /// Where libcurl puts its words about a failure; `CURL_ERROR_SIZE` characters that live as long
    /// as the handle.
    private let errorText: UnsafeMutablePointer<CChar>

    init() throws(CurlFailure) {
        guard globalSetup == CURLE_OK, let handle = unsafe curl_easy_init() else {
            throw CurlFailure(code: CURLE_FAILED_INIT)
        }
        unsafe self.handle = handle
        unsafe errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
        unsafe errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    }

    deinit {
        unsafe curl_easy_cleanup(handle)
        unsafe errorText.deallocate()
    }

    /// Forgets all settings; connections, resolved names and TLS sessions are kept.
    func reset() throws(CurlFailure) {
        unsafe curl_easy_reset(handle)
        unsafe errorText.update(repeating: 0, count: Int(CURL_ERROR_SIZE))
        try check(unsafe sijil_curl_set_pointer(handle, CURLOPT_ERRORBUFFER, errorText))
    }

    func set(_ option: CURLoption, _ value: Int) throws(CurlFailure) {
        try check(unsafe sijil_curl_set_long(handle, option, value))
    }

    func set(_ option: CURLoption, offset value: Int) throws(CurlFailure) {
        try check(unsafe sijil_curl_set_offset(handle, option, curl_off_t(value)))
    }

    /// The text is copied; `nil` takes libcurl's own default away.
    func set(_ option: CURLoption, _ value: String?) throws(CurlFailure) {
        guard let value else {
            return try check(unsafe sijil_curl_set_string(handle, option, nil))
        }
        try check(unsafe value.withCString { unsafe sijil_curl_set_string(handle, option, $0) })
    }

    /// What is pointed to must outlive the transfer.
    @unsafe
    func set(_ option: CURLoption, pointer: UnsafeRawPointer?) throws(CurlFailure) {
        try check(unsafe sijil_curl_set_pointer(handle, option, pointer))
    }

    /// The list must outlive the transfer.
    @unsafe
    func set(_ option: CURLoption, list: borrowing HeaderList) throws(CurlFailure) {
        try unsafe set(option, pointer: UnsafeRawPointer(list.first))
    }

    @unsafe
    func set(
        _ option: CURLoption, callback: @escaping curl_write_callback
    ) throws(CurlFailure) {
        try check(unsafe sijil_curl_set_callback(handle, option, callback))
    }

    func integer(_ info: CURLINFO) -> Int {
        var value = 0
        return unsafe sijil_curl_get_long(handle, info, &value) == CURLE_OK ? value : 0
    }

    func offset(_ info: CURLINFO) -> Int {
        var value: curl_off_t = 0
        return unsafe sijil_curl_get_offset(handle, info, &value) == CURLE_OK ? Int(value) : 0
    }

    /// What is known about a transfer that ended with `code`.
    func failure(_ code: CURLcode) -> CurlFailure {
        CurlFailure(
            code: code, detail: unsafe String(cString: errorText),
            requestBegan: offset(CURLINFO_PRETRANSFER_TIME_T) > 0)
    }

    private func check(_ code: CURLcode) throws(CurlFailure) {
        if code != CURLE_OK { throw CurlFailure(code: code) }
    }

    @unsafe
    fileprivate func withPointer<R>(_ body: (UnsafeMutableRawPointer) -> R) -> R {
        unsafe body(handle)
    }
}

/// The kept connections, and the loop that drives a transfer over them.
// Sendable although it holds a pointer: libcurl lets any thread call `curl_multi_wakeup` at any
// time, and the other operations need the connection's only easy handle, which a mutex gives to one
// thread at a time.
@safe
struct MultiHandle: ~Copyable, @unchecked Sendable {
    private let handle: UnsafeMutableRawPointer

    init() throws(CurlFailure) {
        guard globalSetup == CURLE_OK, let handle = unsafe curl_multi_init() else {
            throw CurlFailure(code: CURLE_FAILED_INIT)
        }
        unsafe self.handle = handle
    }

    deinit {
        unsafe curl_multi_cleanup(handle)
    }

    /// Makes the wait in ``run(_:until:)`` end now, or the next one if none is going on.
    func wake() {
        _ = unsafe curl_multi_wakeup(handle)
    }

    /// Drives one transfer to its end, which is libcurl's code, or until `isCancelled`, which is
    /// `nil`.
    ///
    /// Blocks the calling thread. The easy handle is free again when this returns.
    func run(_ easy: borrowing EasyHandle, until isCancelled: () -> Bool) -> CURLcode? {
        let added = unsafe easy.withPointer { unsafe curl_multi_add_handle(handle, $0) }
        guard added == CURLM_OK else { return CURLE_FAILED_INIT }
        defer { _ = unsafe easy.withPointer { unsafe curl_multi_remove_handle(handle, $0) } }
        var running: Int32 = 1
        while !isCancelled() {
            guard unsafe curl_multi_perform(handle, &running) == CURLM_OK else {
                return CURLE_FAILED_INIT
            }
            if running == 0 { return result() }
            // libcurl shortens the wait to its own next deadline.
            guard unsafe curl_multi_poll(handle, nil, 0, 60_000, nil) == CURLM_OK else {
                return CURLE_FAILED_INIT
            }
        }
        return nil
    }

    private func result() -> CURLcode {
        var left: Int32 = 0
        while let message = unsafe curl_multi_info_read(handle, &left) {
            if unsafe message.pointee.msg == CURLMSG_DONE {
                return unsafe message.pointee.data.result
            }
        }
        return CURLE_FAILED_INIT
    }
}

/// Request headers in libcurl's list.
@safe
struct HeaderList: ~Copyable {
    fileprivate private(set) var first: UnsafeMutablePointer<curl_slist>?

    init() {
        unsafe first = nil
    }

    deinit {
        unsafe curl_slist_free_all(first)
    }

    mutating func append(_ line: String) throws(CurlFailure) {
        guard let longer = unsafe curl_slist_append(first, line) else {
            throw CurlFailure(code: CURLE_OUT_OF_MEMORY)
        }
        unsafe first = longer
    }
}

/// An address as libcurl's own parser sees it.
@safe
struct URLHandle: ~Copyable {
    private let handle: OpaquePointer

    /// `nil` if the text is not an absolute address.
    init?(_ text: String) {
        guard globalSetup == CURLE_OK, let handle = unsafe curl_url() else { return nil }
        guard unsafe curl_url_set(handle, CURLUPART_URL, text, 0) == CURLUE_OK else {
            unsafe curl_url_cleanup(handle)
            return nil
        }
        unsafe self.handle = handle
    }

    deinit {
        unsafe curl_url_cleanup(handle)
    }

    func part(_ part: CURLUPart) -> String? {
        var text: UnsafeMutablePointer<CChar>?
        guard unsafe curl_url_get(handle, part, &text, 0) == CURLUE_OK, let text = unsafe text
        else { return nil }
        defer { unsafe curl_free(text) }
        return unsafe String(cString: text)
    }
}

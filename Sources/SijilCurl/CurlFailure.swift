import CSijilCurl
import SijilCore

/// What libcurl says about a transfer that did not succeed.
struct CurlFailure: Error, CustomStringConvertible {
    var code: CURLcode
    /// libcurl's words: hosts, addresses, ports and certificates, never headers or bodies.
    var detail = ""
    /// Whether a connection stood and the request was on its way.
    var requestBegan = false

    var description: String {
        let words = detail.isEmpty ? unsafe String(cString: curl_easy_strerror(code)) : detail
        // A server chooses parts of the text; it must not steer somebody's terminal.
        let printable = words.unicodeScalars.filter { $0.properties.generalCategory != .control }
        return "libcurl \(code.rawValue): \(String(String.UnicodeScalarView(printable)))"
    }

    /// The error for people.
    ///
    /// `server` is host and port; nothing else of the address is told.
    func error(server: String) -> SijilError {
        switch code {
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_INVALIDCERTSTATUS:
            untrusted(server)
        case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
            make(
                .untrusted, "The key of \(server) is not the pinned one.",
                "Ask the coordinator whether the server has a new key. Nothing was sent.")
        case CURLE_COULDNT_RESOLVE_HOST:
            make(
                .unreachable, "The name of the server \(server) was not found.",
                "Without a network this is normal; else check the address.")
        case CURLE_COULDNT_RESOLVE_PROXY, CURLE_PROXY:
            make(
                .unreachable, "The proxy on the way to \(server) could not be used.",
                "Check the proxy settings of this network (https_proxy).")
        case CURLE_SSL_CONNECT_ERROR:
            // A handshake that broke off or found no common ground; a certificate that does not
            // verify has a code of its own.
            make(
                .unreachable, "No secure connection to \(server) came about.",
                "Try again; if it stays so, check the port and the server's TLS (1.2 or later).")
        case CURLE_COULDNT_CONNECT, CURLE_INTERFACE_FAILED:
            unreachable(server)
        case CURLE_OPERATION_TIMEDOUT where requestBegan:
            make(
                .tryAgain, "The line to \(server) stalled, or the time was over.",
                "Try again: it goes on from there.")
        case CURLE_OPERATION_TIMEDOUT, CURLE_GOT_NOTHING, CURLE_SEND_ERROR, CURLE_RECV_ERROR:
            requestBegan ? brokeOff(server) : unreachable(server)
        case CURLE_WEIRD_SERVER_REPLY, CURLE_UNSUPPORTED_PROTOCOL, CURLE_BAD_CONTENT_ENCODING:
            make(
                .badData, "The answer of \(server) cannot be read.",
                "Check that the address is that of a Sijil server.")
        case CURLE_SSL_CACERT_BADFILE:
            make(
                .configuration, "The file of trusted certificates cannot be read.",
                "It must be a PEM file.")
        case CURLE_UNKNOWN_OPTION, CURLE_NOT_BUILT_IN, CURLE_FAILED_INIT, CURLE_SSL_CIPHER,
            CURLE_SSL_ENGINE_NOTFOUND, CURLE_SSL_ENGINE_SETFAILED:
            make(.configuration, "The libcurl of this machine cannot do what is needed.", nil)
        case CURLE_URL_MALFORMAT, CURLE_BAD_FUNCTION_ARGUMENT:
            make(.bug, "A request was made that libcurl does not understand.", nil)
        default:
            brokeOff(server)
        }
    }

    private func untrusted(_ server: String) -> SijilError {
        make(
            .untrusted, "The certificate of \(server) could not be trusted.",
            "Nothing was sent. Check this device's date, whether this network wants a login first, "
                + "and that the address and the file of trusted certificates are right.")
    }

    private func unreachable(_ server: String) -> SijilError {
        make(
            .unreachable, "The server \(server) could not be reached.",
            "Your work is safe on this device. Try again when there is a network.")
    }

    private func brokeOff(_ server: String) -> SijilError {
        make(
            .tryAgain, "The line to \(server) broke off.", "Try again: it goes on from there.")
    }

    private func make(_ code: SijilError.Code, _ message: String, _ hint: String?) -> SijilError {
        SijilError(code, message, hint: hint, underlying: self)
    }
}

import SijilCore
import SijilCurl
import SijilSync
import Testing

@Suite(.timeLimit(.minutes(30)))
struct CurlTransportTests {
    @Test func `a body and headers go out and come back`() async throws {
        let server = try await TestServer()
        let transport = try CurlTransport(baseURL: server.url() + "/echo/")
        let body: [UInt8] = [0, 1, 2, 255, 0, 10, 13]
        let answer = try await transport.send(
            TransportRequest(
                method: "POST", path: "/v1/sync",
                headers: ["content-type": "application/x-test", "x-empty": ""], body: body))
        #expect(answer.status == 200)
        #expect(answer.body == body)
        #expect(answer.bytesSent == body.count)
        #expect(answer.bytesReceived == body.count)
        #expect(answer.headers["x-method"] == "POST")
        #expect(answer.headers["x-seen-content-type"] == "application/x-test")
        #expect(answer.headers["x-seen-x-empty"] == "")
        #expect(answer.headers["x-seen-user-agent"] == "sijil")
        #expect(answer.headers["x-seen-accept-encoding"]?.contains("gzip") == true)
        #expect(answer.headers["x-seen-expect"] == nil)
        #expect(answer.headers["x-twice"] == "one, two")
    }

    @Test(arguments: ["GET", "HEAD", "POST", "PUT", "DELETE"])
    func `every method goes without a body`(_ method: String) async throws {
        let server = try await TestServer()
        let transport = try CurlTransport(baseURL: server.url())
        let answer = try await transport.send(TransportRequest(method: method, path: "/echo"))
        #expect(answer.status == 200)
        #expect(answer.headers["x-method"] == method)
        #expect(answer.headers["x-seen-content-type"] == nil)
        #expect(answer.body == [])
        #expect(answer.bytesSent == 0)
    }

    @Test func `a large body arrives whole and its bytes are counted`() async throws {
        let server = try await TestServer()
        let transport = try CurlTransport(baseURL: server.url())
        let body = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let answer = try await transport.send(
            TransportRequest(method: "POST", path: "/echo", body: body))
        #expect(answer.body == body)
        #expect(answer.bytesSent == body.count)
        #expect(answer.bytesReceived == body.count)
    }

    @Test(arguments: ["/gzip", "/chunked-gzip"])
    func `a compressed answer is decoded, and its bytes on the wire are counted`(
        _ path: String
    ) async throws {
        let server = try await TestServer()
        let transport = try CurlTransport(baseURL: server.url())
        let answer = try await transport.send(TransportRequest(method: "GET", path: path))
        #expect(answer.body.count == 60_000)
        #expect(String(decoding: answer.body.prefix(12), as: UTF8.self) == "sijil sijil ")
        #expect(answer.headers["x-wire-bytes"] == String(answer.bytesReceived))
        #expect(answer.headers["content-encoding"] == nil)
        #expect(answer.headers["content-length"] == nil)
        #expect(answer.headers["x-trailer"] == nil)
    }

    @Test(arguments: [401, 404, 409, 429, 500, 503])
    func `any status is an answer`(_ status: Int) async throws {
        let server = try await TestServer()
        let transport = try CurlTransport(baseURL: server.url())
        let answer = try await transport.send(
            TransportRequest(method: "GET", path: "/status/\(status)"))
        #expect(answer.status == status)
        #expect(answer.body == Array("as asked".utf8))
    }

    @Test func `a redirect is not followed`() async throws {
        let server = try await TestServer()
        let transport = try CurlTransport(baseURL: server.url())
        let answer = try await transport.send(TransportRequest(method: "GET", path: "/redirect"))
        #expect(answer.status == 302)
        #expect(answer.headers["location"] == "/echo")
    }

    @Test func `an interim answer leaves nothing behind`() async throws {
        let server = try await TestServer()
        let transport = try CurlTransport(baseURL: server.url())
        let answer = try await transport.send(TransportRequest(method: "GET", path: "/interim"))
        #expect(answer.status == 200)
        #expect(answer.headers["x-interim"] == nil)
        #expect(answer.body == Array("final".utf8))
    }

    @Test func `one connection serves all requests, also after a server error`() async throws {
        let server = try await TestServer()
        let transport = try CurlTransport(baseURL: server.url())
        for path in ["/echo", "/status/500", "/gzip", "/redirect", "/echo"] {
            let answer = try await transport.send(TransportRequest(method: "GET", path: path))
            #expect(answer.headers["x-connection"] == "1")
        }
    }

    @Test func `requests at the same time each get their own answer`() async throws {
        let server = try await TestServer()
        let transport = try CurlTransport(baseURL: server.url())
        try await withThrowingTaskGroup { group in
            for number in 0..<20 {
                group.addTask {
                    let body = Array("request \(number)".utf8)
                    let answer = try await transport.send(
                        TransportRequest(method: "POST", path: "/echo", body: body))
                    #expect(answer.body == body)
                }
            }
            try await group.waitForAll()
        }
    }

    @Test func `nobody listens: unreachable`() async throws {
        let server = try await TestServer()
        try await server.stop()
        let transport = try CurlTransport(baseURL: server.url())
        let error = await #expect(throws: SijilError.self) {
            try await transport.send(TransportRequest(method: "GET", path: "/echo"))
        }
        #expect(error?.code == .unreachable)
        #expect(error?.hint != nil)
        #expect(error?.message.contains("127.0.0.1:\(server.port)") == true)
    }

    @Test func `a handshake without an answer: unreachable at the connect deadline`() async throws {
        let server = try await TestServer(.silent)
        var options = CurlTransport.Options()
        options.connectDeadline = .milliseconds(100)
        let error = await failure(
            try CurlTransport(baseURL: server.url("https"), options: options), "/echo")
        #expect(error?.code == .unreachable)
    }

    @Test func `a port that does not speak TLS: unreachable`() async throws {
        let server = try await TestServer()
        let error = await failure(try CurlTransport(baseURL: server.url("https")), "/echo")
        #expect(error?.code == .unreachable)
    }

    @Test func `cut in the middle of a body: try again`() async throws {
        let server = try await TestServer()
        let error = await failure(try CurlTransport(baseURL: server.url()), "/cut")
        #expect(error?.code == .tryAgain)
    }

    @Test func `cut before an answer: try again`() async throws {
        let server = try await TestServer()
        let error = await failure(try CurlTransport(baseURL: server.url()), "/hang-up")
        #expect(error?.code == .tryAgain)
    }

    @Test(arguments: [false, true])
    func `cut while a body goes out: try again`(_ secure: Bool) async throws {
        let certificate = try TestCertificate()
        let server = try await TestServer(secure ? .https(certificate) : .http)
        var options = CurlTransport.Options()
        options.caFile = certificate.file
        let transport = try CurlTransport(
            baseURL: server.url(secure ? "https" : "http"), options: options)
        let error = await failure(
            transport, "/cut-upload", body: [UInt8](repeating: 7, count: 20_000_000))
        #expect(error?.code == .tryAgain)
    }

    @Test func `a transport works on after a failure`() async throws {
        let server = try await TestServer()
        let transport = try CurlTransport(baseURL: server.url())
        #expect(await failure(transport, "/cut")?.code == .tryAgain)
        let answer = try await transport.send(TransportRequest(method: "GET", path: "/echo"))
        #expect(answer.status == 200)
    }

    @Test func `the total deadline: try again`() async throws {
        let server = try await TestServer()
        var options = CurlTransport.Options()
        options.totalDeadline = .seconds(5)
        let error = await failure(
            try CurlTransport(baseURL: server.url(), options: options), "/never")
        #expect(error?.code == .tryAgain)
    }

    @Test func `a line that stalls: try again`() async throws {
        let server = try await TestServer()
        var options = CurlTransport.Options()
        options.stallSeconds = 1
        let error = await failure(
            try CurlTransport(baseURL: server.url(), options: options), "/never")
        #expect(error?.code == .tryAgain)
    }

    @Test(arguments: [
        "/bytes/100001": true, "/bytes/100000": false, "/bomb": true, "/many-headers": true,
        "/bad-gzip": true,
    ])
    func `an answer over the limit, or unreadable: bad data`(
        _ path: String, _ isBad: Bool
    ) async throws {
        let server = try await TestServer()
        var options = CurlTransport.Options()
        options.maximumResponseBytes = 100_000
        let error = await failure(
            try CurlTransport(baseURL: server.url(), options: options), path)
        #expect(error?.code == (isBad ? .badData : nil))
    }
}

/// The error of a request that should fail, or `nil` if it did not.
func failure(
    _ transport: CurlTransport, _ path: String, body: [UInt8] = []
) async -> SijilError? {
    do throws(SijilError) {
        _ = try await transport.send(
            TransportRequest(method: body.isEmpty ? "GET" : "POST", path: path, body: body))
        return nil
    } catch {
        return error
    }
}

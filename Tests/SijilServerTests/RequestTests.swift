import Foundation
import GRDB
import SijilCore
import SijilStore
import SijilSync
import Testing

@testable import SijilServer

@Suite(.timeLimit(.minutes(30)))
struct RequestTests {
    private func code(_ text: String) -> String? {
        struct Failure: Decodable {
            struct Content: Decodable { var code: String }
            var error: Content
        }
        return try? JSONDecoder().decode(Failure.self, from: Data(text.utf8)).error.code
    }

    @Test func `every refusal is JSON with a stable code`() async throws {
        try await TestServer.run { server in
            let large = [UInt8](repeating: 1, count: ServerApplication.maximumBodyBytes + 1)
            let cases: [(String, String, [UInt8], Int, String)] = [
                ("POST", "/v1/join", large, 413, "too-large"),
                ("POST", "/v1/sync", large, 401, "unauthenticated"),
                ("POST", "/v1/join", Array("no JSON".utf8), 400, "bad-data"),
                ("POST", "/v1/join", [], 400, "bad-data"),
                ("POST", "/v1/sync", [1, 2, 3], 401, "unauthenticated"),
                ("GET", "/v1/admin/devices", [], 401, "unauthenticated"),
                ("GET", "/nowhere", [], 401, "unauthenticated"),
            ]
            for (method, path, body, status, expected) in cases {
                let answer = try await server.answer(method, path, body: body)
                #expect(answer.status == status, "\(method) \(path)")
                #expect(code(answer.text) == expected, "\(method) \(path)")
            }
        }
    }

    /// The headers of a known device, with a signature that is none.
    private static func unsigned(by device: TestDevice) -> [String: String] {
        [
            RequestSignature.deviceHeader: device.replica.id.description,
            RequestSignature.timeHeader: "0",
            RequestSignature.signatureHeader: RequestSignature.encode(
                [UInt8](repeating: 0, count: 64)),
        ]
    }

    @Test func `a body of exactly the limit is read, a longer one refused`() async throws {
        try await TestServer.run { server in
            let (founder, _) = try await server.foundCollection()
            let headers = Self.unsigned(by: founder)
            let limit = ServerApplication.maximumBodyBytes
            for (count, status) in [(limit, 401), (limit + 1, 413)] {
                let answer = try await server.answer(
                    "POST", "/v1/sync", headers: headers, body: [UInt8](repeating: 1, count: count))
                #expect(answer.status == status)
            }
            for (count, status) in [(4096, 400), (4097, 413)] {
                let answer = try await server.answer(
                    "POST", "/v1/join", body: [UInt8](repeating: 1, count: count))
                #expect(answer.status == status)
            }
        }
    }

    /// What all bodies together may take is taken by each only while it is there.
    @Test func `many large bodies one after another are each received`() async throws {
        try await TestServer.run { server in
            let (founder, _) = try await server.foundCollection()
            let headers = Self.unsigned(by: founder)
            let body = [UInt8](repeating: 1, count: ServerApplication.maximumBodyBytes)
            for _ in 0...ServerLimits.receivingBytes / body.count {
                let answer = try await server.answer(
                    "POST", "/v1/sync", headers: headers, body: body)
                #expect(answer.status == 401)
            }
        }
    }

    @Test func `a stranger is answered before anything of a body is received`() async throws {
        try await TestServer.run { server in
            let port = try #require(UInt16(server.url.split(separator: ":").last ?? ""))
            let announced = "Content-Length: 1000000\r\n\r\n"
            let chunk = "1001\r\n" + String(repeating: "a", count: 0x1001) + "\r\n"
            for (path, rest, status) in [
                ("/v1/sync", announced, 401), ("/nowhere", announced, 401),
                ("/v1/join", announced, 413),
                // Nor is one kept that does not say how long it gets.
                ("/v1/join", "Transfer-Encoding: chunked\r\n\r\n" + chunk, 413),
            ] {
                guard let connection = RawConnection(port: port) else {
                    Issue.record("Nothing listens.")
                    return
                }
                connection.send("POST \(path) HTTP/1.1\r\nHost: sijil\r\n" + rest)
                #expect(connection.line().hasPrefix("HTTP/1.1 \(status) "), "\(path)")
            }
        }
    }

    @Test func `a signed request with garbage in it is bad data`() async throws {
        struct Nothing: Decodable {}
        try await TestServer.run { server in
            let (founder, _) = try await server.foundCollection()
            let connection = ServerConnection(
                replica: founder.replica, transport: try server.transport())
            let refused = await failure {
                let _: Nothing = try await connection.call(
                    "POST", Exchange.syncPath, ["no": "sync"])
            }
            #expect(["bad-data", "protocol"].contains(refused))
        }
    }

    @Test func `health and metrics`() async throws {
        try await TestServer.run { server in
            #expect(try await server.answer("GET", "/health") == (200, #"{"ok":true}"#))
            let (founder, collection) = try await server.foundCollection()
            try founder.add("Moha Ougni", in: collection)
            try await founder.sync()
            _ = try await server.answer("POST", "/v1/sync", body: [1])
            let (status, text) = try await server.answer("GET", "/metrics")
            #expect(status == 200)
            for line in [
                #"sijil_http_requests_total{route="/health",status="200"} 1"#,
                #"sijil_http_requests_total{route="/v1/join",status="200"} 1"#,
                // Twice to learn of the collection, once to push.
                #"sijil_http_requests_total{route="/v1/sync",status="200"} 3"#,
                #"sijil_http_requests_total{route="/v1/sync",status="401"} 1"#,
                "sijil_http_requests_running 1", "sijil_logged_changes_total 1",
            ] {
                #expect(text.contains(line + "\n"), "\(line)\n\(text)")
            }
            #expect(!text.contains("sijil_sync_received_bytes_total 0\n"))
        }
    }

    @Test func `a store that does not answer is not healthy`() async throws {
        try await TestServer.run { server in
            let database = try DatabaseQueue(path: server.folder.path("server/server.sqlite"))
            try await database.write { db in
                try db.execute(sql: "DROP TABLE setting; ALTER TABLE collection RENAME TO lost")
            }
            try database.close()
            #expect(try await server.answer("GET", "/health").status == 503)
            #expect(try await server.answer("GET", "/metrics").status == 503)
        }
    }

    @Test func `headers over the limit are refused`() async throws {
        try await TestServer.run { server in
            let answer = try await server.answer(
                "GET", "/health", headers: ["x-long": String(repeating: "a", count: 20_000)])
            #expect(answer.status == 400)
        }
    }

    @Test func `addresses to listen on`() throws {
        let good: [(String, String, Bool)] = [
            ("127.0.0.1:80", "http://127.0.0.1:80", true),
            ("127.9.9.9:1", "http://127.9.9.9:1", true),
            ("localhost:0", "http://localhost:0", true), ("[::1]:8080", "http://[::1]:8080", true),
            ("0.0.0.0:80", "http://0.0.0.0:80", false), ("[::]:80", "http://[::]:80", false),
            ("127.example.org:80", "http://127.example.org:80", false),
            ("sync.example.org:443", "http://sync.example.org:443", false),
        ]
        for (text, url, isLoopback) in good {
            let address = try ListenAddress(text)
            #expect(address.url(isSecure: false) == url)
            #expect(address.isLoopback == isLoopback, "\(text)")
        }
        for text in ["", "127.0.0.1", ":80", "::1:80", "a:b", "a:-1", "a:65536", "a:٨٠", "a: 80"] {
            #expect(throws: SijilError.self, "\(text)") { try ListenAddress(text) }
        }
    }
}

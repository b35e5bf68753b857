import Foundation
import SijilCore
import SijilCurl
import SijilServer
import SijilSync
import Testing

@Suite(.timeLimit(.minutes(30)))
struct TLSTests {
    @Test func `a sync over TLS, with HTTP2 when the client can`() async throws {
        let certificate = try await TestCertificate()
        try await TestServer.run(tls: certificate.files()) { server in
            #expect(server.url.hasPrefix("https://127.0.0.1:"))
            let transport = try server.transport(ca: certificate.file)
            let health = try await transport.send(TransportRequest(method: "GET", path: "/health"))
            #expect(health.status == 200)

            let device = try TestDevice(server, "desk-01", transport: transport)
            let invitation = try await FounderInvitation.make(
                in: server.store, environment: .system, name: "desk-01", lifetime: 86_400_000)
            try await device.join(invitation.code)
            #expect(try await device.sync().roundTrips == 1)

            let address = server.url.replacing("https://", with: "")
            for (offer, expected) in [("h2,http/1.1", "h2"), ("http/1.1", "http/1.1")] {
                let session = try await Program.run(
                    "openssl", ["s_client", "-connect", address, "-alpn", offer])
                #expect(
                    session.output.contains("ALPN protocol: \(expected)\n"), "\(session.output)")
            }
        }
    }

    @Test func `a server with another authority's certificate is not spoken to`() async throws {
        let certificate = try await TestCertificate()
        let other = try await TestCertificate()
        try await TestServer.run(tls: certificate.files()) { server in
            let device = try TestDevice(
                server, "tab-07", transport: try server.transport(ca: other.file))
            let code = await failure {
                try await device.join(try await server.invite("tab-07", [:]))
            }
            #expect(code == "untrusted")
            #expect(server.lines.text == "")
        }
    }

    @Test func `TLS files that cannot serve are a matter of configuration`() async throws {
        let certificate = try await TestCertificate()
        let other = try await TestCertificate()
        let pairs = [
            ("/nowhere", certificate.keyFile), (certificate.file, "/nowhere"),
            (certificate.keyFile, certificate.keyFile), (certificate.file, certificate.file),
            (certificate.file, other.keyFile),
        ]
        for (chain, key) in pairs {
            let error = #expect(throws: SijilError.self) {
                _ = try TLSFiles(certificate: chain, key: key)
            }
            #expect(error?.code == .configuration)
        }
    }
}

/// A self-signed certificate with its key, made for one test.
struct TestCertificate {
    private let folder: TestFolder

    var file: String { folder.path("certificate.pem") }
    var keyFile: String { folder.path("key.pem") }

    init() async throws {
        folder = try TestFolder()
        let made = try await Program.run(
            "openssl",
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc",
                "-days", "2", "-subj", "/CN=Test", "-addext", "subjectAltName=IP:127.0.0.1",
                "-keyout", keyFile, "-out", file,
            ])
        try #require(made.status == 0, "openssl is needed: \(made.messages)")
    }

    func files() throws -> TLSFiles { try TLSFiles(certificate: file, key: keyFile) }
}

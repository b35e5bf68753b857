import Foundation
import SijilCore
import SijilCurl
import SijilSync
import Testing

@Suite(.timeLimit(.minutes(30)))
struct CurlTrustTests {
    @Test func `a certificate that nobody vouches for: untrusted`() async throws {
        let certificate = try TestCertificate()
        let server = try await TestServer(.https(certificate))
        let error = await failure(try CurlTransport(baseURL: server.url("https")), "/echo")
        #expect(error?.code == .untrusted)
        #expect(error?.hint?.contains("date") == true)
    }

    @Test func `a certificate of the given file is accepted`() async throws {
        let certificate = try TestCertificate()
        let server = try await TestServer(.https(certificate))
        for host in ["127.0.0.1", "localhost"] {
            let transport = try CurlTransport(
                baseURL: server.url("https", host: host), options: options(ca: certificate))
            for _ in 0..<2 {
                let answer = try await transport.send(
                    TransportRequest(method: "POST", path: "/echo", body: [1, 2, 3]))
                #expect(answer.status == 200)
                #expect(answer.body == [1, 2, 3])
            }
        }
    }

    @Test func `a certificate of another file: untrusted`() async throws {
        let server = try await TestServer(.https(TestCertificate()))
        let other = try TestCertificate()
        let transport = try CurlTransport(baseURL: server.url("https"), options: options(ca: other))
        #expect(await failure(transport, "/echo")?.code == .untrusted)
    }

    @Test func `a certificate for another host: untrusted`() async throws {
        let certificate = try TestCertificate(names: "DNS:other.example")
        let server = try await TestServer(.https(certificate))
        let transport = try CurlTransport(
            baseURL: server.url("https"), options: options(ca: certificate))
        #expect(await failure(transport, "/echo")?.code == .untrusted)
    }

    @Test func `a missing file of trusted certificates: configuration`() async throws {
        let server = try await TestServer(.silent)
        var options = CurlTransport.Options()
        options.caFile = "/nowhere/at/all.pem"
        let transport = try CurlTransport(baseURL: server.url("https"), options: options)
        #expect(await failure(transport, "/echo")?.code == .configuration)
    }

    @Test func `the right pin passes, in every form`() async throws {
        let certificate = try TestCertificate()
        let server = try await TestServer(.https(certificate))
        let hash = try #require(base64(ofHex: certificate.pin))
        let wrong = String(repeating: "0", count: 64)
        for pin in [certificate.pin, "sha256//\(hash)", "\(wrong);\(certificate.pin)"] {
            let transport = try CurlTransport(
                baseURL: server.url("https"), options: options(ca: certificate, pin: pin))
            let answer = try await transport.send(TransportRequest(method: "GET", path: "/echo"))
            #expect(answer.status == 200)
        }
    }

    @Test func `a wrong pin: untrusted, although the certificate verifies`() async throws {
        let certificate = try TestCertificate()
        let server = try await TestServer(.https(certificate))
        let wrong = try TestCertificate().pin
        let transport = try CurlTransport(
            baseURL: server.url("https"), options: options(ca: certificate, pin: wrong))
        #expect(await failure(transport, "/echo")?.code == .untrusted)
    }

    @Test func `a pin does not replace a certificate that verifies`() async throws {
        let certificate = try TestCertificate()
        let server = try await TestServer(.https(certificate))
        var options = CurlTransport.Options()
        options.pinnedPublicKey = certificate.pin
        let transport = try CurlTransport(baseURL: server.url("https"), options: options)
        #expect(await failure(transport, "/echo")?.code == .untrusted)
    }

    @Test(arguments: ["", "ab", "sha256//", "sha256//AAAA", "/etc/key.pem", "not a pin;"])
    func `a pin that is none: configuration`(_ pin: String) {
        var options = CurlTransport.Options()
        options.pinnedPublicKey = pin
        let error = #expect(throws: SijilError.self) {
            _ = try CurlTransport(baseURL: "https://sync.example.org", options: options)
        }
        #expect(error?.code == .configuration)
    }

    private func options(ca: TestCertificate, pin: String? = nil) -> CurlTransport.Options {
        var options = CurlTransport.Options()
        options.caFile = ca.file
        options.pinnedPublicKey = pin
        return options
    }

    private func base64(ofHex hex: String) -> String? {
        let digits = hex.compactMap(\.hexDigitValue)
        guard digits.count == 64 else { return nil }
        return Data((0..<32).map { UInt8(digits[2 * $0] * 16 + digits[2 * $0 + 1]) })
            .base64EncodedString()
    }
}

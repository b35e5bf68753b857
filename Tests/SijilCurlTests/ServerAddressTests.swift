import SijilCore
import SijilCurl
import Testing

struct ServerAddressTests {
    @Test(arguments: [
        "https://sync.example.org", "https://sync.example.org/",
        "https://sync.example.org:8443/a/b",
        "https://192.0.2.7", "https://[2001:db8::7]:8443", "http://localhost:8080",
        "http://127.0.0.1:8080", "http://127.3.2.1", "http://127.1", "http://[::1]:8080",
        "HTTPS://sync.example.org",
    ])
    func `an address that can be used`(_ address: String) throws {
        _ = try CurlTransport(baseURL: address)
    }

    @Test(arguments: [
        "", "sync.example.org", "https://", "http://sync.example.org", "http://192.0.2.7",
        "http://127.0.0.1.example.org", "http://127.evil.example.org",
        "http://localhost.example.org",
        "http://[2001:db8::7]", "http://127.0.0.1@sync.example.org", "ftp://localhost",
        "file:///etc/hosts", "https://name:secret@sync.example.org", "https://sync.example.org?a=b",
        "https://sync.example.org#a", "https://sync example.org",
    ])
    func `an address that cannot be used`(_ address: String) {
        let error = #expect(throws: SijilError.self) { try CurlTransport(baseURL: address) }
        #expect(error?.code == .configuration)
        #expect(error?.description.contains("secret") == false)
    }
}

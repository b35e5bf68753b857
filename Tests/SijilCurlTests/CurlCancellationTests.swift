import SijilCore
import SijilCurl
import SijilSync
import Testing

@Suite(.timeLimit(.minutes(30)))
struct CurlCancellationTests {
    @Test func `a request that is never answered ends when its task is cancelled`() async throws {
        let server = try await TestServer()
        let transport = try patientTransport(to: server)
        let task = Task { await failure(transport, "/never") }
        #expect(await server.nextLine() == "asked")
        task.cancel()
        #expect(await task.value?.code == .cancelled)
        #expect(await server.nextLine() == "gone")
        let answer = try await transport.send(TransportRequest(method: "GET", path: "/echo"))
        #expect(answer.status == 200)
    }

    @Test func `a request that waits for its turn ends at once, the one before it goes on`()
        async throws
    {
        let server = try await TestServer()
        let transport = try patientTransport(to: server)
        let first = Task { await failure(transport, "/never") }
        #expect(await server.nextLine() == "asked")
        let second = Task { await failure(transport, "/echo") }
        second.cancel()
        #expect(await second.value?.code == .cancelled)
        #expect(!first.isCancelled)
        first.cancel()
        #expect(await first.value?.code == .cancelled)
    }

    @Test func `a cancelled task does not touch the network`() async throws {
        let server = try await TestServer()
        let transport = try patientTransport(to: server)
        let task = Task {
            unsafe withUnsafeCurrentTask { unsafe $0?.cancel() }
            return await failure(transport, "/never")
        }
        #expect(await task.value?.code == .cancelled)
        let answer = try await transport.send(TransportRequest(method: "GET", path: "/echo"))
        #expect(answer.headers["x-connection"] == "1")
    }

    /// A transport that ends no request by itself before the test does, however busy the machine.
    private func patientTransport(to server: TestServer) throws -> CurlTransport {
        var options = CurlTransport.Options()
        options.stallSeconds = 3600
        return try CurlTransport(baseURL: server.url(), options: options)
    }
}

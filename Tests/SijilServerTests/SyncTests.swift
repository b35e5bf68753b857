import SijilCore
import SijilServer
import SijilStore
import SijilSync
import Testing

@Suite(.timeLimit(.minutes(30)))
struct SyncTests {
    @Test func `two replicas come to the same state, and then a sync is one small round trip`()
        async throws
    {
        try await TestServer.run { server in
            let (founder, collection) = try await server.foundCollection()
            let device = try await server.device("tab-07", collection)
            for number in 1...40 { try founder.add("Leader \(number)", in: collection) }
            let mayor = try device.add("Nadia Amziane-Tifaouine", in: collection)
            let first = try await founder.sync()
            #expect(first.sent == 40)
            let second = try await device.sync()
            #expect((second.sent, second.received) == (1, 40))
            try await founder.sync()
            #expect(try founder.replica.hasRecord(mayor))
            #expect(try founder.digest() == device.digest())

            let idle = try await device.sync()
            #expect((idle.sent, idle.received, idle.roundTrips) == (0, 0, 1))
            #expect(idle.bytesSent + idle.bytesReceived < 200)

            let checked = try await server.check(collection)
            #expect(try "\(checked.changes) \(checked.digest)" == founder.digest())
            #expect(checked.problems == [])
        }
    }

    @Test func `what a reader wrote before the right was taken is refused, not lost`() async throws
    {
        try await TestServer.run { server in
            let (_, collection) = try await server.foundCollection()
            let device = try await server.device("tab-07", collection)
            try device.add("Moha Ougni", in: collection)
            try await server.store.setGrant(.reader, of: device.replica.id, in: collection)
            let report = try await device.sync()
            #expect((report.sent, report.rejected) == (0, 1))
            #expect(report.refusals == ["Wadi Amal": "not-permitted"])
            #expect(try await server.store.collection(collection)?.head == 0)
            #expect(try device.replica.collections().map(\.pending) == [1])
        }
    }

    @Test func `a revoked device gets nothing and brings nothing`() async throws {
        try await TestServer.run { server in
            let (founder, collection) = try await server.foundCollection()
            let device = try await server.device("tab-12", collection)
            try founder.add("Annelie Strandvik-Mørch", in: collection)
            try await founder.sync()
            try device.add("Anton Selvacroos", in: collection)
            try await server.store.revoke(device.replica.id)
            #expect(await failure { try await device.sync() } == "not-permitted")
            #expect(try await server.store.collection(collection)?.head == 1)
            #expect(try device.replica.collections().map(\.changes) == [1])
        }
    }

    @Test(arguments: [1, -1])
    func `a clock that is ten years wrong costs one round trip, once`(sign: Int64) async throws {
        try await TestServer.run { server in
            let (_, collection) = try await server.foundCollection()
            let device = try await server.device("tab-07", collection)
            try await device.sync()
            device.clockError = sign * 10 * 365 * 86_400_000
            try device.add("Fatoumata Binta Ba", in: collection)
            let first = try await device.sync()
            #expect((first.sent, first.roundTrips) == (1, 2))
            #expect(try await device.sync().roundTrips == 1)
        }
    }

    @Test func `a request changed on the way is refused`() async throws {
        try await TestServer.run { server in
            let (_, collection) = try await server.foundCollection()
            let device = try await server.device("tab-07", collection)
            try device.add("Gwenllian Pryce-Harrow", in: collection)
            let line = TamperingTransport(base: try server.transport())
            #expect(await failure { try await device.sync(through: line) } == "unauthenticated")
            #expect(try await server.store.collection(collection)?.head == 0)
            #expect(try await device.sync().sent == 1)
        }
    }
}

/// Flips one bit of each body.
private struct TamperingTransport: Transport {
    let base: any Transport

    func send(_ request: TransportRequest) async throws -> TransportResponse {
        var request = request
        request.body[request.body.count / 2] ^= 1
        return try await base.send(request)
    }
}

extension TestServer {
    func check(_ collection: CollectionID) async throws -> LogCheck.Outcome {
        let found = try #require(await store.collection(collection))
        return try await LogCheck(store: store, authority: authority, environment: .system)
            .check(found)
    }
}

import SijilCore
import SijilSimulator
import SijilStore
import Testing

@testable import SijilSync

/// What a device may not do it cannot do by another way either.
struct RightsTests {
    @Test func `a collection that was taken away is not written to`() async throws {
        let world = try await World.begin(seed: 51, replicas: 1, schema: .test)
        let replica = world.replicas[0]
        try replica.setGrants([])
        let error = #expect(throws: SijilError.self) {
            try replica.write([TestEdit.person(RecordID(1), phone: "1")], in: world.collection)
        }
        #expect(error?.code == .notPermitted)
        #expect(try replica.hasRecord(RecordID(1)) == false)
    }

    @Test
    func `what waits in a collection that was taken away counts as refused until it is given back`()
        async throws
    {
        let world = try await World.begin(seed: 55, replicas: 1, schema: .test)
        let replica = world.replicas[0]
        try await world.sync(replica)
        try replica.write([TestEdit.person(RecordID(1), phone: "1")], in: world.collection)
        let role = try #require(try replica.collections().first).grant.role
        try await world.store.setGrant(nil, of: replica.id, in: world.collection)
        for _ in 0..<2 {
            let report = try await world.sync(replica)
            #expect(report.rejected == 1 && report.refusals == ["roster": "not-permitted"])
        }
        try await world.store.setGrant(role, of: replica.id, in: world.collection)
        try await world.syncUntilQuiet()
        #expect(try replica.collections().map(\.refusal) == [nil])
        #expect(try replica.collections().map(\.pending) == [0])
    }

    @Test func `a revoked author's change is not taken from another's hand`() async throws {
        let world = try await World.begin(seed: 52, replicas: 2, schema: .test)
        let (lost, carrier) = (world.replicas[0], world.replicas[1])
        try lost.write([TestEdit.person(RecordID(1), phone: "1")], in: world.collection)
        let runs = try lost.pendingRuns(in: world.collection, byteLimit: .max).runs
        let certificate = try #require(try await world.store.device(lost.id)).certificate
        try carrier.receive(
            runs.map { Delivery(position: nil, .run($0)) }, certificates: [certificate],
            in: world.collection)
        try await world.store.revoke(lost.id)
        let report = try await world.sync(carrier)
        #expect(report.refusals == ["roster": "not-permitted"])
        #expect(try await world.store.collection(world.collection)?.head == 0)
    }

    @Test func `a change whose author had seen what the server lacks gets no position`()
        async throws
    {
        let world = try await World.begin(seed: 54, replicas: 2, schema: .test)
        let (other, author) = (world.replicas[0], world.replicas[1])
        try other.write([TestEdit.person(RecordID(1), phone: "1")], in: world.collection)
        let certificate = try #require(try await world.store.device(other.id)).certificate
        let seen = try other.pendingRuns(in: world.collection, byteLimit: .max).runs
        try author.receive(
            seen.map { Delivery(position: nil, .run($0)) }, certificates: [certificate],
            in: world.collection)
        try author.write([TestEdit.person(RecordID(1), phone: "2")], in: world.collection)
        let runs = try author.pendingRuns(in: world.collection, byteLimit: .max).runs
        #expect(runs.map(\.author) == [other.id, author.id])

        let server = SyncServer(
            store: world.store, authority: world.application.authority,
            environment: world.application.environment)
        let request = SyncRequest(
            grantsTag: 0,
            parts: [
                SyncRequest.Part(
                    collection: world.collection, cursor: 0, runs: [try #require(runs.last)])
            ])
        let answer = try await server.answer(request, from: author.id)
        let dot = Dot(replica: author.id, sequence: 1)
        #expect(
            try SyncResponse(answer.bytes).parts.map(\.refusal)
                == [SyncResponse.Refusal(dot: dot, code: .unseen)])
        #expect(try await world.store.collection(world.collection)?.head == 0)
        try await world.syncUntilQuiet()
        try world.checkConvergence()
    }

    @Test func `history tells who deleted`() async throws {
        let world = try await World.begin(seed: 53, replicas: 1, schema: .test)
        let replica = world.replicas[0]
        try replica.write([TestEdit.person(RecordID(1), phone: "1")], in: world.collection)
        let deletion = try replica.write(
            [RecordEdit(record: RecordID(1), type: "person", deletes: true)],
            in: world.collection)
        let last = try #require(try replica.history(of: RecordID(1)).last)
        #expect(last.dot == deletion.dot)
        #expect((last.cell, last.value) == (.liveness, .boolean(true)))
    }
}

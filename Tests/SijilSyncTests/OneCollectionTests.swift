import SijilCore
import SijilSimulator
import SijilStore
import Testing

@testable import SijilSync

/// What goes wrong in one collection stays there.
struct OneCollectionTests {
    private let other = CollectionID(milliseconds: 0, random: 2)

    /// Replicas of which the first two share two collections.
    private func begin(seed: UInt64, replicas: Int = 2) async throws -> World {
        let world = try await World.begin(seed: seed, replicas: replicas, schema: .test)
        try await world.store.createCollection(
            ServerCollection(id: other, name: "another", kind: "roster"),
            creator: world.replicas[0].id)
        try await world.store.setGrant(.editor, of: world.replicas[1].id, in: other)
        try await world.syncUntilQuiet()
        return world
    }

    /// Puts a change of a later format into the log, as a server of a later version would.
    private func logChangeOfLaterFormat(
        by author: ReplicaID, in collection: CollectionID, _ world: World
    ) async throws {
        let change = LoggedChange(
            dot: Dot(replica: author, sequence: 1), bytes: [ChangeBytes.version + 1, 0, 0],
            signature: [UInt8](repeating: 0, count: SignedRun.signatureCount),
            hash: .start)
        _ = try await world.store.append([change], to: collection, expecting: nil)
    }

    @Test func `what one collection cannot take in does not stop the others`() async throws {
        let world = try await begin(seed: 31)
        let (author, reader) = (world.replicas[0], world.replicas[1])
        try await logChangeOfLaterFormat(by: author.id, in: world.collection, world)
        try author.write([TestEdit.person(RecordID(1), phone: "1")], in: other)
        _ = try? await world.sync(author)
        try reader.write([TestEdit.person(RecordID(2), phone: "2")], in: world.collection)
        try reader.write([TestEdit.person(RecordID(3), phone: "3")], in: other)

        let lastSync = try reader.number("last_sync")
        world.advance(milliseconds: 5000)
        let run = SyncRun(
            replica: reader, transport: SimulatedTransport(application: world.application))
        let error = await #expect(throws: SijilError.self) { try await run.run() }
        #expect(error?.code == .futureVersion)
        #expect(error?.place == "roster")
        let report = try #require(run.conclusion)
        #expect((report.sent, report.received, report.rejected) == (1, 1, 0))

        let summaries = try reader.collections()
        #expect(summaries.map(\.grant.name) == ["another", "roster"])
        #expect(summaries.map(\.cursor) == [2, 0])
        #expect(summaries.map(\.pending) == [0, 1])
        // What was written there is on the server all the same.
        #expect(try await world.store.collection(world.collection)?.head == 2)
        #expect(try reader.number("last_sync") == lastSync)
    }

    @Test func `a piece that cannot be taken in is not stepped over`() async throws {
        let world = try await begin(seed: 35, replicas: 3)
        let (author, reader) = (world.replicas[0], world.replicas[1])
        var generator = SeededGenerator(seed: 35)
        for batch in 0..<8 as Range<UInt128> {
            let edits = (0..<100 as Range<UInt128>)
                .map {
                    TestEdit.person(
                        RecordID(batch * 100 + $0 + 1),
                        phone: generator.bytes(200).map { "\($0)" }.joined())
                }
            try author.write(edits, in: world.collection)
        }
        try await logChangeOfLaterFormat(by: world.replicas[2].id, in: world.collection, world)
        let server = SyncServer(
            store: world.store, authority: world.application.authority,
            environment: world.application.environment)
        // In several runs, since none is cut: so the first answer ends before the log does.
        for limit in [150_000, 300_000, Int.max] {
            let runs = try author.pendingRuns(in: world.collection, byteLimit: limit).runs
            let request = SyncRequest(
                grantsTag: 0,
                parts: [SyncRequest.Part(collection: world.collection, cursor: 0, runs: runs)])
            _ = try await server.answer(request, from: author.id)
        }
        #expect(try await world.store.collection(world.collection)?.head == 9)
        let log = try await world.store.changes(in: world.collection, after: 0, byteLimit: .max)
        #expect(log.count { $0.signature != nil } == 4)

        let run = SyncRun(
            replica: reader, transport: SimulatedTransport(application: world.application))
        let error = await #expect(throws: SijilError.self) { try await run.run() }
        #expect(error?.code == .futureVersion)
        #expect(try #require(run.conclusion).roundTrips == 1)
        #expect(try reader.collections().map(\.cursor) == [0, 0])
        #expect(try reader.hasRecord(RecordID(800)) == false)
    }

    @Test func `a run of a later version is refused in its collection only`() async throws {
        let world = try await begin(seed: 32)
        let replica = world.replicas[0]
        try replica.write([TestEdit.person(RecordID(1), phone: "1")], in: world.collection)
        try replica.write([TestEdit.person(RecordID(2), phone: "2")], in: other)
        let runs = try [world.collection, other]
            .map {
                try replica.pendingRuns(in: $0, byteLimit: 1000).runs
            }
        let server = SyncServer(
            store: world.store, authority: world.application.authority,
            environment: world.application.environment)
        let damages: [(SijilError.Code, (inout [UInt8]) -> Void)] = [
            (.futureVersion, { $0[0] = SignedRun.version + 1 }),
            (.badData, { $0[0] = 0 }),
            (.badData, { $0.append(0) }),
            (.badData, { $0.removeAll() }),
        ]
        for (code, damage) in damages {
            var request = SyncRequest(
                grantsTag: 0,
                parts: [
                    SyncRequest.Part(collection: world.collection, cursor: 0, runs: runs[0]),
                    SyncRequest.Part(collection: other, cursor: 0, runs: runs[1]),
                ])
            damage(&request.parts[0].runs[0])
            let answer = try SyncResponse(
                try await server.answer(try SyncRequest(request.bytes), from: replica.id).bytes)
            #expect(
                answer.parts.map(\.refusal) == [SyncResponse.Refusal(dot: nil, code: code), nil])
            #expect(answer.parts.map(\.cursor) == [0, 1])
        }
        #expect(try await world.store.collection(world.collection)?.head == 0)
        #expect(try await world.store.collection(other)?.head == 1)
        try await world.syncUntilQuiet()
        try world.checkConvergence()
    }

    @Test func `a change of a later version is refused by its name`() async throws {
        let world = try await begin(seed: 33)
        let replica = world.replicas[0]
        try replica.write([TestEdit.person(RecordID(1), phone: "1")], in: world.collection)
        var run = try replica.pendingRuns(in: world.collection, byteLimit: 1000).runs[0]
        run.changes[0][0] = ChangeBytes.version + 1
        let server = SyncServer(
            store: world.store, authority: world.application.authority,
            environment: world.application.environment)
        let request = SyncRequest(
            grantsTag: 0,
            parts: [SyncRequest.Part(collection: world.collection, cursor: 0, runs: [run])])
        let answer = try await server.answer(request, from: replica.id)
        let dot = Dot(replica: replica.id, sequence: 1)
        #expect(
            try SyncResponse(answer.bytes).parts.map(\.refusal)
                == [SyncResponse.Refusal(dot: dot, code: .futureVersion)])
    }

    @Test func `a collection granted again sends what waited, in the same sync`() async throws {
        let world = try await begin(seed: 34)
        let replica = world.replicas[1]
        try world.replicas[0].write([TestEdit.person(RecordID(1), phone: "1")], in: other)
        try await world.syncUntilQuiet()
        try replica.write([TestEdit.person(RecordID(1), phone: "2")], in: other)
        try await world.store.setGrant(nil, of: replica.id, in: other)
        #expect(try await world.sync(replica).sent == 0)
        #expect(try replica.collections().first { $0.grant.id == other }?.grant.role == .withdrawn)

        try await world.store.setGrant(.editor, of: replica.id, in: other)
        let report = try await world.sync(replica)
        #expect((report.sent, report.received, report.roundTrips) == (1, 0, 2))
        try await world.syncUntilQuiet()
        try world.checkConvergence()
    }
}

import SijilCore
import SijilSimulator
import SijilStore
import Testing

@testable import SijilSync

/// Who may erase is the server's to say, and what is erased leaves its log.
struct ErasureRightsTests {
    private let record = RecordID(0xE1)

    private func begin(seed: UInt64) async throws -> World {
        let world = try await World.begin(
            seed: seed, replicas: 3, schema: TestSchema.whole, roles: [.coordinator])
        try world.replicas[1]
            .write(
                [
                    .person(record, .set("name", "Moha Ougni")),
                    .person(RecordID(0xE2), .set("name", "Nadia")),
                ], in: world.collection, note: "both")
        try await world.syncUntilQuiet()
        return world
    }

    private func log(_ world: World) async throws -> [ChangeBytes] {
        try await world.store.changes(in: world.collection, after: 0, byteLimit: .max)
            .map { try ChangeBytes($0.bytes) }
    }

    @Test func `what a coordinator erases leaves the log, and what comes later is not kept`()
        async throws
    {
        let world = try await begin(seed: 51)
        let erasing = RecordEdit(erasing: record, type: "person")
        // Not sent yet, and had not seen the erasure.
        try world.replicas[2]
            .write([.person(record, .set("note", "unsent"))], in: world.collection)
        try world.replicas[0].write([erasing], in: world.collection, note: "asked for it")
        try await world.sync(world.replicas[0])
        var log = try await log(world)
        #expect(log.map(\.erasedRecords) == [[record], []])
        #expect(log.map(\.note) == [nil, "asked for it"])
        try await world.syncUntilQuiet()
        log = try await self.log(world)
        #expect(log.map(\.erasedRecords) == [[record], [], [record]])
        try world.checkConvergence()
        for replica in world.replicas {
            #expect(try replica.record(record).isErased)
            #expect(try replica.record(RecordID(0xE2))["name"] == .text("Nadia"))
        }
    }

    @Test func `an editor's erasure is refused, and the server keeps what it had`() async throws {
        let world = try await begin(seed: 52)
        // A coordinator until a moment ago.
        try await world.store.setGrant(
            .editor, of: world.replicas[0].id, in: world.collection)
        try world.replicas[0]
            .write([RecordEdit(erasing: record, type: "person")], in: world.collection)
        let report = try await world.sync(world.replicas[0])
        #expect(report.rejected == 1)
        #expect(try await log(world).map(\.erasedRecords) == [[]])
        #expect(
            try world.replicas[0].collections()[0].refusal
                == SijilError.Code.notPermitted.rawValue)
        try await world.store.setGrant(
            .coordinator, of: world.replicas[0].id, in: world.collection)
        try await world.syncUntilQuiet()
        #expect(try await log(world).map(\.erasedRecords) == [[record], []])
        try world.checkConvergence()
    }

    @Test func `a change that is sent again is known, whatever was erased from it meanwhile`()
        async throws
    {
        let world = try await begin(seed: 53)
        let whole = try await world.store.changes(
            in: world.collection, after: 0, byteLimit: .max)
        try world.replicas[0]
            .write([RecordEdit(erasing: record, type: "person")], in: world.collection)
        try await world.sync(world.replicas[0])
        let run = SignedRun(
            author: world.replicas[1].id, first: 1, changes: whole.map(\.bytes),
            signature: whole.last?.signature ?? [])
        let server = SyncServer(
            store: world.store, authority: try await Authority.read(from: world.store),
            environment: ServerEnvironment(now: { 0 }, randomBytes: { _ in [] }))
        let request = SyncRequest(
            grantsTag: 0,
            parts: [
                SyncRequest.Part(collection: world.collection, cursor: 0, runs: [run])
            ])
        let answer = try await server.answer(request, from: world.replicas[2].id)
        #expect(answer.parts[0].refusal == nil)
        #expect(try await log(world).map(\.erasedRecords) == [[record], []])
        // And on a replica that has it whole, or reduced.
        for replica in world.replicas[1...] {
            for changes in [whole.map(\.bytes), try await log(world).prefix(1).map(\.bytes)] {
                var again = run
                again.changes = changes
                let report = try replica.receive(
                    [Delivery(position: nil, .run(again))], in: world.collection)
                #expect((report.known, report.applied) == (1, 0))
            }
        }
        try await world.syncUntilQuiet()
        try world.checkConvergence()
    }
}

import SijilCore
import SijilDirectory
import SijilSimulator
import SijilStore
import Testing

@testable import SijilSync

/// The whole sync in one process: real stores, real signatures, a simulated network.
struct SyncWorldTests {
    @Test(arguments: 0..<40)
    func `any schedule over a bad network ends in equal replicas`(index: Int) async throws {
        let seed = UInt64(1000 + index)
        var generator = SeededGenerator(seed: seed)
        let clocks = (0..<4)
            .map { _ in
                // Anywhere between 1970 and 2100.
                Int64.random(in: 0...4_102_444_800_000, using: &generator) - 1_780_000_000_000
            }
        let world = try await World.begin(seed: seed, replicas: 4, schema: .test, clocks: clocks)
        world.faults.loseRequestOneIn = 5
        world.faults.loseAnswerOneIn = 5
        world.faults.repeatRequestOneIn = 5
        var records: [RecordID] = []
        for _ in 0..<60 {
            let replica = world.replicas.randomElement(using: &generator)!
            if generator.oneIn(3) {
                // A fault ends the attempt, as it would on a device.
                _ = try? await world.sync(replica)
            } else {
                let edit = TestEdit.random(&records, &generator, replica)
                try replica.write([edit], in: world.collection)
            }
        }
        try await world.syncUntilQuiet()
        try world.checkConvergence()
        let exports = try world.replicas.map { replica in
            var bytes: [UInt8] = []
            try Exporter(replica).writeJSONLines { bytes += $0 }
            return bytes
        }
        #expect(exports.allSatisfy { $0 == exports[0] }, "seed \(seed)")
    }

    @Test func `a sync with nothing to say is one small round trip`() async throws {
        let world = try await World.begin(seed: 1, replicas: 2, schema: .test)
        let edits = (0..<300).map { TestEdit.person(RecordID(UInt128($0 + 1)), phone: "\($0)") }
        try world.replicas[0].write(edits, in: world.collection)
        try await world.syncUntilQuiet()
        let report = try await world.sync(world.replicas[1])
        #expect(report.roundTrips == 1)
        #expect(report.received == 0)
        #expect(report.bytesSent + report.bytesReceived < 100)
    }

    @Test func `an edit crosses in one round trip each way`() async throws {
        let world = try await World.begin(seed: 2, replicas: 2, schema: .test)
        try world.replicas[0]
            .write([TestEdit.person(RecordID(1), phone: "1")], in: world.collection)
        let sent = try await world.sync(world.replicas[0])
        #expect((sent.sent, sent.roundTrips) == (1, 1))
        let received = try await world.sync(world.replicas[1])
        #expect((received.received, received.roundTrips) == (1, 1))
        try world.checkConvergence()
    }

    @Test func `what is larger than a piece crosses in several, each kept`() async throws {
        let world = try await World.begin(seed: 3, replicas: 2, schema: .test)
        for batch in 0..<20 {
            // Noise, so that nothing compresses away.
            var generator = SeededGenerator(seed: UInt64(batch))
            let edits = (0..<100)
                .map { index in
                    TestEdit.person(
                        RecordID(UInt128(batch * 100 + index + 1)),
                        phone: generator.bytes(200).map { "\($0)" }.joined())
                }
            try world.replicas[0].write(edits, in: world.collection)
        }
        let sent = try await world.sync(world.replicas[0])
        #expect(sent.sent == 20)
        #expect(sent.roundTrips > 3)

        world.faults.loseRequestOneIn = 3
        var attempts = 0
        while try world.replicas[1].collections()[0].cursor < 20 {
            _ = try? await world.sync(world.replicas[1])
            attempts += 1
            try #require(attempts < 100)
        }
        try await world.syncUntilQuiet()
        try world.checkConvergence()
    }

    @Test func `a device that may only read is refused and loses nothing`() async throws {
        let world = try await World.begin(seed: 4, replicas: 2, schema: .test)
        let (writer, other) = (world.replicas[0], world.replicas[1])
        try writer.write([TestEdit.person(RecordID(1), phone: "1")], in: world.collection)
        try await world.store.setGrant(.reader, of: writer.id, in: world.collection)

        let refused = try await world.sync(writer)
        #expect((refused.sent, refused.rejected) == (0, 1))
        #expect(refused.refusals == ["roster": "not-permitted"])
        #expect(throws: SijilError.self) {
            try writer.write([TestEdit.person(RecordID(2), phone: "2")], in: world.collection)
        }
        try await world.sync(other)
        #expect(try other.hasRecord(RecordID(1)) == false)

        try await world.store.setGrant(.editor, of: writer.id, in: world.collection)
        let accepted = try await world.sync(writer)
        #expect((accepted.sent, accepted.rejected) == (1, 0))
        try await world.syncUntilQuiet()
        try world.checkConvergence()
    }

    @Test func `a revoked device is told so and receives nothing`() async throws {
        let world = try await World.begin(seed: 5, replicas: 2, schema: .test)
        try await world.store.revoke(world.replicas[1].id)
        try world.replicas[0]
            .write([TestEdit.person(RecordID(1), phone: "1")], in: world.collection)
        try await world.sync(world.replicas[0])
        let error = await #expect(throws: SijilError.self) {
            try await world.sync(world.replicas[1])
        }
        #expect(error?.code == .notPermitted)
        #expect(try world.replicas[1].hasRecord(RecordID(1)) == false)
    }

    @Test func `a collection that was taken away stays readable and is not synced`() async throws {
        let world = try await World.begin(seed: 6, replicas: 2, schema: .test)
        try world.replicas[0]
            .write([TestEdit.person(RecordID(1), phone: "1")], in: world.collection)
        try await world.syncUntilQuiet()
        try await world.store.setGrant(nil, of: world.replicas[1].id, in: world.collection)
        try world.replicas[0]
            .write([TestEdit.person(RecordID(2), phone: "2")], in: world.collection)
        try await world.sync(world.replicas[0])
        try await world.sync(world.replicas[1])
        try await world.sync(world.replicas[1])
        let summary = try #require(try world.replicas[1].collections().first)
        #expect(summary.grant.role == .withdrawn)
        #expect(try world.replicas[1].hasRecord(RecordID(1)))
        #expect(try world.replicas[1].hasRecord(RecordID(2)) == false)
    }

    @Test(arguments: [-1_780_000_000_000, 2_322_444_800_000, 3_600_000] as [Int64])
    func `no clock is a reason to refuse a device`(wrongBy: Int64) async throws {
        let world = try await World.begin(seed: 7, replicas: 1, schema: .test, clocks: [wrongBy])
        try world.replicas[0]
            .write([TestEdit.person(RecordID(1), phone: "1")], in: world.collection)
        let report = try await world.sync(world.replicas[0])
        #expect((report.sent, report.roundTrips) == (1, 1))
        #expect(
            try world.replicas[0].number("last_sync") == world.application.environment.now())

        // The device's clock is set right behind its back: one more round trip, once.
        try world.replicas[0].remember(numbers: ["clock_offset": 999_999_999_999])
        #expect(try await world.sync(world.replicas[0]).roundTrips == 2)
        #expect(try await world.sync(world.replicas[0]).roundTrips == 1)
    }

    /// As a device does whose clock begins at 1970 and is set right by the network that it syncs over.
    @Test(arguments: [1_780_000_000_000, -1_780_000_000_000, 4_000_000, 0] as [Int64])
    func `a clock that is set while an answer is awaited leaves the right time`(
        by step: Int64
    ) async throws {
        let world = try await World.begin(
            seed: 21, replicas: 1, schema: .test, clocks: [-step])
        let (replica, clock) = (world.replicas[0], world.devices[0].clock)
        let transport = ClockSetting(
            base: SimulatedTransport(application: world.application), clock: clock, by: step)
        for _ in 0..<2 {
            _ = try await SyncRun(replica: replica, transport: transport).run()
            #expect(try replica.now == world.application.environment.now())
            #expect(try replica.number("last_sync") == world.application.environment.now())
            clock.advance(-step)
            try replica.remember(numbers: ["clock_offset": step])
        }
    }

    @Test func `the log is told by time, not by arrival`() async throws {
        let world = try await World.begin(seed: 15, replicas: 2, schema: .test)
        let (reader, other) = (world.replicas[0], world.replicas[1])
        try other.remember(numbers: ["clock_offset": -3_600_000])
        try other.write([TestEdit.person(RecordID(1), phone: "1")], in: world.collection)
        try reader.write([TestEdit.person(RecordID(2), phone: "2")], in: world.collection)
        try await world.sync(other)
        try await world.sync(reader)
        let log = try reader.log(in: nil, limit: 9)
        #expect(log.map(\.dot.replica) == [reader.id, other.id])
        #expect(try reader.log(in: nil, limit: 1).map(\.dot.replica) == [reader.id])
    }

    @Test func `a server with another history is noticed before anything is changed`() async throws
    {
        let world = try await World.begin(seed: 8, replicas: 1, schema: .test)
        try world.replicas[0].remember(texts: ["epoch": Identifier(5).description])
        let before = try world.replicas[0].dump()
        let error = await #expect(throws: SijilError.self) {
            try await world.sync(world.replicas[0])
        }
        #expect(error?.code == .protocolMismatch)
        #expect(try world.replicas[0].dump() == before)
    }

    @Test(arguments: [
        TransportResponse(
            status: 200, headers: ["content-type": "text/html; charset=utf-8"],
            body: Array("<html>Welcome to the airport</html>".utf8)),
        TransportResponse(status: 302, headers: ["location": "http://10.0.0.1/"]),
        TransportResponse(status: 403, headers: ["content-type": "text/html"]),
        TransportResponse(status: 511, headers: ["content-type": "text/html"]),
    ]) func `a network that wants a sign-in is no server`(page: TransportResponse) async throws {
        let world = try await World.begin(seed: 12, replicas: 1, schema: .test)
        try world.replicas[0]
            .write([TestEdit.person(RecordID(1), phone: "1")], in: world.collection)
        let error = await #expect(throws: SijilError.self) {
            try await SyncRun(replica: world.replicas[0], transport: Portal(page: page)).run()
        }
        #expect(error?.code == .unreachable)
        #expect(try world.replicas[0].collections().map(\.pending) == [1])
        #expect(try world.replicas[0].text(ServerConnection.refusalKey) ?? "" == "")
    }

    @Test(arguments: [
        TransportResponse(status: 204), TransportResponse(status: 200),
        TransportResponse(status: 501, headers: ["content-type": "text/plain"]),
        TransportResponse(status: 404),
    ]) func `what does not speak the protocol is told as such`(answer: TransportResponse)
        async throws
    {
        let world = try await World.begin(seed: 14, replicas: 1, schema: .test)
        let error = await #expect(throws: SijilError.self) {
            try await SyncRun(replica: world.replicas[0], transport: Portal(page: answer)).run()
        }
        #expect(error?.code == .protocolMismatch)
    }

    @Test(arguments: [.inputOutput, .bug, .cannotCreate, .tryAgain] as [SijilError.Code])
    func `the server's own trouble is no fault of the device`(code: SijilError.Code) async throws {
        let world = try await World.begin(seed: 16, replicas: 1, schema: .test)
        let body = #"{"error":{"code":"\#(code.rawValue)","message":"The disk is full."}}"#
        let answer = TransportResponse(
            status: 500, headers: ["content-type": "application/json"], body: Array(body.utf8))
        let error = await #expect(throws: SijilError.self) {
            try await SyncRun(replica: world.replicas[0], transport: Portal(page: answer)).run()
        }
        #expect(error?.code == .tryAgain)
        #expect((error?.message.contains("disk") == true) == (code == .tryAgain))
    }

    /// What a proxy answers when there is no server behind it.
    @Test(
        arguments: [
            (.tryAgain, [408, 429, 500, 502, 503, 504, 599]), (.badData, [413]),
            (.notPermitted, [401, 403]),
        ] as [(SijilError.Code, [Int])])
    func `an answer that no server of ours wrote is told by its status`(
        code: SijilError.Code, statuses: [Int]
    ) async throws {
        let world = try await World.begin(seed: 15, replicas: 1, schema: .test)
        for status in statuses {
            let answer = TransportResponse(
                status: status, headers: ["content-type": "text/plain"], body: Array("x".utf8))
            let error = await #expect(throws: SijilError.self) {
                try await SyncRun(replica: world.replicas[0], transport: Portal(page: answer)).run()
            }
            #expect(error?.code == code, "\(status)")
        }
    }

    @Test func `that the server refuses a device is remembered until it answers again`()
        async throws
    {
        let world = try await World.begin(seed: 13, replicas: 2, schema: .test)
        let (revoked, other) = (world.replicas[1], world.replicas[0])
        try await world.store.revoke(revoked.id)
        await #expect(throws: SijilError.self) { try await world.sync(revoked) }
        let refusal = try #require(try revoked.text(ServerConnection.refusalKey))
        #expect(refusal == SijilError.Code.notPermitted.rawValue)
        try other.remember(texts: [ServerConnection.refusalKey: refusal])
        try await world.sync(other)
        #expect(try other.text(ServerConnection.refusalKey) == "")
    }

    @Test func `what arrives between reading and writing is not replaced unseen`() async throws {
        let world = try await World.begin(seed: 9, replicas: 2, schema: .test)
        let (reader, other) = (world.replicas[0], world.replicas[1])
        try other.write([TestEdit.person(RecordID(1), phone: "1")], in: world.collection)
        try await world.syncUntilQuiet()

        // A person looks at the number; a sync brings another; only then the person's correction is written.
        let seen = try reader.seen()[world.collection]
        try other.write([TestEdit.person(RecordID(1), phone: "2")], in: world.collection)
        try await world.syncUntilQuiet()
        try reader.write(
            [TestEdit.person(RecordID(1), phone: "3")], in: world.collection, seen: seen)

        try await world.syncUntilQuiet()
        for replica in world.replicas {
            let phone = try replica.record(RecordID(1)).cells[CellName("phone")]
            #expect(Set(phone?.siblings.map(\.value) ?? []) == [.text("2"), .text("3")])
            #expect(try replica.conflictCount() == 1)
        }
        try world.checkConvergence()
    }
}

/// Something that gives one answer to everything.
private struct Portal: Transport {
    let page: TransportResponse
    func send(_ request: TransportRequest) async throws -> TransportResponse { page }
}

/// Sets the device's clock while it waits for the answer.
private struct ClockSetting: Transport {
    let base: SimulatedTransport
    let clock: SimulatedClock
    let by: Int64

    func send(_ request: TransportRequest) async throws -> TransportResponse {
        defer { clock.advance(by) }
        return try await base.send(request)
    }
}

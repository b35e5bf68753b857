import SijilCore
import SijilDirectory
import SijilStore
import SijilSync
import Testing

@testable import SijilSimulator

/// What the simulator found, each law in its smallest world.
struct FoundTests {
    private let record = Identifier(0xA1)

    private func begin(_ replicas: Int) async throws -> World {
        try await World.begin(seed: 1, replicas: replicas, schema: TestSchema.whole)
    }

    private func write(
        _ text: String, _ id: RecordID? = nil, on device: SimulatedDevice, _ world: World
    ) throws {
        try device.replica.write(
            [.person(id ?? record, .set("note", text))], in: world.collection)
    }

    @Test func `a field is not lost because another is spelled alike`() async throws {
        let world = try await begin(1)
        let replica = world.replicas[0]
        // One with a letter of its own for é, one with a letter and an accent.
        try replica.write(
            [.person(record, .set("caf\u{E9}", "one"), .set("cafe\u{301}", "other"))],
            in: world.collection)
        let fields = try replica.record(record).fields.map { Array($0.utf8) }
        #expect(fields == ["cafe\u{301}", "caf\u{E9}"].map { Array($0.utf8) })
        var bytes: [UInt8] = []
        try Exporter(replica).writeJSONLines { bytes += $0 }
        let line = String(decoding: bytes, as: UTF8.self)
        #expect(line.contains("\"one\""))
        #expect(line.contains("\"other\""))
    }

    @Test(arguments: [false, true])
    func `after its disk failed a replica goes on`(hadFailedBefore: Bool) async throws {
        for failure in 1..<40 {
            let world = try await begin(1)
            let (replica, disk) = (world.replicas[0], world.devices[0].disk)
            func write(_ name: String) throws {
                try replica.write([.person(record, .set("name", name))], in: world.collection)
            }
            try write("Nadia Amziane")
            if hadFailedBefore {
                // In a commit, which empties SQLite's cache.
                disk.faults.failing = disk.operations + 1..<disk.operations + 2
                #expect(throws: SijilError.self) { try write("Farida") }
                disk.faults = SimulatedDisk.Faults()
            }
            disk.faults.failingReads = disk.reads + failure..<disk.reads + failure + 1
            for name in ["Kerfalla", "In\u{E8}s"] {
                _ = try? write(name)
                _ = try? replica.write(
                    [
                        RecordEdit(
                            record: Identifier(2), type: "place", operations: [.set("name", name)])
                    ],
                    in: world.collection)
            }
            disk.faults = SimulatedDisk.Faults()
            try write("Nadia")
            #expect(try replica.find("nadia", limit: 9).count == 1, "read \(failure)")
            #expect(try replica.verify().isSound, "read \(failure)")
        }
    }

    @Test func `what a killed process left is safe before it is sent`() async throws {
        var sent = 0
        // Wherever in a write the moment lies between the last byte of a commit and its sync.
        for seed in 0..<160 {
            let world = try await begin(2)
            let device = world.devices[0]
            var random = SeededGenerator(seed: UInt64(seed))
            let operation = seed % 40 + 1
            device.disk.faults.crashAt = device.disk.operations + operation
            _ = try? write("1", on: device, world)
            try device.restart(after: .kill, &random)
            let isThere = try device.replica.journal(of: world.collection).count == 1
            // The power goes in the middle of the sync, when the server has answered.
            world.road.meanwhile.after(steps: 0) { [random] in
                var random = random
                device.disk.restart(after: .powerCut, &random)
            }
            _ = try? await world.sync(device)
            try device.reopen()
            if isThere { sent += 1 }
            try await world.syncUntilQuiet()
            try world.checkConvergence()
        }
        #expect(sent > 0)
    }

    @Test func `what a killed process left is safe before it is carried by hand`() async throws {
        var carried = 0
        for seed in 0..<40 {
            let world = try await begin(2)
            let (giver, taker) = (world.devices[0], world.devices[1])
            var random = SeededGenerator(seed: UInt64(seed))
            giver.disk.faults.crashAt = giver.disk.operations + seed + 1
            _ = try? write("1", on: giver, world)
            try giver.restart(after: .kill, &random)
            let runs = try giver.replica.pendingRuns(in: world.collection, byteLimit: .max).runs
            let device = try #require(try await world.store.device(giver.replica.id))
            try taker.replica.receive(
                runs.map { Delivery(position: nil, .run($0)) },
                certificates: [device.certificate], in: world.collection)
            try giver.restart(after: .powerCut, &random)
            carried += runs.count
            #expect(try giver.replica.journal(of: world.collection).count == runs.count)
            try await world.syncUntilQuiet()
            try world.checkConvergence()
        }
        #expect(carried > 0)
    }

    @Test func `what a killed server left is safe before it is served`() async throws {
        var served = 0
        for operation in 1..<24 {
            // What a power cut takes is drawn: several times where there is something to take.
            for seed in 0..<8 as Range<UInt64> {
                let world = try await begin(2)
                var random = SeededGenerator(seed: seed)
                try write("1", on: world.devices[0], world)
                world.server.disk.faults.crashAt = world.server.disk.operations + operation
                _ = try? await world.sync(world.devices[0])
                let wasKilled = world.server.disk.isDead
                try await world.server.restart(after: .kill, &random)
                try await world.sync(world.devices[1])
                let isServed = try !world.replicas[1].journal(of: world.collection).isEmpty
                try await world.server.restart(after: .powerCut, &random)
                let head = try await world.store.collection(world.collection)?.head
                #expect(head == 1 || !isServed, "operation \(operation), seed \(seed)")
                try await world.syncUntilQuiet()
                try world.checkConvergence()
                guard wasKilled, isServed else { break }
                served += 1
            }
        }
        #expect(served > 0)
    }

    @Test func `a refusal is still told when the rest of the log has come`() async throws {
        let world = try await begin(2)
        let (refused, other) = (world.devices[0], world.devices[1])
        // More than one answer can carry, so that the same sync asks again after the refusal.
        var random = SeededGenerator(seed: 1)
        for number in 0..<8 {
            let text = String(
                decoding: random.bytes(60_000).map { UInt8(97 + $0 % 26) }, as: UTF8.self)
            try write(text, Identifier(UInt128(number + 1)), on: other, world)
        }
        try await world.sync(other)
        try write("1", on: refused, world)
        try await world.store.setGrant(.reader, of: refused.id, in: world.collection)
        let report = try await world.sync(refused)
        #expect(report.roundTrips > 1)
        #expect(report.rejected == 1)
        let summary = try #require(try refused.replica.collections().first)
        #expect((summary.pending, summary.refusal) == (1, "not-permitted"))
    }

    @Test func `a refused change of one author keeps out nothing of another`() async throws {
        let world = try await begin(2)
        let (lost, carrier) = (world.devices[0], world.devices[1])
        try write("1", on: lost, world)
        let seen = try carrier.replica.seen()[world.collection]
        let runs = try lost.replica.pendingRuns(in: world.collection, byteLimit: .max).runs
        let certificate = try #require(try await world.store.device(lost.id)).certificate
        try carrier.replica.receive(
            runs.map { Delivery(position: nil, .run($0)) }, certificates: [certificate],
            in: world.collection)
        // Decided before the other's change came: so it does not build on it.
        try carrier.replica.write(
            [.person(Identifier(2), .set("note", "2"))], in: world.collection, seen: seen)
        try await world.store.setGrant(nil, of: lost.id, in: world.collection)

        let report = try await world.sync(carrier)
        #expect(report.refusals == ["roster": "not-permitted"])
        let waiting = try carrier.replica.journal(of: world.collection)
            .filter { $0.position == nil }.map(\.dot.replica)
        #expect(waiting == [lost.id])
    }

    @Test func `a refused erasure keeps out nothing that was written before it`() async throws {
        let world = try await begin(1)
        let device = world.devices[0]
        try await world.store.setGrant(.coordinator, of: device.id, in: world.collection)
        try await world.sync(device)
        try write("1", Identifier(2), on: device, world)
        try device.replica.write(
            [RecordEdit(erasing: record, type: "person")], in: world.collection)
        try await world.store.setGrant(.editor, of: device.id, in: world.collection)

        let report = try await world.sync(device)
        #expect(report.refusals == ["roster": "not-permitted"])
        let waiting = try device.replica.journal(of: world.collection).filter(\.isPending)
            .map(\.dot.sequence)
        #expect(waiting == [2])
    }

    @Test func `what a failing disk kept the server from purging goes while others read`() async {
        let plan = Plan(
            seed: 3_762_171_291, devices: 2, collections: 1, clocks: [0, 0], olderDevices: [1],
            isDirectory: false,
            events: [
                Event("confide", 8_108_282_727_580_033_579),
                Event("server's disk errors", 9_461_770_198_039_405_368),
                Event("erase", 9_101_470_351_313_696_990),
                Event("crowd", 16_924_446_716_855_181_634),
            ])
        #expect(await Simulation(plan).run().failure == nil)
    }
}

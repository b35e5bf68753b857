import SijilCore
import SijilSimulator
import SijilStore
import SijilSync
import Testing

/// Files that were copied or restored: on the device, and on the server.
struct CopyTests {
    private func edit(_ phone: String) -> RecordEdit { TestEdit.person(RecordID(1), phone: phone) }

    /// A world whose only replica has seen what the home had sent before it was copied.
    private func copied() async throws -> (world: World, home: Home) {
        let world = try await World.begin(seed: 21, replicas: 1, schema: .test)
        let home = try await Home(in: world)
        let replica = try home.open("first")
        try replica.write([edit("1")], in: world.collection)
        try await world.sync(replica)
        try replica.close()
        try home.copy("first", to: "second")
        return (world, home)
    }

    @Test func `a copy that wrote nothing learns that it is one, every time`() async throws {
        let (world, home) = try await copied()
        let replica = try home.open("first")
        try replica.write([edit("2")], in: world.collection)
        try await world.sync(replica)

        let copy = try home.open("second")
        let before = try copy.dump()
        for _ in 0..<2 {
            let error = await #expect(throws: SijilError.self) { try await world.sync(copy) }
            #expect(error?.code == .fork)
            #expect(error?.code.exitCode == 65)
            #expect(error?.hint?.contains("sijil export") == true)
        }
        #expect(try copy.dump() == before)
        #expect(try copy.collections()[0].cursor == 1)
    }

    @Test(arguments: [1, 2, 3], [1, 2, 3])
    func `a copy never takes its own change for the one that the server has`(
        sent: Int, kept: Int
    ) async throws {
        let (world, home) = try await copied()
        let replica = try home.open("first")
        for number in 0..<sent {
            try replica.write([edit("sent \(number)")], in: world.collection)
        }
        try await world.sync(replica)

        let copy = try home.open("second")
        for number in 0..<kept {
            try copy.write([edit("kept \(number)")], in: world.collection)
        }
        let before = try copy.dump()
        for _ in 0..<2 {
            let error = await #expect(throws: SijilError.self) { try await world.sync(copy) }
            #expect(error?.code == .fork)
        }
        let summary = try copy.collections()[0]
        #expect(summary.pending == kept)
        #expect(summary.refusal == "fork")
        #expect(summary.cursor == 1)
        #expect(try copy.dump() == before)

        // Everybody else has what was sent, and goes on.
        try await world.sync(replica)
        try await world.sync(world.replicas[0])
        #expect(try world.replicas[0].dump() == replica.dump())
        #expect(try replica.collections()[0].pending == 0)
    }

    /// Where in a run the known range ends decides how its hash is found.
    @Test func `changes called known are compared wherever they end`() async throws {
        let world = try await World.begin(seed: 22, replicas: 2, schema: .test)
        for number in 0..<4 {
            try world.replicas[0].write([edit("\(number)")], in: world.collection)
        }
        try await world.syncUntilQuiet()
        let author = world.replicas[0].id
        let logged = try await world.store.changes(
            in: world.collection, after: 0, byteLimit: .max)
        // Its author has a signature for each, who received them one for all.
        for replica in world.replicas {
            for (index, change) in logged.enumerated() {
                let known = { (hash: ChainHash) in
                    [
                        Delivery(
                            position: 1,
                            .known(author: author, first: 1, count: UInt64(index) + 1, hash: hash))
                    ]
                }
                try replica.receive(known(change.hash), in: world.collection)
                let other = logged[(index + 1) % logged.count].hash
                let error = #expect(throws: SijilError.self) {
                    try replica.receive(known(other), in: world.collection)
                }
                #expect(error?.code == .fork, "change \(index + 1)")
            }
        }
    }

    @Test func `a server restored from an old copy is noticed before anything is sent`()
        async throws
    {
        let world = try await World.begin(seed: 23, replicas: 2, schema: .test)
        let old = world.server.disk.path(of: "old.sqlite")
        let untouched = CollectionID(milliseconds: 0, random: 2)
        try await world.store.createCollection(
            ServerCollection(id: untouched, name: "another", kind: "roster"),
            creator: world.replicas[1].id)
        try world.replicas[0].write([edit("1")], in: world.collection)
        try await world.syncUntilQuiet()
        try world.store.copy(to: old)
        try world.replicas[0].write([edit("2")], in: world.collection)
        try await world.syncUntilQuiet()

        let restored = try SQLiteLogStore(path: old)
        let environment = ServerEnvironment(
            now: { 1_780_000_000_000 }, randomBytes: { [UInt8](repeating: 0, count: $0) })
        let application = ServerApplication(
            store: restored, authority: try await Authority.read(from: restored),
            environment: environment)
        let replica = world.replicas[1]
        // The request has more to say to a collection that lost nothing; that must not go through either.
        try replica.write([edit("3")], in: world.collection)
        try replica.write([TestEdit.person(RecordID(2), phone: "4")], in: untouched)
        let before = try replica.dump()
        let error = await #expect(throws: SijilError.self) {
            try await SyncRun(
                replica: replica, transport: SimulatedTransport(application: application)
            )
            .run()
        }
        #expect(error?.code == .protocolMismatch)
        #expect(error?.code.exitCode == 76)
        #expect(error?.hint?.contains("restored") == true)
        #expect(try await restored.collection(world.collection)?.head == 1)
        #expect(try await restored.collection(untouched)?.head == 0)
        #expect(try replica.dump() == before)
        #expect(try replica.collections().map(\.pending) == [1, 1])
        try restored.close()
    }
}

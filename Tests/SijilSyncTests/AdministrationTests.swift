import SijilCore
import SijilSimulator
import SijilStore
import Testing

@testable import SijilSync

/// Who may do what over the network, asked as a device asks.
///
/// `w.replicas[0]` is the founder and coordinator, 1 an editor, 2 a coordinator who is no founder.
struct AdministrationTests {
    private let elsewhere = CollectionID(milliseconds: 0, random: 77)

    private func begin() async throws -> World {
        let world = try await World.begin(
            seed: 41, replicas: 3, schema: .test, roles: [.coordinator, .editor, .coordinator])
        try await world.store.createCollection(
            ServerCollection(id: elsewhere, name: "elsewhere", kind: "practices"),
            creator: world.replicas[0].id)
        return world
    }

    private func ask<Body: Encodable, Answer: Decodable>(
        _ world: World, _ device: Int, _ method: String, _ path: String, _ body: Body?
    ) async throws -> Answer {
        try await ServerConnection(
            replica: world.replicas[device],
            transport: SimulatedTransport(application: world.application)
        )
        .call(method, path, body)
    }

    private func refusal(_ body: () async throws -> Void) async -> SijilError.Code? {
        do {
            try await body()
            return nil
        } catch {
            return (error as? SijilError)?.code
        }
    }

    private func collections(_ world: World, _ device: Int) async throws -> [String: String] {
        let answer: Exchange.Collections = try await ask(
            world, device, "GET", Exchange.collectionsPath, Nothing?.none)
        return Dictionary(
            uniqueKeysWithValues: answer.collections.map { ($0.name, $0.role) })
    }

    private struct Nothing: Encodable {}

    @Test func `only the founder makes collections, and coordinates what they made`() async throws {
        let world = try await begin()
        func make(_ device: Int, _ name: String, _ kind: String) async throws {
            let made: Exchange.Collection = try await ask(
                world, device, "POST", Exchange.collectionsPath,
                Exchange.NewCollection(name: name, kind: kind))
            #expect((made.name, made.kind, made.role) == (name, kind, "coordinator"))
        }
        try await make(0, "Wadi Amal", "roster")
        for device in [1, 2] {
            #expect(await refusal { try await make(device, "Tizi", "roster") } == .notPermitted)
        }
        for name in [
            "", "a\nb", "a\u{7F}", "a\u{9B}31m",
            String(repeating: "x", count: Limits.displayNameBytes + 1),
        ] {
            #expect(await refusal { try await make(0, name, "roster") } == .badData)
        }
        #expect(await refusal { try await make(0, "Tizi", "museum") } == .badData)
        #expect(
            try await collections(world, 0)
                == [
                    "roster": "coordinator", "elsewhere": "coordinator",
                    "Wadi Amal": "coordinator",
                ])
        #expect(try await collections(world, 1) == ["roster": "editor"])
    }

    @Test func `an invitation grants what its maker coordinates, once, and nothing else`()
        async throws
    {
        let world = try await begin()
        let roster = world.collection.description
        func invite(
            _ device: Int, _ grants: [String: String], name: String = "tab-15",
            lasts: Int64 = 60_000
        ) async throws -> Exchange.Invited {
            try await ask(
                world, device, "POST", Exchange.invitationsPath,
                Exchange.NewInvitation(name: name, grants: grants, expires_in_ms: lasts))
        }
        let refused: [(Int, [String: String], SijilError.Code)] = [
            (1, [roster: "reader"], .notPermitted),
            (2, [elsewhere.description: "reader"], .notPermitted),
            (2, [roster: "reader", elsewhere.description: "reader"], .notPermitted),
            (2, ["nonsense": "reader"], .notPermitted), (2, [:], .badData),
            (2, [roster: "owner"], .badData), (2, [roster: "withdrawn"], .badData),
        ]
        for (device, grants, code) in refused {
            #expect(await refusal { _ = try await invite(device, grants) } == code, "\(grants)")
        }
        for lasts in [0, -1, .min, 366 * 86_400_000, .max] as [Int64] {
            #expect(
                await refusal { _ = try await invite(2, [roster: "editor"], lasts: lasts) }
                    == .badData)
        }
        #expect(
            await refusal { _ = try await invite(2, [roster: "editor"], name: "") } == .badData)

        let invited = try await invite(2, [roster: "editor"])
        let newcomer = try await world.join(code: invited.code, seed: 7)
        #expect(newcomer.map(\.role) == [.editor])
        #expect(newcomer.map(\.id) == [world.collection])
        #expect(
            await refusal { _ = try await world.join(code: invited.code, seed: 8) } == .codeUsed)
    }

    private func grant(
        _ world: World, _ device: Int, _ role: String?, to other: Int, in collection: CollectionID
    ) async throws {
        let done: Exchange.Done = try await ask(
            world, device, "POST", Exchange.grantsPath,
            Exchange.Grant(
                replica: world.replicas[other].id.description, collection: collection.description,
                role: role))
        #expect(done.done)
    }

    private func revoke(_ world: World, _ device: Int, _ other: Int) async throws {
        let done: Exchange.Done = try await ask(
            world, device, "POST", Exchange.revocationsPath,
            Exchange.Revocation(replica: world.replicas[other].id.description))
        #expect(done.done)
    }

    @Test func `with a coordinator's right go the invitations that came of it`() async throws {
        let world = try await begin()
        try await grant(world, 0, "coordinator", to: 2, in: elsewhere)
        var codes: [String] = []
        for _ in 0..<2 {
            let invited: Exchange.Invited = try await ask(
                world, 2, "POST", Exchange.invitationsPath,
                Exchange.NewInvitation(
                    name: "tab-15",
                    grants: [
                        world.collection.description: "coordinator",
                        elsewhere.description: "editor",
                    ], expires_in_ms: 60_000))
            codes.append(invited.code)
        }
        try await grant(world, 0, nil, to: 2, in: world.collection)
        #expect(try await world.join(code: codes[0], seed: 7).map(\.id) == [elsewhere])
        try await revoke(world, 0, 2)
        #expect(
            await refusal { _ = try await world.join(code: codes[1], seed: 8) } == .codeExpired)
    }

    @Test
    func `a collection keeps its last coordinator, and where none is left a founder names one`()
        async throws
    {
        let world = try await begin()
        for role in [nil, "reader"] as [String?] {
            #expect(
                await refusal { try await grant(world, 0, role, to: 0, in: elsewhere) }
                    == .notPermitted)
        }
        try await grant(world, 0, "coordinator", to: 2, in: elsewhere)
        try await grant(world, 2, nil, to: 0, in: elsewhere)
        // While there is a coordinator, a founder is none.
        #expect(
            await refusal { try await grant(world, 0, "coordinator", to: 0, in: elsewhere) }
                == .notPermitted)
        try await revoke(world, 0, 2)
        #expect(
            await refusal { try await grant(world, 1, "coordinator", to: 1, in: elsewhere) }
                == .notPermitted)
        try await grant(world, 0, "coordinator", to: 1, in: elsewhere)
        #expect(try await collections(world, 1)["elsewhere"] == "coordinator")
        try await grant(world, 1, "coordinator", to: 0, in: elsewhere)
        #expect(try await collections(world, 0)["elsewhere"] == "coordinator")
    }

    @Test func `a coordinator sees and revokes the devices of their collections only`()
        async throws
    {
        let world = try await begin()
        func devices(_ device: Int) async throws -> [String: [String: String]] {
            let answer: Exchange.Devices = try await ask(
                world, device, "GET", Exchange.devicesPath, Nothing?.none)
            return Dictionary(
                uniqueKeysWithValues: answer.devices.map { ($0.replica, $0.grants) })
        }
        func revoke(_ device: Int, _ replica: String) async throws {
            let done: Exchange.Done = try await ask(
                world, device, "POST", Exchange.revocationsPath,
                Exchange.Revocation(replica: replica))
            #expect(done.done)
        }
        let names = world.replicas.map(\.id.description)
        let roster = world.collection.description
        #expect(await refusal { _ = try await devices(1) } == .notPermitted)
        #expect(
            try await devices(2)
                == [
                    names[0]: [roster: "coordinator"], names[1]: [roster: "editor"],
                    names[2]: [roster: "coordinator"],
                ])
        #expect(try await devices(0)[names[0]]?.count == 2)
        // A device that shares nothing with them is none of theirs.
        let invited: Exchange.Invited = try await ask(
            world, 0, "POST", Exchange.invitationsPath,
            Exchange.NewInvitation(
                name: "tab-15", grants: [elsewhere.description: "reader"], expires_in_ms: 60_000))
        _ = try await world.join(code: invited.code, seed: 9)
        #expect(try await devices(0).count == 4)
        #expect(try await Set(devices(2).keys) == Set(names))

        // The founder is also where the other coordinator has no right.
        #expect(await refusal { try await revoke(2, names[0]) } == .notPermitted)
        #expect(await refusal { try await revoke(1, names[2]) } == .notPermitted)
        #expect(await refusal { try await revoke(0, "nobody") } == .badData)
        let unknown = ReplicaID(publicKey: [UInt8](repeating: 1, count: 32)).description
        #expect(await refusal { try await revoke(0, unknown) } == .notFound)
        #expect(await refusal { try await revoke(2, unknown) } == .notPermitted)

        try await revoke(2, names[1])
        #expect(await refusal { try await world.sync(world.replicas[1]) } == .notPermitted)
        #expect(await refusal { _ = try await devices(1) } == .notPermitted)
        try await world.sync(world.replicas[2])
    }

    @Test func `what is no request of ours is refused by its kind`() async throws {
        let world = try await begin()
        func send(
            _ method: String, _ path: String, _ headers: [String: String] = [:],
            _ body: [UInt8] = []
        ) async -> Int {
            await world.application
                .handle(
                    TransportRequest(method: method, path: path, headers: headers, body: body)
                )
                .response.status
        }
        #expect(await send("GET", Exchange.devicesPath) == 401)
        #expect(await send("POST", Exchange.joinPath, [:], Array("{".utf8)) == 400)
        #expect(await send("POST", Exchange.joinPath, ["content-encoding": "br"], []) == 400)
        #expect(
            await refusal {
                let _: Exchange.Done = try await ask(world, 0, "GET", "/v1/nothing", Nothing?.none)
            } == .notFound)
        #expect(
            await refusal {
                let _: Exchange.Done = try await ask(
                    world, 0, "POST", Exchange.grantsPath, ["nonsense"])
            } == .badData)
    }
}

extension World {
    /// A new device that joins with a code; its grants.
    fileprivate func join(code: String, seed: UInt8) async throws -> [CollectionGrant] {
        let replica = try Replica.create(
            at: nil, name: "new", key: SigningKey(seed: [UInt8](repeating: seed, count: 32)),
            schema: .test, environment: replicas[0].environment)
        defer { try? replica.close() }
        return try await ServerConnection(
            replica: replica, transport: SimulatedTransport(application: application)
        )
        .join(code: code)
    }
}

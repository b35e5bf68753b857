import SijilCore
import SijilServer
import SijilStore
import SijilSync
import Testing

@Suite(.timeLimit(.minutes(30)))
struct JoinTests {
    @Test func `a code lets one device in, with what it grants`() async throws {
        try await TestServer.run { server in
            let (_, collection) = try await server.foundCollection()
            let code = try await server.invite("tab-07", [collection: .editor])
            let device = try TestDevice(server, "tab-07")
            let grants = try await device.join(code.lowercased().replacing("-", with: " "))
            #expect(grants.map { "\($0.name) \($0.role)" } == ["Wadi Amal editor"])
            #expect(try device.replica.name == "tab-07")

            // The first answer may be lost on the way: the same device may ask again.
            #expect(try await device.join(code) == grants)
            let other = try TestDevice(server, "tab-11")
            #expect(await failure { try await other.join(code) } == "code-used")
            #expect(
                await failure { try await other.join("7K3QX-00000-00000-00000") } == "code-unknown")
            #expect(await failure { try await other.sync() } == "configuration")
        }
    }

    @Test func `a device of another server uses no code up`() async throws {
        try await TestServer.run { first in
            try await TestServer.run { second in
                let (_, collection) = try await second.foundCollection()
                let code = try await second.invite("tab-07", [collection: .editor])
                let (stranger, _) = try await first.foundCollection()
                let elsewhere = ServerConnection(
                    replica: stranger.replica, transport: try second.transport())
                #expect(
                    await failure { _ = try await elsewhere.join(code: code) } == "configuration")
                #expect(
                    try await second.store.device(stranger.replica.id) == nil)
                let device = try TestDevice(second, "tab-07")
                #expect(try await device.join(code).count == 1)
            }
        }
    }

    @Test func `a code is good until it expires`() async throws {
        try await TestServer.run { server in
            let (_, collection) = try await server.foundCollection()
            let code = try await server.invite("tab-07", [collection: .editor], lasts: 0)
            let device = try TestDevice(server, "tab-07")
            #expect(await failure { try await device.join(code) } == "code-expired")
            // The first coordinator's too.
            let system = ServerEnvironment.system
            let past = ServerEnvironment(
                now: { system.now() - 1000 }, randomBytes: system.randomBytes)
            let founding = try await FounderInvitation.make(
                in: server.store, environment: past, name: nil, lifetime: 1)
            #expect(await failure { try await device.join(founding.code) } == "code-expired")
        }
    }

    @Test func `the founder makes a collection and invites over the network`() async throws {
        struct Collection: Decodable { var id: String }
        struct Invited: Decodable { var code: String }
        struct Wanted: Encodable {
            var name: String
            var grants: [String: String]
            var expires_in_ms: Int64
        }
        try await TestServer.run { server in
            let (founder, _) = try await server.foundCollection()
            let connection = ServerConnection(
                replica: founder.replica, transport: try server.transport())
            let made: Collection = try await connection.call(
                "POST", Exchange.collectionsPath, ["name": "Kerfalla", "kind": "roster"])
            let invited: Invited = try await connection.call(
                "POST", Exchange.invitationsPath,
                Wanted(name: "tab-11", grants: [made.id: "reader"], expires_in_ms: 86_400_000))
            let device = try TestDevice(server, "tab-11")
            let grants = try await device.join(invited.code)
            #expect(grants.map { "\($0.id) \($0.role)" } == ["\(made.id) reader"])

            let officer = ServerConnection(
                replica: device.replica, transport: try server.transport())
            let refused = await failure {
                let _: Collection = try await officer.call(
                    "POST", Exchange.collectionsPath, ["name": "Nordkai", "kind": "roster"])
            }
            #expect(refused == "not-permitted")
        }
    }

    @Test func `neither code nor name is in the log`() async throws {
        try await TestServer.run { server in
            let (founder, collection) = try await server.foundCollection()
            let code = try await server.invite("tab-07", [collection: .editor])
            let device = try TestDevice(server, "tab-07")
            try await device.join(code)
            try device.add("Nadia Amziane-Tifaouine", in: collection)
            try await device.sync()
            _ = try await server.answer("GET", "/v1/sync?code=\(code)")
            _ = try await server.answer("GET", "/\(code)")
            let text = server.lines.text
            #expect(text.contains("info request bytes_in="))
            #expect(text.contains("device=\(device.replica.id.abbreviated)"))
            #expect(text.contains("failure=unauthenticated method=GET route=/v1/sync status=401"))
            #expect(text.contains("route=other"))
            for secret in [
                code, "Nadia", "tab-07", "Wadi", device.replica.id.description,
                founder.replica.id.description,
            ] {
                #expect(!text.contains(secret))
            }
        }
    }
}

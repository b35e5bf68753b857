import Foundation
import SijilCore
import SijilSimulator
import SijilStore
import SijilSync

/// A replica in a file that can be copied and restored, enrolled with a world's server.
final class Home {
    private let folder: URL
    private let key: SigningKey
    private let chance: Chance

    init(in world: World) async throws {
        chance = Chance(seed: world.seed &+ 99)
        key = try SigningKey(seed: chance.bytes(32))
        folder = FileManager.default.temporaryDirectory
            .appending(component: "sijil-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let replica = try Replica.create(
            at: path("first"), name: "home", key: key, schema: .test, environment: environment)
        let code = InvitationCode(random: chance.bytes(20)).text
        try await world.store.addInvitation(
            Invitation(
                codeHash: InvitationCode.hash(code), name: "home",
                grants: [world.collection: .editor], isFounder: false, expiresAt: .max))
        let transport = SimulatedTransport(application: world.application)
        _ = try await ServerConnection(replica: replica, transport: transport).join(code: code)
        try replica.close()
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    private var environment: Environment {
        let chance = chance
        return Environment(now: { 1_780_000_000_000 }, randomBytes: { chance.bytes($0) })
    }

    func path(_ name: String) -> String { folder.appending(component: name).path }

    /// Opens one of the files; the one that joined is `first`.
    func open(_ name: String) throws -> Replica {
        try Replica.open(at: path(name), key: key, schema: .test, environment: environment)
    }

    /// Copies a file that is not open, with the same key.
    func copy(_ name: String, to other: String) throws {
        try FileManager.default.copyItem(atPath: path(name), toPath: path(other))
    }
}

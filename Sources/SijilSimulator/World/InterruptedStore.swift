import SijilCore
import SijilStore

/// Something to be done once, in the middle of something else.
// Unchecked: a world does one thing at a time.
final class Interruption: @unchecked Sendable {
    private var stepsLeft = 0
    private var action: (() async -> Void)?

    /// Does `action` when the next step but `steps` comes.
    func after(steps: Int, _ action: @escaping () async -> Void) {
        stepsLeft = steps
        self.action = action
    }

    func cancel() { action = nil }

    func step() async {
        guard let due = action else { return }
        guard stepsLeft == 0 else {
            stepsLeft -= 1
            return
        }
        action = nil
        await due()
    }
}

/// A log store between whose transactions others have their turn, as between those of a busy server.
struct InterruptedStore: LogStore {
    private let store: SQLiteLogStore
    private let between: Interruption

    init(_ store: SQLiteLogStore, _ between: Interruption) {
        self.store = store
        self.between = between
    }

    func setting(_ key: String) async throws -> [UInt8]? { try await store.setting(key) }

    func setOnce(_ key: String, _ value: [UInt8]) async throws {
        try await store.setOnce(key, value)
    }

    func device(_ replica: ReplicaID) async throws -> Device? { try await store.device(replica) }

    func devices() async throws -> [(device: Device, grants: [CollectionID: Role])] {
        try await store.devices()
    }

    func addInvitation(_ invitation: Invitation) async throws {
        try await store.addInvitation(invitation)
    }

    func enrol(
        codeHash: [UInt8], replica: ReplicaID, now: Int64,
        certify: @Sendable (_ name: String) -> Certificate
    ) async throws -> Device {
        try await store.enrol(codeHash: codeHash, replica: replica, now: now, certify: certify)
    }

    func revoke(_ replica: ReplicaID, by coordinator: ReplicaID?) async throws {
        try await store.revoke(replica, by: coordinator)
    }

    func createCollection(_ collection: ServerCollection, creator: ReplicaID) async throws {
        try await store.createCollection(collection, creator: creator)
    }

    func collection(_ id: CollectionID) async throws -> ServerCollection? {
        await between.step()
        return try await store.collection(id)
    }

    func collections() async throws -> [ServerCollection] { try await store.collections() }

    func grants(
        of replica: ReplicaID
    ) async throws -> [(collection: ServerCollection, role: Role)] {
        await between.step()
        return try await store.grants(of: replica)
    }

    func setGrant(
        _ role: Role?, of replica: ReplicaID, in collection: CollectionID,
        by coordinator: ReplicaID?
    ) async throws {
        try await store.setGrant(role, of: replica, in: collection, by: coordinator)
    }

    func extent(of collection: CollectionID) async throws -> LogExtent? {
        try await store.extent(of: collection)
    }

    func heads(
        of authors: Set<ReplicaID>, in collection: CollectionID
    ) async throws -> [ReplicaID: AuthorHead] {
        await between.step()
        return try await store.heads(of: authors, in: collection)
    }

    func bytes(of dot: Dot, in collection: CollectionID) async throws -> [UInt8]? {
        try await store.bytes(of: dot, in: collection)
    }

    func append(
        _ changes: [LoggedChange], to collection: CollectionID, expecting: AuthorHead?
    ) async throws -> UInt64? {
        await between.step()
        return try await store.append(changes, to: collection, expecting: expecting)
    }

    func changes(
        in collection: CollectionID, after position: UInt64, byteLimit: Int
    ) async throws -> [LoggedChange] {
        await between.step()
        return try await store.changes(in: collection, after: position, byteLimit: byteLimit)
    }
}

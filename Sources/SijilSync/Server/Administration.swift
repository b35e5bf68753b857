import SijilCore
import SijilStore

/// What a coordinator may do over the network: each call checks the device's own rights.
struct Administration: Sendable {
    let store: any LogStore
    let environment: ServerEnvironment
    let device: Device

    static func describe(
        _ grant: (collection: ServerCollection, role: Role)
    ) -> Exchange.Collection {
        Exchange.Collection(
            id: grant.collection.id.description, name: grant.collection.name,
            kind: grant.collection.kind, role: grant.role.rawValue)
    }

    private func coordinated() async throws -> [CollectionID: ServerCollection] {
        var result: [CollectionID: ServerCollection] = [:]
        for (collection, role) in try await store.grants(of: device.certificate.replica)
        where role == .coordinator { result[collection.id] = collection }
        return result
    }

    private static func check(name: String) throws(SijilError) {
        guard name.isDisplayName else {
            throw SijilError(
                .badData,
                "A name must have 1 to \(Limits.displayNameBytes) bytes and no control characters.")
        }
    }

    func collections() async throws -> Exchange.Collections {
        Exchange.Collections(
            collections: try await store.grants(of: device.certificate.replica)
                .map(Self.describe))
    }

    func create(_ new: Exchange.NewCollection) async throws -> Exchange.Collection {
        guard device.isFounder else {
            throw SijilError(
                .notPermitted, "Only the device that set the server up makes collections.",
                hint: "Ask whoever ran 'sijil-server init'.")
        }
        try Self.check(name: new.name)
        guard collectionKinds.contains(new.kind) else {
            throw SijilError(
                .badData,
                "A collection's kind is one of: \(collectionKinds.joined(separator: ", ")).")
        }
        let collection = ServerCollection(
            id: environment.newIdentifier(), name: new.name, kind: new.kind)
        try await store.createCollection(collection, creator: device.certificate.replica)
        return Self.describe((collection, .coordinator))
    }

    func invite(_ new: Exchange.NewInvitation) async throws -> Exchange.Invited {
        try Self.check(name: new.name)
        let coordinated = try await coordinated()
        var grants: [CollectionID: Role] = [:]
        for (text, role) in new.grants {
            guard let id = CollectionID(text), coordinated[id] != nil else {
                throw SijilError.noRightThere
            }
            grants[id] = try Self.role(role)
        }
        guard !grants.isEmpty else {
            throw SijilError(.badData, "An invitation grants at least one collection.")
        }
        guard (1...365 * 86_400_000).contains(new.expires_in_ms) else {
            throw SijilError(.badData, "An invitation lasts at most a year.")
        }
        let code = InvitationCode(random: environment.randomBytes(20))
        let expiresAt = environment.now() + new.expires_in_ms
        try await store.addInvitation(
            Invitation(
                codeHash: InvitationCode.hash(code.text), name: new.name, grants: grants,
                isFounder: false, expiresAt: expiresAt, issuer: device.certificate.replica))
        return Exchange.Invited(code: code.text, expires_at: expiresAt)
    }

    private static func role(_ text: String) throws(SijilError) -> Role {
        guard let role = Role(rawValue: text), role != .withdrawn else {
            throw SijilError(.badData, "A role is one of: reader, editor, coordinator.")
        }
        return role
    }

    /// The devices that share a collection which this one coordinates; all of them for the founder.
    func devices() async throws -> Exchange.Devices {
        let coordinated = try await coordinated()
        guard device.isFounder || !coordinated.isEmpty else { throw SijilError.noRightThere }
        var result: [Exchange.Device] = []
        for (other, grants) in try await store.devices() {
            let shared = grants.filter { device.isFounder || coordinated[$0.key] != nil }
            guard device.isFounder || !shared.isEmpty else { continue }
            result.append(
                Exchange.Device(
                    replica: other.certificate.replica.description,
                    name: other.certificate.name, enrolled_at: other.certificate.issuedAt,
                    revoked: other.isRevoked,
                    grants: Dictionary(
                        uniqueKeysWithValues: shared.map { ($0.key.description, $0.value.rawValue) }
                    )))
        }
        return Exchange.Devices(devices: result)
    }

    func revoke(_ revocation: Exchange.Revocation) async throws -> Exchange.Done {
        let replica = try Self.replica(revocation.replica)
        try await store.revoke(replica, by: device.certificate.replica)
        return Exchange.Done(done: true)
    }

    /// A collection never loses its last coordinator by this; where that one was revoked, a founder may name
    /// another.
    func grant(_ grant: Exchange.Grant) async throws -> Exchange.Done {
        guard let id = CollectionID(grant.collection) else { throw SijilError.noRightThere }
        let replica = try Self.replica(grant.replica)
        let role = try grant.role.map(Self.role)
        try await store.setGrant(role, of: replica, in: id, by: device.certificate.replica)
        return Exchange.Done(done: true)
    }

    private static func replica(_ text: String) throws(SijilError) -> ReplicaID {
        guard let replica = ReplicaID(text) else {
            throw SijilError(.badData, "A replica is named by its 32 hexadecimal digits.")
        }
        return replica
    }
}

extension String {
    /// Whether a device or a collection may be called so: 1 to ``Limits/displayNameBytes`` bytes, no control
    /// characters.
    package var isDisplayName: Bool {
        !isEmpty && utf8.count <= Limits.displayNameBytes
            && !unicodeScalars.contains { $0.properties.generalCategory == .control }
    }
}

import SijilCore
public import SijilStore
public import SijilSync

/// The invitation of the first coordinator, who makes the collections.
public struct FounderInvitation: Sendable {
    /// What the person types.
    ///
    /// It is kept nowhere: only its hash is in the store.
    public let code: String
    /// Milliseconds since 1970.
    public let expiresAt: Int64

    /// Adds one more; those made before stay good.
    ///
    /// `name` is what the device will be called, `nil` as it calls itself; `lifetime` is in milliseconds, at most a year.
    ///
    /// - Throws: `usage` for a name or a lifetime that cannot be.
    public static func make(
        in store: any LogStore, environment: ServerEnvironment, name: String?, lifetime: Int64
    ) async throws -> FounderInvitation {
        guard name?.isDisplayName ?? true else {
            throw SijilError(
                .usage,
                "A name must have 1 to \(Limits.displayNameBytes) bytes and no control characters.")
        }
        guard (1...365 * 86_400_000).contains(lifetime) else {
            throw SijilError(.usage, "A code lasts at most a year.")
        }
        let code = InvitationCode(random: environment.randomBytes(20))
        let expiresAt = environment.now() + lifetime
        try await store.addInvitation(
            Invitation(
                codeHash: InvitationCode.hash(code.text), name: name ?? "", grants: [:],
                isFounder: true, expiresAt: expiresAt))
        return FounderInvitation(code: code.text, expiresAt: expiresAt)
    }
}

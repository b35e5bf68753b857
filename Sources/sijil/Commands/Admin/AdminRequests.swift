/// The bodies of a coordinator's requests, as the server's `Exchange` reads them.
enum AdminRequest {
    struct NewCollection: Encodable {
        var name: String
        var kind: String
    }

    struct NewInvitation: Encodable {
        var name: String
        /// Collection id → role.
        var grants: [String: String]
        var expires_in_ms: Int64
    }

    struct Revocation: Encodable {
        var replica: String
    }

    struct Grant: Encodable {
        var replica: String
        var collection: String
        /// `nil` takes the grant away.
        var role: String?
    }
}

public import SijilCore

/// The JSON bodies of everything but the sync itself.
///
/// Shared by both sides, so that they cannot differ.
public enum Exchange {
    public static let syncPath = "/v1/sync"
    public static let joinPath = "/v1/join"
    public static let collectionsPath = "/v1/admin/collections"
    public static let invitationsPath = "/v1/admin/invitations"
    public static let devicesPath = "/v1/admin/devices"
    public static let revocationsPath = "/v1/admin/revocations"
    public static let grantsPath = "/v1/admin/grants"

    public struct Failure: Codable, Sendable {
        public struct Content: Codable, Sendable {
            public var code: String
            public var message: String
            public var hint: String?
        }

        public var error: Content

        public init(_ error: SijilError) {
            self.error = Content(
                code: error.code.rawValue, message: error.message, hint: error.hint)
        }
    }

    public struct Collection: Codable, Sendable {
        public var id: String
        public var name: String
        public var kind: String
        public var role: String
    }

    public struct Join: Codable, Sendable {
        public var code: String
        /// Base64.
        public var public_key: String
        /// What the device calls itself: its name where the invitation says none.
        public var name: String?
        /// Base64 of the authority that the device has pinned, if it has: no other takes its code.
        public var authority: String?
    }

    public struct Joined: Codable, Sendable {
        /// Base64 of the certificate's bytes.
        public var certificate: String
        /// Base64 of the authority's public key.
        public var authority: String
        public var epoch: String
        public var server_time: Int64
        public var collections: [Collection]
    }

    public struct NewCollection: Codable, Sendable {
        public var name: String
        public var kind: String

        public init(name: String, kind: String) {
            self.name = name
            self.kind = kind
        }
    }

    public struct Collections: Codable, Sendable {
        public var collections: [Collection]
    }

    public struct NewInvitation: Codable, Sendable {
        public var name: String
        /// Collection id → role.
        public var grants: [String: String]
        public var expires_in_ms: Int64

        public init(name: String, grants: [String: String], expires_in_ms: Int64) {
            self.name = name
            self.grants = grants
            self.expires_in_ms = expires_in_ms
        }
    }

    public struct Invited: Codable, Sendable {
        public var code: String
        /// Milliseconds since 1970 by the server's clock.
        public var expires_at: Int64
    }

    public struct Device: Codable, Sendable {
        public var replica: String
        public var name: String
        public var enrolled_at: Int64
        public var revoked: Bool
        /// Collection id → role.
        public var grants: [String: String]
    }

    public struct Devices: Codable, Sendable {
        public var devices: [Device]
    }

    public struct Revocation: Codable, Sendable {
        public var replica: String

        public init(replica: String) { self.replica = replica }
    }

    public struct Grant: Codable, Sendable {
        public var replica: String
        public var collection: String
        /// `nil` takes the grant away.
        public var role: String?

        public init(replica: String, collection: String, role: String?) {
            self.replica = replica
            self.collection = collection
            self.role = role
        }
    }

    public struct Done: Codable, Sendable {
        public var done: Bool
    }
}

/// The collection kinds that there are.
public let collectionKinds = ["roster", "practices"]

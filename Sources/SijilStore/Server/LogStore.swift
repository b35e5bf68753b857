public import SijilCore

/// A collection as the server keeps it.
public struct ServerCollection: Hashable, Sendable {
    public var id: CollectionID
    public var name: String
    /// `roster` or `practices`.
    public var kind: String
    /// The highest position given out; positions are 1, 2, 3 … without gaps.
    public var head: UInt64

    public init(id: CollectionID, name: String, kind: String, head: UInt64 = 0) {
        self.id = id
        self.name = name
        self.kind = kind
        self.head = head
    }
}

/// A device as the server knows it.
public struct Device: Hashable, Sendable {
    public var certificate: Certificate
    /// May make collections.
    public var isFounder: Bool
    public var isRevoked: Bool

    public init(certificate: Certificate, isFounder: Bool, isRevoked: Bool = false) {
        self.certificate = certificate
        self.isFounder = isFounder
        self.isRevoked = isRevoked
    }
}

/// An invitation at rest: the code itself is not kept, only its hash.
public struct Invitation: Hashable, Sendable {
    public var codeHash: [UInt8]
    /// What the device will be called; empty where it says so itself.
    public var name: String
    public var grants: [CollectionID: Role]
    public var isFounder: Bool
    /// Milliseconds since 1970 by the server's clock.
    public var expiresAt: Int64
    /// The device whose right it is to grant this; `nil` for the server itself.
    public var issuer: ReplicaID?

    public init(
        codeHash: [UInt8], name: String, grants: [CollectionID: Role], isFounder: Bool,
        expiresAt: Int64, issuer: ReplicaID? = nil
    ) {
        self.codeHash = codeHash
        self.name = name
        self.grants = grants
        self.isFounder = isFounder
        self.expiresAt = expiresAt
        self.issuer = issuer
    }
}

/// An author's place in a collection's log.
public struct AuthorHead: Hashable, Sendable {
    public var sequence: UInt64
    public var hash: ChainHash

    public init(sequence: UInt64, hash: ChainHash) {
        self.sequence = sequence
        self.hash = hash
    }
}

/// One change as the server's log keeps it.
public struct LoggedChange: Hashable, Sendable {
    public var dot: Dot
    public var bytes: [UInt8]
    /// Present on the last change of each run.
    public var signature: [UInt8]?
    /// The chain hash.
    public var hash: ChainHash
    /// The records that it erases; only what is appended tells them.
    public var erases: [ErasedRecord]

    public init(
        dot: Dot, bytes: [UInt8], signature: [UInt8]?, hash: ChainHash,
        erases: [ErasedRecord] = []
    ) {
        self.dot = dot
        self.bytes = bytes
        self.signature = signature
        self.hash = hash
        self.erases = erases
    }
}

/// A record by what names it in its collection.
public struct ErasedRecord: Hashable, Sendable {
    public var id: RecordID
    public var type: String

    public init(id: RecordID, type: String) {
        self.id = id
        self.type = type
    }
}

/// Which positions a collection's log holds.
///
/// The log is gap-free when `first` is 1 and `count` equals `last`.
public struct LogExtent: Hashable, Sendable {
    public var first: UInt64
    public var last: UInt64
    public var count: UInt64

    public init(first: UInt64, last: UInt64, count: UInt64) {
        self.first = first
        self.last = last
        self.count = count
    }
}

/// Where a server keeps its logs, devices, grants and invitations.
///
/// Every method is one transaction. Positions are given in ``append(_:to:expecting:)`` under a lock on the
/// collection: gap-free and in the order of commits, also with several server processes.
/// `Tests/SijilStoreTests/LogStoreContract.swift` is what every implementation must pass.
public protocol LogStore: Sendable {
    // MARK: Authority

    /// A named value that was set once, e.g. the authority's key, the epoch; `nil` when it was not.
    func setting(_ key: String) async throws -> [UInt8]?
    /// Sets a named value; an existing one stays.
    func setOnce(_ key: String, _ value: [UInt8]) async throws

    // MARK: Devices and invitations

    func device(_ replica: ReplicaID) async throws -> Device?
    func devices() async throws -> [(device: Device, grants: [CollectionID: Role])]
    func addInvitation(_ invitation: Invitation) async throws
    /// Uses an invitation up and enrols the device with what it grants, at once.
    ///
    /// Idempotent for the same device: a second try with the same code and key gives the same certificate,
    /// for a device whose first answer was lost on the way, unless it was revoked since.
    ///
    /// An invitation is worth what its issuer may grant at this moment: of the collections that the issuer no
    /// longer coordinates nothing is granted. It never lowers a role that the device holds.
    ///
    /// - Parameter certify: makes the certificate, given the invitation's name.
    /// - Throws: `codeUnknown`, `codeUsed`; `notPermitted` for a device that was revoked, whatever the code; `codeExpired`
    ///   also when the issuer was revoked or may grant none of it.
    func enrol(
        codeHash: [UInt8], replica: ReplicaID, now: Int64,
        certify: @Sendable (_ name: String) -> Certificate
    ) async throws -> Device
    /// Lets a device sync no more.
    ///
    /// - Parameter coordinator: whose right it must be, at this moment: a founder's, or that of who coordinates all that
    ///   the device may see, and not the device itself; `nil` for the server.
    /// - Throws: `notPermitted`; `notFound` for a device that nobody knows.
    func revoke(_ replica: ReplicaID, by coordinator: ReplicaID?) async throws

    // MARK: Collections and grants

    /// Makes a collection whose first coordinator is `creator`.
    func createCollection(_ collection: ServerCollection, creator: ReplicaID) async throws
    func collection(_ id: CollectionID) async throws -> ServerCollection?
    /// All collections, by name.
    func collections() async throws -> [ServerCollection]
    /// What a device was granted, by name of the collection.
    func grants(
        of replica: ReplicaID
    ) async throws -> [(collection: ServerCollection, role: Role)]
    /// Gives a device a role, or takes it away with `nil`.
    ///
    /// - Parameter coordinator: whose right it must be, at this moment: that of who coordinates the collection, a
    ///   founder's where nobody does. A collection does not lose its last coordinator then. `nil` for the server
    ///   itself.
    /// - Throws: `notPermitted`; `notFound` for a device or a collection that nobody knows.
    func setGrant(
        _ role: Role?, of replica: ReplicaID, in collection: CollectionID,
        by coordinator: ReplicaID?
    ) async throws

    // MARK: Logs

    /// What is in a collection's log, counted; `nil` for an empty one.
    func extent(of collection: CollectionID) async throws -> LogExtent?
    func heads(
        of authors: Set<ReplicaID>, in collection: CollectionID
    ) async throws -> [ReplicaID: AuthorHead]
    /// The bytes of one change, to tell a repeated one from a forged one; something may be erased from them.
    func bytes(of dot: Dot, in collection: CollectionID) async throws -> [UInt8]?
    /// Appends changes of one author if the author's head is still `expecting`.
    ///
    /// When they erase records, what the log holds of those goes with it, and what comes of them later is not
    /// kept: of such changes the log has what ``SijilCore/ChangeBytes/erasing(using:where:)`` leaves.
    ///
    /// - Returns: the position of the first, or `nil` when another request was quicker: read the head again.
    func append(
        _ changes: [LoggedChange], to collection: CollectionID, expecting: AuthorHead?
    ) async throws -> UInt64?
    /// Changes after a position, in order, whole runs, until `byteLimit` is passed; at least one run when
    /// there is any. Ends before a run that is not whole yet.
    func changes(
        in collection: CollectionID, after position: UInt64, byteLimit: Int
    ) async throws -> [LoggedChange]
}

extension LogStore {
    public func revoke(_ replica: ReplicaID) async throws { try await revoke(replica, by: nil) }

    public func setGrant(
        _ role: Role?, of replica: ReplicaID, in collection: CollectionID
    ) async throws {
        try await setGrant(role, of: replica, in: collection, by: nil)
    }
}

extension SijilError {
    /// For what others than coordinators ask, and for what there is not: the answers must not differ.
    package static var noRightThere: SijilError {
        SijilError(
            .notPermitted, "Only a coordinator of the collection may do that.",
            hint: "'sijil collections' shows the roles of this replica.")
    }
}

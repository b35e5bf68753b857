public import SijilCore
public import SijilStore
public import SijilSync

/// Replays a collection's log as a replica would: every hash, chain and signature is checked again, and that
/// no position is missing.
///
/// Reads up to the head that the log had when the check began; requests may go on meanwhile.
public struct LogCheck: Sendable {
    /// Something that does not hold, and where.
    public struct Problem: Hashable, Sendable, Encodable {
        public var replica: String?
        public var sequence: UInt64?
        public var what: String
    }

    /// What a replica that holds the whole log would say of it.
    public struct Outcome: Sendable {
        public var digest: StateDigest
        /// Living records.
        public var records: Int
        public var changes: Int
        /// The first one found, if any; after it nothing more can be said of the log.
        public var problems: [Problem]
    }

    private let store: any LogStore
    private let authority: Authority
    private let environment: ServerEnvironment

    public init(store: any LogStore, authority: Authority, environment: ServerEnvironment) {
        self.store = store
        self.authority = authority
        self.environment = environment
    }

    /// - Throws: only when the store does not answer; what does not hold is in the outcome.
    public func check(_ collection: ServerCollection) async throws -> Outcome {
        let replica = try makeReplica(for: collection)
        defer { try? replica.close() }
        var problems: [Problem] = []
        do {
            try await checkExtent(of: collection)
            try await takeCertificates(replica, collection.id)
            try await replay(collection, in: replica)
        } catch let problem as Found {
            problems.append(problem.problem)
        }
        let summary = try replica.collections().first { $0.grant.id == collection.id }
        return Outcome(
            digest: summary?.digest ?? StateDigest(), records: summary?.records ?? 0,
            changes: summary?.changes ?? 0, problems: problems)
    }

    private struct Found: Error {
        var problem: Problem

        init(_ what: String, _ dot: Dot? = nil) {
            problem = Problem(
                replica: dot?.replica.description, sequence: dot?.sequence, what: what)
        }
    }

    /// A replica in memory without record types: the digest does not depend on them.
    private func makeReplica(for collection: ServerCollection) throws -> Replica {
        let key = try SigningKey(seed: environment.randomBytes(32))
        let replica = try Replica.create(
            at: nil, name: "check", key: key, schema: Schema([]),
            environment: Environment(
                now: environment.now, randomBytes: environment.randomBytes))
        try replica.setGrants([
            CollectionGrant(
                id: collection.id, name: collection.name, kind: collection.kind, role: .reader)
        ])
        var certificate = Certificate(
            replica: replica.id, publicKey: key.publicKey, name: "check",
            issuedAt: environment.now())
        certificate.signature = authority.key.sign(certificate.signedMessage)
        try replica.pin(authority: authority.key.publicKey, own: certificate)
        return replica
    }

    private func checkExtent(of collection: ServerCollection) async throws {
        guard let extent = try await store.extent(of: collection.id) else {
            if collection.head == 0 { return }
            throw Found("The log is empty, but positions were given.")
        }
        guard extent.first == 1, extent.count == extent.last, extent.last >= collection.head else {
            throw Found("Positions are missing from the log.")
        }
    }

    private func takeCertificates(_ replica: Replica, _ collection: CollectionID) async throws {
        for (device, _) in try await store.devices() {
            do {
                try replica.receive([], certificates: [device.certificate], in: collection)
            } catch let error as SijilError {
                throw Found(error.message, Dot(replica: device.certificate.replica, sequence: 0))
            }
        }
    }

    private func replay(_ collection: ServerCollection, in replica: Replica) async throws {
        var chain = Chain(collection: collection.id, head: collection.head)
        var position: UInt64 = 0
        while position < collection.head {
            let changes =
                try await store.changes(
                    in: collection.id, after: position, byteLimit: Limits.pieceBytes
                )
                .prefix(Int(clamping: collection.head - position))
            guard !changes.isEmpty else {
                throw Found("The log ends early, or its last change has no signature.")
            }
            for change in changes { try chain.add(change) }
            for delivery in try Self.deliveries(changes, after: position) {
                try receive(delivery, in: collection.id, replica)
            }
            position += UInt64(changes.count)
        }
        let held = try replica.collections().reduce(0) { $0 + $1.held }
        guard held == 0 else {
            throw Found("\(held) changes have seen what the log does not hold.")
        }
        try await checkHeads(chain)
        try await checkErased(chain, replica)
    }

    /// Only what was erased may be missing from a change.
    private func checkErased(_ chain: Chain, _ replica: Replica) async throws {
        for (record, dot) in chain.erased.sorted(by: { $0.value < $1.value })
        where try !replica.isErased(record, in: chain.collection) {
            // It may have been erased since the check began: what erases it lies behind.
            let head = try await store.collection(chain.collection)?.head ?? 0
            guard head == chain.head else { return }
            throw Found("Something was taken out of a change, and nobody erased it.", dot)
        }
    }

    private func receive(
        _ delivery: Delivery, in collection: CollectionID, _ replica: Replica
    ) throws {
        do {
            let report = try replica.receive([delivery], in: collection, cursor: delivery.position)
            guard !report.hasReduced else {
                throw Found("The log still holds what was erased.")
            }
        } catch let error as SijilError {
            guard case .run(let run) = delivery.content else { throw error }
            throw Found(error.message, Dot(replica: run.author, sequence: run.first))
        }
    }

    /// Whole runs, each with its position.
    private static func deliveries(
        _ changes: ArraySlice<LoggedChange>, after position: UInt64
    ) throws -> [Delivery] {
        var deliveries: [Delivery] = []
        var run: SignedRun?
        for (index, change) in changes.enumerated() {
            if run == nil {
                run = SignedRun(
                    author: change.dot.replica, first: change.dot.sequence, changes: [],
                    signature: [])
            }
            guard run!.author == change.dot.replica,
                run!.first + UInt64(run!.changes.count) == change.dot.sequence
            else { throw Found("A run has no signature.", change.dot) }
            run!.changes.append(change.bytes)
            if let signature = change.signature {
                run!.signature = signature
                let first = position + UInt64(index + 2 - run!.changes.count)
                deliveries.append(Delivery(position: first, .run(run!)))
                run = nil
            }
        }
        return deliveries
    }

    /// What the server takes for the last change of each author must be that.
    private func checkHeads(_ chain: Chain) async throws {
        let heads = try await store.heads(of: Set(chain.heads.keys), in: chain.collection)
        for (author, head) in chain.heads {
            let stored = heads[author]
            guard let stored, stored.sequence > head.sequence || stored == head else {
                throw Found(
                    "The server's note of an author's last change is wrong.",
                    Dot(replica: author, sequence: head.sequence))
            }
        }
    }

    /// The hashes as they must be, compared with those that the store keeps.
    private struct Chain {
        let collection: CollectionID
        /// The last position that is looked at.
        let head: UInt64
        var heads: [ReplicaID: AuthorHead] = [:]
        /// Records of which something is missing, each with the first change that lacks it.
        var erased: [RecordID: Dot] = [:]

        mutating func add(_ change: LoggedChange) throws {
            let head = heads[change.dot.replica]
            guard change.dot.sequence == (head?.sequence ?? 0) + 1 else {
                throw Found("An author's changes are not in order.", change.dot)
            }
            let hash: ChainHash
            do {
                let bytes = try ChangeBytes(change.bytes)
                for record in bytes.erasedRecords where erased[record] == nil {
                    erased[record] = change.dot
                }
                hash = bytes.hash(
                    in: ChainPlace(
                        collection: collection, dot: change.dot, previous: head?.hash ?? .start),
                    using: sha256)
            } catch {
                throw Found(error.message, change.dot)
            }
            guard hash == change.hash else {
                throw Found("The change is not the one that was logged.", change.dot)
            }
            heads[change.dot.replica] = AuthorHead(sequence: change.dot.sequence, hash: hash)
        }
    }
}

public import SijilCore
public import SijilStore

/// The server's side of a sync: checks what a device pushes, gives positions, serves what comes after a
/// cursor. Holds no state of its own: everything is in the store.
///
/// Checked before a change is logged: its author is enrolled, not revoked and may write there; the change
/// can be read; it is the next of its author; hash chain and signature hold; what it has seen is in the
/// log. A push with one bad run is refused from that run on, with the reason; other collections go on.
public struct SyncServer: Sendable {
    let store: any LogStore
    let authority: Authority
    let environment: ServerEnvironment

    public init(store: any LogStore, authority: Authority, environment: ServerEnvironment) {
        self.store = store
        self.authority = authority
        self.environment = environment
    }

    /// Answers one request of an enrolled device. Idempotent.
    public func answer(
        _ request: SyncRequest, from device: ReplicaID
    ) async throws -> SyncResponse {
        let granted = try await store.grants(of: device)
        let grants = granted.map {
            CollectionGrant(
                id: $0.collection.id, name: $0.collection.name, kind: $0.collection.kind,
                role: $0.role)
        }
        let mayRead = Set(grants.map(\.id))
        var budget = Limits.pieceBytes
        var parts: [SyncResponse.Part] = []
        var answered = Set<CollectionID>()
        for part in request.parts where mayRead.contains(part.collection) {
            guard answered.insert(part.collection).inserted else {
                throw SijilError(.badData, "A request names a collection twice.")
            }
            let refusal = try await push(part)
            var answer = try await pull(part, for: device, &budget)
            answer.refusal = refusal
            parts.append(answer)
        }
        return SyncResponse(
            epoch: authority.epoch, serverTime: environment.now(),
            grants: GrantsTag.of(grants) == request.grantsTag ? nil : grants, parts: parts)
    }

    // MARK: Push

    private func push(_ part: SyncRequest.Part) async throws -> SyncResponse.Refusal? {
        for run in part.runs {
            do {
                try await push(run, to: part.collection)
            } catch let error as SijilError where Self.refusals.contains(error.code) {
                return SyncResponse.Refusal(
                    dot: Dot(replica: run.author, sequence: run.first), code: error.code)
            }
        }
        return nil
    }

    private static let refusals: Set<SijilError.Code> = [
        .notPermitted, .fork, .unseen, .notAuthentic, .badData, .futureVersion,
    ]

    private func push(_ run: SignedRun, to collection: CollectionID) async throws {
        let key = try await keyOfWriter(run.author, in: collection)
        // Another request of the same author may be quicker: look again, a few times.
        for _ in 0..<8 {
            let head = try await store.heads(of: [run.author], in: collection)[run.author]
            let changes = try await check(run, after: head, in: collection, key)
            if changes.isEmpty { return }
            if try await store.append(changes, to: collection, expecting: head) != nil { return }
        }
        throw SijilError(.tryAgain, "Another request of this device is under way.")
    }

    private func keyOfWriter(
        _ author: ReplicaID, in collection: CollectionID
    ) async throws -> [UInt8] {
        guard let device = try await store.device(author), !device.isRevoked,
            let role = try await store.grants(of: author)
                .first(where: { $0.collection.id == collection })?.role, role.mayWrite
        else { throw SijilError(.notPermitted, "The author may not write to this collection.") }
        return device.certificate.publicKey
    }

    /// The changes of a run that are news, checked.
    private func check(
        _ run: SignedRun, after head: AuthorHead?, in collection: CollectionID, _ key: [UInt8]
    ) async throws -> [LoggedChange] {
        let sequence = head?.sequence ?? 0
        guard run.first <= sequence + 1 else {
            throw SijilError(.unseen, "An author's earlier changes are missing.")
        }
        let known = min(Int(sequence + 1 - run.first), run.changes.count)
        for index in 0..<known {
            let dot = Dot(replica: run.author, sequence: run.first + UInt64(index))
            guard try await store.bytes(of: dot, in: collection) == run.changes[index] else {
                throw SijilError(.fork, "Two different changes carry one name.")
            }
        }
        guard known < run.changes.count else { return [] }

        var hash = head?.hash ?? .start
        var changes: [LoggedChange] = []
        var seen = VersionVector()
        for (index, bytes) in run.changes.enumerated().dropFirst(known) {
            let change = try ChangeBytes(bytes)
            let dot = Dot(replica: run.author, sequence: run.first + UInt64(index))
            hash = change.hash(
                in: ChainPlace(collection: collection, dot: dot, previous: hash), using: sha256)
            changes.append(
                LoggedChange(
                    dot: dot, bytes: bytes,
                    signature: index == run.changes.count - 1 ? run.signature : nil, hash: hash))
            seen.merge(change.change.seen)
        }
        guard isValidSignature(run.signature, over: SignedRun.signedMessage(hash), by: key) else {
            throw SijilError(.notAuthentic, "A signature does not hold.")
        }
        let heads = try await store.heads(of: Set(seen.entries.keys), in: collection)
        for (author, sequence) in seen.entries
        where author == run.author || sequence > heads[author]?.sequence ?? 0 {
            throw SijilError(.unseen, "A change has seen what the server has not.")
        }
        return changes
    }

    // MARK: Pull

    private func pull(
        _ part: SyncRequest.Part, for device: ReplicaID, _ budget: inout Int
    ) async throws -> SyncResponse.Part {
        let head = try await store.collection(part.collection)?.head ?? 0
        var answer = SyncResponse.Part(
            collection: part.collection, cursor: part.cursor, hasMore: part.cursor < head)
        guard part.cursor < head, budget > 0 else { return answer }
        let changes = try await store.changes(
            in: part.collection, after: part.cursor, byteLimit: budget)
        for change in changes {
            answer.cursor += 1
            if change.dot.replica == device {
                Self.add(known: change.dot, at: answer.cursor, to: &answer.deliveries)
                continue
            }
            budget -= change.bytes.count
            if change.dot.sequence == 1, let author = try await store.device(change.dot.replica) {
                answer.certificates.append(author.certificate)
            }
            Self.add(change, at: answer.cursor, to: &answer.deliveries)
        }
        answer.hasMore = answer.cursor < head
        return answer
    }

    private static func add(
        known dot: Dot, at position: UInt64, to deliveries: inout [Delivery]
    ) {
        if let last = deliveries.last,
            case .known(dot.replica, let first, let count) = last.content,
            first + count == dot.sequence
        {
            deliveries[deliveries.count - 1].content =
                .known(author: dot.replica, first: first, count: count + 1)
        } else {
            deliveries.append(
                Delivery(
                    position: position,
                    .known(author: dot.replica, first: dot.sequence, count: 1)))
        }
    }

    /// Joins the change to the run before it while that has no signature yet, or is of the same author: the
    /// last signature then covers both.
    private static func add(
        _ change: LoggedChange, at position: UInt64, to deliveries: inout [Delivery]
    ) {
        let signature = change.signature ?? []
        if let last = deliveries.last, case .run(var run) = last.content,
            run.author == change.dot.replica, run.last + 1 == change.dot.sequence
        {
            run.changes.append(change.bytes)
            run.signature = signature
            deliveries[deliveries.count - 1].content = .run(run)
        } else {
            deliveries.append(
                Delivery(
                    position: position,
                    .run(
                        SignedRun(
                            author: change.dot.replica, first: change.dot.sequence,
                            changes: [change.bytes], signature: signature))))
        }
    }
}

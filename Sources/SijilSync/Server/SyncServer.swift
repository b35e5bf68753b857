public import SijilCore
public import SijilStore

/// The server's side of a sync: checks what a device pushes, gives positions, serves what comes after a
/// cursor.
///
/// Holds no state of its own: everything is in the store.
///
/// Checked before a change is logged: its author is enrolled, not revoked and may write there, and is a
/// coordinator if it erases; the change can be read; it is the next of its author; hash chain and signature hold; what it has seen is in the
/// log. A bad run is refused, with the reason, and so are those that build on it; all else goes on.
///
/// A replica that has seen more of a log than there is shows that the server was restored from an old copy.
/// Such a request is refused whole, before anything of it is logged: else positions would be given twice.
public struct SyncServer: Sendable {
    let store: any LogStore
    let authority: Authority
    let environment: ServerEnvironment

    public init(store: any LogStore, authority: Authority, environment: ServerEnvironment) {
        self.store = store
        self.authority = authority
        self.environment = environment
    }

    /// Answers one request of an enrolled device.
    ///
    /// Idempotent.
    ///
    /// - Throws: `protocolMismatch` when a cursor is beyond the log, `badData` for a collection named twice,
    ///   `tryAgain` when other requests were in the way, and what the store throws.
    public func answer(
        _ request: SyncRequest, from device: ReplicaID
    ) async throws -> SyncResponse {
        let granted = try await store.grants(of: device)
        let grants = granted.map {
            CollectionGrant(
                id: $0.collection.id, name: $0.collection.name, kind: $0.collection.kind,
                role: $0.role)
        }
        let heads = Dictionary(granted.map { ($0.collection.id, $0.collection.head) }) {
            max($0, $1)
        }
        let asked = request.parts.filter { heads[$0.collection] != nil }
        try Self.check(asked, against: heads)
        var budget = Limits.pieceBytes
        var parts: [SyncResponse.Part] = []
        for part in asked {
            let refusal = try await push(part)
            var answer = try await pull(
                Question(
                    collection: part.collection, cursor: part.cursor, device: device,
                    byteLimit: budget))
            answer.refusal = refusal
            budget -= answer.deliveredBytes
            parts.append(answer)
        }
        return SyncResponse(
            epoch: authority.epoch, serverTime: environment.now(),
            grants: GrantsTag.of(grants) == request.grantsTag ? nil : grants, parts: parts)
    }

    private static func check(
        _ parts: [SyncRequest.Part], against heads: [CollectionID: UInt64]
    ) throws(SijilError) {
        var collections = Set<CollectionID>()
        for part in parts {
            guard collections.insert(part.collection).inserted else {
                throw SijilError(.badData, "A request names a collection twice.")
            }
            guard part.cursor <= heads[part.collection] ?? 0 else {
                throw SijilError(
                    .protocolMismatch, "The server's log is older than what this replica has.",
                    hint: "The server was restored from an old copy: tell its operator. "
                        + "Nothing was changed.")
            }
        }
    }

    // MARK: Push

    /// - Returns: the first run that was refused; what does not build on it was taken all the same.
    private func push(_ part: SyncRequest.Part) async throws -> SyncResponse.Refusal? {
        var refusal: SyncResponse.Refusal?
        for bytes in part.runs {
            var dot: Dot?
            do {
                let run = try SyncRequest.Part.run(bytes)
                dot = Dot(replica: run.author, sequence: run.first)
                try await push(run, to: part.collection)
            } catch let error as SijilError where Self.refusals.contains(error.code) {
                refusal = refusal ?? SyncResponse.Refusal(dot: dot, code: error.code)
            }
        }
        return refusal
    }

    private static let refusals: Set<SijilError.Code> = [
        .notPermitted, .fork, .unseen, .notAuthentic, .badData, .futureVersion,
    ]

    private func push(_ run: SignedRun, to collection: CollectionID) async throws {
        let writer = try await writer(run.author, in: collection)
        // Another request of the same author may be quicker: look again, a few times.
        for _ in 0..<8 {
            let head = try await store.heads(of: [run.author], in: collection)[run.author]
            let changes = try await check(
                run, at: Place(collection: collection, head: head, writer: writer))
            if changes.isEmpty { return }
            if try await store.append(changes, to: collection, expecting: head) != nil { return }
        }
        throw SijilError(.tryAgain, "Another request of this device is under way.")
    }

    /// Who may write, and what else they may.
    private struct Writer {
        var key: [UInt8]
        var role: Role
    }

    private func writer(
        _ author: ReplicaID, in collection: CollectionID
    ) async throws -> Writer {
        guard let device = try await store.device(author), !device.isRevoked,
            let role = try await store.grants(of: author)
                .first(where: { $0.collection.id == collection })?
                .role, role.mayWrite
        else { throw SijilError(.notPermitted, "The author may not write to this collection.") }
        return Writer(key: device.certificate.publicKey, role: role)
    }

    /// Where a run is to be appended, and who must have signed it.
    private struct Place {
        var collection: CollectionID
        var head: AuthorHead?
        var writer: Writer
    }

    /// The changes of a run that are news, checked.
    private func check(_ run: SignedRun, at place: Place) async throws -> [LoggedChange] {
        let (collection, head) = (place.collection, place.head)
        let sequence = head?.sequence ?? 0
        guard run.first <= sequence + 1 else {
            throw SijilError(.unseen, "An author's earlier changes are missing.")
        }
        let known = min(Int(sequence + 1 - run.first), run.changes.count)
        for index in 0..<known {
            let dot = Dot(replica: run.author, sequence: run.first + UInt64(index))
            guard let logged = try await store.bytes(of: dot, in: collection),
                try Self.isSame(logged, run.changes[index])
            else {
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
            let erases = change.edits.filter(\.erases)
                .map { ErasedRecord(id: $0.record, type: change.names[$0.type]) }
            guard erases.isEmpty || place.writer.role == .coordinator else {
                throw SijilError(.notPermitted, "The author may not erase in this collection.")
            }
            changes.append(
                LoggedChange(
                    dot: dot, bytes: bytes,
                    signature: index == run.changes.count - 1 ? run.signature : nil, hash: hash,
                    erases: erases))
            seen.merge(change.seen)
        }
        guard
            isValidSignature(
                run.signature, over: SignedRun.signedMessage(hash), by: place.writer.key)
        else {
            throw SijilError(.notAuthentic, "A signature does not hold.")
        }
        let heads = try await store.heads(of: Set(seen.entries.keys), in: collection)
        for (author, sequence) in seen.entries
        where author == run.author || sequence > heads[author]?.sequence ?? 0 {
            throw SijilError(.unseen, "A change has seen what the server has not.")
        }
        return changes
    }

    /// Whether both are the bytes of one change, whatever was erased from each.
    private static func isSame(_ left: [UInt8], _ right: [UInt8]) throws -> Bool {
        try left == right || ChangeBytes(left).isSame(as: ChangeBytes(right), using: sha256)
    }

    // MARK: Pull

    // One value rather than four parameters: a wide private async function was where a compiler fault
    // showed first; see Documentation/Decisions/0006-no-nonisolated-nonsending.md.
    private struct Question {
        var collection: CollectionID
        var cursor: UInt64
        var device: ReplicaID
        var byteLimit: Int
    }

    /// What lies after a cursor, as far as the bytes allow.
    private func pull(_ question: Question) async throws -> SyncResponse.Part {
        let collection = question.collection
        let head = try await store.collection(collection)?.head ?? 0
        guard question.cursor < head, question.byteLimit > 0 else {
            return SyncResponse.Part(
                collection: collection, cursor: question.cursor,
                hasMore: question.cursor < head)
        }
        let changes = try await store.changes(
            in: collection, after: question.cursor, byteLimit: question.byteLimit)
        var certificates: [Certificate] = []
        for change in changes
        where change.dot.sequence == 1 && change.dot.replica != question.device {
            if let author = try await store.device(change.dot.replica) {
                certificates.append(author.certificate)
            }
        }
        let cursor = question.cursor + UInt64(changes.count)
        return SyncResponse.Part(
            collection: collection, certificates: certificates,
            deliveries: Self.deliveries(
                of: changes, after: question.cursor, for: question.device),
            cursor: cursor, hasMore: cursor < head)
    }

    private static func deliveries(
        of changes: [LoggedChange], after cursor: UInt64, for device: ReplicaID
    ) -> [Delivery] {
        var deliveries: [Delivery] = []
        for (index, change) in changes.enumerated() {
            let position = cursor + 1 + UInt64(index)
            if change.dot.replica == device {
                add(known: change, at: position, to: &deliveries)
            } else {
                add(change, at: position, to: &deliveries)
            }
        }
        return deliveries
    }

    private static func add(
        known change: LoggedChange, at position: UInt64, to deliveries: inout [Delivery]
    ) {
        let dot = change.dot
        if let last = deliveries.last,
            case .known(dot.replica, let first, let count, _) = last.content,
            first + count == dot.sequence
        {
            deliveries[deliveries.count - 1].content =
                .known(author: dot.replica, first: first, count: count + 1, hash: change.hash)
        } else {
            deliveries.append(
                Delivery(
                    position: position,
                    .known(
                        author: dot.replica, first: dot.sequence, count: 1, hash: change.hash)))
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

extension SyncResponse.Part {
    /// What the part's changes weigh, for the bound on a whole answer.
    fileprivate var deliveredBytes: Int {
        deliveries.reduce(0) { sum, delivery in
            guard case .run(let run) = delivery.content else { return sum }
            return sum + run.changes.reduce(0) { $0 + $1.count }
        }
    }
}

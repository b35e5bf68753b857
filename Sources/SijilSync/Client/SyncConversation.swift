public import SijilCore
public import SijilStore

/// What to say next to the server: decides, and touches neither a file nor a socket.
///
/// ```swift
/// var conversation = SyncConversation(collections: …, epoch: …)
/// while let plan = conversation.next() {
///     let request = …        // fill the plan from the replica
///     let response = …       // carry it
///     for step in try conversation.take(response, to: request, sent: …) { … }
/// }
/// ```
///
/// One run, one conversation: it ends, in a report or an error, and is thrown away.
public struct SyncConversation: Sendable {
    /// Where a collection stands.
    public struct Standing: Sendable {
        public var grant: CollectionGrant
        public var cursor: UInt64
        public var hasPending: Bool

        public init(grant: CollectionGrant, cursor: UInt64, hasPending: Bool) {
            self.grant = grant
            self.cursor = cursor
            self.hasPending = hasPending
        }
    }

    /// What the next request is to hold.
    public struct Plan: Sendable {
        public struct Part: Sendable {
            public var collection: CollectionID
            public var cursor: UInt64
            /// Whether to look for changes to push, as far as the request's bytes allow.
            public var pushes: Bool
        }

        public var grantsTag: UInt64
        public var parts: [Part]
    }

    /// What is to be done with an answer, each step in a transaction of its own.
    public enum Step: Sendable {
        case setGrants([CollectionGrant])
        case receive(SyncResponse.Part)
        case setRefusal(SijilError.Code?, CollectionID)
    }

    private struct State {
        var standing: Standing
        var wantsPull = true
        var mayPush = true
    }

    private var states: [CollectionID: State] = [:]
    private var epoch: Identifier?
    private var isFirst = true

    /// - Parameter epoch: the server's, as pinned at the first contact; `nil` before.
    public init(collections: [Standing], epoch: Identifier?) {
        self.epoch = epoch
        for standing in collections { states[standing.grant.id] = State(standing: standing) }
    }

    /// The next request, or `nil` when there is nothing left to say. There is always a first one.
    public func next() -> Plan? {
        let ordered = states.values.sorted { $0.standing.grant.id < $1.standing.grant.id }
        let open = ordered.filter {
            $0.wantsPull || ($0.mayPush && $0.standing.hasPending)
        }
        guard isFirst || !open.isEmpty else { return nil }
        return Plan(
            grantsTag: GrantsTag.of(ordered.map(\.standing.grant)),
            parts: open.prefix(Limits.collectionsPerRequest).map {
                Plan.Part(
                    collection: $0.standing.grant.id, cursor: $0.standing.cursor,
                    pushes: $0.mayPush && $0.standing.hasPending)
            })
    }

    /// Takes an answer in.
    ///
    /// - Parameter leftOver: collections with changes that did not fit the request.
    /// - Throws: `protocolMismatch` when the server's epoch is another, or it makes no progress.
    public mutating func take(
        _ response: SyncResponse, to request: SyncRequest, leftOver: Set<CollectionID>
    ) throws(SijilError) -> [Step] {
        if let epoch, epoch != response.epoch {
            throw SijilError(
                .protocolMismatch, "The server's history is not the one this replica knows.",
                hint: "The server was restored or replaced: ask its operator. Nothing was changed.")
        }
        epoch = response.epoch
        isFirst = false
        var steps: [Step] = []
        if let grants = response.grants {
            steps.append(.setGrants(grants))
            take(grants)
        }
        var answered = Set<CollectionID>()
        for part in response.parts {
            guard let asked = request.parts.first(where: { $0.collection == part.collection }),
                answered.insert(part.collection).inserted, states[part.collection] != nil
            else { throw Self.confused }
            steps.append(.receive(part))
            steps.append(.setRefusal(part.refusal?.code, part.collection))
            let moved = part.cursor > asked.cursor
            guard part.cursor >= asked.cursor, moved || !asked.runs.isEmpty || !part.hasMore || isCrowded(response)
            else { throw Self.confused }
            states[part.collection]!.standing.cursor = part.cursor
            states[part.collection]!.wantsPull = part.hasMore
            states[part.collection]!.standing.hasPending = leftOver.contains(part.collection)
            if part.refusal != nil { states[part.collection]!.mayPush = false }
        }
        for part in request.parts where !answered.contains(part.collection) {
            // Not granted any more: its own steps are the server's business at the next contact.
            states[part.collection] = nil
        }
        return steps
    }

    /// Whether another collection's deliveries may have taken this answer's place.
    private func isCrowded(_ response: SyncResponse) -> Bool {
        response.parts.contains { !$0.deliveries.isEmpty }
    }

    private mutating func take(_ grants: [CollectionGrant]) {
        let granted = Dictionary(grants.map { ($0.id, $0) }) { first, _ in first }
        states = states.filter { granted[$0.key] != nil }
        for (id, grant) in granted {
            if states[id] != nil {
                states[id]!.standing.grant = grant
            } else {
                states[id] = State(
                    standing: Standing(grant: grant, cursor: 0, hasPending: false))
            }
        }
    }

    private static var confused: SijilError {
        SijilError(.protocolMismatch, "The server's answer does not fit the question.")
    }
}

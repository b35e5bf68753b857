public import SijilCore
public import SijilStore

/// What to say next to the server: decides, and touches neither a file nor a socket.
///
/// ```swift
/// var conversation = SyncConversation(collections: …, epoch: …)
/// while let plan = conversation.next() {
///     let request = …         // fill the plan from the replica
///     let response = …        // carry it
///     for step in try conversation.take(response, to: request, leftOver: …) { … }
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
        var hasPushed = false

        /// Where what was pushed stands in the log comes with the log's end; until then the next push would be
        /// the same one again.
        var pushes: Bool { mayPush && standing.hasPending && (!hasPushed || !wantsPull) }
    }

    private var states: [CollectionID: State] = [:]
    /// Collections that are here and not granted now: one that is granted again goes on where it was.
    private var withdrawn: [CollectionID: Standing] = [:]
    private var epoch: Identifier?
    private var isFirst = true

    /// - Parameters:
    ///   - collections: all that are here, also those that were withdrawn.
    ///   - epoch: the server's, as pinned at the first contact; `nil` before.
    public init(collections: [Standing], epoch: Identifier?) {
        self.epoch = epoch
        for standing in collections {
            if standing.grant.role == .withdrawn {
                withdrawn[standing.grant.id] = standing
            } else {
                states[standing.grant.id] = State(standing: standing)
            }
        }
    }

    /// The next request, or `nil` when there is nothing left to say.
    ///
    /// There is always a first one.
    public func next() -> Plan? {
        let ordered = states.values.sorted { $0.standing.grant.id < $1.standing.grant.id }
        let open = ordered.filter {
            $0.wantsPull || ($0.mayPush && $0.standing.hasPending)
        }
        guard isFirst || !open.isEmpty else { return nil }
        return Plan(
            grantsTag: GrantsTag.of(ordered.map(\.standing.grant)),
            parts: open.prefix(Limits.collectionsPerRequest)
                .map {
                    Plan.Part(
                        collection: $0.standing.grant.id, cursor: $0.standing.cursor,
                        pushes: $0.pushes)
                })
    }

    /// Takes an answer in.
    ///
    /// - Parameters:
    ///   - response: the answer to `request`.
    ///   - request: what the last plan was made into.
    ///   - leftOver: collections with changes that did not fit the request.
    /// - Returns: what is to be done with it, in this order.
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
            // Once refused, nothing more is pushed in this run: that the next answer refuses nothing says nothing.
            if part.refusal != nil || states[part.collection]!.mayPush {
                steps.append(.setRefusal(part.refusal?.code, part.collection))
            }
            guard part.cursor >= asked.cursor,
                isProgress(part, asked, isLeftOver: leftOver.contains(part.collection))
                    || isCrowded(response, request)
            else { throw Self.confused }
            if states[part.collection]!.pushes {
                states[part.collection]!.standing.hasPending = leftOver.contains(part.collection)
                states[part.collection]!.hasPushed = !asked.runs.isEmpty
            }
            states[part.collection]!.standing.cursor = part.cursor
            states[part.collection]!.wantsPull = part.hasMore
            if part.refusal != nil { states[part.collection]!.mayPush = false }
        }
        for part in request.parts where !answered.contains(part.collection) {
            // Not granted any more: its own steps are the server's business at the next contact.
            withdraw(part.collection)
        }
        return steps
    }

    /// Asks nothing more about a collection whose part could not be taken in; the others go on.
    public mutating func close(_ collection: CollectionID) {
        states[collection]?.wantsPull = false
        states[collection]?.mayPush = false
    }

    /// Whether asking again about the collection, if that is needed, would be another question.
    private func isProgress(
        _ part: SyncResponse.Part, _ asked: SyncRequest.Part, isLeftOver: Bool
    ) -> Bool {
        let pushesSame = isLeftOver && !asked.runs.isEmpty && part.refusal == nil
        return part.cursor > asked.cursor || (!part.hasMore && !pushesSame)
    }

    /// Whether another collection's deliveries may have taken this answer's place.
    private func isCrowded(_ response: SyncResponse, _ request: SyncRequest) -> Bool {
        response.parts.contains { part in
            request.parts.contains { $0.collection == part.collection && $0.cursor < part.cursor }
        }
    }

    private mutating func withdraw(_ collection: CollectionID) {
        withdrawn[collection] = states.removeValue(forKey: collection)?.standing
    }

    private mutating func take(_ grants: [CollectionGrant]) {
        let granted = Dictionary(grants.map { ($0.id, $0) }) { first, _ in first }
        for id in Array(states.keys) where granted[id] == nil { withdraw(id) }
        for (id, grant) in granted {
            if states[id] != nil {
                states[id]!.standing.grant = grant
            } else {
                var standing =
                    withdrawn.removeValue(forKey: id)
                    ?? Standing(grant: grant, cursor: 0, hasPending: false)
                standing.grant = grant
                states[id] = State(standing: standing)
            }
        }
    }

    private static var confused: SijilError {
        SijilError(.protocolMismatch, "The server's answer does not fit the question.")
    }
}

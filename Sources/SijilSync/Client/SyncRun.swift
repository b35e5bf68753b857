import SijilCore
public import SijilStore

/// One attempt to bring a replica and the server together: push, pull, until neither has news.
///
/// Every piece is committed on both sides when it arrives, and everything is idempotent: killed at any
/// moment, a new run goes on where this one was. Makes one attempt; trying again is the caller's.
///
/// What cannot be taken in stops its own collection only; the others are finished before that is told.
public final class SyncRun {
    private let replica: Replica
    private let connection: ServerConnection
    private var report = SyncReport()
    /// The first error that stopped one collection.
    private var failure: SijilError?
    /// What was done, once every collection had its turn: also when ``run(progress:)`` then throws because
    /// of one of them.
    public private(set) var conclusion: SyncReport?

    public init(replica: Replica, transport: any Transport) {
        self.replica = replica
        connection = ServerConnection(replica: replica, transport: transport)
    }

    /// Carries the conversation with the server on until neither side has news.
    ///
    /// - Parameter progress: called after each piece with the report so far.
    /// - Returns: what was done, as ``conclusion``.
    /// - Throws: what the transport throws; at the end, what stopped one collection, with the collection's
    ///   name as its place. What was committed before stays.
    public func run(
        progress: (SyncReport) -> Void = { _ in }
    ) async throws -> SyncReport {
        let startedAt = replica.environment.now()
        var conversation = SyncConversation(
            collections: try replica.collections()
                .map {
                    SyncConversation.Standing(
                        grant: $0.grant, cursor: $0.cursor, hasPending: $0.pending > 0)
                }, epoch: try replica.text("epoch").flatMap { Identifier($0) })
        while let plan = conversation.next() {
            try Task.checkSijilCancellation()
            let (request, leftOver) = try fill(plan)
            let response = try await connection.sync(request)
            let steps = try conversation.take(response, to: request, leftOver: leftOver)
            try carryOut(steps, &conversation)
            report.roundTrips = connection.roundTrips
            report.bytesSent = connection.bytesSent
            report.bytesReceived = connection.bytesReceived
            progress(report)
        }
        try conclude(startedAt)
        if let failure { throw failure }
        return report
    }

    private func fill(
        _ plan: SyncConversation.Plan
    ) throws -> (SyncRequest, leftOver: Set<CollectionID>) {
        var budget = Limits.pieceBytes
        var leftOver = Set<CollectionID>()
        var request = SyncRequest(grantsTag: plan.grantsTag, parts: [])
        for part in plan.parts {
            var runs: [SignedRun] = []
            if part.pushes {
                if budget > 0 {
                    let pending = try replica.pendingRuns(
                        in: part.collection, byteLimit: budget)
                    runs = pending.runs
                    budget -= runs.reduce(0) { $0 + $1.changes.reduce(0) { $0 + $1.count } }
                    if !pending.isComplete { leftOver.insert(part.collection) }
                } else {
                    leftOver.insert(part.collection)
                }
            }
            request.parts.append(
                SyncRequest.Part(collection: part.collection, cursor: part.cursor, runs: runs))
        }
        return (request, leftOver)
    }

    /// Errors of what came for one collection; others concern the file or the line, and end the run.
    private static let ofOneCollection: Set<SijilError.Code> = [
        .badData, .fork, .futureVersion, .notAuthentic, .unseen,
    ]

    private func carryOut(
        _ steps: [SyncConversation.Step], _ conversation: inout SyncConversation
    ) throws {
        for step in steps {
            do {
                try carryOut(step)
            } catch let error as SijilError where Self.ofOneCollection.contains(error.code) {
                guard case .receive(let part) = step else { throw error }
                conversation.close(part.collection)
                if failure == nil {
                    failure = error
                    failure?.place = try name(of: part.collection)
                }
            }
        }
    }

    private func name(of collection: CollectionID) throws -> String? {
        try replica.collections().first { $0.grant.id == collection }?.grant.name
    }

    private func carryOut(_ step: SyncConversation.Step) throws {
        switch step {
        case .setGrants(let grants): try replica.setGrants(grants)
        case .setRefusal(let code, let collection):
            try replica.setRefusal(code?.rawValue, in: collection)
        case .receive(let part):
            let outcome = try replica.receive(
                part.deliveries, certificates: part.certificates, in: part.collection,
                cursor: part.cursor)
            report.sent += part.deliveries.reduce(0) {
                if case .known(replica.id, _, let count, _) = $1.content {
                    $0 + Int(count)
                } else {
                    $0
                }
            }
            report.received += outcome.applied + outcome.held
        }
    }

    private func conclude(_ startedAt: Int64) throws {
        for collection in try replica.collections() {
            report.held += collection.held
            if let refusal = collection.refusal {
                report.rejected += collection.pending
                report.refusals[collection.grant.name] = refusal
            }
        }
        report.conflicts = try replica.conflictCount()
        let now = replica.environment.now()
        report.durationMilliseconds = max(0, now - startedAt)
        conclusion = report
        if failure == nil { try replica.remember(numbers: ["last_sync": try replica.now]) }
    }
}

extension Task where Success == Never, Failure == Never {
    static func checkSijilCancellation() throws(SijilError) {
        if isCancelled {
            throw SijilError(
                .cancelled, "Stopped. What was exchanged so far is kept.",
                hint: "Run 'sijil sync' again to go on.")
        }
    }
}

import SijilCore
import SijilStore
import SijilSync
import Testing

/// The decisions of a sync, without replica, server or network.
struct ConversationTests {
    private let first = CollectionID(1)
    private let second = CollectionID(2)
    private let epoch = Identifier(77)

    private func standing(
        _ id: CollectionID, cursor: UInt64 = 0, hasPending: Bool = false, role: Role = .editor
    ) -> SyncConversation.Standing {
        SyncConversation.Standing(
            grant: CollectionGrant(
                id: id, name: "roster-\(id.rawValue)", kind: "roster", role: role),
            cursor: cursor, hasPending: hasPending)
    }

    private func run(_ author: ReplicaID = ReplicaID(9), first: UInt64 = 1) -> SignedRun {
        SignedRun(
            author: author, first: first, changes: [[1]],
            signature: [UInt8](repeating: 0, count: SignedRun.signatureCount))
    }

    /// What a driver would send for a plan; each part that pushes has one run.
    private func request(_ plan: SyncConversation.Plan) -> SyncRequest {
        SyncRequest(
            grantsTag: plan.grantsTag,
            parts: plan.parts.map {
                SyncRequest.Part(
                    collection: $0.collection, cursor: $0.cursor, runs: $0.pushes ? [run()] : [])
            })
    }

    private func answer(
        _ parts: [SyncResponse.Part], grants: [CollectionGrant]? = nil
    ) -> SyncResponse {
        SyncResponse(epoch: epoch, serverTime: 0, grants: grants, parts: parts)
    }

    private func part(
        _ collection: CollectionID, cursor: UInt64, hasMore: Bool = false,
        refusal: SijilError.Code? = nil
    ) -> SyncResponse.Part {
        SyncResponse.Part(
            collection: collection,
            refusal: refusal.map { SyncResponse.Refusal(dot: nil, code: $0) }, cursor: cursor,
            hasMore: hasMore)
    }

    @Test func `there is always a first request, also with nothing here`() throws {
        var conversation = SyncConversation(collections: [], epoch: nil)
        let plan = try #require(conversation.next())
        #expect(plan.parts.isEmpty)
        _ = try conversation.take(answer([]), to: request(plan), leftOver: [])
        #expect(conversation.next() == nil)
    }

    @Test func `it ends when both sides have said all`() throws {
        var conversation = SyncConversation(
            collections: [standing(first, cursor: 4, hasPending: true), standing(second)],
            epoch: epoch)
        var plan = try #require(conversation.next())
        #expect(plan.parts.map(\.collection) == [first, second])
        #expect(plan.parts.map(\.cursor) == [4, 0])
        #expect(plan.parts.map(\.pushes) == [true, false])
        _ = try conversation.take(
            answer([part(first, cursor: 5), part(second, cursor: 3, hasMore: true)]),
            to: request(plan), leftOver: [])

        plan = try #require(conversation.next())
        #expect(plan.parts.map(\.collection) == [second])
        #expect(plan.parts.map(\.cursor) == [3])
        _ = try conversation.take(
            answer([part(second, cursor: 6)]), to: request(plan), leftOver: [])
        #expect(conversation.next() == nil)
    }

    @Test func `nothing is pushed again while the log's end is still far`() throws {
        var conversation = SyncConversation(
            collections: [standing(first, hasPending: true)], epoch: epoch)
        var pushes: [Bool] = []
        for (cursor, hasMore) in [(1, true), (2, true), (5, false), (7, false)] as [(UInt64, Bool)]
        {
            let plan = try #require(conversation.next())
            pushes += plan.parts.map(\.pushes)
            _ = try conversation.take(
                answer([part(first, cursor: cursor, hasMore: hasMore)]), to: request(plan),
                leftOver: plan.parts[0].pushes && pushes.count == 1 ? [first] : [])
        }
        #expect(pushes == [true, false, false, true])
        #expect(conversation.next() == nil)
    }

    @Test func `what did not fit is pushed next, and not after a refusal`() throws {
        var conversation = SyncConversation(
            collections: [standing(first, hasPending: true), standing(second, hasPending: true)],
            epoch: epoch)
        var plan = try #require(conversation.next())
        let steps = try conversation.take(
            answer([
                part(first, cursor: 1), part(second, cursor: 0, refusal: .notPermitted),
            ]), to: request(plan), leftOver: [first, second])
        let refusals = steps.compactMap { step in
            if case .setRefusal(let code, let id) = step { Pair(id, code) } else { nil }
        }
        #expect(refusals == [Pair(first, nil), Pair(second, .notPermitted)])

        plan = try #require(conversation.next())
        #expect(plan.parts.map(\.collection) == [first])
        #expect(plan.parts.map(\.pushes) == [true])
    }

    private struct Pair: Equatable {
        var collection: CollectionID
        var code: SijilError.Code?

        init(_ collection: CollectionID, _ code: SijilError.Code?) {
            self.collection = collection
            self.code = code
        }
    }

    @Test func `another epoch ends it`() throws {
        var conversation = SyncConversation(collections: [standing(first)], epoch: Identifier(5))
        let plan = try #require(conversation.next())
        let error = #expect(throws: SijilError.self) {
            try conversation.take(
                answer([part(first, cursor: 1)]), to: request(plan), leftOver: [])
        }
        #expect(error?.code == .protocolMismatch)
    }

    @Test func `the first answer's epoch holds for the rest`() throws {
        var conversation = SyncConversation(collections: [standing(first)], epoch: nil)
        let plan = try #require(conversation.next())
        _ = try conversation.take(
            answer([part(first, cursor: 1, hasMore: true)]), to: request(plan), leftOver: [])
        let next = try #require(conversation.next())
        var other = answer([part(first, cursor: 2)])
        other.epoch = Identifier(6)
        #expect(throws: SijilError.self) {
            try conversation.take(other, to: request(next), leftOver: [])
        }
    }

    @Test func `a server that makes no progress is not asked for ever`() throws {
        let stalled: [(hasPending: Bool, answer: SyncResponse.Part, leftOver: Set<CollectionID>)] =
            [
                (false, part(first, cursor: 4, hasMore: true), []),
                (false, part(first, cursor: 3), []),
                (true, part(first, cursor: 4, hasMore: true), []),
                (true, part(first, cursor: 4), [first]),
                (true, part(first, cursor: 4, hasMore: true, refusal: .fork), [first]),
            ]
        for (index, stall) in stalled.enumerated() {
            var conversation = SyncConversation(
                collections: [standing(first, cursor: 4, hasPending: stall.hasPending)],
                epoch: epoch)
            let plan = try #require(conversation.next())
            let error = #expect(throws: SijilError.self, "case \(index)") {
                try conversation.take(
                    answer([stall.answer]), to: request(plan), leftOver: stall.leftOver)
            }
            #expect(error?.code == .protocolMismatch, "case \(index)")
        }
    }

    @Test func `a collection may wait while another one fills the answer`() throws {
        var conversation = SyncConversation(
            collections: [
                standing(first, cursor: 4), standing(second, cursor: 2, hasPending: true),
            ], epoch: epoch)
        let plan = try #require(conversation.next())
        _ = try conversation.take(
            answer([
                part(first, cursor: 9, hasMore: true), part(second, cursor: 2, hasMore: true),
            ]), to: request(plan), leftOver: [])
        let next = try #require(conversation.next())
        #expect(next.parts.map(\.cursor) == [9, 2])
        // But not for ever: now nothing filled it.
        #expect(throws: SijilError.self) {
            try conversation.take(
                answer([
                    part(first, cursor: 9), part(second, cursor: 2, hasMore: true),
                ]), to: request(next), leftOver: [])
        }
    }

    @Test func `answers that were not asked for are refused`() throws {
        let odd = [
            [part(second, cursor: 1)],
            [part(first, cursor: 1), part(first, cursor: 2)],
        ]
        for parts in odd {
            var conversation = SyncConversation(collections: [standing(first)], epoch: epoch)
            let plan = try #require(conversation.next())
            let error = #expect(throws: SijilError.self) {
                try conversation.take(answer(parts), to: request(plan), leftOver: [])
            }
            #expect(error?.code == .protocolMismatch)
        }
    }

    @Test func `new grants are fetched, lost ones are dropped`() throws {
        var conversation = SyncConversation(
            collections: [standing(first, cursor: 4, hasPending: true)], epoch: epoch)
        let plan = try #require(conversation.next())
        let steps = try conversation.take(
            answer([], grants: [standing(second).grant]), to: request(plan), leftOver: [])
        guard case .setGrants(let grants) = steps.first else {
            Issue.record("The grants come first.")
            return
        }
        #expect(steps.count == 1 && grants == [standing(second).grant])
        let next = try #require(conversation.next())
        #expect(next.parts.map(\.collection) == [second])
        #expect(next.parts.map(\.cursor) == [0])
        #expect(next.grantsTag != plan.grantsTag)
    }

    @Test func `a collection granted again goes on where it was`() throws {
        var conversation = SyncConversation(
            collections: [
                standing(first, cursor: 7, hasPending: true, role: .withdrawn), standing(second),
            ], epoch: epoch)
        let plan = try #require(conversation.next())
        #expect(plan.parts.map(\.collection) == [second])
        _ = try conversation.take(
            answer(
                [part(second, cursor: 0)],
                grants: [standing(first).grant, standing(second).grant]), to: request(plan),
            leftOver: [])
        let next = try #require(conversation.next())
        #expect(next.parts.map(\.collection) == [first])
        #expect(next.parts.map(\.cursor) == [7])
        #expect(next.parts.map(\.pushes) == [true])
    }

    @Test func `a withdrawn collection is not in the tag`() {
        let with = SyncConversation(
            collections: [standing(first, role: .withdrawn), standing(second)], epoch: epoch)
        let without = SyncConversation(collections: [standing(second)], epoch: epoch)
        #expect(with.next()?.grantsTag == without.next()?.grantsTag)
    }

    @Test func `a closed collection is not asked for again, the others are`() throws {
        var conversation = SyncConversation(
            collections: [standing(first, hasPending: true), standing(second)], epoch: epoch)
        let plan = try #require(conversation.next())
        _ = try conversation.take(
            answer([
                part(first, cursor: 3, hasMore: true), part(second, cursor: 3, hasMore: true),
            ]), to: request(plan), leftOver: [first])
        conversation.close(first)
        #expect(try #require(conversation.next()).parts.map(\.collection) == [second])
        conversation.close(second)
        #expect(conversation.next() == nil)
    }
}

import SijilCore
import SijilStore
import SijilSync
import Synchronization

/// A server in memory with one roster: a founder who coordinates it, an editor, a reader, and a device that
/// was revoked; a fifth is a stranger.
struct FuzzServer {
    static let devices: [UInt8] = [1, 2, 3, 4, 5]
    static let editor: UInt8 = 2

    let store: SQLiteLogStore
    let application: ServerApplication

    init() async throws {
        let store = try SQLiteLogStore(path: nil)
        let chance = Chance()
        let environment = ServerEnvironment(
            now: { Office.start }, randomBytes: { chance.bytes($0) })
        try await store.setOnce("authority", Office.authority().seed)
        try await store.setOnce("epoch", Identifier(5).bytes)
        self.store = store
        application = ServerApplication(
            store: store, authority: try await Authority.read(from: store),
            environment: environment)
        for number in Self.devices.dropLast() { try await enrol(number) }
        try await store.createCollection(
            ServerCollection(id: Office.roster, name: "Wadi Amal", kind: "roster"),
            creator: Self.id(1))
        try await store.setGrant(.editor, of: Self.id(Self.editor), in: Office.roster)
        try await store.setGrant(.reader, of: Self.id(3), in: Office.roster)
        try await store.setGrant(.editor, of: Self.id(4), in: Office.roster)
        try await store.revoke(Self.id(4))
    }

    static func id(_ number: UInt8) throws -> ReplicaID {
        ReplicaID(publicKey: try Office.key(number).publicKey)
    }

    private func enrol(_ number: UInt8) async throws {
        let key = try Office.key(number)
        let certificate = try Office.certificate(of: key, name: "tablette-0\(number)")
        try await store.addInvitation(
            Invitation(
                codeHash: [number], name: certificate.name, grants: [:], isFounder: number == 1,
                expiresAt: .max))
        _ = try await store.enrol(
            codeHash: [number], replica: certificate.replica, now: Office.start
        ) { _ in certificate }
    }

    private final class Chance: Sendable {
        private let generator = Mutex(SeededBytes(seed: 5))

        func bytes(_ count: Int) -> [UInt8] { generator.withLock { $0.bytes(count) } }
    }

    // MARK: Asking

    /// Answers a request and checks what holds of every answer.
    @discardableResult
    func answer(_ request: TransportRequest) async throws -> TransportResponse {
        let (response, failure) = await application.handle(request)
        try expect(
            [200, 400, 401, 403, 404, 413].contains(response.status),
            "a request makes the server answer \(response.status): \(failure?.rawValue ?? "")")
        try expect((response.status == 200) == (failure == nil), "a failure is no failure")
        if failure != nil {
            try expect(response.body.count <= 4096, "an error is longer than a screen")
        }
        return response
    }

    /// The request as the device signs it.
    static func signed(
        _ request: TransportRequest, by number: UInt8, time: Int64 = Office.start
    ) throws -> TransportRequest {
        let key = try Office.key(number)
        let message = RequestSignature.message(
            authority: try Office.authority().publicKey, method: request.method,
            path: request.path, time: time, body: request.body)
        var request = request
        request.headers[RequestSignature.deviceHeader] = try id(number).description
        request.headers[RequestSignature.timeHeader] = String(time)
        request.headers[RequestSignature.signatureHeader] =
            RequestSignature.encode(key.sign(message))
        return request
    }

    // MARK: Afterwards

    /// Checks that the log has no gaps, and that a replica takes all of it in: what the server has
    /// accepted nobody may stumble over.
    func checkLog() async throws {
        let head = try await store.collection(Office.roster)?.head ?? 0
        guard head > 0 else { return }
        let extent = try await store.extent(of: Office.roster)
        try expect(
            extent == LogExtent(first: 1, last: head, count: head), "the log has a gap")
        let replica = try Office.replica(9)
        let changes = try await store.changes(in: Office.roster, after: 0, byteLimit: .max)
        try expect(UInt64(changes.count) == head, "the log ends without a signature")
        var runs: [SignedRun] = []
        for change in changes {
            if let last = runs.last, last.author == change.dot.replica, last.signature.isEmpty {
                runs[runs.count - 1].changes.append(change.bytes)
                runs[runs.count - 1].signature = change.signature ?? []
            } else {
                runs.append(
                    SignedRun(
                        author: change.dot.replica, first: change.dot.sequence,
                        changes: [change.bytes], signature: change.signature ?? []))
            }
        }
        _ = try replica.receive(
            runs.map { Delivery(position: nil, .run($0)) },
            certificates: try await store.devices().map(\.device.certificate), in: Office.roster)
        let summary = try replica.collections()[0]
        try expect(
            UInt64(summary.changes) == head && summary.held == 0,
            "the server has accepted what a replica holds back")
        try replica.checkSound()
    }
}

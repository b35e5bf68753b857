import Foundation
public import SijilCore
public import SijilStore

/// The server as one replica speaks to it: signs what is sent, reads what comes back, keeps the clock offset.
///
/// No device clock is ever a reason to be refused: a server that finds a request's time too far from its
/// own tells its time, and the request goes out once more, corrected.
public final class ServerConnection {
    private let replica: Replica
    private let transport: any Transport
    public private(set) var roundTrips = 0
    public private(set) var bytesSent = 0
    public private(set) var bytesReceived = 0

    public init(replica: Replica, transport: any Transport) {
        self.replica = replica
        self.transport = transport
    }

    // MARK: Joining

    /// Enrols the replica with the server: pins its authority, takes its certificate and grants.
    ///
    /// Safe to repeat with the same code when the first answer was lost.
    public func join(code: String) async throws -> [CollectionGrant] {
        let body = Exchange.Join(
            code: code, public_key: RequestSignature.encode(replica.publicKey),
            name: try replica.name, authority: try replica.authority.map(RequestSignature.encode))
        let sentAt = replica.environment.now()
        let answer: Exchange.Joined = try await call(
            "POST", Exchange.joinPath, body, isSigned: false)
        guard let authority = RequestSignature.decode(answer.authority),
            let bytes = RequestSignature.decode(answer.certificate),
            Identifier(answer.epoch) != nil
        else { throw Self.unreadable }
        var reader = ByteReader(bytes)
        let certificate = try Certificate(from: &reader)
        guard certificate.replica == replica.id else {
            throw SijilError(.notAuthentic, "The server's certificate is for another device.")
        }
        try replica.pin(authority: authority, own: certificate)
        let grants = try answer.collections.map(Self.grant)
        try replica.setGrants(grants)
        try replica.remember(
            texts: ["epoch": answer.epoch, Self.refusalKey: ""],
            numbers: ["clock_offset": offset(answer.server_time, sentAt)])
        return grants
    }

    static func grant(_ collection: Exchange.Collection) throws -> CollectionGrant {
        guard let id = CollectionID(collection.id) else { throw unreadable }
        return CollectionGrant(
            id: id, name: collection.name, kind: collection.kind,
            role: Role(rawValue: collection.role) ?? .reader)
    }

    // MARK: Requests

    /// Calls a JSON route as this device.
    public func call<Body: Encodable, Answer: Decodable>(
        _ method: String, _ path: String, _ body: Body?, isSigned: Bool = true
    ) async throws -> Answer {
        let encoded = try body.map { Array(try JSONEncoder().encode($0)) } ?? []
        let response = try await send(
            TransportRequest(
                method: method, path: path, headers: ["content-type": "application/json"],
                body: encoded), isSigned: isSigned)
        do {
            return try JSONDecoder().decode(Answer.self, from: Data(response.body))
        } catch {
            throw Self.unreadable
        }
    }

    /// One everyday exchange.
    func sync(_ request: SyncRequest) async throws -> SyncResponse {
        let sentAt = replica.environment.now()
        let body = request.bytes
        var headers = ["content-type": "application/octet-stream"]
        var wire = body
        if body.count >= BodyEncoding.minimumBytes {
            wire = BodyEncoding.zstd.compress(body)
            headers["content-encoding"] = BodyEncoding.zstd.rawValue
        }
        let response = try await send(
            TransportRequest(
                method: "POST", path: Exchange.syncPath, headers: headers, body: wire),
            isSigned: true)
        guard !response.body.isEmpty else { throw Self.unreadable }
        let answer = try SyncResponse(response.body)
        try forgetRefusal()
        try replica.remember(numbers: ["clock_offset": offset(answer.serverTime, sentAt)])
        return answer
    }

    /// The server's clock minus ours, taking the middle of the round trip.
    ///
    /// A clock that was set meanwhile says nothing of how long that took: what it shows now counts then.
    private func offset(_ serverTime: Int64, _ sentAt: Int64) -> Int64 {
        let now = replica.environment.now()
        let trip = now &- sentAt
        let isMeasured = (0...Limits.requestSkewMilliseconds).contains(trip)
        return serverTime &- (now &- (isMeasured ? trip / 2 : 0))
    }

    private func send(
        _ request: TransportRequest, isSigned: Bool
    ) async throws -> TransportResponse {
        var response = try await sendOnce(request, isSigned: isSigned)
        if response.status == 401, let time = response.headers[RequestSignature.timeHeader],
            let serverTime = Int64(time), Self.failure(in: response)?.code == .clockUnknown
        {
            let offset = serverTime &- replica.environment.now()
            try replica.remember(numbers: ["clock_offset": offset])
            response = try await sendOnce(request, isSigned: isSigned)
        }
        guard (200..<300).contains(response.status), !Self.isPage(response) else {
            if let failure = Self.failure(in: response), !Self.ofServerItself.contains(failure.code)
            {
                rememberRefusal(failure, of: request)
                throw failure
            }
            throw Self.failure(response)
        }
        return response
    }

    /// That the server takes nothing from this device is kept for `status`: nobody may be looking when a script syncs.
    private func rememberRefusal(_ failure: SijilError, of request: TransportRequest) {
        guard request.path == Exchange.syncPath,
            [.notPermitted, .unauthenticated].contains(failure.code)
        else { return }
        // Should the disk fail too, the refusal is what is to be told.
        try? replica.remember(texts: [Self.refusalKey: failure.code.rawValue])
    }

    /// Forgets it when the server answers again.
    private func forgetRefusal() throws {
        guard try replica.text(Self.refusalKey)?.isEmpty == false else { return }
        try replica.remember(texts: [Self.refusalKey: ""])
    }

    /// Under which the replica keeps why the server refused the device at its last sync; empty when it did not.
    public static let refusalKey = "refused"

    private func sendOnce(
        _ request: TransportRequest, isSigned: Bool
    ) async throws -> TransportResponse {
        var request = request
        if isSigned {
            guard let authority = try replica.authority else {
                throw SijilError(
                    .configuration, "This replica has not joined a server.",
                    hint: "Run 'sijil join URL --code CODE' first.")
            }
            let time = try replica.now
            let signature = replica.sign(
                RequestSignature.message(
                    authority: authority, method: request.method, path: request.path, time: time,
                    body: request.body))
            request.headers[RequestSignature.deviceHeader] = replica.id.description
            request.headers[RequestSignature.timeHeader] = String(time)
            request.headers[RequestSignature.signatureHeader] = RequestSignature.encode(signature)
        }
        let response = try await transport.send(request)
        roundTrips += 1
        bytesSent += response.bytesSent
        bytesReceived += response.bytesReceived
        return response
    }

    private static var unreadable: SijilError {
        SijilError(
            .protocolMismatch, "What answered does not speak Sijil's protocol.",
            hint: "Check the server's address.")
    }

    /// What the server says of its own disk or program: here it means that it cannot answer now.
    private static let ofServerItself: Set<SijilError.Code> = [.bug, .cannotCreate, .inputOutput]

    /// The error that the server wrote, if it did.
    private static func failure(in response: TransportResponse) -> SijilError? {
        guard
            let failure = try? JSONDecoder()
                .decode(
                    Exchange.Failure.self, from: Data(response.body))
        else { return nil }
        return SijilError(
            SijilError.Code(rawValue: failure.error.code), failure.error.message,
            hint: failure.error.hint)
    }

    /// Whether the answer is a page for people, as networks show that want a sign-in.
    private static func isPage(_ response: TransportResponse) -> Bool {
        response.headers["content-type"]?.lowercased().hasPrefix("text/html") ?? false
    }

    /// What an answer means that no server of ours wrote.
    private static func failure(_ response: TransportResponse) -> SijilError {
        let status = response.status
        return switch status {
        case 408, 429, 500, 502..<511, 512...599:
            SijilError(
                .tryAgain, "The server cannot answer now (HTTP \(status)).",
                hint: "Run the command again later; nothing is lost.")
        case 413:
            SijilError(.badData, "The request was too large for the server (HTTP 413).")
        case _ where (300..<400).contains(status) || status == 511 || isPage(response):
            SijilError(
                .unreachable, "Something else answered: perhaps a network that wants a sign-in.",
                hint: "Open a page in a browser, or check the server's address.")
        case 401, 403:
            SijilError(.notPermitted, "The server refused the request (HTTP \(status)).")
        default:
            SijilError(
                .protocolMismatch, "What answered is not a Sijil server (HTTP \(status)).",
                hint: "Check the server's address.")
        }
    }
}

extension SijilError.Code {
    /// A signed request's time is too far from the server's; the answer's header tells the server's.
    public static let clockUnknown = Self(rawValue: "clock")
}

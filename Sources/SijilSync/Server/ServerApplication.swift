import Foundation
public import SijilCore
public import SijilStore

/// The server as a function from request to answer: routes, authentication, JSON, errors.
///
/// The HTTP server and the simulator call the same one. It never throws: every failure is an answer with a
/// status and a JSON error that names no person.
public struct ServerApplication: Sendable {
    let store: any LogStore
    let authority: Authority
    let environment: ServerEnvironment

    public init(store: any LogStore, authority: Authority, environment: ServerEnvironment) {
        self.store = store
        self.authority = authority
        self.environment = environment
    }

    /// The largest body taken, as it crosses the wire and again when decompressed.
    public static let maximumBodyBytes = Limits.pieceBytes + Limits.messageBytes
    /// The largest body of a device that wants to join, decompressed: a code and a key, of a stranger.
    private static let joinBytes = 4096

    /// - Returns: the answer, and for the server's log the stable name of what went wrong, if it did.
    public func handle(
        _ request: TransportRequest
    ) async -> (response: TransportResponse, failure: SijilError.Code?) {
        await handle(request) { limit in
            guard request.body.count <= limit else { throw SijilError.requestTooLarge }
            return request.body
        }
    }

    /// Answers a request whose body has not been received yet.
    ///
    /// - Parameters:
    ///   - request: its head; the body is not looked at.
    ///   - receive: is asked for the body, at most once and only if the head says that a device known here
    ///     sends it, or one that wants to join: a stranger fills no memory. It is given the most bytes to
    ///     take, and throws ``SijilError/requestTooLarge`` for more.
    /// - Returns: the answer, and for the server's log the stable name of what went wrong, if it did.
    public func handle(
        _ request: TransportRequest, receive: (_ limit: Int) async throws -> [UInt8]
    ) async -> (response: TransportResponse, failure: SijilError.Code?) {
        var response: TransportResponse
        var failure: SijilError.Code?
        do {
            response = try await route(request, receive: receive)
        } catch {
            let error = error as? SijilError ?? SijilError(.bug, "The server made a mistake.")
            failure = error.code
            response = Self.json(Exchange.Failure(error), status: Self.status(of: error.code))
        }
        response.headers[RequestSignature.timeHeader] = String(environment.now())
        if response.body.count >= BodyEncoding.minimumBytes,
            let encoding = BodyEncoding.best(accepted: request.headers["accept-encoding"])
        {
            response.body = encoding.compress(response.body)
            response.headers["content-encoding"] = encoding.rawValue
        }
        return (response, failure)
    }

    private func route(
        _ head: TransportRequest, receive: (_ limit: Int) async throws -> [UInt8]
    ) async throws -> TransportResponse {
        var request = head
        if request.method == "POST", request.path == Exchange.joinPath {
            request.body = try await receive(Self.joinBytes)
            return try await join(decode(request, limit: Self.joinBytes))
        }
        let claim = try await claim(of: request)
        request.body = try await receive(Self.maximumBodyBytes)
        let device = try verify(claim, request)
        let admin = Administration(
            store: store, environment: environment, device: device)
        switch (request.method, request.path) {
        case ("POST", Exchange.syncPath):
            let body = try Self.plainBody(of: request)
            let server = SyncServer(
                store: store, authority: authority, environment: environment)
            let answer = try await server.answer(
                SyncRequest(body), from: device.certificate.replica)
            return TransportResponse(
                status: 200, headers: ["content-type": "application/octet-stream"],
                body: answer.bytes)
        case ("GET", Exchange.collectionsPath):
            return Self.json(try await admin.collections())
        case ("POST", Exchange.collectionsPath):
            return Self.json(try await admin.create(decode(request)))
        case ("POST", Exchange.invitationsPath):
            return Self.json(try await admin.invite(decode(request)))
        case ("GET", Exchange.devicesPath):
            return Self.json(try await admin.devices())
        case ("POST", Exchange.revocationsPath):
            return Self.json(try await admin.revoke(decode(request)))
        case ("POST", Exchange.grantsPath):
            return Self.json(try await admin.grant(decode(request)))
        default:
            throw SijilError(
                .notFound, "There is nothing at this address.",
                hint: "Client and server may be of different versions.")
        }
    }

    private static func plainBody(
        of request: TransportRequest, limit: Int = maximumBodyBytes
    ) throws(SijilError) -> [UInt8] {
        let name = request.headers["content-encoding"] ?? "identity"
        if name == "identity" {
            guard request.body.count <= limit else {
                throw SijilError(.badData, "A body is larger than allowed.")
            }
            return request.body
        }
        guard let encoding = BodyEncoding(rawValue: name) else {
            throw SijilError(.badData, "The body's encoding is not known here.")
        }
        return try encoding.decompress(request.body, limit: limit)
    }

    // MARK: Who asks

    /// What a request's head says of who sends it: a device known here, but nothing that proves it yet.
    private struct Claim {
        var device: Device
        var time: Int64
        var signature: [UInt8]
    }

    private func claim(of request: TransportRequest) async throws -> Claim {
        guard
            let replica = request.headers[RequestSignature.deviceHeader]
                .flatMap({ ReplicaID($0) }),
            let time = request.headers[RequestSignature.timeHeader].flatMap({ Int64($0) }),
            let signature = request.headers[RequestSignature.signatureHeader]
                .flatMap(RequestSignature.decode)
        else {
            throw SijilError(.unauthenticated, "The request is not signed by a device.")
        }
        guard let device = try await store.device(replica) else { throw Self.unknownDevice }
        return Claim(device: device, time: time, signature: signature)
    }

    private func verify(
        _ claim: Claim, _ request: TransportRequest
    ) throws(SijilError) -> Device {
        guard
            isValidSignature(
                claim.signature,
                over: RequestSignature.message(
                    authority: authority.key.publicKey, method: request.method,
                    path: request.path, time: claim.time, body: request.body),
                by: claim.device.certificate.publicKey)
        else { throw Self.unknownDevice }
        guard !claim.device.isRevoked else {
            throw SijilError(
                .notPermitted, "This device was revoked.", hint: "Ask your coordinator.")
        }
        let (distance, overflow) = claim.time
            .subtractingReportingOverflow(environment.now())
        guard !overflow, distance.magnitude <= UInt64(Limits.requestSkewMilliseconds) else {
            throw SijilError(.clockUnknown, "The request's time is too far from the server's.")
        }
        return claim.device
    }

    private static var unknownDevice: SijilError {
        SijilError(
            .unauthenticated, "The server does not know this device.",
            hint: "Join again with a new invitation code.")
    }

    private func join(_ request: Exchange.Join) async throws -> TransportResponse {
        guard let publicKey = RequestSignature.decode(request.public_key),
            publicKey.count == Certificate.keyCount
        else { throw SijilError(.badData, "The device's key cannot be read.") }
        let now = environment.now()
        let authority = authority
        let own = RequestSignature.encode(authority.key.publicKey)
        guard request.authority.map({ $0 == own }) ?? true else {
            throw SijilError(
                .configuration, "This device has joined another server.",
                hint: "Use another --home for this server. No code was used up.")
        }
        let ownName = request.name.flatMap { $0.isDisplayName ? $0 : nil } ?? "coordinator"
        let device = try await store.enrol(
            codeHash: InvitationCode.hash(request.code),
            replica: ReplicaID(publicKey: publicKey), now: now
        ) { authority.certify(publicKey, name: $0.isEmpty ? ownName : $0, now: now) }
        let grants = try await store.grants(of: device.certificate.replica)
        return Self.json(
            Exchange.Joined(
                certificate: RequestSignature.encode(device.certificate.bytes),
                authority: own,
                epoch: authority.epoch.description, server_time: now,
                collections: grants.map(Administration.describe)))
    }

    // MARK: JSON

    private func decode<Body: Decodable>(
        _ request: TransportRequest, limit: Int = maximumBodyBytes
    ) throws -> Body {
        do {
            return try JSONDecoder()
                .decode(
                    Body.self, from: Data(try Self.plainBody(of: request, limit: limit)))
        } catch {
            throw SijilError(.badData, "The request's JSON cannot be read.")
        }
    }

    private static func json(_ body: some Encodable, status: Int = 200) -> TransportResponse {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        let bytes = (try? encoder.encode(body)).map(Array.init) ?? Array("{}".utf8)
        return TransportResponse(
            status: status, headers: ["content-type": "application/json"], body: bytes)
    }

    private static func status(of code: SijilError.Code) -> Int {
        switch code {
        case .unauthenticated, .clockUnknown: 401
        case .notPermitted, .codeUnknown, .codeUsed, .codeExpired: 403
        case .notFound: 404
        case .configuration: 409
        case .tooLarge: 413
        case .badData, .futureVersion, .protocolMismatch, .usage: 400
        case .tryAgain: 503
        default: 500
        }
    }
}

extension SijilError.Code {
    /// A request without a signature of an enrolled device.
    public static let unauthenticated = Self(rawValue: "unauthenticated")
    /// A body over the limit.
    public static let tooLarge = Self(rawValue: "too-large")
}

extension SijilError {
    /// The answer to a body over the limit.
    public static var requestTooLarge: SijilError {
        SijilError(.tooLarge, "The request is larger than allowed.")
    }
}

import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import SijilCore
import SijilStore
import SijilSync

/// Translates between HTTP and ``ServerApplication``, and answers for the server's own health.
struct ServerResponder: HTTPResponder {
    typealias Context = BasicRequestContext

    static let healthPath = "/health"
    static let metricsPath = "/metrics"

    let application: ServerApplication
    let store: any LogStore
    let metrics = ServerMetrics()
    let allowance: BodyAllowance
    let logger: Logger

    func respond(to request: Request, context: Context) async throws -> Response {
        let startedAt = ContinuousClock.now
        let target = request.head.path ?? "/"
        let path = target.prefix { $0 != "?" }
        var entry = RequestEntry(
            method: request.method.rawValue, path: path,
            device: HTTPField.Name(RequestSignature.deviceHeader).flatMap { request.headers[$0] })
        metrics.begin()
        defer {
            metrics.end(entry)
            entry.write(to: logger, after: .now - startedAt)
        }
        let answer = await answer(request, target, path, &entry)
        entry.status = answer.status
        entry.bytesSent = answer.body.count
        let response = Self.response(answer)
        return request.method == .head ? response.createHeadResponse() : response
    }

    private func answer(
        _ request: Request, _ target: String, _ path: Substring, _ entry: inout RequestEntry
    ) async -> TransportResponse {
        switch (request.method, String(path)) {
        case (.get, Self.healthPath), (.head, Self.healthPath): return await health()
        case (.get, Self.metricsPath): return await metricsText()
        default: break
        }
        var received = 0
        defer { allowance.giveBack(received) }
        let (response, failure) = await application.handle(
            TransportRequest(
                method: request.method.rawValue, path: target,
                headers: Self.headers(of: request), body: [])
        ) { limit in
            defer { entry.bytesReceived = received }
            return try await collect(request, limit: limit, &received)
        }
        entry.failure = failure?.rawValue
        return response
    }

    /// - Parameter received: how many bytes came and are taken from ``allowance``, also when it throws.
    /// - Throws: `tooLarge` for a body over the limit; `tryAgain` when too many others are under way, when it
    ///   takes too long or the line is cut.
    private func collect(
        _ request: Request, limit: Int, _ received: inout Int
    ) async throws(SijilError) -> [UInt8] {
        if let announced = request.headers[.contentLength].flatMap({ Int($0) }), announced > limit {
            throw .requestTooLarge
        }
        let deadline = ContinuousClock.now + .seconds(ServerLimits.bodySeconds)
        var body: [UInt8] = []
        do {
            for try await part in request.body {
                guard received + part.readableBytes <= limit else {
                    throw SijilError.requestTooLarge
                }
                guard .now < deadline else {
                    throw SijilError(.tryAgain, "The request took too long to arrive.")
                }
                guard allowance.take(part.readableBytes) else {
                    throw SijilError(
                        .tryAgain, "The server has too much to do.", hint: "Try again in a minute.")
                }
                received += part.readableBytes
                body.append(contentsOf: part.readableBytesView)
            }
        } catch let error as SijilError {
            throw error
        } catch {
            // Nobody waits for this answer.
            throw SijilError(.tryAgain, "The line was cut.", underlying: error)
        }
        return body
    }

    private static func headers(of request: Request) -> [String: String] {
        var headers: [String: String] = [:]
        for field in request.headers {
            let name = field.name.canonicalName
            headers[name] = headers[name].map { "\($0), \(field.value)" } ?? field.value
        }
        return headers
    }

    private static func response(_ answer: TransportResponse) -> Response {
        var headers = HTTPFields()
        headers[.cacheControl] = "no-store"
        for (name, value) in answer.headers {
            if let name = HTTPField.Name(name) { headers[name] = value }
        }
        return Response(
            status: HTTPResponse.Status(code: answer.status), headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: answer.body)))
    }

    // MARK: The server's own

    private struct Health: Encodable { var ok: Bool }

    private func health() async -> TransportResponse {
        let isWell = await (try? store.setting("epoch")) != nil
        return Self.json(Health(ok: isWell), status: isWell ? 200 : 503)
    }

    private func metricsText() async -> TransportResponse {
        guard let collections = try? await store.collections() else {
            return Self.json(Health(ok: false), status: 503)
        }
        let text = metrics.text(loggedChanges: collections.reduce(0) { $0 + $1.head })
        return TransportResponse(
            status: 200, headers: ["content-type": "text/plain; version=0.0.4; charset=utf-8"],
            body: Array(text.utf8))
    }

    private static func json(_ body: some Encodable, status: Int) -> TransportResponse {
        let bytes = (try? JSONEncoder().encode(body)).map(Array.init) ?? Array("{}".utf8)
        return TransportResponse(
            status: status, headers: ["content-type": "application/json"], body: bytes)
    }
}

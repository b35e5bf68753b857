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
        let answer: TransportResponse
        do {
            answer = try await self.answer(request, target, path, &entry)
        } catch {
            // The line was cut: nobody waits for an answer.
            entry.failure = SijilError.Code.tryAgain.rawValue
            throw error
        }
        entry.status = answer.status
        entry.bytesSent = answer.body.count
        let response = Self.response(answer)
        return request.method == .head ? response.createHeadResponse() : response
    }

    private func answer(
        _ request: Request, _ target: String, _ path: Substring, _ entry: inout RequestEntry
    ) async throws -> TransportResponse {
        switch (request.method, String(path)) {
        case (.get, Self.healthPath), (.head, Self.healthPath): return await health()
        case (.get, Self.metricsPath): return await metricsText()
        default: break
        }
        let body: [UInt8]
        do {
            body = try await collect(request, &entry)
        } catch let error as SijilError {
            entry.failure = error.code.rawValue
            return Self.json(
                Exchange.Failure(error), status: error.code == .tooLarge ? 413 : 503)
        }
        let (response, failure) = await application.handle(
            TransportRequest(
                method: request.method.rawValue, path: target,
                headers: Self.headers(of: request), body: body))
        entry.failure = failure?.rawValue
        return response
    }

    /// - Throws: `tooLarge` for a body over the limit, of which nothing is kept; `tryAgain` when too many
    ///   others are under way; what the library throws when the line is cut.
    private func collect(
        _ request: Request, _ entry: inout RequestEntry
    ) async throws -> [UInt8] {
        let limit = ServerApplication.maximumBodyBytes
        let tooLarge = SijilError(.tooLarge, "The request is larger than allowed.")
        if let announced = request.headers[.contentLength].flatMap({ Int($0) }), announced > limit {
            throw tooLarge
        }
        var body: [UInt8] = []
        defer { allowance.giveBack(body.count) }
        for try await part in request.body {
            entry.bytesReceived += part.readableBytes
            guard entry.bytesReceived <= limit else { throw tooLarge }
            guard allowance.take(part.readableBytes) else {
                throw SijilError(
                    .tryAgain, "The server has too much to do.", hint: "Try again in a minute.")
            }
            body.append(contentsOf: part.readableBytesView)
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

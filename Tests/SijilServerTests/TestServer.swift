import Foundation
import Logging
import SijilCore
import SijilCurl
import SijilStore
import SijilSync
import Synchronization
import Testing

@testable import SijilServer

/// A real server on loopback, in this process.
struct TestServer {
    let url: String
    let folder: TestFolder
    let store: SQLiteLogStore
    let authority: Authority
    let lines: LogLines

    /// Runs a server as long as `body`; when this returns it has ended and its files are gone.
    static func run(
        tls: TLSFiles? = nil, _ body: (TestServer) async throws -> Void
    ) async throws {
        let folder = try TestFolder()
        let store = try DataFolder(folder.path("server")).create()
        let authority = try await Authority.establish(in: store, environment: .system)
        let application = ServerApplication(
            store: store, authority: authority, environment: .system)
        let lines = LogLines()
        var logger = Logger(label: "test") { _ in lines }
        logger.logLevel = .info
        var server = HTTPServer(
            application: application, store: store, address: try ListenAddress("127.0.0.1:0"),
            tls: tls, logger: logger)
        // Its requests wait for their turn among all other tests.
        server.idleSeconds = 3600
        let (urls, ready) = AsyncStream.makeStream(of: String.self)
        let task = Task {
            defer { ready.finish() }
            try await server.run { ready.yield($0) }
        }
        let outcome: Result<Void, any Error>
        do {
            var iterator = urls.makeAsyncIterator()
            let url = try #require(await iterator.next(), "the server did not start")
            try await body(
                TestServer(
                    url: url, folder: folder, store: store, authority: authority, lines: lines))
            outcome = .success(())
        } catch {
            outcome = .failure(error)
        }
        task.cancel()
        try await task.value
        try store.close()
        try outcome.get()
    }

    func transport(ca: String? = nil, url: String? = nil) throws -> CurlTransport {
        var options = CurlTransport.Options()
        options.caFile = ca
        // The server shares this process with all other tests, and may wait long for its turn.
        options.stallSeconds = 3600
        options.connectDeadline = .seconds(3600)
        return try CurlTransport(baseURL: url ?? self.url, options: options)
    }

    func answer(
        _ method: String, _ path: String, headers: [String: String] = [:], body: [UInt8] = []
    ) async throws -> (status: Int, text: String) {
        let response = try await transport()
            .send(
                TransportRequest(method: method, path: path, headers: headers, body: body))
        return (response.status, String(decoding: response.body, as: UTF8.self))
    }

    /// A new code that grants `roles`.
    func invite(
        _ name: String, _ roles: [CollectionID: Role], lasts milliseconds: Int64 = 86_400_000
    ) async throws -> String {
        let code = InvitationCode(random: ServerEnvironment.system.randomBytes(20)).text
        try await store.addInvitation(
            Invitation(
                codeHash: InvitationCode.hash(code), name: name, grants: roles, isFounder: false,
                expiresAt: ServerEnvironment.system.now() + milliseconds))
        return code
    }

    /// The founder's device, joined, with a collection of its own.
    func foundCollection() async throws -> (founder: TestDevice, collection: CollectionID) {
        let founder = try TestDevice(self, "desk-01")
        let invitation = try await FounderInvitation.make(
            in: store, environment: .system, name: "desk-01", lifetime: 86_400_000)
        try await founder.join(invitation.code)
        let collection = ServerCollection(
            id: Environment.system.newIdentifier(), name: "Wadi Amal", kind: "roster")
        try await store.createCollection(collection, creator: founder.replica.id)
        try await founder.sync()
        return (founder, collection.id)
    }

    /// A device that has joined with a role in the collection.
    func device(_ name: String, _ collection: CollectionID, _ role: Role = .editor) async throws
        -> TestDevice
    {
        let device = try TestDevice(self, name)
        try await device.join(try await invite(name, [collection: role]))
        return device
    }
}

/// One officer's replica in a file, and its line to the server.
final class TestDevice {
    static let schema = Schema([RecordType("person", [Field("name", .text), Field("note", .text)])])

    let replica: Replica
    private let transport: any Transport
    /// Added to the machine's clock.
    var clockError: Int64 {
        get { clock.error }
        set { clock.error = newValue }
    }
    private let clock = Clock()

    private final class Clock {
        var error: Int64 = 0
    }

    init(_ server: TestServer, _ name: String, transport: (any Transport)? = nil) throws {
        let system = Environment.system
        let clock = clock
        replica = try Replica.create(
            at: server.folder.path("\(name).sqlite"), name: name,
            key: SigningKey(seed: system.randomBytes(32)), schema: Self.schema,
            environment: Environment(
                now: { system.now() + clock.error }, randomBytes: system.randomBytes))
        self.transport = try transport ?? server.transport()
    }

    @discardableResult
    func join(_ code: String) async throws -> [CollectionGrant] {
        try await ServerConnection(replica: replica, transport: transport).join(code: code)
    }

    @discardableResult
    func sync(through other: (any Transport)? = nil) async throws -> SyncReport {
        let run = SyncRun(replica: replica, transport: other ?? transport)
        return try await run.run()
    }

    @discardableResult
    func add(_ name: String, in collection: CollectionID) throws -> RecordID {
        let id = replica.environment.newIdentifier()
        try replica.write(
            [
                RecordEdit(
                    record: id, type: "person",
                    operations: [CellOperation(CellName("name"), .put(.text(name)))])
            ], in: collection)
        return id
    }

    func digest() throws -> String {
        try replica.collections().map { "\($0.changes) \($0.digest)" }.joined(separator: ", ")
    }
}

/// A folder for its owner only, deleted with this object.
final class TestFolder: Sendable {
    private let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory
            .appending(path: "sijil-server-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            at: url, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    func path(_ name: String) -> String { url.appending(path: name).path }
}

/// What the server wrote to its log.
struct LogLines: LogHandler {
    private final class Written: Sendable {
        let lines = Mutex<[String]>([])
    }

    private let written = Written()
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info

    var text: String { written.lines.withLock { $0.joined(separator: "\n") } }

    func log(event: LogEvent) {
        let metadata = (event.metadata ?? [:]).map { "\($0.key)=\($0.value)" }.sorted()
        let line = "\(event.level) \(event.message) \(metadata.joined(separator: " "))"
        written.lines.withLock { $0.append(line) }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }
}

/// The code of the error that `body` throws.
func failure(_ body: () async throws -> Void) async -> String {
    do {
        try await body()
        return "none"
    } catch let error as SijilError {
        return error.code.rawValue
    } catch {
        return "not one of ours: \(error)"
    }
}

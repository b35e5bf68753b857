import Foundation
import SijilCore
import SijilCurl
import SijilServer
import SijilStore
import SijilSync
import Synchronization
import Testing

/// `kill -9` of the server while several devices write and sync at once.
///
/// The program is killed again and again, each time at the same number of requests; where the requests of the
/// other devices are at that moment is chance, and what must hold holds wherever they are.
@Suite(.timeLimit(.minutes(5)))
struct KillTests {
    private static let changesOfEach = 16

    @Test(arguments: [3, 7, 19])
    func `what a killed server had answered is there when it comes back`(
        requests: Int
    ) async throws {
        let folder = try TestFolder()
        let server = try await MortalServer(in: folder, dyingAtEach: requests)
        let (founder, collection) = try await server.asTestServer.foundCollection()
        var officers = [try Officer(founder, collection, server)]
        for name in ["tab-07", "tab-11", "tab-12"] {
            let device = try await server.asTestServer.device(name, collection)
            officers.append(try Officer(device, collection, server))
        }
        await withTaskGroup(of: Void.self) { group in
            for officer in officers { group.addTask { await officer.work(Self.changesOfEach) } }
        }
        let deaths = await server.deaths
        await server.stayAlive()
        for officer in officers { try await officer.sync() }

        let count = UInt64(officers.count * Self.changesOfEach)
        for officer in officers {
            let log = try await officer.positions()
            #expect(log.keys.sorted() == Array(1...count))
            for other in officers { #expect(await other.answered.allSatisfy { log[$0] == $1 }) }
            #expect(try await officer.problems() == [])
        }
        let checked = try await server.asTestServer.check(collection)
        #expect(checked.problems == [])
        for officer in officers {
            #expect(try await officer.digest() == "\(checked.changes) \(checked.digest)")
        }
        #expect(deaths > 0)
        await server.die()
        let ended = try await Program.run(
            MortalServer.program, ["check", "--data", folder.path("server")])
        #expect(ended.status == 0, "\(ended.messages)")
        print("kill -9 at each \(requests) requests: the server died \(deaths) times")
    }
}

/// A device at work: what it does comes one after the other, and beside what the other devices do.
private actor Officer {
    private let device: TestDevice
    private let collection: CollectionID
    private let server: MortalServer
    private let line: any Transport
    /// Which change has which position, as the server ever told this device.
    private(set) var answered: [UInt64: Dot] = [:]

    init(
        _ device: sending TestDevice, _ collection: CollectionID, _ server: MortalServer
    ) throws {
        self.device = device
        self.collection = collection
        self.server = server
        line = DeadlyTransport(base: try server.asTestServer.transport(), server: server)
    }

    /// Writes and syncs, whatever becomes of the server, until everything written has been answered.
    func work(_ count: Int) async {
        do {
            for number in 1...count {
                try device.add("Leader \(number)", in: collection)
                try await trySync()
            }
            while try device.replica.collections().contains(where: { $0.pending > 0 }) {
                try await trySync()
            }
        } catch {
            Issue.record(error)
        }
    }

    private func trySync() async throws {
        do {
            try await device.sync(through: line)
        } catch let error as SijilError where [.unreachable, .tryAgain].contains(error.code) {
            try await server.revive()
        }
        try remember()
    }

    func sync() async throws {
        try await device.sync()
        try remember()
    }

    private func remember() throws {
        for (position, dot) in try positions() {
            let known = answered.updateValue(dot, forKey: position)
            #expect(known == nil || known == dot, "A position was given twice.")
        }
    }

    func positions() throws -> [UInt64: Dot] {
        let log = try device.replica.log(in: collection, limit: .max)
        return Dictionary(
            uniqueKeysWithValues: log.compactMap { entry in
                entry.position.map { ($0, entry.dot) }
            })
    }

    func problems() throws -> [String] { try device.replica.verify().problems.map(\.what) }

    func digest() throws -> String { try device.digest() }
}

/// The program `sijil-server`, which dies at a number of requests and comes back at the same address.
private actor MortalServer {
    static let program: String = {
        let tests = Bundle.main.executableURL ?? URL(filePath: CommandLine.arguments[0])
        return tests.deletingLastPathComponent().appending(path: "sijil-server").path
    }()

    private struct Ready: Decodable {
        var url: String
    }

    /// For devices, and for looking into the database beside the program.
    nonisolated let asTestServer: TestServer
    private let arguments: [String]
    private var running: Program
    private var isDead = false
    private var reviving: Task<Program, any Error>?
    private var requests = 0
    private let span: Int
    private var isMortal = true
    private(set) var deaths = 0

    init(in folder: TestFolder, dyingAtEach requests: Int) async throws {
        let store = try DataFolder(folder.path("server")).create()
        let authority = try await Authority.establish(in: store, environment: .system)
        let serve = ["serve", "--data", folder.path("server"), "--insecure", "--listen"]
        let program = try Program(Self.program, serve + ["127.0.0.1:0"])
        let line = try #require(await program.firstLine())
        let url = try JSONDecoder().decode(Ready.self, from: Data(line.utf8)).url
        asTestServer = TestServer(
            url: url, folder: folder, store: store, authority: authority, lines: LogLines())
        arguments = serve + [url.replacing("http://", with: "")]
        running = program
        span = requests
    }

    deinit { kill(running.identifier, SIGKILL) }

    /// A request is about to leave.
    func willSend() {
        requests += 1
        guard isMortal, !isDead, requests % span == 0 else { return }
        deaths += 1
        die()
    }

    func die() {
        isDead = true
        kill(running.identifier, SIGKILL)
    }

    /// Starts it again if it is dead, and waits until it is ready.
    func revive() async throws {
        guard isDead else { return }
        let task =
            reviving
            ?? Task { [running, arguments] in
                _ = try await running.end()
                while true {
                    let next = try Program(Self.program, arguments)
                    if await next.firstLine() != nil { return next }
                    // Someone else may hold the port for a moment.
                    _ = try await next.end()
                }
            }
        reviving = task
        let next = try await task.value
        guard reviving == task else { return }
        (running, isDead, reviving) = (next, false, nil)
    }

    func stayAlive() async {
        isMortal = false
        do { try await revive() } catch { Issue.record(error) }
    }
}

/// Tells the server of each request before it leaves.
private struct DeadlyTransport: Transport {
    let base: any Transport
    let server: MortalServer

    func send(_ request: TransportRequest) async throws -> TransportResponse {
        await server.willSend()
        return try await base.send(request)
    }
}

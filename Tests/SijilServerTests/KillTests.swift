import Foundation
import SijilCore
import SijilCurl
import SijilServer
import SijilStore
import SijilSync
import Testing

/// `kill -9` of the server while several devices write and sync at once.
///
/// The program is killed again and again, each time at the same number of requests; where the requests of the
/// other devices are at that moment is chance, and what must hold holds wherever they are.
@Suite(.timeLimit(.minutes(5)))
struct KillTests {
    private static let changesOfEach = 16
    private static let officers = ["tab-07", "tab-11", "tab-12", "tab-15"]

    @Test(arguments: [3, 7, 19])
    func `what a killed server had answered is there when it comes back`(
        requests: Int
    ) async throws {
        let folder = try TestFolder()
        let server = try await MortalServer(in: folder, dyingAtEach: requests)
        let (_, collection) = try await server.asTestServer.foundCollection()
        let gathering = Gathering(of: Self.officers.count)
        let officers = try await withThrowingTaskGroup(of: Officer.self) { group in
            for name in Self.officers {
                group.addTask { try await Self.work(name, collection, server, gathering) }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        let checked = try await server.asTestServer.check(collection)
        #expect(checked.problems == [])
        let count = UInt64(Self.officers.count * Self.changesOfEach)
        for officer in officers {
            #expect(officer.log.keys.sorted() == Array(1...count))
            #expect(officer.log == officers[0].log)
            #expect(officer.answered.allSatisfy { officer.log[$0] == $1 })
            #expect(officer.problems == [])
            #expect(officer.digest == "\(checked.changes) \(checked.digest)")
        }
        let deaths = await server.deaths
        #expect(deaths > 0)
        await server.die()
        let ended = try await Program.run(
            MortalServer.program, ["check", "--data", folder.path("server")])
        #expect(ended.status == 0, "\(ended.messages)")
        print("kill -9 at each \(requests) requests: the server died \(deaths) times")
    }

    /// What an officer's device says at the end.
    private struct Officer {
        /// Which change has which position.
        var log: [UInt64: Dot] = [:]
        /// The same as the server told it at any time before.
        var answered: [UInt64: Dot] = [:]
        var problems: [String] = []
        var digest = ""
    }

    /// Writes and syncs, whatever becomes of the server, until everything written has been answered; and
    /// once more when all have come as far and the server stays.
    private static func work(
        _ name: String, _ collection: CollectionID, _ server: MortalServer, _ gathering: Gathering
    ) async throws -> Officer {
        var officer = Officer()
        do {
            let device = try await server.asTestServer.device(name, collection)
            let line = DeadlyTransport(base: try server.asTestServer.transport(), server: server)
            var written = 0
            while try written < changesOfEach
                || device.replica.collections().contains(where: { $0.pending > 0 })
            {
                if written < changesOfEach {
                    written += 1
                    try device.add("Leader \(written)", in: collection)
                }
                do {
                    try await device.sync(through: line)
                } catch let error as SijilError
                    where error.code == .unreachable || error.code == .tryAgain
                {
                    try await server.revive()
                }
                try officer.answered.merge(positions(device, collection)) { known, told in
                    #expect(known == told, "A position was given twice.")
                    return told
                }
            }
            await gathering.arrive()
            try await server.stayAlive()
            try await device.sync()
            officer.log = try positions(device, collection)
            officer.problems = try device.replica.verify().problems.map(\.what)
            officer.digest = try device.digest()
        } catch {
            await gathering.arrive()
            throw error
        }
        return officer
    }

    private static func positions(
        _ device: TestDevice, _ collection: CollectionID
    ) throws -> [UInt64: Dot] {
        let log = try device.replica.log(in: collection, limit: .max)
        return Dictionary(
            uniqueKeysWithValues: log.compactMap { entry in entry.position.map { ($0, entry.dot) } }
        )
    }
}

/// Where each waits until all are there.
private actor Gathering {
    private var missing: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(of count: Int) { missing = count }

    func arrive() async {
        missing -= 1
        guard missing <= 0 else { return await withCheckedContinuation { waiting.append($0) } }
        for one in waiting { one.resume() }
        waiting = []
    }
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

    func stayAlive() async throws {
        isMortal = false
        try await revive()
    }
}

/// Tells the server of each request before it leaves.
private struct DeadlyTransport: Transport, Sendable {
    let base: CurlTransport
    let server: MortalServer

    func send(_ request: TransportRequest) async throws -> TransportResponse {
        await server.willSend()
        return try await base.send(request)
    }
}

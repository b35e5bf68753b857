import ArgumentParser
import Foundation
import SijilCore
import SijilCurl
import SijilStore
import SijilSync

/// W6: two devices and a real server process on loopback.
///
/// `value` is seconds of the first sync up.
struct SyncLoopback: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "sync")

    @OptionGroup var folders: Folders

    @Option(help: "The sijil-server program.")
    var server: String

    @Option(help: "How often to sync one edit, and nothing.")
    var repeats = 20

    func run() async throws {
        let records = try RosterRecord.all(in: folders.data)
        let server = try ServerProcess(program: server, data: folders.at + "/server")
        defer { server.stop() }
        let writer = try device("writer")
        let writerLine = try CurlTransport(baseURL: server.url)
        let connection = ServerConnection(replica: writer, transport: writerLine)
        _ = try await connection.join(code: server.code)
        let made: Exchange.Collection = try await connection.call(
            "POST", Exchange.collectionsPath,
            Exchange.NewCollection(name: "roster", kind: "roster"))
        guard let collection = CollectionID(made.id) else {
            throw SijilError(.protocolMismatch, "The collection has no id.")
        }
        _ = try await SyncRun(replica: writer, transport: writerLine).run()
        for start in stride(from: 0, to: records.count, by: WriteRecords.perChange) {
            let end = min(start + WriteRecords.perChange, records.count)
            try writer.write(records[start..<end].map(\.edit), in: collection)
        }
        let up = try await Self.sync(writer, writerLine)

        let reader = try device("reader")
        let readerLine = try CurlTransport(baseURL: server.url)
        let invited: Exchange.Invited = try await connection.call(
            "POST", Exchange.invitationsPath,
            Exchange.NewInvitation(
                name: "reader", grants: [made.id: "editor"], expires_in_ms: 3_600_000))
        let joining = ServerConnection(replica: reader, transport: readerLine)
        _ = try await joining.join(code: invited.code)
        let down = try await Self.sync(reader, readerLine)
        let hash = try RowHash(ofRowsIn: folders.at + "/reader.sqlite")

        var (idles, edits, works): ([Double], [Double], [Double]) = ([], [], [])
        var bytes = (idle: 0, sent: 0, all: 0)
        for round in 0..<repeats {
            let idle = try await Self.sync(writer, writerLine)
            idles.append(idle.seconds * 1000)
            bytes.idle = idle.bytesSent + idle.bytesReceived
            let record = records[round * 37 % records.count].id
            let edit = RosterRecord.edit(record, field: 8, text: "+99955\(1_000_000 + round)")
            let before = try ProcessTime.own() + server.time()
            let started = ContinuousClock.now
            try writer.write([edit], in: collection)
            let sent = try await Self.sync(writer, writerLine)
            let received = try await Self.sync(reader, readerLine)
            edits.append((ContinuousClock.now - started) / .milliseconds(1))
            works.append((try ProcessTime.own() + server.time() - before) * 1000)
            bytes.sent = sent.bytesSent
            bytes.all =
                sent.bytesSent + sent.bytesReceived + received.bytesSent + received.bytesReceived
        }
        var comparisons: [Double] = []
        var isSame = true
        for _ in 0...repeats {
            let started = ContinuousClock.now
            isSame = try writer.collections()[0].digest == reader.collections()[0].digest
            comparisons.append((ContinuousClock.now - started) / .microseconds(1))
        }
        for replica in [writer, reader] { try replica.close() }
        func number(_ count: Int) -> Measurement.Measure { .number(Double(count)) }
        try Measurement(
            up.seconds,
            [
                "down": .number(down.seconds), "idle": .number(idles.percentile(50)),
                "edit": .number(edits.percentile(50)), "edit_work": .number(works.percentile(50)),
                "up_bytes": number(up.bytesSent + up.bytesReceived),
                "down_bytes": number(down.bytesSent + down.bytesReceived),
                "up_round_trips": number(up.roundTrips),
                "down_round_trips": number(down.roundTrips), "idle_bytes": number(bytes.idle),
                "edit_sent_bytes": number(bytes.sent), "edit_bytes": number(bytes.all),
                "digest": .number(comparisons.percentile(50)), "converged": .truth(isSame),
                "hash": .text(hash.description),
            ]
        )
        .print()
    }

    private func device(_ name: String) throws -> Replica {
        try Replica.create(
            at: "\(folders.at)/\(name).sqlite", name: name,
            key: SigningKey(seed: Environment.system.randomBytes(32)),
            schema: RosterRecord.schema(searched: false), environment: .system)
    }

    private struct Timed {
        var seconds: Double
        var bytesSent: Int
        var bytesReceived: Int
        var roundTrips: Int
    }

    private static func sync(
        _ replica: Replica, _ transport: CurlTransport
    ) async throws -> Timed {
        let started = ContinuousClock.now
        let report = try await SyncRun(replica: replica, transport: transport).run()
        return Timed(
            seconds: (ContinuousClock.now - started) / .seconds(1), bytesSent: report.bytesSent,
            bytesReceived: report.bytesReceived, roundTrips: report.roundTrips)
    }
}

/// A server of its own, gone with ``stop()``.
private final class ServerProcess {
    let url: String
    let code: String
    private let process = Process()

    init(program: String, data: String) throws {
        struct Answer: Decodable { var code: String }
        struct Ready: Decodable { var url: String }
        let initialising = Pipe()
        let first = Self.process(
            program, ["init", "--data", data, "--json"], output: initialising)
        try first.run()
        code = try JSONDecoder()
            .decode(Answer.self, from: initialising.fileHandleForReading.readDataToEndOfFile())
            .code
        first.waitUntilExit()
        let ready = Pipe()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = ["serve", "--data", data, "--insecure", "--listen", "127.0.0.1:0"]
        process.standardOutput = ready
        process.standardError = FileHandle.nullDevice
        try process.run()
        url = try JSONDecoder()
            .decode(Ready.self, from: ready.fileHandleForReading.availableData)
            .url
    }

    private static func process(
        _ program: String, _ arguments: [String], output: Pipe
    ) -> Process {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        return process
    }

    func time() throws -> Double { try ProcessTime.of(process.processIdentifier) }

    func stop() {
        process.terminate()
        process.waitUntilExit()
    }
}

/// Seconds of computing that a process has used, in all of its threads.
private enum ProcessTime {
    static func own() throws -> Double { try of(getpid()) }

    static func of(_ process: pid_t) throws -> Double {
        var clock = clockid_t()
        var time = timespec()
        guard unsafe clock_getcpuclockid(process, &clock) == 0,
            unsafe clock_gettime(clock, &time) == 0
        else { throw SijilError(.unreachable, "The server is gone.") }
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
}

import Foundation
import SijilCore
import SijilCurl
import SijilStore
import SijilSync

/// One edit, carried to a real server process over loopback and fetched by another replica.
struct LoopbackSync {
    var program: String
    var scratch: Scratch

    func run(_ workload: Workload, rounds: Int) async throws -> [String] {
        let data = scratch.folder.appending(path: "server").path
        let code = try Self.code(
            from: Self.output(of: program, ["init", "--data", data, "--json"]))
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = [
            "serve", "--data", data, "--insecure", "--listen", "127.0.0.1:0",
        ]
        let ready = Pipe()
        process.standardOutput = ready
        process.standardError = FileHandle.nullDevice
        try process.run()
        defer { process.terminate() }
        let line = String(decoding: ready.fileHandleForReading.availableData, as: UTF8.self)
        guard let start = line.range(of: "http://"), let end = line.lastIndex(of: "\"") else {
            throw SijilError(.unreachable, "The server did not start.")
        }
        let transport = try CurlTransport(baseURL: String(line[start.lowerBound..<end]))

        let replica = try Replica.create(
            at: scratch.newPath(), name: "device",
            key: SigningKey(seed: Environment.system.randomBytes(32)),
            schema: Workload.schema(searched: false), environment: .system)
        let connection = ServerConnection(replica: replica, transport: transport)
        _ = try await connection.join(code: code)
        let collection: Exchange.Collection = try await connection.call(
            "POST", Exchange.collectionsPath, ["name": "roster", "kind": "roster"])
        let id = CollectionID(collection.id)!
        _ = try await SyncRun(replica: replica, transport: transport).run()
        for start in stride(from: 0, to: workload.rows.count, by: 250) {
            let range = start..<min(start + 250, workload.rows.count)
            try replica.write(workload.edits(range), in: id)
        }
        let started = ContinuousClock.now
        let whole = try await SyncRun(replica: replica, transport: transport).run()
        let seconds = (ContinuousClock.now - started) / .seconds(1)

        let raw = try RawTable(path: scratch.newPath(), fields: Workload.fields)
        try raw.insert(workload.rows, perTransaction: 1000)
        var (edits, idles, updates): ([Double], [Double], [Double]) = ([], [], [])
        var bytes = 0
        for round in 0..<rounds * 20 {
            let record = workload.rows[round % workload.rows.count].id
            let updateStarted = ContinuousClock.now
            try raw.update([record], field: Workload.fields[3], to: "\(round)")
            updates.append((ContinuousClock.now - updateStarted) / .milliseconds(1))
            try replica.write(
                [
                    RecordEdit(
                        record: record, type: "entry",
                        operations: [
                            CellOperation(CellName(Workload.fields[3]), .put(.text("\(round)")))
                        ])
                ], in: id)
            let editStarted = ContinuousClock.now
            let report = try await SyncRun(replica: replica, transport: transport).run()
            edits.append((ContinuousClock.now - editStarted) / .milliseconds(1))
            bytes = report.bytesSent + report.bytesReceived
            let idleStarted = ContinuousClock.now
            _ = try await SyncRun(replica: replica, transport: transport).run()
            idles.append((ContinuousClock.now - idleStarted) / .milliseconds(1))
        }
        func median(_ numbers: [Double]) -> Double { numbers.sorted()[numbers.count / 2] }
        return [
            String(
                format: "first sync up over loopback: %.2f s, %d bytes, %d round trips", seconds,
                whole.bytesSent + whole.bytesReceived, whole.roundTrips),
            String(
                format: """
                    one edit synced over loopback: %.2f ms, %d bytes; nothing to say: %.2f ms; \
                    raw SQLite update: %.3f ms (%.0f x)
                    """, median(edits), bytes, median(idles), median(updates),
                median(edits) / median(updates)),
        ]
    }

    private static func output(of program: String, _ arguments: [String]) throws -> Data {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        try process.run()
        return pipe.fileHandleForReading.readDataToEndOfFile()
    }

    private static func code(from json: Data) throws -> String {
        struct Answer: Decodable { var code: String }
        return try JSONDecoder().decode(Answer.self, from: json).code
    }
}

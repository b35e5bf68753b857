import ArgumentParser
import Foundation
import SijilCore
import SijilCurl
import SijilDirectory
import SijilStore
import SijilSync

@main
struct SijilBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "What Sijil costs next to raw SQLite doing the same rows, in the same run.")

    @Option(help: "Records a workload.")
    var records = 10_000

    @Option(help: "Rounds; the median is shown.")
    var rounds = 5

    @Option(help: "Where the databases lie; memory-backed storage shows the processor's share.")
    var folder = "/dev/shm"

    @Option(help: "Only the workloads whose name contains this, and the raw ones.")
    var only: String?

    @Option(help: "The sijil-server program, for the sync over loopback.")
    var server: String?

    @Option(
        help:
            "A roster of 16 fields, as a file of fields ended by 0x1F and records ended by 0x1E, for the snapshot."
    )
    var roster: String?

    func run() async throws {
        let scratch = try Scratch(folder: folder)
        defer { scratch.remove() }
        let workload = Workload(count: records, seed: 42)
        var measurement = Measurement(variants: [])
        addLocalWrites(workload, scratch, &measurement)
        addTransfers(workload, scratch, &measurement)
        try addSnapshots(workload, scratch, &measurement)
        if let only {
            measurement.variants.removeAll { $0.baseline != nil && !$0.name.contains(only) }
        }
        for result in try await measurement.run(rounds: rounds) { print(Self.line(result)) }
        if let server {
            for line in try await LoopbackSync(program: server, scratch: scratch)
                .run(workload, rounds: rounds)
            { print(line) }
        }
    }

    private func addLocalWrites(
        _ workload: Workload, _ scratch: Scratch, _ measurement: inout Measurement
    ) {
        let count = workload.rows.count
        let few = min(count, 2000)
        for (searched, suffix) in [(0, ""), (4, ", searched")] {
            measurement.variants += [
                .init(name: "raw SQLite, 1,000 a transaction\(suffix)", baseline: nil) { _ in
                    let table = try RawTable(
                        path: scratch.newPath(), fields: Workload.fields, searched: searched)
                    return (count, { try table.insert(workload.rows, perTransaction: 1000) })
                },
                .init(name: "raw SQLite, 1 a transaction\(suffix)", baseline: nil) { _ in
                    let table = try RawTable(
                        path: scratch.newPath(), fields: Workload.fields, searched: searched)
                    let rows = Array(workload.rows.prefix(few))
                    return (few, { try table.insert(rows, perTransaction: 1) })
                },
            ]
        }
        for (searched, suffix) in [(false, ""), (true, ", searched")] {
            measurement.variants += [
                .init(
                    name: "local write, 250 a change\(suffix)",
                    baseline: "raw SQLite, 1,000 a transaction\(suffix)"
                ) { _ in
                    let replica = try scratch.newReplica(searched: searched)
                    return (
                        count,
                        {
                            for start in stride(from: 0, to: count, by: 250) {
                                let range = start..<min(start + 250, count)
                                try replica.write(workload.edits(range), in: scratch.collection)
                            }
                        }
                    )
                },
                .init(
                    name: "local write, 1 a change\(suffix)",
                    baseline: "raw SQLite, 1 a transaction\(suffix)"
                ) { _ in
                    let replica = try scratch.newReplica(searched: searched)
                    return (
                        few,
                        {
                            for index in 0..<few {
                                try replica.write(
                                    workload.edits(index..<index + 1), in: scratch.collection)
                            }
                        }
                    )
                },
            ]
        }
    }

    private func addTransfers(
        _ workload: Workload, _ scratch: Scratch, _ measurement: inout Measurement
    ) {
        let count = workload.rows.count
        let lines = workload.jsonLines
        measurement.variants += [
            .init(name: "bulk import of JSONL", baseline: "raw SQLite, 1,000 a transaction") { _ in
                let replica = try scratch.newReplica(searched: false)
                return (
                    count,
                    {
                        _ = try Importer(replica, into: scratch.collection)
                            .run(.bytes(lines), ImportOptions(format: .jsonl))
                    }
                )
            },
            .init(
                name: "apply of a full replica", baseline: "raw SQLite, 1,000 a transaction"
            ) { _ in
                let author = try scratch.newReplica(searched: false)
                for start in stride(from: 0, to: count, by: 250) {
                    let range = start..<min(start + 250, count)
                    try author.write(workload.edits(range), in: scratch.collection)
                }
                let runs = try author.pendingRuns(in: scratch.collection, byteLimit: .max).runs
                let replica = try scratch.newReplica(searched: false)
                try scratch.introduce(author, to: replica)
                let whole = runs[0]
                return (
                    count,
                    {
                        try replica.receive(
                            [Delivery(position: 1, .run(whole))], in: scratch.collection,
                            cursor: UInt64(whole.changes.count))
                    }
                )
            },
        ]
    }

    private static func line(_ result: Measurement.Result) -> String {
        let name = result.name.padding(toLength: 42, withPad: " ", startingAt: 0)
        let speed = String(
            format: "%9.0f records/s  (%.0f to %.0f)", result.speed, result.range.lowerBound,
            result.range.upperBound)
        let cost = result.cost.map { String(format: "  %.2f x the cost of ", $0) } ?? ""
        return name + speed + cost + (result.baseline ?? "")
    }
}

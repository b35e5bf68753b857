import ArgumentParser
import SijilStore

/// W5: beginnings of names.
///
/// `value` is the median of microseconds a query, the best 20 records read.
struct FindNames: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "find")

    @OptionGroup var folders: Folders

    func run() throws {
        let replica = try Stage(folder: folders.data).open(.searcher, searched: true)
        var queries: [String] = []
        try DataFile.forEachRow("queries", in: folders.data) {
            queries.append(String(decoding: $0[0], as: UTF8.self))
        }
        var times: [Double] = []
        var hits = 0
        for query in queries {
            let started = ContinuousClock.now
            hits += try replica.find(query, limit: 20).count
            times.append((ContinuousClock.now - started) / .microseconds(1))
        }
        try Measurement(
            times.percentile(50),
            ["p95": .number(times.percentile(95)), "hits": .number(Double(hits))]
        )
        .print()
    }
}

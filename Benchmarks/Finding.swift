import ArgumentParser
import SijilStore

/// W5: beginnings of names, whole names, and names in other spellings.
///
/// `value` is the median of microseconds a query, the best 20 records read.
struct FindNames: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "find")

    enum Asked: String, ExpressibleByArgument {
        case beginnings
        /// First and last part of a Latin name.
        case names
        /// The same with other vowels: nobody is written so.
        case spellings
    }

    @OptionGroup var folders: Folders

    @Option(help: "What is asked for: beginnings, names or spellings.")
    var asked = Asked.beginnings

    func run() throws {
        let replica = try Stage(folder: folders.data).open(.searcher, searched: true)
        var times: [Double] = []
        var hits = 0
        for query in try queries() {
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

    private static let names = 500

    private func queries() throws -> [String] {
        var queries: [String] = []
        if asked == .beginnings {
            try DataFile.forEachRow("queries", in: folders.data) {
                queries.append(String(decoding: $0[0], as: UTF8.self))
            }
            return queries
        }
        let records = try RosterRecord.all(in: folders.data)
        for record in records.enumerated()
        where record.offset % max(records.count / Self.names, 1) == 0 {
            let parts = record.element.texts[1].split(separator: " ")
            let name = "\(parts.first ?? "") \(parts.last ?? "")"
            queries.append(asked == .names ? name : Self.respelled(name))
        }
        return queries
    }

    private static func respelled(_ name: String) -> String {
        let vowels: [Character: String] = ["a": "e", "i": "y", "o": "ou", "u": "o"]
        return name.map { vowels[$0] ?? String($0) }.joined()
    }
}

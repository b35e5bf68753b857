import ArgumentParser
import Foundation
import SijilCore
import SijilServer

/// What every verb takes.
struct ServerOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The folder of the server's database.", valueName: "folder"))
    var data: String?

    @Option(
        name: .customLong("database-url"),
        help: ArgumentHelp(
            "For a PostgreSQL database: not in this version, which keeps its logs in --data.",
            valueName: "url"))
    var databaseURL: String?

    @Flag(help: "One JSON object, or one per line, instead of text.")
    var json = false

    @Flag(name: .shortAndLong, help: "No messages; data and errors only.")
    var quiet = false

    @Flag(name: .customLong("no-input"), help: "Never ask anything.")
    var noInput = false

    func folder() throws(SijilError) -> DataFolder {
        guard databaseURL == nil else {
            throw SijilError(
                .configuration, "This version of the server keeps its logs in SQLite only.",
                hint: "Use --data without --database-url.")
        }
        guard let data else {
            throw SijilError(
                .usage, "The server's data folder is missing.", hint: "Give --data FOLDER.")
        }
        return DataFolder(data)
    }

    /// Tells a person something that is not data.
    func say(_ text: String) {
        if !quiet, !json { Output.message(text + "\n") }
    }
}

/// A span of time as people type it: `30m`, `12h`, `7d`, `2w`.
struct Lifetime: ExpressibleByArgument {
    let milliseconds: Int64

    init?(argument: String) {
        let units: [Character: Int64] = [
            "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000,
        ]
        guard let last = argument.last, let unit = units[last],
            let count = Int64(argument.dropLast()), (1...1_000_000).contains(count)
        else { return nil }
        milliseconds = count * unit
    }

    init(days: Int64) { milliseconds = days * 86_400_000 }

    var defaultValueDescription: String { "\(milliseconds / 86_400_000)d" }
}

extension Int64 {
    /// Milliseconds since 1970 as an ISO 8601 time in UTC.
    var isoTime: String {
        Date(timeIntervalSince1970: Double(self) / 1000).formatted(.iso8601)
    }
}

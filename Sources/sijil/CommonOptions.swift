import ArgumentParser
import SijilCore
import SijilStore

/// What every verb takes.
struct CommonOptions: ParsableArguments {
    @Flag(help: "One JSON object, or one per line, instead of text.")
    var json = false

    @Flag(name: .shortAndLong, help: "No messages; data and errors only.")
    var quiet = false

    @Flag(name: .customLong("no-input"), help: "Never ask anything.")
    var noInput = false

    @Option(
        help: ArgumentHelp(
            "Where the replica is. Default: $SIJIL_HOME, else the XDG data directory.",
            valueName: "directory"))
    var home: String?
}

/// A command of the program.
///
/// What it prints is written out when it returns or throws.
protocol Verb: AsyncParsableCommand {
    var common: CommonOptions { get }

    func run(_ console: Console) async throws
}

extension Verb {
    mutating func run() async throws {
        let console = Console(common)
        do {
            try await run(console)
        } catch {
            // What was found before the error is data all the same.
            try? console.flush()
            throw error
        }
        try console.flush()
    }

    var home: Home { Home(option: common.home) }

    func openReplica() throws -> Replica { try home.open() }
}

import ArgumentParser
import Dispatch
import Foundation
import SijilCore
import SijilServer
import SijilStore

struct BackUp: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Copy the whole database to a new file, also while the server runs.",
        discussion: """
            Example:
              sijil-server backup /backup/sijil-monday.sqlite --data /var/lib/sijil

            The file holds the server's private key: keep it as safe as the server.
            """)

    @OptionGroup var options: ServerOptions

    @Argument(help: "The file to make.")
    var file: String

    private struct Answer: Encodable { var file: String }

    func run() async throws {
        let store = try options.folder().open()
        Self.removeWhenEnded(Backup.unfinishedPath(of: file))
        try Backup.write(store, to: file)
        try store.close()
        if options.json {
            try Output.data(Output.line(Answer(file: file)))
        } else {
            options.say("The backup is complete. It holds the server's private key.")
        }
    }

    /// Lets Ctrl-C and SIGTERM end the process as usual, but for the half of a copy that would be left.
    private static func removeWhenEnded(_ unfinished: String) {
        for number in [SIGINT, SIGTERM] {
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            // The handler holds its source: both live as long as the process.
            source.setEventHandler {
                _ = source
                // With the journal that SQLite keeps beside it.
                for path in [unfinished, unfinished + "-journal"] { unsafe unlink(path) }
                signal(number, SIG_DFL)
                // To the process: this thread takes no signals.
                kill(getpid(), number)
            }
            source.resume()
        }
    }
}

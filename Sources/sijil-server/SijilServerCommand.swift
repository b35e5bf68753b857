import ArgumentParser
import Foundation

/// The command `sijil-server`.
struct SijilServerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sijil-server",
        abstract: "Keeps the logs that replicas sync with.",
        discussion: """
            Examples:
              sijil-server init --data /var/lib/sijil
              sijil-server serve --data /var/lib/sijil --listen 0.0.0.0:8443 \\
                --tls-certificate chain.pem --tls-key key.pem
              sijil-server check --data /var/lib/sijil
              sijil-server backup /backup/sijil-monday.sqlite --data /var/lib/sijil

            Every verb takes --json for programs.
            """,
        version: "0.1.0",
        subcommands: [Init.self, Serve.self, Check.self, BackUp.self])
}

@main
enum Main {
    static func main() async {
        // Whatever is written here holds the authority's key: for its owner only.
        umask(0o077)
        let arguments = Array(CommandLine.arguments.dropFirst())
        let isJSON = arguments.prefix { $0 != "--" }.contains("--json")
        do {
            var command = try SijilServerCommand.parseAsRoot(arguments)
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            exit(Failure.report(error, asJSON: isJSON))
        }
    }
}

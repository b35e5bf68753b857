import ArgumentParser
import Foundation
import SijilCore
import SijilSync

/// The command `sijil`.
struct Sijil: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sijil",
        abstract: "A register of people and practices that works without a network.",
        discussion: """
            Examples:
              sijil init --name tab-07
              sijil join https://sync.example.org --code 7K3QX-…
              sijil sync
              sijil find tazarini
              sijil conflicts

            Every verb takes --json for programs; 'sijil help VERB' shows examples of each.
            """,
        version: "0.1.0",
        groupedSubcommands: [
            CommandGroup(name: "Setting Up", subcommands: [Init.self, Join.self, Region.self]),
            CommandGroup(
                name: "Together", subcommands: [Sync.self, Status.self, Collections.self]),
            CommandGroup(
                name: "Records",
                subcommands: [
                    Add.self, Edit.self, Remove.self, Restore.self, Show.self, List.self,
                    Find.self,
                ]),
            CommandGroup(
                name: "People",
                subcommands: [
                    LeaderGroup.self, OfficeGroup.self, Due.self, CoverageVerb.self,
                    DuplicatesCommand.self, Merge.self, Unmerge.self, Person.self,
                ]),
            CommandGroup(name: "Practices", subcommands: [Practice.self]),
            CommandGroup(
                name: "What Happened",
                subcommands: [
                    History.self, Log.self, Conflicts.self, Resolve.self, Digest.self,
                    Verify.self,
                ]),
            CommandGroup(
                name: "In And Out", subcommands: [Import.self, Export.self, Snapshot.self]),
            CommandGroup(name: "For Coordinators", subcommands: [Admin.self]),
        ]
    )
}

@main
enum Main {
    static func main() async {
        // Whatever is written here is for its owner only: database, key, exports, reject files.
        umask(0o077)
        // Where the shell closed one of these, the next file that is opened would take its number, and what is
        // meant for people would be written into it.
        for descriptor: Int32 in 0...2 where fcntl(descriptor, F_GETFD) == -1 {
            _ = unsafe open("/dev/null", O_RDONLY)
        }
        let arguments = Array(CommandLine.arguments.dropFirst())
        let isJSON = arguments.prefix { $0 != "--" }.contains("--json")
        let work = Task { await run(arguments, asJSON: isJSON) }
        Interruption.shared.onInterruption { work.cancel() }
        exit(await work.value)
    }

    /// - Returns: what the process exits with.
    private static func run(_ arguments: [String], asJSON isJSON: Bool) async -> Int32 {
        guard areArgumentsText else {
            let error = SijilError(
                .usage, "An argument is not UTF-8 text.", hint: "Is the terminal's encoding UTF-8?")
            return Failure.report(error, asJSON: isJSON)
        }
        guard !namesNoVerb(arguments) else {
            let error = SijilError(
                .usage, "There is no such verb.", hint: "'sijil help' lists them.")
            return Failure.report(error, asJSON: isJSON)
        }
        var command: any ParsableCommand
        do {
            command = try Sijil.parseAsRoot(arguments)
        } catch {
            return Failure.report(parsing: error, asJSON: isJSON)
        }
        do {
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            return 0
        } catch  where !(command is any Verb) {
            // Help, and command groups without a verb, end with one of the parser's own errors.
            return Failure.report(parsing: error, asJSON: isJSON)
        } catch {
            return Failure.report(Interruption.shared.explained(error), asJSON: isJSON)
        }
    }

    /// Whether all arguments are UTF-8; Swift puts U+FFFD where they are not, and that would be kept as a name.
    private static var areArgumentsText: Bool {
        unsafe UnsafeBufferPointer(start: CommandLine.unsafeArgv, count: Int(CommandLine.argc))
            .allSatisfy { argument in
                guard let argument = unsafe argument else { return true }
                return unsafe String(validatingCString: argument) != nil
            }
    }

    /// Whether a word stands where a verb belongs and is none: of its help the parser would make the help of what stands
    /// before it, and of its options unknown ones.
    private static func namesNoVerb(_ arguments: [String]) -> Bool {
        var words = arguments.prefix { !$0.hasPrefix("-") }
        if words.first == "help" { words.removeFirst() }
        var command: any ParsableCommand.Type = Sijil.self
        for word in words {
            let verbs = command.configuration.subcommands
            if verbs.isEmpty { return false }
            guard let verb = verbs.first(where: { $0._commandName == word }) else {
                return word != "help"
            }
            command = verb
        }
        return false
    }
}

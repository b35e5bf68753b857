import ArgumentParser
import Foundation
import SijilCore
import SijilDirectory
import SijilStore

struct Person: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: Phrase.personAbstract.here, discussion: Phrase.personDiscussion.here,
        subcommands: [PersonReport.self, PersonErase.self])
}

struct PersonReport: Verb {
    static let configuration = CommandConfiguration(
        commandName: "report", abstract: Phrase.reportAbstract.here,
        discussion: Phrase.reportDiscussion.here)

    @Argument(help: ArgumentHelp(Phrase.personID.here))
    var id: String

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(Phrase.reportOutput.here, valueName: "file"))
    var output: String?

    @OptionGroup var language: LanguageOptions
    @OptionGroup var common: CommonOptions

    func run(_ console: Console) async throws {
        let replica = try openReplica()
        let subject = try Subject(Arguments.recordID(id), on: replica)
        let report = try SubjectReport(subject, on: replica)
        // What goes to a file is nobody's terminal.
        let isFile = output.map { $0 != "-" } ?? false
        let text = isFile ? TerminalText(isTerminal: false, isPlain: true) : console.text
        let bytes =
            console.isJSON
            ? report.json.bytes + [UInt8(ascii: "\n")]
            : Array(report.lines(text).map { $0 + "\n" }.joined().utf8)
        guard isFile, let output else { return try console.append(bytes) }
        Interruption.shared.listen()
        try PrivateFile.replace(output) { try $0(bytes) }
        console.message(Phrase.reportWritten(output))
    }
}

struct PersonErase: Verb {
    static let configuration = CommandConfiguration(
        commandName: "erase", abstract: Phrase.eraseAbstract.here,
        discussion: Phrase.eraseDiscussion.here)

    @Argument(help: ArgumentHelp(Phrase.personID.here))
    var id: String

    @Option(help: ArgumentHelp(Phrase.eraseBecause.here, valueName: "text"))
    var because: String?

    @OptionGroup var language: LanguageOptions
    @OptionGroup var common: CommonOptions

    func run(_ console: Console) async throws {
        let replica = try openReplica()
        let seen = try replica.seen()
        let subject = try Subject(Arguments.recordID(id), on: replica)
        let erasures = subject.erasures
        try checkRole(in: Set(erasures.map(\.collection)), on: replica)
        let ids = subject.records.filter { !$0.isErased }.map(\.id)
        if !ids.isEmpty, !isConfirmed(ids.count) {
            throw SijilError(.cancelled, Phrase.eraseNotConfirmed.here)
        }
        for (collection, edits) in erasures {
            try replica.write(edits, in: collection, note: because, seen: seen[collection])
        }
        if console.isJSON {
            return try console.emit([
                "id": .string(subject.records[0].id.description),
                "erased": .array(ids.map { .string($0.description) }),
            ])
        }
        console.message(
            ids.isEmpty
                ? Phrase.erasedAlready.here
                : CountedPhrase.erased(ids.count) + Phrase.eraseNext.here)
    }

    /// Before anything is written; where everything is erased already, no role is needed.
    private func checkRole(in collections: Set<CollectionID>, on replica: Replica) throws {
        let isCoordinator = try replica.collections()
            .filter { collections.contains($0.grant.id) }
            .allSatisfy { $0.grant.role == .coordinator }
        guard isCoordinator else {
            throw SijilError(
                .notPermitted, Phrase.eraseNeedsCoordinator.here,
                hint: Phrase.eraseAskCoordinator.here)
        }
    }

    /// Asks a person who is there to be asked.
    private func isConfirmed(_ count: Int) -> Bool {
        guard !common.noInput, isatty(STDIN_FILENO) == 1, isatty(STDERR_FILENO) == 1 else {
            return true
        }
        Console.write(CountedPhrase.eraseQuestion(count), to: .standardError)
        let answer = readLine()?.trimmingCharacters(in: .whitespaces).lowercased() ?? ""
        return ["y", "yes", "o", "oui", "ن", "نعم"].contains(answer)
    }
}

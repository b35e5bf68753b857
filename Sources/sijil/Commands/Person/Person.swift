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
        let roles = try roles(on: replica)
        let erasures = subject.erasures.filter { roles[$0.collection]?.role == .coordinator }
        let here = Set(erasures.map(\.collection))
        let open = subject.records.filter { !$0.isErased }
        let (erased, left) = (
            open.filter { here.contains($0.collection) },
            open.filter { !here.contains($0.collection) }
        )
        let names = Set(left.compactMap { roles[$0.collection]?.name }).sorted()
        let notPermitted = SijilError(
            .notPermitted,
            Phrase.eraseLeft(names.map(console.text.own).joined(separator: ", ")),
            hint: Phrase.eraseAskCoordinator.here)
        guard left.isEmpty || !erased.isEmpty else { throw notPermitted }
        let staysListed = left.contains { $0.type == "person" }
        guard try !(staysListed && subject.isProtected(in: here, on: replica)) else {
            throw SijilError(
                .notPermitted, notPermitted.message, hint: Phrase.eraseOthersFirst.here)
        }
        if !erased.isEmpty, !isConfirmed(erased.count) {
            throw SijilError(.cancelled, Phrase.eraseNotConfirmed.here)
        }
        for (collection, edits) in erasures {
            try replica.write(edits, in: collection, note: because, seen: seen[collection])
        }
        if console.isJSON {
            try console.emit([
                "id": .string(subject.records[0].id.description),
                "erased": .array(erased.map { .string($0.id.description) }),
                "left": .array(left.map { .string($0.id.description) }),
            ])
        } else {
            console.message(
                open.isEmpty
                    ? Phrase.erasedAlready.here
                    : CountedPhrase.erased(erased.count) + Phrase.eraseNext.here)
            for record in left { console.message(console.text.code(record.id.description)) }
        }
        guard !left.isEmpty else { return }
        try console.flush()
        throw notPermitted
    }

    private func roles(on replica: Replica) throws -> [CollectionID: CollectionGrant] {
        Dictionary(uniqueKeysWithValues: try replica.collections().map { ($0.grant.id, $0.grant) })
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

import ArgumentParser
import SijilCore
import SijilDirectory
import SijilStore

struct DuplicatesCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "duplicates", abstract: Phrase.duplicatesAbstract.here,
        discussion: Phrase.duplicatesDiscussion.here)

    @Option(
        name: .customLong("in"),
        help: ArgumentHelp(Phrase.duplicatesIn.here, valueName: "collection"))
    var collection: String?

    @Option(
        name: .customLong("min-score"),
        help: ArgumentHelp(Phrase.duplicatesMinimum.here, valueName: "0…1"))
    var minimumScore = PossibleDuplicate.suggested

    @Option(help: ArgumentHelp(Phrase.duplicatesLimit.here, valueName: "n"))
    var limit: Int?

    @Flag(name: .customLong("exit-code"), help: ArgumentHelp(Phrase.duplicatesExitCode.here))
    var exitCode = false

    @Flag(name: .customLong("not"), help: ArgumentHelp(Phrase.duplicatesNot.here))
    var areTwo = false

    @Argument(help: ArgumentHelp(Phrase.duplicatesPair.here, valueName: "id"))
    var pair: [String] = []

    @Option(help: ArgumentHelp(Phrase.becauseHelp.here, valueName: "text"))
    var because: String?

    @OptionGroup var language: LanguageOptions
    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard pair.count == (areTwo ? 2 : 0) else {
            throw ValidationError(Phrase.duplicatesForm.here)
        }
        guard limit ?? 1 > 0, (0...1).contains(minimumScore) else {
            throw ValidationError(Phrase.duplicatesNumbers.here)
        }
    }

    func run(_ console: Console) async throws {
        let replica = try openReplica()
        if areTwo { return try distinguish(replica, console) }
        let id = try collection.map { try replica.collection(named: $0).grant.id }
        let found = try Duplicates(replica).pairs(in: id, minimumScore: minimumScore)
        for pair in found.prefix(limit ?? .max) {
            if console.isJSON {
                try console.emit(pair.json)
            } else if !(exitCode && console.isQuiet) {
                try show(pair, console)
            }
        }
        if found.isEmpty { console.message(Phrase.noDuplicates.here) }
        if exitCode, !found.isEmpty { throw ExitCode(1) }
    }

    private func show(_ pair: PossibleDuplicate, _ console: Console) throws {
        let text = console.text
        try console.print("\(text.own(pair.first.label))  ~  \(text.own(pair.second.label))")
        try console.print("  \(text.code("\(pair.score)"))  \(pair.reasonTexts)")
        try console.print("  sijil merge \(pair.first.id) \(pair.second.id)")
        try console.print("  sijil duplicates --not \(pair.first.id) \(pair.second.id)")
        try console.print()
    }

    private func distinguish(_ replica: Replica, _ console: Console) throws {
        let people = try MergedPeople(replica)
        let persons = try pair.map {
            try replica.person(people.canonical(replica.person(Arguments.recordID($0)).id))
        }
        let (first, second) = (persons[0], persons[1])
        guard first.id != second.id else {
            throw SijilError(
                .usage, Phrase.mergedCannotBeTwo.here, hint: "sijil unmerge \(pair[1])")
        }
        // Both devices of a pair of collections must choose the same one.
        let home = first.id < second.id ? first : second
        let reason = try because.flatMap { try Self.reason($0) }
        let edit = RecordEdit(
            distinguishing: first.id, second.id, because: reason, in: home.collection)
        try replica.write([edit], in: home.collection, note: because)
        if console.isJSON {
            try console.emit([
                "id": .string(edit.record.description), "first": .string(first.id.description),
                "second": .string(second.id.description),
            ])
        } else {
            console.message(
                Phrase.notedAsTwo(console.text.own(first.label), console.text.own(second.label)))
        }
    }

    /// As any text that is entered: in NFC, without what is invisible.
    private static func reason(_ text: String) throws -> String? {
        let field = try Schema.directory.type(named: "distinction").field(named: "reason")
        guard case .text(let reason) = try field.read(text).value else { return nil }
        return reason
    }
}

extension PossibleDuplicate {
    fileprivate var json: JSON {
        [
            "a": .string(first.id.description), "b": .string(second.id.description),
            "score": .real(score), "reasons": .array(reasons.map { .string($0.rawValue) }),
            "labels": .array([.string(first.label), .string(second.label)]),
        ]
    }

    fileprivate var reasonTexts: String {
        reasons.map(\.phrase.here)
            .joined(separator: InterfaceLanguage.current == .arabic ? "، " : ", ")
    }
}

/// Who may be the same person as somebody who was just entered.
///
/// Shown, never refused: whoever enters a name knows best whom they mean.
struct DuplicateNotice {
    private let person: RecordID
    private let found: [PossibleDuplicate]

    /// - Parameter person: as it is stored now, with what belongs to it.
    init(for person: RecordID, on replica: Replica) throws {
        self.person = try MergedPeople(replica).canonical(person)
        found = try Duplicates(replica).candidates(for: person)
    }

    /// `possible_duplicates` of the verb's JSON; none when there are none.
    var members: [JSON.Member] {
        guard !found.isEmpty else { return [] }
        let list = found.map { pair -> JSON in
            let other = other(pair)
            return [
                "id": .string(other.id.description), "score": .real(pair.score),
                "reasons": .array(pair.reasons.map { .string($0.rawValue) }),
                "label": .string(other.label),
            ]
        }
        return [JSON.Member("possible_duplicates", .array(list))]
    }

    /// Tells people, each candidate on a line of its own.
    func show(_ console: Console) {
        for pair in found {
            let other = other(pair)
            console.warning(
                Phrase.maybeTheSame(
                    console.text.own(other.label), pair.reasonTexts,
                    console.text.code("sijil merge \(other.id) \(person)")))
        }
    }

    private func other(_ pair: PossibleDuplicate) -> RecordView {
        pair.first.id == person ? pair.second : pair.first
    }
}

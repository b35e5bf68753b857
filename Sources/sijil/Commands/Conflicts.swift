import ArgumentParser
import SijilCore
import SijilDirectory
import SijilStore

struct Conflicts: Verb {
    static let configuration = CommandConfiguration(
        abstract: "List the cells that wait for a person, with every value.",
        discussion: """
            Examples:
              sijil conflicts
              sijil conflicts --exit-code --quiet && echo "nothing to decide"
            """)

    @Option(
        name: .customLong("in"),
        help: ArgumentHelp("Only this collection: name or id.", valueName: "collection"))
    var collection: String?

    @Flag(name: .customLong("exit-code"), help: "Exit with 1 when there are any.")
    var exitCode = false

    @OptionGroup var language: LanguageOptions

    @OptionGroup var common: CommonOptions

    func run(_ console: Console) async throws {
        let replica = try openReplica()
        let id = try collection.map { try replica.collection(named: $0).grant.id }
        let records = try replica.conflictedRecords(in: id)
        let names = try replica.replicaNames()
        for record in records {
            for cell in record.conflicts {
                if console.isJSON {
                    try console.emit(record.conflictLineJSON(cell, names))
                } else if !(exitCode && console.isQuiet) {
                    try show(cell, of: record, names, console)
                }
            }
        }
        if records.isEmpty { console.message(Phrase.noConflicts.here) }
        if exitCode, !records.isEmpty { throw ExitCode(1) }
    }

    private func show(
        _ cell: CellName, of record: RecordView, _ names: [ReplicaID: String], _ console: Console
    ) throws {
        let text = console.text
        try console.print(
            "\(text.own(record.type)) \(text.own(record.label))  \(text.own(cell.path))")
        let siblings = record.cells[cell]?.siblings ?? []
        for sibling in siblings {
            try console.print("  \(text.value(sibling.value))  (\(text.origin(sibling, names)))")
        }
        guard let replica = siblings.last?.dot.replica else { return }
        let name = names[replica] ?? replica.abbreviated
        let isUnique = names.values.count { $0 == name } == 1 && names[replica] != nil
        let take = isUnique ? Arguments.quoted(name) : replica.description
        let command =
            "sijil resolve \(record.id) \(Arguments.quoted(cell.path)) --take \(take)"
        try console.print("  " + Phrase.takeTheLast(TerminalText.neutralised(command)))
        try console.print()
    }
}

extension Phrase {
    static let nextConflicts = Phrase(
        ar: "التالي: sijil conflicts", fr: "ensuite : sijil conflicts", en: "next: sijil conflicts")
    fileprivate static let noConflicts = Phrase(
        ar: "لا توجد تعارضات", fr: "aucun conflit", en: "no conflicts")
    fileprivate static let takeTheLast = Phrase(
        ar: "لأخذ الأخيرة: {0}", fr: "pour prendre la dernière : {0}", en: "to take the last: {0}")
}

extension RecordView {
    fileprivate func conflictLineJSON(_ cell: CellName, _ names: [ReplicaID: String]) -> JSON {
        let head: [JSON.Member] = [
            JSON.Member("id", .string(id.description)), JSON.Member("type", .string(type)),
            JSON.Member("collection", .string(collection.description)),
        ]
        return .object(head + (conflictJSON(cell, replicaNames: names).members ?? []))
    }

    /// One line: the record, the cell, and every value with who wrote it.
    func conflictLine(
        _ cell: CellName, _ names: [ReplicaID: String], _ text: TerminalText,
        withLabel: Bool = true
    ) -> String {
        let values = (cells[cell]?.siblings ?? [])
            .map {
                let name = names[$0.dot.replica] ?? $0.dot.replica.abbreviated
                return "\(text.value($0.value)) (\(text.own(name)))"
            }
            .joined(separator: "  |  ")
        let head = withLabel ? "\(text.own(type))  \(text.own(label))  " : ""
        return "\(head)\(text.own(cell.path))  \(values)"
    }
}

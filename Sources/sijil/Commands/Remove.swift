import ArgumentParser
import SijilCore
import SijilDirectory
import SijilStore

struct Remove: Verb {
    static let configuration = CommandConfiguration(
        abstract: "Delete a record.",
        discussion: """
            Examples:
              sijil remove ID --note "entered twice"

            An edit elsewhere that you have not seen keeps the record, and you are asked. 'sijil restore' \
            takes a deletion back.
            """)

    @Argument(help: "The record's id.")
    var id: String

    @Option(help: ArgumentHelp("Why, for whoever reads the history.", valueName: "text"))
    var note: String?

    @OptionGroup var common: CommonOptions

    func run(_ console: Console) async throws {
        try setDeleted(true, id, note, "deleted", console)
    }
}

struct Restore: Verb {
    static let configuration = CommandConfiguration(
        abstract: "Bring a deleted record back.",
        discussion: """
            Examples:
              sijil restore ID
              sijil list person --deleted
            """)

    @Argument(help: "The record's id.")
    var id: String

    @Option(help: ArgumentHelp("Why, for whoever reads the history.", valueName: "text"))
    var note: String?

    @OptionGroup var common: CommonOptions

    func run(_ console: Console) async throws {
        try setDeleted(false, id, note, "restored", console)
    }
}

extension Verb {
    fileprivate func setDeleted(
        _ deletes: Bool, _ id: String, _ note: String?, _ done: String, _ console: Console
    ) throws {
        let record = try Arguments.recordID(id)
        let replica = try openReplica()
        let seen = try replica.seen()
        let present = try replica.record(record)
        guard !present.isErased else { throw SijilError.recordErased }
        if deletes, !present.isDeleted {
            var rules = EntryRules()
            rules.coordinated = try replica.coordinated()
            try rules.checkRemoval(of: present)
        }
        let merged =
            present.type == "person" && deletes
            ? try MergedPeople(replica).members(of: record).filter { $0 != record } : []
        let result = try replica.write(
            [RecordEdit(record: record, type: present.type, deletes: deletes)],
            in: present.collection, note: note, seen: seen[present.collection])
        if !merged.isEmpty {
            let ids = merged.map { console.text.code($0.description) }.joined(separator: ", ")
            console.warning("that person has other records, which stay: \(ids)")
        }
        if console.isJSON {
            try console.emit(["id": .string(record.description)])
        } else {
            console.message(
                result.dot == nil
                    ? "nothing to change: it is so already" : "\(done); next: sijil sync")
        }
    }
}

import ArgumentParser
import SijilCore
import SijilDirectory
import SijilStore

struct Log: Verb {
    static let configuration = CommandConfiguration(
        abstract: "Show the changes, newest first.",
        discussion: """
            Examples:
              sijil log --limit 10
              sijil log --in roster-xm01 --json
            """)

    @Option(
        name: .customLong("in"),
        help: ArgumentHelp("Only this collection: name or id.", valueName: "collection"))
    var collection: String?

    @Option(help: ArgumentHelp("At most so many.", valueName: "n"))
    var limit = 100

    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard limit > 0 else { throw ValidationError("--limit is 1 or more.") }
    }

    func run(_ console: Console) async throws {
        let replica = try openReplica()
        let id = try collection.map { try replica.collection(named: $0).grant.id }
        let entries = try replica.log(in: id, limit: limit)
        if console.isJSON {
            for entry in entries { try console.emit(entry.json) }
            return
        }
        let names = try replica.replicaNames()
        var table = Table("WRITTEN", "POSITION", "OPERATIONS", "BY", "NOTE")
        for entry in entries {
            let name = names[entry.dot.replica] ?? entry.dot.replica.abbreviated
            table.add(
                console.text.code(Timestamp.text(milliseconds: entry.at)),
                entry.position.map { $0 == 0 ? "sent" : String($0) } ?? "to send",
                String(entry.operations),
                console.text.own("\(name):\(entry.dot.sequence)"),
                entry.note.map(console.text.own) ?? "")
        }
        try console.print(table, whenEmpty: "Nothing was written yet.")
    }
}

extension LogEntry {
    fileprivate var json: JSON {
        [
            "collection": .string(collection.description),
            "replica": .string(dot.replica.description),
            "sequence": .integer(Int64(dot.sequence)),
            "position": position.map { .integer(Int64($0)) } ?? .null,
            "at": .string(Timestamp.text(milliseconds: at)),
            "operations": .integer(Int64(operations)), "note": note.json,
        ]
    }
}

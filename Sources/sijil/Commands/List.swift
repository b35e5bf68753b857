import ArgumentParser
import SijilCore
import SijilDirectory
import SijilStore

struct List: Verb {
    static let configuration = CommandConfiguration(
        abstract: "List records of a type.",
        discussion: """
            Examples:
              sijil list person
              sijil list channel --where owner=ID --where kind=mobile
              sijil list person --where languages=ar --in roster-xm01 --limit 20
              sijil list practice --where title_status.fr=official --json

            A person with merged records stands here once, when any of them fits; --stored lists the records.
            """)

    @Argument(help: "What kind of record.")
    var type: String

    @Option(
        name: .customLong("where"),
        help: ArgumentHelp(
            "Only those that show this: FIELD=VALUE, FIELD.KEY=VALUE, SET=MEMBER. Repeatable.",
            valueName: "condition"))
    var conditions: [String] = []

    @Option(
        name: .customLong("in"),
        help: ArgumentHelp("Only this collection: name or id.", valueName: "collection"))
    var collection: String?

    @Option(help: ArgumentHelp("At most so many.", valueName: "n"))
    var limit: Int?

    @Flag(help: "Deleted records too.")
    var deleted = false

    @Flag(help: "Persons' records as they are stored, whatever they are merged with.")
    var stored = false

    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard limit.map({ $0 > 0 }) ?? true else {
            throw ValidationError("--limit is 1 or more.")
        }
    }

    func run(_ console: Console) async throws {
        let type = try Schema.directory.type(named: type)
        let replica = try openReplica()
        let people = type.name == "person" && !stored ? try MergedPeople(replica) : nil
        var query = RecordQuery(
            type: type.name,
            collection: try collection.map { try replica.collection(named: $0).grant.id },
            conditions: try conditions.map { try Assignment.condition($0, for: type) },
            includesDeleted: deleted, limit: limit)
        let names = try replica.replicaNames()
        var table = Table("ID", "", "LABEL")
        let merged = try people?.views(on: replica) ?? [:]
        if !merged.isEmpty { query.limit = nil }
        var listed: Set<RecordID> = []
        var count = 0
        try replica.forEachRecord(query) { record in
            var record = record
            if let person = people.flatMap({ merged[$0.canonical(record.id)] }) {
                guard listed.insert(person.id).inserted else { return }
                record = person
            }
            count += 1
            guard count <= limit ?? .max else { return }
            if console.isJSON { return try console.emit(record.json(replicaNames: names)) }
            var marks: [String] = []
            if record.isErased {
                marks.append("erased")
            } else if record.isDeleted {
                marks.append("deleted")
            }
            if !record.conflicts.isEmpty { marks.append("! conflict") }
            table.add(
                console.text.code(record.id.description), marks.joined(separator: ", "),
                console.text.own(record.label))
        }
        if !console.isJSON { try console.print(table, whenEmpty: "There is none.") }
    }
}

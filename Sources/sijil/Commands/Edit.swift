import ArgumentParser
import SijilCore
import SijilDirectory
import SijilStore

struct Edit: Verb {
    static let configuration = CommandConfiguration(
        abstract: "Change fields of a record; several fields are one change.",
        discussion: """
            Examples:
              sijil edit ID value=+999550002002 --note "read back to her office"
              sijil edit ID "name.fr=Nadia Amziane-Tifaouine" languages+=fr languages-=es
              sijil edit ID notes=

            FIELD=VALUE sets, FIELD= clears, FIELD.KEY=VALUE sets one language, FIELD+=MEMBER and \
            FIELD-=MEMBER change a set.
            """)

    @Argument(help: "The record's id.")
    var id: String

    @Argument(help: ArgumentHelp("What to change.", valueName: "field"))
    var fields: [String]

    @Option(help: ArgumentHelp("Why, for whoever reads the history.", valueName: "text"))
    var note: String?

    @OptionGroup var region: RegionOptions

    @OptionGroup var common: CommonOptions

    func run(_ console: Console) async throws {
        let record = try Arguments.recordID(id)
        let replica = try openReplica()
        let seen = try replica.seen()
        let present = try replica.record(record)
        guard !present.isDeleted else {
            throw SijilError(
                .notFound, "The record is deleted.",
                hint: "Bring it back first: sijil restore \(record)")
        }
        let type = try Schema.directory.type(named: present.type)
        let assignment = try Assignment(
            fields, for: type, present: present, rules: try region.rules(for: replica))
        let result = try replica.write(
            [RecordEdit(record: record, type: type.name, operations: assignment.operations)],
            in: present.collection, note: note, seen: seen[present.collection])
        for warning in assignment.warnings { console.warning(warning) }
        let changed = paths(of: result, type)
        if console.isJSON {
            try console.emit([
                "id": .string(record.description),
                "changed": .array(changed.map { .string($0) }),
            ])
        } else if changed.isEmpty {
            console.message("nothing to change: it is so already")
        } else {
            console.message("changed \(changed.joined(separator: ", ")); next: sijil sync")
        }
    }

    /// The fields that changed, keyed ones with their key, each once.
    private func paths(of result: WriteResult, _ type: RecordType) -> [String] {
        var paths: [String] = []
        for (_, cell) in result.changed where cell != .liveness {
            let path = type[cell.field]?.shape == .set ? cell.field : cell.path
            if !paths.contains(path) { paths.append(path) }
        }
        return paths
    }
}

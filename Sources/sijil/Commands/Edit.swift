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
            FIELD-=MEMBER change a set. Of a person with merged records the one is edited as which all are \
            known; --stored edits the one that is named.
            """)

    @Argument(help: "The record's id.")
    var id: String

    @Argument(help: ArgumentHelp("What to change.", valueName: "field"))
    var fields: [String]

    @Option(help: ArgumentHelp("Why, for whoever reads the history.", valueName: "text"))
    var note: String?

    @Flag(help: "Edit the record that is named, also when it is merged into another.")
    var stored = false

    @OptionGroup var region: RegionOptions

    @OptionGroup var common: CommonOptions

    func run(_ console: Console) async throws {
        let named = try Arguments.recordID(id)
        let replica = try openReplica()
        let seen = try replica.seen()
        var present = try replica.record(named)
        let people = present.type == "person" && !stored ? try MergedPeople(replica) : nil
        let record = people?.canonical(named) ?? named
        if record != named { present = try replica.record(record) }
        guard !present.isErased else { throw SijilError.recordErased }
        guard !present.isDeleted else {
            throw SijilError(
                .notFound, "The record is deleted.",
                hint: "Bring it back first: sijil restore \(record)")
        }
        let type = try Schema.directory.type(named: present.type)
        let assignment = try Assignment(
            fields, for: type, present: present, rules: try region.rules(for: replica))
        let edit = RecordEdit(record: record, type: type.name, operations: assignment.operations)
        let yielding = try people?.yielding(to: edit, on: replica) ?? []
        let result = try replica.write(
            [edit] + yielding.filter { $0.collection == present.collection }.map(\.edit),
            in: present.collection, note: note, seen: seen[present.collection])
        for (edit, collection) in yielding where collection != present.collection {
            try replica.write([edit], in: collection, note: note, seen: seen[collection])
        }
        for warning in assignment.warnings { console.warning(warning) }
        if record != named {
            console.message(
                "\(console.text.code(named.description)) is merged into "
                    + "\(console.text.code(record.description)), which is edited; --stored edits it itself"
            )
        }
        if let people {
            for (cell, source) in try people.stillShown(after: edit, on: replica) {
                console.warning(
                    "\(console.text.own(cell.path)) is still shown: \(console.text.code(source.description)), "
                        + "a record of the same person, says it; edit that one with --stored")
            }
        }
        let changed = paths(of: result, record, type)
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
    private func paths(
        of result: WriteResult, _ record: RecordID, _ type: RecordType
    ) -> [String] {
        var paths: [String] = []
        for (changed, cell) in result.changed where cell != .liveness && changed == record {
            let path = type[cell.field]?.shape == .set ? cell.field : cell.path
            if !paths.contains(path) { paths.append(path) }
        }
        return paths
    }
}

import ArgumentParser
import Foundation
import SijilCore
import SijilDirectory
import SijilStore

struct Add: Verb {
    static let configuration = CommandConfiguration(
        abstract: "Make a new record.",
        discussion: """
            Examples:
              sijil add person --in roster-xm01 "name.ar=نادية أمزيان-تيفاوين"
              sijil add channel --in roster-xm01 owner=ID kind=mobile value=+999550002001
              sijil add area --in roster-xm01 --id XM0101 code=XM0101 level=2

            Types: \(Schema.directory.types.map(\.name).joined(separator: ", ")).
            """)

    @Argument(help: "What kind of record.")
    var type: String

    @Option(
        name: .customLong("in"),
        help: ArgumentHelp("Its collection: name or id.", valueName: "collection"))
    var collection: String

    @Option(
        help: ArgumentHelp(
            """
            A record id, or another list's id for it: the same gives the same record, as in an \
            import.
            """
        ))
    var id: String?

    @Option(help: ArgumentHelp("Why, for whoever reads the history.", valueName: "text"))
    var note: String?

    @Argument(
        help: ArgumentHelp("FIELD=VALUE, FIELD.KEY=VALUE, FIELD+=MEMBER.", valueName: "field"))
    var fields: [String] = []

    @OptionGroup var region: RegionOptions

    @OptionGroup var common: CommonOptions

    func run(_ console: Console) async throws {
        let type = try Schema.directory.type(named: type)
        let replica = try openReplica()
        let target = try replica.collection(named: collection)
        let seen = try replica.seen()[target.grant.id]
        let record = try recordID(in: target.grant.id, type, replica)
        // One that was removed comes back with all that it said, and what protects it.
        let removed = try id.flatMap { _ in
            try replica.copies(of: record)
                .first { $0.collection == target.grant.id && $0.type == type.name }
        }
        let assignment = try Assignment(
            fields, for: type, present: removed, rules: try region.rules(for: replica))
        try replica.write(
            [RecordEdit(record: record, type: type.name, operations: assignment.operations)],
            in: target.grant.id, note: note, seen: seen)
        for warning in assignment.warnings { console.warning(warning) }
        let notice = try notice(record, type, replica)
        if console.isJSON {
            let members = [JSON.Member("id", .string(record.description))]
            try console.emit(.object(members + (notice?.members ?? [])))
        } else {
            notice?.show(console)
            try console.print(record.description)
            console.message("added to \(console.text.own(target.grant.name)); next: sijil sync")
        }
    }

    /// Whom a new person, or the owner of a new channel, may be entered as already.
    private func notice(
        _ record: RecordID, _ type: RecordType, _ replica: Replica
    ) throws -> DuplicateNotice? {
        switch type.name {
        case "person": return try DuplicateNotice(for: record, on: replica)
        case "channel", "tenure", "membership":
            let field = type.name == "channel" ? "owner" : "person"
            guard case .reference(let owner) = try replica.record(record)[field],
                try replica.hasRecord(owner), try replica.record(owner).type == "person"
            else { return nil }
            return try DuplicateNotice(for: owner, on: replica)
        default: return nil
        }
    }

    /// A new id, or the one that `--id` stands for.
    ///
    /// - Throws: `badData` when that record lives already.
    private func recordID(
        in collection: CollectionID, _ type: RecordType, _ replica: Replica
    ) throws -> RecordID {
        guard let id else { return replica.environment.newIdentifier() }
        // As an import reads it: a list's id in NFC, without white space around it.
        let text = id.precomposedStringWithCanonicalMapping
            .trimmingCharacters(in: .whitespacesAndNewlines)
        let record = RecordID(text) ?? RecordID(foreign: text, type: type.name, in: collection)
        if try replica.hasRecord(record), try !replica.record(record).isDeleted {
            throw SijilError(
                .badData, "There is a record with that id already.",
                hint: "Change it with 'sijil edit'.", place: "--id")
        }
        return record
    }
}

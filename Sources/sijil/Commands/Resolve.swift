import ArgumentParser
import SijilCore
import SijilDirectory
import SijilStore

struct Resolve: Verb {
    static let configuration = CommandConfiguration(
        abstract: "Settle one conflict, also without a network.",
        discussion: """
            Examples:
              sijil resolve ID value --take tab-11 --because "confirmed by her office"
              sijil resolve ID name.ar --value "نادية أمزيان-تيفاوين"
              sijil resolve ID deleted --value false

            'sijil conflicts' lists what there is to decide. \
            The other values stay in the history.
            """)

    @Argument(help: "The record's id.")
    var id: String

    @Argument(help: "FIELD, FIELD.KEY, or 'deleted' for whether the record lives.")
    var field: String

    @Option(
        help: ArgumentHelp(
            "Take the value that this replica wrote: its name or the beginning of its id.",
            valueName: "replica"))
    var take: String?

    @Option(help: ArgumentHelp("Take this value.", valueName: "value"))
    var value: String?

    @Option(help: ArgumentHelp("Why, for whoever reads the history.", valueName: "text"))
    var because: String?

    @OptionGroup var region: RegionOptions

    @OptionGroup var language: LanguageOptions

    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard (take == nil) != (value == nil) else {
            throw ValidationError("Give either --take or --value.")
        }
    }

    func run(_ console: Console) async throws {
        let replica = try openReplica()
        let seen = try replica.seen()
        let record = try replica.record(try Arguments.recordID(id))
        let cell = try cell(of: record)
        let rules = try region.rules(for: replica)
        let operations = try operations(on: cell, of: record, replica, rules)
        let decision: Value =
            if case .put(let value)? = operations.first?.effect { value } else { .none }
        if cell == .liveness, decision == .boolean(true) {
            try rules.checkRemoval(of: record)
        } else if let type = Schema.directory[record.type] {
            try rules.checkProtections(
                [CellOperation(cell, .put(decision))], of: type, present: record)
        }
        if record.conflicts.contains(cell) {
            try replica.write(
                [edit(record, cell, operations)], in: record.collection, note: because,
                seen: seen[record.collection])
        } else if record.shown(cell) != decision {
            throw SijilError(
                .badData, "That field is not in conflict.",
                hint: "'sijil conflicts' lists what is; to change it use 'sijil edit'.",
                place: cell == .liveness ? "deleted" : cell.field)
        }
        if console.isJSON {
            try console.emit([
                "id": .string(record.id.description), "field": .string(cell.path),
                "value": decision.json,
            ])
        } else {
            console.message(
                Phrase.resolved(console.text.own(cell.path), console.text.value(decision)))
        }
    }

    /// The cell in conflict that is called so, also where the schema does not know it; else the one that
    /// the schema names so.
    private func cell(of record: RecordView) throws -> CellName {
        if let contested = record.conflicts.first(where: { $0.path == field }) { return contested }
        return try Assignment.cell(field, for: Schema.directory.type(named: record.type))
    }

    /// What the decision writes; first the cell itself.
    private func operations(
        on cell: CellName, of record: RecordView, _ replica: Replica, _ rules: EntryRules
    ) throws -> [CellOperation] {
        if let take {
            let replica = try Arguments.replica(take, among: try replica.replicaNames())
            let siblings = record.cells[cell]?.siblings ?? []
            guard let sibling = siblings.first(where: { $0.dot.replica == replica }) else {
                throw SijilError(
                    .notFound, "That replica has no value there.",
                    hint: "'sijil conflicts' shows who wrote what.", place: "--take")
            }
            return rules.taking(sibling, in: cell, of: record, Schema.directory[record.type])
        }
        let text = value ?? ""
        if cell == .liveness {
            guard let deleted = ["true": true, "false": false][text] else {
                throw SijilError(
                    .badData, "Whether a record is deleted is true or false.", place: "--value")
            }
            return [CellOperation(cell, .put(.boolean(deleted)))]
        }
        let type = try Schema.directory.type(named: record.type)
        let entered = CellOperation(cell, .put(try type.field(named: cell.field).read(text).value))
        return try rules.checked([entered], of: type, present: record).operations
    }

    /// Settling a field also writes the life that the record shows: a deleted one stays deleted.
    ///
    /// If its life is in conflict too, that is thereby settled as alive (Decision 0008).
    private func edit(
        _ record: RecordView, _ cell: CellName, _ operations: [CellOperation]
    ) -> RecordEdit {
        if cell == .liveness {
            return RecordEdit(
                record: record.id, type: record.type,
                deletes: operations.first?.effect == .put(.boolean(true)))
        }
        return RecordEdit(
            record: record.id, type: record.type, deletes: record.isDeleted,
            operations: operations)
    }
}

extension Phrase {
    fileprivate static let resolved = Phrase(
        ar: "صار {0}: {1}؛ التالي: sijil sync", fr: "{0} : désormais {1} ; ensuite : sijil sync",
        en: "{0} is now {1}; next: sijil sync")
}

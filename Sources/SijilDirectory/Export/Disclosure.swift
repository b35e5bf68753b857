public import SijilCore
public import SijilStore

/// An export to somebody outside: what goes out, what stays, and the record of it.
///
/// ```swift
/// let disclosure = try Disclosure(to: "Prefecture XM01", for: "flood drill")
/// try Exporter(replica, disclosure).writeCards { try staged.write(contentsOf: $0) }
/// try disclosure.record(on: replica, format: "vcard")
/// ```
///
/// What was written is handed on only after it was recorded: a disclosure that cannot be recorded does not
/// happen.
public final class Disclosure {
    public let recipient: String
    public let purpose: String
    /// Records that were written, by collection.
    public private(set) var records: [CollectionID: Int] = [:]
    private var rule: DisclosureRule?
    private var withheldPersons: Set<RecordID> = []
    private var namelessPersons: Set<RecordID> = []
    private var withheldChannels: Set<RecordID> = []

    /// - Throws: `badData` for a recipient or a purpose that is empty or too long.
    public init(to recipient: String, for purpose: String) throws(SijilError) {
        self.recipient = try Self.clean(recipient, "recipient")
        self.purpose = try Self.clean(purpose, "purpose")
    }

    /// Reads who is protected, in all collections that are here, in the transaction in which the records are
    /// read: whatever restriction comes meanwhile comes after both.
    func begin(_ reading: RecordReading, on today: CalendarDay, _ schema: Schema) throws {
        rule = try DisclosureRule(recipient: recipient, on: today, schema: schema) { type, body in
            try reading.forEachRecord(RecordQuery(type: type, includesDeleted: true), body)
        }
    }

    private static func clean(_ text: String, _ field: String) throws(SijilError) -> String {
        let text = try EnteredText(text, field: field, limit: Limits.noteBytes).text
        guard !text.isEmpty else {
            throw SijilError(
                .badData, "To whom records go, and for what, must be said.", place: field)
        }
        return text
    }

    /// What of a record goes out; `nil` for nothing.
    func shared(_ record: RecordView) -> RecordView? {
        guard let rule else { preconditionFailure("Nobody has read who is protected.") }
        let shared = rule.shared(record)
        switch record.type {
        case "person" where shared == nil: withheldPersons.insert(record.id)
        case "person" where rule.protection(of: record.id) == .nameless:
            namelessPersons.insert(record.id)
        case "channel" where shared == nil: withheldChannels.insert(record.id)
        default: break
        }
        return shared
    }

    func wrote(_ record: RecordView) { records[record.collection, default: 0] += 1 }

    /// What a person should know of what stayed here, one sentence each.
    public var notices: [String] {
        [
            ("Persons left out because they are protected or did not consent", withheldPersons),
            ("Persons written without a name", namelessPersons),
            ("Channels left out", withheldChannels),
        ]
        .filter { !$0.1.isEmpty }.map { "\($0.0): \($0.1.count)." }
    }

    /// What went out and what stayed, for programs.
    public var json: JSON {
        [
            "records": .integer(Int64(records.values.reduce(0, +))),
            "persons_withheld": .integer(Int64(withheldPersons.count)),
            "persons_unnamed": .integer(Int64(namelessPersons.count)),
            "channels_withheld": .integer(Int64(withheldChannels.count)),
        ]
    }

    /// - Throws: `notPermitted` when a collection is not this replica's to write to: what goes out of it could
    ///   not be recorded.
    public static func check(_ collections: [CollectionGrant]) throws(SijilError) {
        guard collections.allSatisfy({ $0.role.mayWrite }) else {
            throw SijilError(
                .notPermitted,
                "This replica may read that collection, not change it: a disclosure could not be "
                    + "recorded in it.",
                hint:
                    "Ask a coordinator for the role of editor, or name another collection with --in."
            )
        }
    }

    /// Writes into each collection that something was given out of what it was, to whom and for what.
    ///
    /// - Returns: the new records.
    @discardableResult
    public func record(
        on replica: Replica, format: String, type: String? = nil
    ) throws -> [RecordID] {
        var made: [RecordID] = []
        let day = CalendarDay(milliseconds: try replica.now).date
        for (collection, count) in records.sorted(by: { $0.key < $1.key }) {
            var values: [(String, Value)] = [
                ("recipient", .text(recipient)), ("purpose", .text(purpose)),
                ("format", .text(format)), ("records", .integer(Int64(count))),
            ]
            if let day { values.append(("on", .date(day))) }
            if let type { values.append(("type", .text(type))) }
            let id = replica.environment.newIdentifier()
            try replica.write(
                [
                    RecordEdit(
                        record: id, type: "disclosure",
                        operations: values.map { CellOperation(CellName($0.0), .put($0.1)) })
                ], in: collection)
            made.append(id)
        }
        return made
    }
}

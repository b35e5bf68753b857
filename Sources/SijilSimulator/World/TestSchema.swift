public import SijilCore

/// A small schema with every kind, shape and policy.
public enum TestSchema {
    public static let restrictions = ["none", "crisis_only", "via_intermediary", "never"]

    public static let whole = Schema([person, place])

    /// What an older version knew: no `place`, and a `person` without the later fields.
    public static let older = Schema([
        RecordType(
            "person",
            [
                Field("name", .text, searched: .names), Field("age", .integer),
                Field("title", .text, .keyed, searched: .words),
            ])
    ])

    public static let person = RecordType(
        "person",
        [
            Field("name", .text, searched: .names), Field("note", .text), Field("age", .integer),
            Field("height", .real), Field("active", .boolean), Field("seen_on", .date),
            Field("office", .reference), Field("born", .date, policy: .once),
            Field("contact", .text, policy: .strictest(restrictions)),
            Field("title", .text, .keyed, searched: .words), Field("rank", .integer, .keyed),
            Field("share", .real, .keyed), Field("open", .boolean, .keyed),
            Field("since", .date, .keyed), Field("deputy", .reference, .keyed),
            Field("languages", .text, .set, searched: .names),
            Field("offices", .reference, .set), Field("shifts", .integer, .set),
            Field("feasts", .date, .set),
        ])

    public static let place = RecordType(
        "place",
        [
            Field("name", .text, searched: .names),
            Field("code", .text, policy: .once, searched: .numbers),
        ])
}

extension RecordEdit {
    /// An edit of a person, in the order of the operations.
    public static func person(_ record: RecordID, _ operations: CellOperation...) -> RecordEdit {
        RecordEdit(record: record, type: "person", operations: operations)
    }

    public static func deletion(_ record: RecordID, type: String = "person") -> RecordEdit {
        RecordEdit(record: record, type: type, deletes: true)
    }
}

extension CellOperation {
    public static func set(_ field: String, _ value: Value) -> CellOperation {
        CellOperation(CellName(field), .put(value))
    }

    public static func set(_ field: String, _ text: String) -> CellOperation {
        set(field, .text(text))
    }

    public static func set(_ field: String, key: String, _ value: Value) -> CellOperation {
        CellOperation(CellName(field, key: .text(key)), .put(value))
    }

    public static func clear(_ field: String) -> CellOperation { set(field, .none) }

    public static func add(_ field: String, _ member: Value) -> CellOperation {
        CellOperation(CellName(field, key: member), .put(.boolean(true)))
    }

    public static func drop(_ field: String, _ member: Value) -> CellOperation {
        CellOperation(CellName(field, key: member), .remove)
    }
}

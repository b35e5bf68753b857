public import SijilCore

/// Draws edits of ``TestSchema`` that collide often: few records, few cells, few values.
public struct EditGenerator {
    public var random: SeededGenerator
    public let records: [RecordID]

    public init(seed: UInt64, records: Int = 3) {
        random = SeededGenerator(seed: seed)
        self.records = (1...records).map { Identifier(UInt128($0) << 100 | 0xE0) }
    }

    /// One to three edits of different records.
    public mutating func edits() -> [RecordEdit] {
        let count = random.chance(1, of: 5) ? random.int(2..<records.count + 1) : 1
        return records.shuffled(using: &random).prefix(count).map { edit(of: $0) }
    }

    private mutating func edit(of record: RecordID) -> RecordEdit {
        let type = random.chance(1, of: 12) ? random.pick(["place", "badge"]) : "person"
        if random.chance(1, of: 8) {
            return RecordEdit(record: record, type: type, deletes: true)
        }
        var operations: [CellOperation] = []
        for _ in 0..<random.int(0..<4) {
            let operation = operation()
            if !operations.contains(where: { $0.cell == operation.cell }) {
                operations.append(operation)
            }
        }
        return RecordEdit(record: record, type: type, operations: operations)
    }

    private mutating func operation() -> CellOperation {
        switch random.int(0..<14) {
        case 0, 1:
            register(
                "name", ["Nadia Amziane", "نادية", "In\u{E8}s", "Ine\u{300}s"].map(Value.text))
        case 2: register("age", [.integer(41), .integer(.max), .integer(0)])
        case 3: register("height", [.real(1.5), .real(2), .real(-0.25)])
        case 4: register("active", [.boolean(true), .boolean(false)])
        case 5: register("office", records.map(Value.reference))
        case 6: .set("born", .date(PartialDate(year: random.int(1950..<1953))!))
        case 7: .set("contact", random.pick(TestSchema.restrictions + ["later"]))
        case 8, 9:
            keyed("title", random.pick(["ar", "fr"]), ["Maire", "عمدة"].map(Value.text))
        case 10: keyed("deputy", "day", records.map(Value.reference))
        case 11, 12: member()
        default: odd()
        }
    }

    private mutating func register(_ field: String, _ values: [Value]) -> CellOperation {
        CellOperation(CellName(field), effect(values))
    }

    private mutating func keyed(
        _ field: String, _ key: String, _ values: [Value]
    ) -> CellOperation {
        CellOperation(CellName(field, key: .text(key)), effect(values))
    }

    private mutating func effect(_ values: [Value]) -> CellOperation.Effect {
        random.chance(1, of: 6) ? .put(.none) : .put(random.pick(values))
    }

    private mutating func member() -> CellOperation {
        let (field, member): (String, Value) = random.pick([
            ("languages", .text("ar")), ("languages", .text("fr")), ("shifts", .integer(-1)),
            ("offices", .reference(records[0])),
            ("feasts", .date(PartialDate(year: 2026, month: 3)!)),
        ])
        return CellOperation(
            CellName(field, key: member), random.chance(1, of: 3) ? .remove : .put(.boolean(true)))
    }

    /// What a newer or a careless program writes: unknown fields and kinds, values of the wrong kind, and
    /// names that only Unicode calls equal.
    private mutating func odd() -> CellOperation {
        random.pick([
            .set("later", .text("x")), .set("later", .integer(1)), .set("later", .none),
            .set("age", .text("forty")), .set("name", .integer(7)),
            .set("note", .unknown(tag: 9, bytes: [1, 2])),
            .set("note", .unknown(tag: 9, bytes: [])),
            .set("caf\u{E9}", .text("one")), .set("cafe\u{301}", .text("other")),
            .set("title", key: "ar", .reference(records[0])),
            CellOperation(CellName("name", key: .integer(3)), .put(.text("keyed"))),
            CellOperation(CellName("title"), .put(.text("unkeyed"))),
            CellOperation(CellName("later", key: .text("k")), .remove),
        ])
    }
}

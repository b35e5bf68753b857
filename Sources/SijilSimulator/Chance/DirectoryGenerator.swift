import SijilCore

/// Draws what people write into a directory: few persons, offices and tenures, so that edits collide often.
///
/// Every collection has persons of its own: a person is in one.
struct DirectoryGenerator {
    var random: SeededGenerator
    private let collection: Int

    init(seed: UInt64, collection: Int) {
        random = SeededGenerator(seed: seed)
        self.collection = collection
    }

    static func persons(_ collection: Int) -> [RecordID] { ids(4, 0xD0, collection) }
    static func offices(_ collection: Int) -> [RecordID] { ids(2, 0xD1, collection) }
    static func tenures(_ collection: Int) -> [RecordID] { ids(5, 0xD2, collection) }
    private static func ids(_ count: Int, _ kind: UInt128, _ collection: Int) -> [RecordID] {
        (1...count).map { Identifier(UInt128($0) << 100 | UInt128(collection) << 8 | kind) }
    }

    /// The edits of one change, of different records.
    mutating func edits() -> [RecordEdit] {
        switch random.int(0..<12) {
        case 0...4: [person()]
        case 5, 6: [channel()]
        case 7...9: [tenure()]
        case 10: [office(), tenure()]
        default: [person(), consent()]
        }
    }

    private mutating func person() -> RecordEdit {
        let record = random.pick(Self.persons(collection))
        if random.oneIn(12) { return RecordEdit(record: record, type: "person", deletes: true) }
        var operations: [CellOperation] = []
        for _ in 0..<random.int(1..<4) {
            let operation = personOperation()
            if !operations.contains(where: { $0.cell == operation.cell }) {
                operations.append(operation)
            }
        }
        return RecordEdit(record: record, type: "person", operations: operations)
    }

    private mutating func personOperation() -> CellOperation {
        let effect = { (random: inout SeededGenerator) -> CellOperation.Effect in
            random.oneIn(3) ? .remove : .put(.boolean(true))
        }
        switch random.int(0..<8) {
        case 0, 1:
            return .set(
                "name", key: random.pick(["ar", "fr"]),
                random.oneIn(6) ? .none : .text(random.pick(["Nadia", "نادية", "In\u{E8}s"])))
        case 2: return .set("notes", random.pick([.none, .text("here"), .text("there")]))
        case 3:
            let language = random.pick(["ar", "fr", "zgh"])
            return CellOperation(
                CellName("languages", key: .text(language)), effect(&random))
        case 4:
            return CellOperation(
                CellName("aliases", key: .text(random.pick(["Maire", "عمدة"]))), effect(&random))
        case 5: return rule()
        case 6: return .set("sensitivity", random.pick(["public", "restricted", "protected"]))
        default:
            return .set("life_status", random.pick(["living", "deceased", "unknown"]))
        }
    }

    /// Whether the person may be called; a value of a later version too.
    mutating func rule() -> CellOperation {
        .set(
            "contact_rule",
            random.pick(["none", "crisis_only", "via_intermediary", "never", "never", "later"]))
    }

    private mutating func channel() -> RecordEdit {
        let number = random.int(1..<4)
        return RecordEdit(
            record: Identifier(UInt128(number) << 100 | UInt128(collection) << 8 | 0xD3),
            type: "channel",
            operations: [
                .set("owner", .reference(random.pick(Self.persons(collection)))),
                .set("value", random.pick(["+999550002001", "+999550002002", "office"])),
            ])
    }

    private mutating func office() -> RecordEdit {
        RecordEdit(
            record: random.pick(Self.offices(collection)), type: "office",
            operations: [
                .set("title", key: "fr", .text("Maire")),
                .set("seats", .integer(random.oneIn(4) ? 2 : 1)),
            ])
    }

    /// A tenure is of one person and one office for good; what is drawn follows from its number.
    ///
    /// Two persons share each office, and one of them has two tenures of it.
    private mutating func tenure() -> RecordEdit {
        let number = random.int(0..<5)
        let record = Self.tenures(collection)[number]
        if random.oneIn(12) { return RecordEdit(record: record, type: "tenure", deletes: true) }
        var operations: [CellOperation] = [
            .set("person", .reference(Self.persons(collection)[number % 4])),
            .set("office", .reference(Self.offices(collection)[number % 2])),
        ]
        switch random.int(0..<6) {
        case 0: operations.append(.set("to", date(["2026-03", "2026-03-15", "2026"])))
        case 1, 2: operations.append(.clear("to"))
        case 3, 4: operations.append(.set("from", date(["2021", "2026-03", "2026-03-16"])))
        default:
            operations.append(
                .set("recognition", random.pick(["recognised", "pending", "disputed"])))
        }
        return RecordEdit(record: record, type: "tenure", operations: operations)
    }

    private mutating func date(_ texts: [String]) -> Value {
        .date(PartialDate(random.pick(texts))!)
    }

    private mutating func consent() -> RecordEdit {
        RecordEdit(
            record: Identifier(random.uint128() << 16 | 0xD4), type: "consent",
            operations: [
                .set("person", .reference(random.pick(Self.persons(collection)))),
                .set("what", "crisis_contact"),
                .set("act", random.pick(["grant", "withdraw"])),
            ])
    }
}

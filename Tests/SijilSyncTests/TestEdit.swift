import SijilCore
import SijilSimulator
import SijilStore

extension Schema {
    static let test = Schema([
        RecordType(
            "person",
            [
                Field("name", .text, .keyed, searched: .names), Field("phone", .text),
                Field("languages", .text, .set), Field("born", .date),
                Field("contact", .text, policy: .strictest(["none", "never"])),
                Field("code", .text, policy: .once),
            ])
    ])
}

enum TestEdit {
    static func person(_ id: RecordID, phone: String) -> RecordEdit {
        RecordEdit(
            record: id, type: "person",
            operations: [CellOperation(CellName("phone"), .put(.text(phone)))])
    }

    /// An edit of a record that the replica has, or of a new one.
    static func random(
        _ records: inout [RecordID], _ generator: inout SeededGenerator, _ replica: Replica
    ) -> RecordEdit {
        let known = records.filter { (try? replica.hasRecord($0)) == true }
        guard let record = known.randomElement(using: &generator), !generator.oneIn(4) else {
            let id = RecordID(UInt128(generator.next()))
            records.append(id)
            return person(id, phone: "\(generator.next() % 5)")
        }
        if generator.oneIn(8) { return RecordEdit(record: record, type: "person", deletes: true) }
        let value = Value.text("\(generator.next() % 5)")
        let operations = [
            CellOperation(CellName("phone"), .put(generator.oneIn(4) ? .none : value)),
            CellOperation(CellName("name", key: .text("ar")), .put(value)),
            CellOperation(
                CellName("languages", key: value),
                generator.oneIn(3) ? .remove : .put(.boolean(true))),
            CellOperation(
                CellName("contact"), .put(.text(generator.oneIn(2) ? "none" : "never"))),
            CellOperation(CellName("unknown"), .put(value)),
        ]
        return RecordEdit(
            record: record, type: "person",
            operations: [operations.randomElement(using: &generator)!])
    }
}

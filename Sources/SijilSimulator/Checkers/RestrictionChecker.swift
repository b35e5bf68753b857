import SijilCore
import SijilStore

/// How a person may be called is as strict as the strictest that anybody wrote and nobody loosened who knew
/// of it: on every replica, in whatever order it came.
///
/// What was written and is not replaced is what the ``Model`` says.
final class RestrictionChecker: Checker {
    private static let rule = CellName("contact_rule")
    private let model: ModelChecker

    init(_ model: ModelChecker) { self.model = model }

    func settled(_ world: World) async throws {
        let strictness = TestSchema.restrictions.enumerated()
            .reduce(into: [Value.none.bytes: -1]) { $0[Value.text($1.element).bytes] = $1.offset }
        for device in world.devices {
            for collection in world.collections {
                let dots = try device.replica.appliedDots(in: collection)
                let open = model.unheard(dots, in: collection)
                let written = model.model.siblings(after: dots, in: collection).without(open)
                let query = RecordQuery(
                    type: "person", collection: collection, includesDeleted: true)
                var milder = 0
                try device.replica.forEachRecord(query) { record in
                    // What is not in the list is stricter than all that is.
                    let strictest = written[.init(record.id, "person", Self.rule)]?.values
                        .map { strictness[$0] ?? strictness.count }.max()
                    let shown = strictness[record[Self.rule.field].bytes] ?? strictness.count
                    if let strictest, shown < strictest { milder += 1 }
                }
                try world.require(
                    milder == 0,
                    "restrictions: replica \(device.number) shows a milder rule than was written")
            }
        }
    }
}

import SijilCore
import SijilStore

/// How a person may be called is as strict as the strictest that anybody wrote and nobody loosened who knew
/// of it: on every replica, in whatever order it came.
///
/// From what was written alone, kept apart from every store.
final class RestrictionChecker: Checker {
    private struct Written {
        var dot: Dot
        var value: Value
        var seen: Set<Dot>
    }

    private struct Place: Hashable {
        var record: RecordID
        var collection: CollectionID
    }

    private var written: [Place: [Written]] = [:]

    func wrote(_ writing: Writing, on device: SimulatedDevice, in world: World) throws {
        guard let dot = writing.result.dot else { return }
        for edit in writing.edits where edit.type == "person" {
            for operation in edit.operations where operation.cell == CellName("contact_rule") {
                // A value that was there already was not written again.
                let isNew =
                    writing.result.created.contains(edit.record)
                    || writing.result.changed.contains {
                        $0.record == edit.record && $0.cell == operation.cell
                    }
                guard isNew, case .put(let value) = operation.effect else { continue }
                var seen = writing.seen
                for sequence in 1..<dot.sequence {
                    seen.insert(Dot(replica: dot.replica, sequence: sequence))
                }
                written[
                    Place(record: edit.record, collection: writing.collection), default: []
                ]
                .append(Written(dot: dot, value: value, seen: seen))
            }
        }
    }

    func settled(_ world: World) async throws {
        for (place, writes) in written {
            // Nobody calls who was erased.
            let isErased = try world.devices.contains {
                try $0.replica.isErased(place.record, in: place.collection)
            }
            guard !isErased else { continue }
            for device in world.devices {
                let applied = try device.replica.appliedDots(in: place.collection)
                let here = writes.filter { applied.contains($0.dot) }
                let standing = here.filter { write in
                    !here.contains { $0.seen.contains(write.dot) }
                }
                let strictest =
                    standing.map { MergeChecker.strictness($0.value, TestSchema.restrictions) }
                    .max()
                guard let strictest, strictest >= 0 else { continue }
                var shown: Value = .none
                let query = RecordQuery(
                    type: "person", collection: place.collection, includesDeleted: true)
                try device.replica.forEachRecord(query) { record in
                    if record.id == place.record { shown = record["contact_rule"] }
                }
                try world.require(
                    MergeChecker.strictness(shown, TestSchema.restrictions) >= strictest,
                    "restrictions: replica \(device.number) shows a milder rule than was written")
            }
        }
    }
}

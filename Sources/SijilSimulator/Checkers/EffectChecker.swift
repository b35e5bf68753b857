import SijilCore
import SijilStore

/// A person who has seen everything and writes a value finds that value and no other.
final class EffectChecker: Checker {
    func wrote(_ writing: Writing, on device: SimulatedDevice, in world: World) throws {
        let applied = try device.replica.appliedDots(in: writing.collection)
        let hadSeenAll = applied.allSatisfy {
            writing.seen.contains($0) || $0.replica == device.id
        }
        guard hadSeenAll else { return }
        var left: [RecordID: [CellName: Cell]] = [:]
        for edit in writing.edits { left[edit.record] = [:] }
        let query = RecordQuery(collection: writing.collection, includesDeleted: true)
        try device.replica.forEachRecord(query) { record in
            if let edit = writing.edits.first(where: { $0.record == record.id }),
                edit.type == record.type
            {
                left[record.id] = record.cells
            }
        }
        for edit in writing.edits {
            guard !edit.erases else {
                try world.require(
                    left[edit.record]?.keys.elementsEqual([.erasure]) == true,
                    "effect: an erased record holds something")
                continue
            }
            for operation in edit.operations {
                let values = Set(left[edit.record]?[operation.cell]?.siblings.map(\.value) ?? [])
                let expected: Set<Value> =
                    switch operation.effect {
                    case .remove: []
                    case .put(.none): values.isEmpty ? [] : [.none]
                    case .put(let value): [value]
                    }
                try world.require(
                    values == expected,
                    "effect: the field '\(operation.cell.field)' does not hold what was written")
            }
            let isDeleted = left[edit.record]?[.liveness]?.siblings
                .allSatisfy {
                    $0.value == .boolean(true)
                }
            if edit.deletes {
                try world.require(isDeleted != false, "effect: a deleted record lives")
            } else if !edit.operations.isEmpty, writing.result.dot != nil {
                try world.require(
                    isDeleted != true || !touches(edit, writing),
                    "effect: an edited record is deleted")
            }
        }
    }

    /// Whether anything of the edit was news.
    private func touches(_ edit: RecordEdit, _ writing: Writing) -> Bool {
        writing.result.created.contains(edit.record)
            || writing.result.changed.contains { $0.record == edit.record }
    }
}

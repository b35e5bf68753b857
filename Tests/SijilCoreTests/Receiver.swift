import SijilCore
import SijilSimulator

/// A replica that only receives: the core's types put together as a store does it, in memory.
struct Receiver {
    private(set) var vector = VersionVector()
    private(set) var records: [RecordID: RecordState] = [:]
    /// Kept step by step, as a store keeps it.
    private(set) var digest = StateDigest()
    /// What each author had seen at their last change.
    private var seen: [ReplicaID: VersionVector] = [:]
    private var hasher = StateDigest.Hasher()

    static let type = "person"

    /// The author's whole vector at this change, if everything in it is here.
    private func covered(_ entry: HistoryEntry) -> VersionVector? {
        let dot = entry.dot
        guard vector[dot.replica] == dot.sequence - 1 else { return nil }
        var whole = seen[dot.replica, default: [:]]
        whole.merge(entry.change.seen)
        whole[dot.replica] = dot.sequence - 1
        return vector.covers(whole) ? whole : nil
    }

    func canApply(_ entry: HistoryEntry) -> Bool { covered(entry) != nil }

    mutating func apply(_ entry: HistoryEntry) {
        guard let whole = covered(entry) else { preconditionFailure("Not in causal order.") }
        seen[entry.dot.replica] = whole
        vector[entry.dot.replica] = entry.dot.sequence
        for edit in entry.change.edits {
            let replaced = records[edit.record, default: RecordState()]
                .apply(edit, dot: entry.dot, at: entry.change.correctedAt, seen: whole)
            for (cell, siblings) in replaced {
                for sibling in siblings { digest.remove(item(edit.record, cell, sibling)) }
            }
            if records[edit.record]!.isErased, !edit.erases { continue }
            for operation in edit.effects {
                guard case .put(let value) = operation.effect else { continue }
                let sibling = Sibling(dot: entry.dot, value: value, at: 0)
                digest.add(item(edit.record, operation.cell, sibling))
            }
        }
    }

    /// Applies everything in an order that chance picks among those that causality allows.
    init(_ history: History, orderedBy seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var waiting = history.entries
        while !waiting.isEmpty {
            let ready = waiting.indices.filter { canApply(waiting[$0]) }
            apply(waiting.remove(at: random.pick(ready)))
        }
    }

    init() {}

    private mutating func item(
        _ record: RecordID, _ cell: CellName, _ sibling: Sibling
    ) -> UInt128 {
        hasher.item(
            record: record, type: Self.type, cell: cell, dot: sibling.dot, value: sibling.value)
    }

    /// The digest, counted anew from the siblings that are here.
    var recounted: StateDigest {
        var copy = self
        var result = StateDigest()
        for (record, state) in records {
            for (cell, content) in state.cells {
                for sibling in content.siblings { result.add(copy.item(record, cell, sibling)) }
            }
        }
        return result
    }

    var survivors: [RecordID: [CellName: [Dot: Value]]] {
        records.mapValues { state in
            state.cells.mapValues { cell in
                Dictionary(uniqueKeysWithValues: cell.siblings.map { ($0.dot, $0.value) })
            }
        }
    }
}

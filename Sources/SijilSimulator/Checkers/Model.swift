import SijilCore

/// What must be left of a set of changes, by the definition alone: a value is there unless a change whose
/// author had seen it wrote to its cell.
///
/// Plain sets of dots. Nothing of the code under test is in here but the decoder of changes.
struct Model {
    struct CellID: Hashable {
        var record: RecordID
        var type: String
        var cell: CellName
    }

    private struct Known {
        var seen: Set<Dot>
        var effects: [(cell: CellID, value: Value?)]
    }

    private var changes: [CollectionID: [Dot: Known]] = [:]

    /// - Parameter seen: everything that the author had seen, their own changes not counted.
    mutating func add(_ change: Change, _ dot: Dot, seen: Set<Dot>, in collection: CollectionID) {
        var known = Known(seen: seen, effects: [])
        for sequence in 1..<dot.sequence {
            known.seen.insert(Dot(replica: dot.replica, sequence: sequence))
        }
        for edit in change.edits {
            var effects: [(CellName, Value?)] = [(.liveness, .boolean(edit.deletes))]
            for operation in edit.operations {
                if case .put(let value) = operation.effect {
                    effects.append((operation.cell, value))
                } else {
                    effects.append((operation.cell, nil))
                }
            }
            known.effects += effects.map {
                (CellID(record: edit.record, type: edit.type, cell: $0), $1)
            }
        }
        changes[collection, default: [:]][dot] = known
    }

    func knows(_ dot: Dot, in collection: CollectionID) -> Bool {
        changes[collection]?[dot] != nil
    }

    /// Everything that a change's author had seen, their own earlier changes included.
    func seen(by dot: Dot, in collection: CollectionID) -> Set<Dot> {
        changes[collection]?[dot]?.seen ?? []
    }

    /// The siblings of every cell after these changes, in whatever order they came.
    func siblings(after dots: Set<Dot>, in collection: CollectionID) -> [CellID: [Dot: Value]] {
        let applied = (changes[collection] ?? [:]).filter { dots.contains($0.key) }
        var writers: [CellID: [(dot: Dot, seen: Set<Dot>, value: Value?)]] = [:]
        for (dot, change) in applied {
            for effect in change.effects {
                writers[effect.cell, default: []].append((dot, change.seen, effect.value))
            }
        }
        return
            writers.mapValues { writers in
                var left: [Dot: Value] = [:]
                for writer in writers
                where !writers.contains(where: { $0.seen.contains(writer.dot) }) {
                    left[writer.dot] = writer.value
                }
                return left
            }
            .filter { !$0.value.isEmpty }
    }
}

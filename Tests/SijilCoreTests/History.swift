import SijilCore
import SijilSimulator

/// A change with what a test knows about it besides its bytes.
struct HistoryEntry {
    var dot: Dot
    var change: Change
    /// Every change that its author had seen, one by one: for the model, never for the core.
    var past: Set<Dot>
}

/// What several replicas wrote while they told each other some of it, some of the time.
struct History {
    private(set) var entries: [HistoryEntry] = []

    static let records = [Identifier(0x11), Identifier(0x12)]
    static let cells = [
        CellName("name"), CellName("do_not_contact"), CellName("title", key: .text("ar")),
        CellName("title", key: .text("fr")), CellName("languages", key: .text("ar")),
        CellName("languages", key: .integer(2)),
    ]

    /// - Parameter erasing: whether records are erased now and then.
    init(seed: UInt64, erasing: Bool = false) {
        var random = SeededGenerator(seed: seed)
        var authors = (0..<random.int(2..<6))
            .map {
                Author(replica: Identifier(UInt128(0xA0 + $0)))
            }
        for _ in 0..<random.int(6..<24) {
            let index = random.int(0..<authors.count)
            if random.chance(3, of: 5) {
                var edits = Self.edits(&random)
                if erasing, random.chance(1, of: 8) {
                    let record = edits[0].record
                    edits[0] = RecordEdit(erasing: record, type: "person")
                }
                entries.append(authors[index].write(edits, at: Self.time(&random)))
                continue
            }
            let other = authors[random.int(0..<authors.count)]
            if random.chance(1, of: 2) {
                authors[index].known.formUnion(other.known)
            } else if let entry = entries.first(where: {
                other.known.contains($0.dot) && !authors[index].known.contains($0.dot)
            }) {
                // One change and what it had seen: a line that was cut.
                authors[index].known.formUnion(entry.past.union([entry.dot]))
            }
        }
    }

    /// The same history by other clocks.
    func withClocks(seed: UInt64) -> History {
        var random = SeededGenerator(seed: seed)
        var result = self
        for index in result.entries.indices {
            result.entries[index].change.writtenAt = Self.time(&random)
            result.entries[index].change.clockOffset =
                random.chance(1, of: 2) ? Self.time(&random) : nil
        }
        return result
    }

    /// Between 1970 and 2100.
    private static func time(_ random: inout SeededGenerator) -> Int64 {
        Int64(random.next() % 4_102_444_800_000)
    }

    private static func edits(_ random: inout SeededGenerator) -> [RecordEdit] {
        let count = random.int(1..<3)
        let first = random.int(0..<2)
        return (0..<count)
            .map { number in
                var operations: [CellOperation] = []
                for cell in cells where random.chance(1, of: 3) {
                    operations.append(CellOperation(cell, effect(on: cell, &random)))
                }
                return RecordEdit(
                    record: records[(first + number) % 2], type: "person",
                    deletes: random.chance(1, of: 6), operations: operations)
            }
    }

    private static func effect(
        on cell: CellName, _ random: inout SeededGenerator
    ) -> CellOperation.Effect {
        if cell.field == "languages" {
            return random.chance(1, of: 2) ? .remove : .put(.boolean(true))
        }
        return .put(random.pick([.text("none"), .text("never"), .text("later_word"), .none]))
    }
}

/// One replica as it writes: knows dots, and turns them into a vector only to say what it had seen.
private struct Author {
    let replica: ReplicaID
    var known: Set<Dot> = []
    private var sequence: UInt64 = 0
    private var told = VersionVector()

    init(replica: ReplicaID) { self.replica = replica }

    mutating func write(_ edits: [RecordEdit], at time: Int64) -> HistoryEntry {
        var vector = VersionVector()
        for dot in known { vector[dot.replica] = max(vector[dot.replica], dot.sequence) }
        var seen = vector.advanced(since: told)
        seen[replica] = 0
        told = vector
        sequence += 1
        let dot = Dot(replica: replica, sequence: sequence)
        let entry = HistoryEntry(
            dot: dot, change: Change(seen: seen, writtenAt: time, edits: edits), past: known)
        known.insert(dot)
        return entry
    }
}

extension History {
    /// The independent model: a value survives exactly when no change that had seen it wrote its
    /// cell.
    var survivors: [RecordID: [CellName: [Dot: Value]]] {
        var result: [RecordID: [CellName: [Dot: Value]]] = [:]
        let erased = Set(
            entries.flatMap { $0.change.edits.filter(\.erases).map(\.record) })
        for entry in entries {
            for edit in entry.change.edits where edit.erases || !erased.contains(edit.record) {
                for operation in edit.effects {
                    guard case .put(let value) = operation.effect else { continue }
                    let isReplaced = entries.contains { later in
                        later.past.contains(entry.dot)
                            && later.change.edits.contains {
                                $0.record == edit.record
                                    && $0.effects.contains { $0.cell == operation.cell }
                            }
                    }
                    if !isReplaced {
                        result[edit.record, default: [:]][operation.cell, default: [:]][entry.dot] =
                            value
                    }
                }
            }
        }
        return result
    }
}

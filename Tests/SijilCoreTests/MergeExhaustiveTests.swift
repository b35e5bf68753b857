import SijilCore
import Testing

/// Every history of a few changes by up to three replicas: who wrote, what, what they had seen, and
/// every order in which it can arrive.
struct MergeExhaustiveTests {
    enum Step: CaseIterable {
        case putA, putB, clear, delete, addMember, removeMember

        var edit: RecordEdit {
            let name = CellName("name")
            let member = CellName("languages", key: .text("ar"))
            let operations: [CellOperation] =
                switch self {
                case .putA: [CellOperation(name, .put(.text("a")))]
                case .putB: [CellOperation(name, .put(.text("b")))]
                case .clear: [CellOperation(name, .put(.none))]
                case .delete: []
                case .addMember: [CellOperation(member, .put(.boolean(true)))]
                case .removeMember: [CellOperation(member, .remove)]
                }
            return RecordEdit(
                record: Identifier(1), type: "person", deletes: self == .delete,
                operations: operations)
        }
    }

    /// Who wrote each change, and which of those before it they had seen, as bits.
    struct Shape {
        var authors: [Int] = []
        var past: [Int] = []

        /// Shapes with one change more; authors are numbered in the order of their first change.
        func extended() -> [Shape] {
            var result: [Shape] = []
            for author in 0...min(2, (authors.max() ?? -1) + 1) {
                let own = authors.indices.filter { authors[$0] == author }
                    .reduce(0) { $0 | 1 << $1 }
                for seen in 0..<(1 << authors.count) {
                    let isClosed = authors.indices.allSatisfy {
                        seen & 1 << $0 == 0 || past[$0] & ~seen == 0
                    }
                    guard isClosed, seen & own == own else { continue }
                    result.append(Shape(authors: authors + [author], past: past + [seen]))
                }
            }
            return result
        }

        func dot(_ index: Int) -> Dot {
            let sequence = authors[...index].count { $0 == authors[index] }
            return Dot(
                replica: Identifier(UInt128(authors[index] + 1)), sequence: UInt64(sequence))
        }

        func seen(_ index: Int) -> VersionVector {
            var vector = VersionVector()
            for other in 0..<index where past[index] & 1 << other != 0 {
                let dot = dot(other)
                vector[dot.replica] = max(vector[dot.replica], dot.sequence)
            }
            return vector
        }
    }

    static let cases: [(Int, [Step])] = [
        (1, Step.allCases), (2, Step.allCases), (3, Step.allCases), (4, [.putA, .delete]),
    ]

    @Test(arguments: cases)
    func `all histories of a few changes converge on every path`(count: Int, alphabet: [Step]) {
        var shapes = [Shape()]
        for _ in 0..<count { shapes = shapes.flatMap { $0.extended() } }
        var words: [[Step]] = [[]]
        for _ in 0..<count { words = words.flatMap { word in alphabet.map { word + [$0] } } }
        for shape in shapes {
            let dots = (0..<count).map(shape.dot)
            let seen = (0..<count).map(shape.seen)
            for word in words { check(shape, word.map(\.edit), dots, seen) }
        }
    }

    /// Three replicas write in turn, three changes each.
    ///
    /// Before each one its author has either heard of everything or of nothing new.
    private static func turns(heard pattern: Int) -> Shape {
        var shape = Shape()
        for index in 0..<9 {
            var past = 0
            if pattern & 1 << index != 0 {
                past = (1 << index) - 1
            } else if index >= 3 {
                past = shape.past[index - 3] | 1 << (index - 3)
            }
            shape.authors.append(index % 3)
            shape.past.append(past)
        }
        return shape
    }

    @Test func `three replicas with three changes each converge on every path`() {
        func steps(_ word: Int, _ alphabet: [Step]) -> [RecordEdit] {
            (0..<9).map { alphabet[word >> $0 & 1].edit }
        }
        func check(_ shape: Shape, _ edits: [RecordEdit]) {
            self.check(shape, edits, (0..<9).map(shape.dot), (0..<9).map(shape.seen))
        }
        // Nobody hears of anybody: every word of two steps.
        for word in 0..<512 { check(Self.turns(heard: 0), steps(word, [.putA, .delete])) }
        // Every pattern of hearing, with words that mix the steps differently.
        for pattern in stride(from: 0, to: 512, by: 2) {
            let shape = Self.turns(heard: pattern)
            check(shape, steps(0b010_101_010, [.putA, .putB]))
            check(shape, steps(0b001_110_100, [.putA, .delete]))
            check(shape, steps(0b100_011_010, [.addMember, .removeMember]))
        }
    }

    /// Walks every set of changes that can have arrived, by every last step into it.
    ///
    /// Whichever way a set was reached, its state must be the same: so every order is checked without
    /// being listed.
    private func check(
        _ shape: Shape, _ edits: [RecordEdit], _ dots: [Dot], _ seen: [VersionVector]
    ) {
        let count = edits.count
        var states: [RecordState?] = Array(repeating: nil, count: 1 << count)
        states[0] = RecordState()
        for arrived in 0..<(1 << count) {
            guard let state = states[arrived] else { continue }
            for next in 0..<count
            where arrived & 1 << next == 0 && shape.past[next] & ~arrived == 0 {
                var after = state
                after.apply(edits[next], dot: dots[next], at: 0, seen: seen[next])
                if let known = states[arrived | 1 << next] {
                    if known != after { Issue.record("\(shape) \(edits) differ at \(arrived)") }
                } else {
                    states[arrived | 1 << next] = after
                }
            }
        }
        let survivors = states[(1 << count) - 1]!.cells.mapValues { Set($0.siblings.map(\.dot)) }
        if survivors != Self.model(shape, edits, dots) {
            Issue.record("\(shape) \(edits) are not as the model says")
        }
    }

    private static func model(
        _ shape: Shape, _ edits: [RecordEdit], _ dots: [Dot]
    ) -> [CellName: Set<Dot>] {
        let all = edits.map { $0.operations + [$0.liveness] }
        var result: [CellName: Set<Dot>] = [:]
        for (index, operations) in all.enumerated() {
            for operation in operations where operation.effect != .remove {
                let isReplaced = all.indices.contains { later in
                    shape.past[later] & 1 << index != 0
                        && all[later].contains { $0.cell == operation.cell }
                }
                if !isReplaced { result[operation.cell, default: []].insert(dots[index]) }
            }
        }
        return result
    }
}

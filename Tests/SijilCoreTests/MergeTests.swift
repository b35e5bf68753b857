import SijilCore
import Testing

/// The one rule, in cases that a person can follow.
struct MergeTests {
    static let desk = Identifier(0xD1)
    static let salma = Identifier(0xA7)
    static let kofi = Identifier(0xB1)
    static let names = [desk: "desk-01", salma: "tab-07", kofi: "tab-11"]

    let mobile = CellName("mobile")

    /// What a record is, as text: every cell, every sibling, who wrote it.
    static func dump(_ state: RecordState) -> String {
        var lines: [String] = []
        for (name, cell) in state.cells {
            let key = name.key == .none ? "" : "[\(hex(name.key.bytes))]"
            let siblings = cell.siblings.map { sibling in
                "\(sibling.value) by \(names[sibling.dot.replica]!) \(sibling.dot.sequence)"
            }
            let asks = TestSchema.person.policy(of: name).asks(cell) ? " ?" : ""
            let field = name == .liveness ? "deleted" : name.field
            lines.append("\(field)\(key)\(asks): " + siblings.joined(separator: " | "))
        }
        return lines.sorted().joined(separator: "\n")
    }

    static func apply(
        _ state: inout RecordState, _ replica: ReplicaID, _ sequence: UInt64, at: Int64 = 0,
        seen: VersionVector = [:], deletes: Bool = false, _ operations: CellOperation...
    ) {
        var seen = seen
        seen[replica] = sequence - 1
        state.apply(
            RecordEdit(
                record: Identifier(1), type: "person", deletes: deletes, operations: operations),
            dot: Dot(replica: replica, sequence: sequence), at: at, seen: seen)
    }

    @Test func `both phone numbers survive`() {
        var state = RecordState()
        Self.apply(&state, Self.desk, 1, CellOperation(mobile, .put(.text("+999550002001"))))
        Self.apply(
            &state, Self.salma, 1, seen: [Self.desk: 1],
            CellOperation(mobile, .put(.text("+999550002002"))))
        Self.apply(
            &state, Self.kofi, 1, seen: [Self.desk: 1],
            CellOperation(mobile, .put(.text("+999550002009"))))
        #expect(
            Self.dump(state) == """
                deleted: boolean(false) by tab-07 1 | boolean(false) by tab-11 1
                mobile ?: text("+999550002002") by tab-07 1 | text("+999550002009") by tab-11 1
                """)
        Self.apply(
            &state, Self.desk, 2, seen: [Self.salma: 1, Self.kofi: 1],
            CellOperation(mobile, .put(.text("+999550002009"))))
        #expect(
            Self.dump(state) == """
                deleted: boolean(false) by desk-01 2
                mobile: text("+999550002009") by desk-01 2
                """)
    }

    @Test func `a hundred edits do not win over one`() {
        var state = RecordState()
        for sequence in 1...UInt64(100) {
            Self.apply(
                &state, Self.salma, sequence, at: Int64(sequence) * 1_000_000,
                CellOperation(mobile, .put(.integer(Int64(sequence)))))
        }
        Self.apply(&state, Self.kofi, 1, at: 0, CellOperation(mobile, .put(.integer(-1))))
        #expect(
            Self.dump(state) == """
                deleted: boolean(false) by tab-07 100 | boolean(false) by tab-11 1
                mobile ?: integer(100) by tab-07 100 | integer(-1) by tab-11 1
                """)
    }

    @Test func `one replica never conflicts with itself`() {
        var state = RecordState()
        // Its clock runs backwards.
        for sequence in 1...UInt64(50) {
            Self.apply(
                &state, Self.salma, sequence, at: -Int64(sequence), deletes: sequence % 7 == 0,
                CellOperation(mobile, .put(sequence % 5 == 0 ? .none : .integer(Int64(sequence)))))
            #expect(state.cells.values.allSatisfy { $0.siblings.count == 1 })
        }
    }

    @Test func `equal concurrent values never conflict`() {
        var state = RecordState()
        for replica in [Self.salma, Self.kofi, Self.desk] {
            Self.apply(&state, replica, 1, CellOperation(mobile, .put(.text("+999550002002"))))
        }
        #expect(state.cells[mobile]!.siblings.count == 3)
        #expect(!Policy.register.asks(state.cells[mobile]!))
        Self.apply(&state, Self.desk, 2, seen: [Self.salma: 1, Self.kofi: 1])
        #expect(state.cells[mobile]!.siblings.count == 3)
    }

    @Test func `a clearing clashes with a value that it had not seen`() {
        var state = RecordState()
        Self.apply(&state, Self.salma, 1, CellOperation(mobile, .put(.none)))
        Self.apply(&state, Self.kofi, 1, CellOperation(mobile, .put(.integer(1))))
        #expect(Policy.register.asks(state.cells[mobile]!))
    }

    @Test(arguments: [false, true])
    func `a deletion does not erase an edit that it had not seen`(deletionFirst: Bool) {
        var state = RecordState()
        Self.apply(&state, Self.desk, 1, CellOperation(mobile, .put(.integer(1))))
        func delete() {
            Self.apply(&state, Self.salma, 1, at: 9, seen: [Self.desk: 1], deletes: true)
        }
        if deletionFirst { delete() }
        Self.apply(
            &state, Self.kofi, 1, at: 5, seen: [Self.desk: 1],
            CellOperation(CellName("hours"), .put(.text("09-12"))))
        if !deletionFirst { delete() }
        #expect(
            Self.dump(state) == """
                deleted ?: boolean(true) by tab-07 1 | boolean(false) by tab-11 1
                hours: text("09-12") by tab-11 1
                mobile: integer(1) by desk-01 1
                """)
        #expect(Policy.liveness.shown(state.cells[.liveness]!)?.value == .boolean(false))
    }

    @Test func `a deletion holds against what it had seen, and a record can come back`() {
        var state = RecordState()
        Self.apply(&state, Self.desk, 1, CellOperation(mobile, .put(.integer(1))))
        Self.apply(&state, Self.salma, 1, seen: [Self.desk: 1], deletes: true)
        #expect(
            Self.dump(state) == """
                deleted: boolean(true) by tab-07 1
                mobile: integer(1) by desk-01 1
                """)
        Self.apply(&state, Self.kofi, 1, seen: [Self.desk: 1, Self.salma: 1])
        #expect(
            Self.dump(state) == """
                deleted: boolean(false) by tab-11 1
                mobile: integer(1) by desk-01 1
                """)
    }

    @Test
    func `adding a member wins over a removal that had not seen it, and leaves no trace once seen`()
    {
        let member = CellName("languages", key: .text("ar"))
        var state = RecordState()
        Self.apply(&state, Self.desk, 1, CellOperation(member, .put(.boolean(true))))
        Self.apply(&state, Self.salma, 1, seen: [Self.desk: 1], CellOperation(member, .remove))
        #expect(state.cells[member] == nil)
        Self.apply(
            &state, Self.kofi, 1, seen: [Self.desk: 1], CellOperation(member, .put(.boolean(true))))
        #expect(state.cells[member]!.siblings.map(\.dot.replica) == [Self.kofi])
        Self.apply(&state, Self.desk, 2, seen: [Self.kofi: 1], CellOperation(member, .remove))
        #expect(state.cells[member] == nil)
    }

    @Test func `what an edit replaced is told`() {
        var state = RecordState()
        Self.apply(&state, Self.salma, 1, CellOperation(mobile, .put(.integer(1))))
        Self.apply(&state, Self.kofi, 1, CellOperation(mobile, .put(.integer(2))))
        let replaced = state.apply(
            RecordEdit(
                record: Identifier(1), type: "person",
                operations: [CellOperation(mobile, .put(.integer(3)))]),
            dot: Dot(replica: Self.desk, sequence: 1), at: 0, seen: [Self.salma: 1, Self.kofi: 1])
        #expect(replaced[mobile]?.map(\.value) == [.integer(1), .integer(2)])
        #expect(replaced[.liveness]?.count == 2)
    }
}

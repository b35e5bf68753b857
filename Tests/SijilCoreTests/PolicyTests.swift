import SijilCore
import Testing

struct PolicyTests {
    /// Siblings by replicas 1, 2, 3 … with their times.
    private func cell(_ siblings: (value: Value, at: Int64)...) -> Cell {
        Cell(
            siblings.enumerated()
                .map { index, sibling in
                    let dot = Dot(replica: Identifier(UInt128(index + 1)), sequence: 1)
                    return Sibling(dot: dot, value: sibling.value, at: sibling.at)
                })
    }

    private let restrictions = Policy.strictest(TestSchema.restrictions)

    @Test func `an empty cell shows nothing and asks nobody`() {
        for policy in [Policy.register, .member, restrictions, .once, .liveness] {
            #expect(policy.shown(Cell()) == nil)
            #expect(!policy.asks(Cell()))
        }
    }

    @Test func `a lone sibling is shown and asks nobody`() {
        for policy in [Policy.register, .member, restrictions, .once, .liveness] {
            #expect(policy.shown(cell((.boolean(true), 1)))?.value == .boolean(true))
            #expect(!policy.asks(cell((.boolean(true), 1))))
        }
    }

    @Test func `a register shows the latest, then the greater replica, and asks`() {
        #expect(
            Policy.register.shown(cell((.integer(1), 9), (.integer(2), 5)))?.value == .integer(1))
        #expect(
            Policy.register.shown(cell((.integer(1), 5), (.integer(2), 5)))?.value == .integer(2))
        #expect(Policy.register.asks(cell((.integer(1), 9), (.integer(2), 5))))
        #expect(!Policy.register.asks(cell((.integer(1), 9), (.integer(1), 5))))
    }

    @Test func `what is written once shows the first, and asks about a second value`() {
        #expect(Policy.once.shown(cell((.integer(1), 9), (.integer(2), 5)))?.value == .integer(2))
        #expect(Policy.once.shown(cell((.integer(1), 5), (.integer(2), 5)))?.value == .integer(1))
        #expect(Policy.once.asks(cell((.integer(1), 9), (.integer(2), 5))))
        #expect(!Policy.once.asks(cell((.integer(1), 9), (.integer(1), 5))))
    }

    @Test func `a member is there if anybody says so, whatever the time`() {
        let contested = cell((.boolean(true), 1), (.none, 9), (.boolean(false), 9))
        #expect(Policy.member.shown(contested)?.value == .boolean(true))
        #expect(!Policy.member.asks(contested))
    }

    @Test func `a record lives if anybody says so, and a person is asked`() {
        let contested = cell((.boolean(true), 9), (.boolean(false), 1), (.boolean(true), 9))
        #expect(Policy.liveness.shown(contested)?.value == .boolean(false))
        #expect(Policy.liveness.asks(contested))
        #expect(!Policy.liveness.asks(cell((.boolean(true), 9), (.boolean(true), 1))))
    }

    @Test func `the stricter word is shown, whatever the time, and nobody is asked`() {
        let contested = cell((.text("never"), 1), (.text("none"), 9), (.none, 99))
        #expect(restrictions.shown(contested)?.value == .text("never"))
        #expect(!restrictions.asks(contested))
        #expect(
            restrictions.shown(cell((.text("crisis_only"), 1), (.text("via_intermediary"), 0)))?
                .value
                == .text("via_intermediary"))
    }

    @Test func `a word from a later version is stricter than all`() {
        #expect(
            restrictions.shown(cell((.text("never"), 9), (.text("sealed"), 1)))?.value
                == .text("sealed"))
        #expect(
            restrictions.shown(cell((.text("never"), 9), (.unknown(tag: 9, bytes: []), 1)))?.value
                == .unknown(tag: 9, bytes: []))
        #expect(
            restrictions.shown(cell((.text("sealed"), 9), (.integer(3), 1)))?.value
                == .text("sealed"))
    }

    @Test func `a clearing is milder than every word`() {
        #expect(
            restrictions.shown(cell((.none, 9), (.text("none"), 1)))?.value == .text("none"))
    }

    @Test func `the schema tells the policy, and guesses a register`() {
        let person = TestSchema.person
        #expect(person.policy(of: CellName("name")) == .register)
        #expect(person.policy(of: CellName("languages", key: .text("ar"))) == .member)
        #expect(person.policy(of: CellName("born")) == .once)
        #expect(person.policy(of: CellName("do_not_contact")) == restrictions)
        #expect(person.policy(of: .liveness) == .liveness)
        #expect(person.policy(of: CellName("of_a_later_version")) == .register)
    }
}

import SijilCore
import SijilDirectory
import SijilStore
import Testing

/// Pointers as a graph.
@Suite struct MergedPeopleTests {
    /// `[1: 2]` for 1 into 2; targets from 90 on are not here.
    private func people(_ pointers: [UInt128: UInt128]) -> MergedPeople {
        MergedPeople(
            pointers.map {
                RecordLink(
                    record: RecordID($0), target: RecordID($1), isTargetHere: $1 < 90)
            })
    }

    private func canonical(_ people: MergedPeople) -> [UInt128] {
        (1...6).map { people.canonical(RecordID($0)).rawValue }
    }

    @Test func `a record that is not merged is its own`() {
        let people = people([:])
        #expect(canonical(people) == [1, 2, 3, 4, 5, 6])
        #expect(people.members(of: RecordID(3)) == [RecordID(3)])
        #expect(people.groups.isEmpty)
    }

    @Test func `pointers are followed to their end`() {
        let people = people([1: 2, 2: 5, 3: 5, 4: 3])
        #expect(canonical(people) == [5, 5, 5, 5, 5, 6])
        #expect(people.members(of: RecordID(4)).map(\.rawValue) == [5, 1, 2, 3, 4])
        #expect(people.isMerged(RecordID(1)) && !people.isMerged(RecordID(5)))
    }

    @Test func `a ring has its smallest record as root, also for what leads into it`() {
        #expect(canonical(people([2: 3, 3: 4, 4: 2])) == [1, 2, 2, 2, 5, 6])
        #expect(canonical(people([5: 6, 6: 5, 1: 6])) == [5, 2, 3, 4, 5, 5])
    }

    @Test func `a record that points at itself is not merged`() {
        let people = people([2: 2])
        #expect(canonical(people) == [1, 2, 3, 4, 5, 6])
        #expect(people.looseEnds.isEmpty && people.groups.isEmpty)
    }

    @Test func `a pointer to nobody is listed and has no effect`() {
        let people = people([1: 99, 3: 1])
        #expect(canonical(people) == [1, 2, 1, 4, 5, 6])
        #expect(people.looseEnds.map(\.record) == [RecordID(1)])
    }

    @Test func `every graph of five records gives the groups of its undirected edges`() {
        // All 6^5 graphs: each record points at one of five or at none.
        var pointers: [UInt128: UInt128] = [:]
        for number in 0..<7776 {
            pointers = [:]
            var rest = number
            for record in 1...5 {
                if rest % 6 > 0 { pointers[UInt128(record)] = UInt128(rest % 6) }
                rest /= 6
            }
            let people = people(pointers)
            var group = [0, 1, 2, 3, 4, 5]
            for _ in 0..<5 {
                for (from, to) in pointers {
                    let least = min(group[Int(from)], group[Int(to)])
                    group[Int(from)] = least
                    group[Int(to)] = least
                }
            }
            for record in 1...5 {
                let root = people.canonical(RecordID(UInt128(record))).rawValue
                guard group[Int(root)] == group[record] else {
                    Issue.record("record \(record) of \(pointers) belongs to \(root)")
                    return
                }
                let expected = (1...5).filter { group[$0] == group[record] }
                let members = people.members(of: RecordID(UInt128(record))).map { Int($0.rawValue) }
                guard members.sorted() == expected, members[0] == Int(root) else {
                    Issue.record("members of \(record) of \(pointers): \(members)")
                    return
                }
            }
        }
    }
}

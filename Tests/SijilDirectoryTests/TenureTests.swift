import SijilCore
import Testing

@testable import SijilDirectory

/// Who holds an office on a date, with dates that are known in part.
struct TenureTests {
    private static let seat = RecordID(0x500)

    /// Tenures as `FROM..TO` by persons 1, 2, …; the holders on a date as `person status`.
    private func holders(
        _ tenures: [String], of persons: [UInt128]? = nil, on date: String, seats: Int64 = 1,
        recognition: [Int: String] = [:]
    ) -> [String] {
        roster(tenures, persons: persons, seats: seats, recognition: recognition)
            .holders(of: Self.seat, on: PartialDate(date)!)
            .map { "\($0.tenure.person.rawValue) \($0.status.rawValue)" }
    }

    /// - Parameter persons: whose the tenures are; 1, 2, … when nothing is said.
    private func roster(
        _ tenures: [String], persons: [UInt128]? = nil, seats: Int64 = 1,
        recognition: [Int: String] = [:]
    ) -> Roster {
        var roster = Roster()
        var office = Roster.Office(id: Self.seat, collection: Office.roster)
        office.seats = seats
        roster.offices[office.id] = office
        for (index, text) in tenures.enumerated() {
            let person = RecordID(persons?[index] ?? UInt128(index + 1))
            let ends = text.split(separator: "..", omittingEmptySubsequences: false)
            var tenure = Roster.Tenure(
                id: RecordID(UInt128(0x700 + index)), collection: Office.roster, person: person,
                office: Self.seat)
            tenure.from = PartialDate(ends[0])
            tenure.to = PartialDate(ends[1])
            tenure.recognition = recognition[index + 1]
            roster.tenures[Self.seat, default: []].append(tenure)
            roster.people[person] = Roster.Person(id: person, collection: Office.roster)
        }
        return roster
    }

    @Test func `the holder on a date is who held it then`() {
        let succession = ["2021-10..2026-03-15", "2026-03-16.."]
        #expect(holders(succession, on: "2026-03-10") == ["1 current"])
        #expect(holders(succession, on: "2026-03-15") == ["1 current"])
        #expect(holders(succession, on: "2026-03-16") == ["2 current"])
        #expect(holders(succession, on: "2021-09-30") == [])
        #expect(holders(succession, on: "2021-10-01") == ["1 current"])
        // In March both did, one after the other.
        #expect(holders(succession, on: "2026-03") == ["1 current", "2 current"])
        #expect(holders(["2021..2023", "2024.."], on: "2025") == ["2 current"])
        #expect(holders([".."], on: "1900") == ["1 current"])
    }

    @Test func `a tenure covers what it may cover`() {
        let vague = ["2021..2026-03", "2026-03.."]
        #expect(holders(vague, on: "2026-03-01") == ["1 current", "2 current"])
        #expect(holders(vague, on: "2026-02-28") == ["1 current"])
        #expect(holders(vague, on: "2026-04-01") == ["2 current"])
        #expect(holders(["2021..2021"], on: "2021-12-31") == ["1 current"])
        #expect(holders(["2021..2021"], on: "2022-01-01") == [])
        #expect(holders(["2026..", "..2026"], on: "2026-06") == ["1 current", "2 current"])
    }

    @Test func `two open tenures on one seat are disputed, and none is refused`() {
        let rivals = ["2019..", "2026-02.."]
        #expect(holders(rivals, on: "2026-03-10") == ["1 disputed", "2 disputed"])
        #expect(holders(rivals, on: "2025-03-10") == ["1 current"])
        #expect(holders(["..", ".."], on: "2026") == ["1 disputed", "2 disputed"])
        #expect(holders(["2019..2030", "2026.."], on: "2027") == ["1 disputed", "2 disputed"])
        #expect(holders(rivals, on: "2026-03-10", seats: 2) == ["1 current", "2 current"])
        #expect(
            holders(rivals + ["2020.."], on: "2026-03-10", seats: 2)
                == ["1 disputed", "2 disputed", "3 disputed"])
        // The predecessor of the two has no part in it.
        #expect(
            holders(["2010..2019", "2019..", "2019.."], on: "2019")
                == ["1 current", "2 disputed", "3 disputed"])
        #expect(
            holders(["2019.."], on: "2026", recognition: [1: "disputed"]) == ["1 disputed"])
    }

    @Test func `one person with two tenures disputes with nobody, and both are listed`() {
        let open = ["2019..", "2026-02..", ".."]
        #expect(
            holders(open, of: [1, 1, 1], on: "2027") == ["1 current", "1 current", "1 current"])
        #expect(
            holders(open, of: [1, 1, 2], on: "2027") == ["1 disputed", "1 disputed", "2 disputed"])
        #expect(
            holders(open, of: [1, 1, 2], on: "2027", seats: 2)
                == ["1 current", "1 current", "2 current"])
    }

    @Test func `predecessors come with the latest first, and each tenure has its status`() {
        let roster = roster(["2001..2010", "2011..2020-05", "2020-06..", "2030.."])
        let date = PartialDate("2026-03-10")!
        #expect(
            roster.predecessors(of: Self.seat, before: date).map(\.person)
                == [RecordID(2), RecordID(1)])
        #expect(
            roster.tenures[Self.seat]!.map { roster.status(of: $0, on: date).rawValue }
                == ["former", "former", "current", "future"])
    }

    @Test(arguments: [
        ("2026", "2026-01-01", "2026-12-31"), ("2024-02", "2024-02-01", "2024-02-29"),
        ("2023-02", "2023-02-01", "2023-02-28"), ("2026-12", "2026-12-01", "2026-12-31"),
        ("2026-03-07", "2026-03-07", "2026-03-07"), ("1969", "1969-01-01", "1969-12-31"),
    ])
    func `a date in part may be any day of its month or year`(
        date: String, first: String, last: String
    ) throws {
        let date = try #require(PartialDate(date))
        #expect(date.earliest.date?.description == first)
        #expect(date.latest.date?.description == last)
    }
}

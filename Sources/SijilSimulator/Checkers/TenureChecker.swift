import SijilCore
import SijilDirectory
import SijilStore

/// Whoever may hold an office on a day is listed, however many say so, and they are disputed exactly when more
/// people hold it at once than it has seats.
///
/// A person with several records is one. From plain records, joined along their pointers, and from dates as texts.
final class TenureChecker: Checker {
    private struct Tenure {
        var id: RecordID
        /// The person's canonical record.
        var person: RecordID
        var isSaidToBeDisputed: Bool
        /// The first and the last day that each end may mean; `nil` for an end that is not known or not yet.
        var from: (first: String, last: String)?
        var to: (first: String, last: String)?

        func mayCover(_ first: String, _ last: String) -> Bool {
            (from?.first ?? first) <= last && (to?.last ?? last) >= first
        }

        /// Whether it may have ended when the other began, which goes on at least as long.
        func mayGiveWay(to other: Tenure) -> Bool {
            guard let to, let from = other.from else { return false }
            return to.first <= from.last && (other.to?.last ?? "9999") >= to.last
        }
    }

    private static let dates = [
        "2020-06-01", "2021-01-01", "2021", "2025-12-31", "2026-03-15", "2026-03-16", "2026-03",
        "2026-04-01", "2026-12-31", "2027",
    ]

    func settled(_ world: World) async throws {
        guard world.versions.newer["tenure"] != nil else { return }
        var first: String?
        for device in world.active {
            let seen = try look(at: device, in: world)
            try world.require(
                first ?? seen == seen, "tenures: replica \(device.number) sees others in office")
            first = seen
        }
    }

    /// - Returns: who holds which office on which date there.
    private func look(at device: SimulatedDevice, in world: World) throws -> String {
        let persons = try MergeChecker.persons(device.replica)
        let groups = MergeChecker.joined(persons)
        var tenures: [RecordID: [Tenure]] = [:]
        try device.replica.forEachRecord(RecordQuery(type: "tenure")) { record in
            guard case .reference(let person) = record["person"],
                case .reference(let office) = record["office"]
            else { return }
            tenures[office, default: []]
                .append(
                    Tenure(
                        id: record.id,
                        person: groups.first { $0.contains(person) }?.first ?? person,
                        isSaidToBeDisputed: record["recognition"] == .text("disputed")
                            || Self.isContested(record),
                        from: Self.days(record, "from") { $0.first < $1.first },
                        to: Self.days(record, "to") { $0.last > $1.last }))
        }
        var seats: [RecordID: Int64] = [:]
        try device.replica.forEachRecord(RecordQuery(type: "office")) { record in
            seats[record.id] = if case .integer(let count) = record["seats"] { count } else { 1 }
        }
        let roster = try SijilDirectory.Roster(reading: device.replica)
        var seen = ""
        for office in world.collections.indices.flatMap(DirectoryGenerator.offices) {
            let all = tenures[office] ?? []
            for text in Self.dates {
                let date = PartialDate(text)!
                let expected = Self.holders(among: all, seats: seats[office] ?? 1, on: date)
                let holders = Self.statuses(
                    roster.holders(of: office, on: date).map { ($0.tenure.id, $0.status) })
                try world.require(
                    Set(holders.keys) == Set(expected.keys),
                    "tenures: who may hold an office is not listed, or who does not is")
                try world.require(
                    holders == expected,
                    "tenures: an office is disputed that one person holds, or not although two do")
                let shown = roster.leaders(on: date).filter { $0.office.id == office }
                let listed = all.filter { persons[$0.person] != nil && seats[office] != nil }
                    .map(\.id)
                try world.require(
                    Self.statuses(shown.map { ($0.tenure.id, $0.status) })
                        == expected.filter { listed.contains($0.key) },
                    "tenures: the list of leaders has others in office")
                seen += "\(office) \(text) \(holders.sorted { $0.key < $1.key })\n"
            }
        }
        return seen
    }

    private static func holders(
        among all: [Tenure], seats: Int64, on date: PartialDate
    ) -> [RecordID: TenureStatus] {
        let (first, last) = days(of: .date(date))!
        let covering = all.filter { $0.mayCover(first, last) }
        let atOnce = covering.filter { one in
            covering.allSatisfy { $0.id == one.id || !one.mayGiveWay(to: $0) }
        }
        let areTooMany = Set(atOnce.map(\.person)).count > seats
        return Dictionary(
            uniqueKeysWithValues: covering.map { one in
                let isRival = areTooMany && atOnce.contains { $0.id == one.id }
                return (one.id, isRival || one.isSaidToBeDisputed ? .disputed : .current)
            })
    }

    /// A tenure that is listed twice is told by a status that nobody expects.
    private static func statuses(
        _ listed: [(RecordID, TenureStatus)]
    ) -> [RecordID: TenureStatus] {
        Dictionary(listed) { _, _ in .former }
    }

    private static func isContested(_ record: RecordView) -> Bool {
        ["from", "to"].contains { record.cells[CellName($0)]?.isContested == true }
    }

    /// Of an end that rivals wrote the one that makes the tenure longest.
    private static func days(
        _ record: RecordView, _ field: String,
        isLonger: ((first: String, last: String), (first: String, last: String)) -> Bool
    ) -> (first: String, last: String)? {
        let rivals = (record.cells[CellName(field)]?.siblings ?? []).map { days(of: $0.value) }
        if rivals.contains(where: { $0 == nil }) { return nil }
        return rivals.compactMap(\.self).min(by: isLonger)
    }

    /// The first and the last day that a date may mean, as texts.
    private static func days(of value: Value) -> (first: String, last: String)? {
        guard case .date(let date) = value else { return nil }
        let text = date.description
        if date.day > 0 { return (text, text) }
        if date.month == 0 { return (text + "-01-01", text + "-12-31") }
        let isLeap = date.year % 4 == 0 && (date.year % 100 != 0 || date.year % 400 == 0)
        let days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        return (text + "-01", "\(text)-\(days[date.month - 1])")
    }
}

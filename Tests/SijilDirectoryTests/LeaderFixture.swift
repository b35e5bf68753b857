import SijilCore
import SijilStore
import Testing

@testable import SijilDirectory

/// The small roster of the tests of leaders, written as officers write it, and how its views are told.
protocol LeaderFixture {}

enum LeaderID {
    static let area = RecordID(0xA1)
    static let fraction = RecordID(0xA2)
    static let mosque = RecordID(0xA3)
    static let mayorSeat = RecordID(0xB1)
    static let amgharSeat = RecordID(0xB2)
    static let amghar = RecordID(3)
    static let nephew = RecordID(4)
}

extension LeaderFixture {
    typealias ID = LeaderID

    /// The mayor and the amghar of Wadi Amal, with the nephew who is asked first.
    func fill(_ replica: Replica) throws {
        try replica.set(
            "code=XM01", "name.fr=Wadi Amal", "time_zone=Africa/Casablanca", of: ID.area,
            type: "area")
        try replica.set(
            "code=XM0103", "name.fr=Aït Tagmout", "parent=\(ID.area)", of: ID.fraction, type: "area"
        )
        try replica.set(
            "type=mayor", "category=elected_local", "area=\(ID.area)",
            "title.fr=Présidente de la commune", of: ID.mayorSeat, type: "office")
        try replica.set(
            "type=amghar", "category=customary", "area=\(ID.fraction)", of: ID.amgharSeat,
            type: "office")
        try replica.set(
            "name.fr=Nadia Amziane-Tifaouine", "languages+=ar", "languages+=fr", "gender=f",
            of: mayor)
        try replica.set("name.fr=Moha Ougni", "languages+=zgh-MA", of: ID.amghar)
        try replica.set("name.fr=Idir Ougni", "languages+=zgh", of: ID.nephew)
        for (index, (person, seat)) in [(mayor, ID.mayorSeat), (ID.amghar, ID.amgharSeat)]
            .enumerated()
        {
            try replica.set(
                "person=\(person)", "office=\(seat)", "from=2021-10",
                of: RecordID(UInt128(0xC1 + index)), type: "tenure")
        }
        try replica.set(
            "owner=\(mayor)", "kind=mobile", "value=+999550002001", "preference=2",
            "hours=mon-fri 09:00-17:00", of: RecordID(0xD1), type: "channel")
        try replica.set(
            "owner=\(ID.mayorSeat)", "kind=landline", "value=+999550001001", "preference=1",
            "hours=mon-fri 09:00-12:00", of: RecordID(0xD2), type: "channel")
        try replica.set(
            "owner=\(ID.amghar)", "kind=mobile", "value=+999550004001", of: RecordID(0xD3),
            type: "channel")
        try replica.set(
            "owner=\(ID.nephew)", "kind=mobile", "value=+999550004002", of: RecordID(0xD4),
            type: "channel")
    }

    /// One line per entry: name, number, whose it is, reason.
    func sheet(
        _ replica: Replica, at moment: String = "2026-03-11T10:30Z", crisis: Bool = false,
        _ query: LeaderQuery = LeaderQuery()
    ) throws -> String {
        let roster = try Roster(reading: replica)
        return
            roster.callSheet(
                query, at: try #require(Timestamp.milliseconds(moment)), inCrisis: crisis
            )
            .map { entry in
                let parts = [
                    entry.leader.person.names.first?.text, entry.channel?.channel.values.first,
                    entry.via.map { "via \($0.names.first?.text ?? "")" }, entry.reason?.code,
                    entry.channel.map { $0.hours == .unknown ? "" : $0.hours.rawValue },
                ]
                return parts.compactMap(\.self).filter { !$0.isEmpty }.joined(separator: " ")
            }
            .joined(separator: "\n")
    }

    var amgharLine: String { "Moha Ougni +999550004001" }

    static var other: CollectionID { Identifier(0xC1) }

    /// Gives a replica a second roster, and writes into it what another device did that holds only that one.
    func copy(_ id: RecordID, _ fields: String..., on replica: Replica) throws {
        try replica.setGrants(
            [Office.roster, Self.other]
                .map { CollectionGrant(id: $0, name: "\($0)", kind: "roster", role: .editor) })
        let operations = try Assignment(fields, for: replica.schema.type(named: "person"))
            .operations
        try replica.write(
            [RecordEdit(record: id, type: "person", operations: operations)], in: Self.other)
    }
}

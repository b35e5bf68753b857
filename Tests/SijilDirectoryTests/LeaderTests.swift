import SijilCore
import SijilStore
import Testing

@testable import SijilDirectory

/// Views of leaders over a small roster that is written as officers write it.
struct LeaderTests: LeaderFixture {
    private let office: Office

    init() throws { office = try Office("tab-07", "tab-11", "desk-01") }

    @Test func `a leader is a person, an office, a tenure and channels`() throws {
        try fill(office[0])
        let roster = try Roster(reading: office[0])
        let day = PartialDate("2026-03-11")!
        func names(_ query: LeaderQuery) -> [String] {
            roster.leaders(query, on: day).compactMap { $0.person.names.first?.text }
        }
        #expect(names(LeaderQuery()) == ["Nadia Amziane-Tifaouine", "Moha Ougni"])
        #expect(names(LeaderQuery(officeType: "mayor")) == ["Nadia Amziane-Tifaouine"])
        #expect(names(LeaderQuery(category: "customary")) == ["Moha Ougni"])
        #expect(names(LeaderQuery(area: ID.fraction)) == ["Moha Ougni"])
        #expect(names(LeaderQuery(area: ID.area)).count == 2)
        #expect(names(LeaderQuery(language: "zgh")) == ["Moha Ougni"])
        #expect(names(LeaderQuery(language: "z")) == [])
        #expect(try roster.area(named: "XM0103") == ID.fraction)
        #expect(failure { _ = try roster.area(named: "XM99") }?.code == .notFound)
        #expect(roster.leaders(on: PartialDate("2021-09")!).isEmpty)
        let json = try #require(roster.leader(mayor, on: day).first).json(in: roster)
        #expect(
            json.description
                == #"{"id":"\#(mayor)","names":{"fr":"Nadia Amziane-Tifaouine"},"languages":["ar","fr"],"#
                + #""office":"\#(ID.mayorSeat)","title":{"fr":"Présidente de la commune"},"type":"mayor","#
                + #""category":"elected_local","area":"\#(ID.area)","area_code":"XM01","community":null,"#
                + #""tenure":"\#(RecordID(0xC1))","from":"2021-10","to":null,"mode":null,"#
                + #""recognition":null,"ended_how":null,"status":"current","contact_rule":"none","#
                + #""contact_rule_until":null,"deceased":false,"intermediaries":[],"verified":null,"#
                + #""channels":[{"id":"\#(RecordID(0xD2))","kind":"landline","value":"+999550001001","#
                + #""of":"office","label":null,"answered_by":null,"preference":1,"#
                + #""hours":"mon-fri 09:00-12:00","avoid":[],"language":null,"failed":false,"#
                + #""unreadable":false},{"id":"\#(RecordID(0xD1))","kind":"mobile","#
                + #""value":"+999550002001","of":"person","label":null,"answered_by":null,"#
                + #""preference":2,"hours":"mon-fri 09:00-17:00","avoid":[],"language":null,"#
                + #""failed":false,"unreadable":false}],"withheld":0}"#)
    }

    @Test func `the sheet follows the hours of the place`() throws {
        try fill(office[0])
        // 10:30 there, in Ramadan; both lines are open and the office's is preferred.
        #expect(
            try sheet(office[0])
                == "Nadia Amziane-Tifaouine +999550001001 open\n" + amgharLine)
        // Its time is over at 12, the mobile's is not.
        #expect(
            try sheet(office[0], at: "2026-03-11T13:00Z")
                == "Nadia Amziane-Tifaouine +999550002001 open\n" + amgharLine)
        // Out of Ramadan 11:30 UTC is 12:30 there.
        #expect(
            try sheet(office[0], at: "2026-04-15T11:30Z")
                == "Nadia Amziane-Tifaouine +999550002001 open\n" + amgharLine)
        // On Saturday nobody answers: last, and still there.
        #expect(
            try sheet(office[0], at: "2026-03-14T10:30Z")
                == amgharLine + "\nNadia Amziane-Tifaouine +999550001001 closed")
        try office[0].set("hours=after 09:00", of: RecordID(0xD2), type: "channel")
        #expect(
            try sheet(office[0], at: "2026-03-14T10:30Z")
                == "Nadia Amziane-Tifaouine +999550001001\n" + amgharLine)
    }

    @Test func `one can speak over what comes first, whatever programs prefer`() throws {
        try fill(office[0])
        for (line, preference) in [(RecordID(0xD1), 4), (RecordID(0xD2), 3)] {
            try office[0].set("preference=\(preference)", of: line, type: "channel")
        }
        for (index, kind) in ["email", "fax", "web", "address"].enumerated() {
            try office[0]
                .set(
                    "owner=\(mayor)", "kind=\(kind)", "preference=1",
                    kind == "email" ? "value=n@wadi-amal.example" : "value=+999550002009",
                    of: RecordID(UInt128(0xD10 + index)), type: "channel")
        }
        #expect(
            try sheet(office[0])
                == "Nadia Amziane-Tifaouine +999550001001 open\n" + amgharLine)
    }

    @Test func `a number that failed or is no longer valid comes last or not at all`() throws {
        try fill(office[0])
        try office[0]
            .set(
                "last_ok=2026-01", "last_fail=2026-03-10", of: RecordID(0xD2), type: "channel")
        #expect(try sheet(office[0]).hasPrefix("Nadia Amziane-Tifaouine +999550002001 open\n"))
        try office[0].set("last_ok=2026-03-10", of: RecordID(0xD2), type: "channel")
        #expect(try sheet(office[0]).hasPrefix("Nadia Amziane-Tifaouine +999550001001 open\n"))
        try office[0].set("valid_to=2026-03-10", of: RecordID(0xD2), type: "channel")
        try office[0].set("valid_from=2026-03-12", of: RecordID(0xD1), type: "channel")
        #expect(try sheet(office[0]) == amgharLine + "\nNadia Amziane-Tifaouine no_channel")
    }

    @Test func `who sits there is told by the calendar of the place`() throws {
        try fill(office[0])
        try office[0].set("time_zone=Asia/Colombo", of: ID.fraction, type: "area")
        try office[0].set("to=2026-03-14", of: RecordID(0xC2), type: "tenure")
        try office[0]
            .set(
                "person=\(ID.nephew)", "office=\(ID.amgharSeat)", "from=2026-03-15",
                of: RecordID(0xC3), type: "tenure")
        let query = LeaderQuery(officeType: "amghar")
        #expect(try sheet(office[0], at: "2026-03-14T18:29Z", query) == amgharLine)
        #expect(
            try sheet(office[0], at: "2026-03-14T18:31Z", query) == "Idir Ougni +999550004002")
        #expect(
            try sheet(office[0], at: "2026-03-14T18:31Z").split(separator: "\n").count == 2)
    }

    @Test func `both numbers of a contested channel are shown until somebody decides`() throws {
        try fill(office[0])
        try office.exchange()
        try office[0].set("value=+999550004003", of: RecordID(0xD3), type: "channel")
        try office[1].set("value=+999550004009", of: RecordID(0xD3), type: "channel")
        try office.exchange()
        for replica in [office[0], office[1]] {
            let leader = try #require(
                try Roster(reading: replica).leader(ID.amghar, on: PartialDate("2026-03-11")!).first
            )
            #expect(
                Set(leader.channels[0].channel.values) == ["+999550004003", "+999550004009"])
        }
    }

    @Test func `nobody is left out because of an end that waits for a decision`() throws {
        try fill(office[0])
        try office.exchange()
        let tenure = RecordID(0xC2)
        try office[0].set("to=2026-03-01", "ended_how=term_end", of: tenure, type: "tenure")
        try office[1].set("to=2026-12-31", of: tenure, type: "tenure")
        try office.exchange()
        for replica in [office[0], office[1]] {
            let roster = try Roster(reading: replica)
            let found = roster.leaders(
                LeaderQuery(officeType: "amghar"), on: PartialDate("2026-03-11")!)
            #expect(found.map(\.status) == [.disputed])
            #expect(found.map(\.tenure.to) == [PartialDate("2026-12-31")])
            #expect(found[0].tenureJSON(in: roster)["contested"] == .bool(true))
            #expect(try sheet(replica).contains(amgharLine))
            #expect(roster.holders(of: ID.amgharSeat, on: PartialDate("2027-01-01")!).isEmpty)
        }
        // One of them says that there is no end at all.
        try office[0].set("to=2026-03-02", of: tenure, type: "tenure")
        try office[1].set("to=", of: tenure, type: "tenure")
        try office.exchange()
        #expect(try sheet(office[0], at: "2031-03-11T10:30Z").contains(amgharLine))
        let day = PartialDate("2031-03-11")!
        #expect(
            try Roster(reading: office[0]).predecessors(of: ID.amgharSeat, before: day).isEmpty)
    }

    @Test func `who ended nobody knows when does not return by a contested beginning`() throws {
        try fill(office[0])
        let tenure = RecordID(0xC2)
        try office[0].set("ended_how=resignation", of: tenure, type: "tenure")
        try office.exchange()
        try office[0].set("from=2021-11", of: tenure, type: "tenure")
        try office[1].set("from=2021-12", of: tenure, type: "tenure")
        try office.exchange()
        let day = PartialDate("2026-03-11")!
        var roster = try Roster(reading: office[0])
        #expect(roster.holders(of: ID.amgharSeat, on: day).isEmpty)
        #expect(roster.predecessors(of: ID.amgharSeat, before: day).map(\.id) == [tenure])
        // One says that it has not ended after all, and another how it did.
        try office[0].set("ended_how=", of: tenure, type: "tenure")
        try office[1].set("ended_how=death", of: tenure, type: "tenure")
        try office.exchange()
        roster = try Roster(reading: office[1])
        #expect(roster.holders(of: ID.amgharSeat, on: day).map(\.status) == [.disputed])
        #expect(roster.predecessors(of: ID.amgharSeat, before: day).isEmpty)
    }

    @Test func `what lies in an area that was removed still lies in what that lay in`() throws {
        try fill(office[0])
        let region = RecordID(0xA9)
        try office[0].set("code=XM", of: region, type: "area")
        try office[0].set("parent=\(region)", of: ID.area, type: "area")
        let query = LeaderQuery(area: region)
        let before = try sheet(office[0], query)
        #expect(before.split(separator: "\n").count == 2)
        try office[0]
            .write(
                [RecordEdit(record: ID.area, type: "area", deletes: true)], in: Office.roster)
        let listed = try Roster(reading: office[0])
            .leaders(query, on: PartialDate("2026-03-11")!).map(\.person.id)
        #expect(Set(listed) == [mayor, ID.amghar])
        let covered = try Roster(reading: office[0])
            .coverage(on: PartialDate("2026-03-11")!)
        #expect(covered.first { $0.place.id == region }?.total.leaders == 2)
    }

    @Test func `who holds two offices is one call and one leader`() throws {
        try fill(office[0])
        let other = RecordID(0xB9)
        try office[0]
            .set(
                "type=mayor", "category=elected_local", "area=\(ID.area)", of: other, type: "office"
            )
        for (tenure, seat) in [(RecordID(0xC8), other), (RecordID(0xC9), ID.amgharSeat)] {
            try office[0]
                .set(
                    "person=\(ID.amghar)", "office=\(seat)", "from=2022", of: tenure, type: "tenure"
                )
        }
        let sheet = try sheet(office[0])
        #expect(sheet.split(separator: "\n").count { $0.contains("Moha Ougni") } == 1)
        let roster = try Roster(reading: office[0])
        let area = try #require(
            roster.coverage(on: PartialDate("2026-03-11")!).first { $0.place.id == ID.area })
        #expect(area.total.leaders == 2)
        #expect(area.categories.mapValues(\.leaders) == ["elected_local": 2, "customary": 1])
        // Which of the offices says that a woman holds it makes no difference.
        let women = RecordID(0xBA)
        try office[0].set("type=women_leader", "area=\(ID.area)", of: women, type: "office")
        try office[0]
            .set(
                "person=\(ID.amghar)", "office=\(women)", of: RecordID(0xCA), type: "tenure")
        let counted = try Roster(reading: office[0]).coverage(on: PartialDate("2026-03-11")!)
            .first { $0.place.id == ID.area }?
            .total
        #expect(counted?.women == 2 && counted?.leaders == 2)
    }

    @Test func `a language is asked for in whatever case`() throws {
        try fill(office[0])
        for tag in ["zgh", "ZGH", "zgh-ma"] {
            let query = LeaderQuery(language: tag)
            #expect(try sheet(office[0], query).contains(amgharLine), "\(tag)")
        }
    }

    @Test func `rivals of two replicas are both listed as disputed`() throws {
        try fill(office[0])
        try office.exchange()
        try office[1].set("name.fr=Rival", of: RecordID(9))
        try office[1]
            .set(
                "person=\(RecordID(9))", "office=\(ID.amgharSeat)", "from=2026",
                "mode=self_declared",
                of: RecordID(0xC9), type: "tenure")
        try office.exchange()
        let roster = try Roster(reading: office[0])
        let found = roster.leaders(
            LeaderQuery(officeType: "amghar"), on: PartialDate("2026-03-11")!)
        #expect(found.map(\.status) == [.disputed, .disputed])
        #expect(try sheet(office[0]).contains("Rival no_channel"))
    }

    @Test func `one collection's leaders are shown also when the person lies in another`() throws {
        try fill(office[0])
        // Merged into a record of another collection, and asked through somebody who lies there.
        let (twin, cousin) = (RecordID(8), RecordID(7))
        try copy(twin, "name.fr=Moha O.", on: office[0])
        try copy(cousin, "name.fr=Itto Ougni", on: office[0])
        try office[0].set("merged_into=\(twin)", "intermediaries+=\(cousin)", of: ID.amghar)
        let roster = try Roster(reading: office[0], in: Office.roster)
        let leader = try #require(
            roster.leaders(LeaderQuery(officeType: "amghar"), on: PartialDate("2026-03-11")!).first)
        #expect(leader.person.id == twin)
        #expect(roster.people[cousin]?.names.first?.text == "Itto Ougni")
    }

    @Test
    func
        `a tenure that is said to have ended covers no day, and one that was withdrawn is disputed`()
        throws
    {
        try fill(office[0])
        let query = LeaderQuery(officeType: "amghar")
        try office[0].set("recognition=withdrawn", of: RecordID(0xC2), type: "tenure")
        let day = PartialDate("2026-03-11")!
        #expect(try Roster(reading: office[0]).leaders(query, on: day).map(\.status) == [.disputed])
        try office[0].set("ended_how=deposed", of: RecordID(0xC2), type: "tenure")
        let roster = try Roster(reading: office[0])
        #expect(roster.leaders(query, on: day).isEmpty)
        #expect(roster.predecessors(of: ID.amgharSeat, before: day).map(\.id) == [RecordID(0xC2)])
        #expect(roster.leader(ID.amghar, on: day).map(\.status) == [.former])
    }

    @Test
    func `copies of one channel and one tenure are one, and what failed in either has failed`()
        throws
    {
        try fill(office[0])
        try copy(ID.nephew, "name.fr=I.", on: office[0])
        for (id, type, fields) in [
            (
                RecordID(0xD3), "channel",
                [
                    "owner=\(ID.amghar)", "kind=mobile", "value=+999550004001",
                    "last_fail=2026-03-10",
                ]
            ),
            (
                RecordID(0xC2), "tenure",
                ["person=\(ID.amghar)", "office=\(ID.amgharSeat)", "from=2021-10"]
            ),
        ] {
            let operations = try Assignment(fields, for: office[0].schema.type(named: type))
                .operations
            try office[0]
                .write([RecordEdit(record: id, type: type, operations: operations)], in: Self.other)
        }
        try office[0].set("to=2026-05", of: RecordID(0xC2), type: "tenure")
        let roster = try Roster(reading: office[0])
        let leaders = roster.leaders(
            LeaderQuery(officeType: "amghar"), on: PartialDate("2026-03-11")!)
        #expect(leaders.count == 1 && leaders[0].tenure.to == PartialDate("2026-05"))
        #expect(leaders[0].channels.map(\.hasFailed) == [true])
    }

    @Test func `a number that somebody removed and another kept is marked, and comes after others`()
        throws
    {
        try fill(office[0])
        try office[0]
            .set(
                "owner=\(ID.amghar)", "kind=landline", "value=+999550004009", of: RecordID(0xD9),
                type: "channel")
        try office.exchange()
        try office[0]
            .write(
                [RecordEdit(record: RecordID(0xD3), type: "channel", deletes: true)],
                in: Office.roster)
        try office[1].set("hours=mon-fri 09:00-12:00", of: RecordID(0xD3), type: "channel")
        try office.exchange()
        let leader = try #require(
            try Roster(reading: office[0]).leader(ID.amghar, on: PartialDate("2026-03-11")!).first)
        #expect(leader.channels.map(\.channel.isContested) == [false, true])
        #expect(leader.channels.map(\.channel.id) == [RecordID(0xD9), RecordID(0xD3)])
        #expect(leader.channels[1].json.description.contains(#""contested":true"#))
    }

    @Test func `people who were merged are one leader, with the numbers of both`() throws {
        try fill(office[0])
        let twin = RecordID(8)
        try office[0].set("name.fr=M. Ougni", "contact_rule=never", of: twin)
        try office[0]
            .set(
                "owner=\(twin)", "kind=mobile", "value=+999550004008", of: RecordID(0xD8),
                type: "channel")
        try office[0].set("merged_into=\(ID.amghar)", of: twin)
        #expect(
            try sheet(office[0], LeaderQuery(officeType: "amghar")) == "Moha Ougni never")
        try office[0].set("contact_rule=none", of: twin)
        let roster = try Roster(reading: office[0])
        let leader = try #require(roster.leader(ID.amghar, on: PartialDate("2026-03-11")!).first)
        #expect(leader.channels.map { $0.channel.values[0] } == ["+999550004001", "+999550004008"])
        #expect(roster.people[twin] == nil)
    }

    // MARK: Due and coverage

    /// `name due-date reason` of what is due.
    private func due(_ replica: Replica, on day: String, before: String? = nil) throws -> [String] {
        let date = PartialDate(day)!
        return try Roster(reading: replica)
            .due(on: date, before: PartialDate(before ?? day)!.latest)
            .map { entry in
                let name = entry.leader?.person.names.first?.text ?? entry.office.type ?? ""
                let on = entry.review.dueOn?.date?.description ?? "-"
                return "\(name) \(on) \(entry.review.reason.rawValue)"
            }
    }

    @Test func `what was verified is due again after the days of its office`() throws {
        try fill(office[0])
        let replica = office[0]
        #expect(
            try due(replica, on: "2026-03-11") == [
                "Nadia Amziane-Tifaouine 2021-10-01 never_verified",
                "Moha Ougni 2021-10-01 never_verified",
            ])
        for (index, person) in [mayor, ID.amghar].enumerated() {
            try replica.set(
                "about=\(person)", "level=in_person", "on=2026-01-01",
                of: RecordID(UInt128(0xF1 + index)), type: "verification")
        }
        #expect(try due(replica, on: "2026-03-11") == [])
        // 180 days for who was elected, a year for custom.
        #expect(
            try due(replica, on: "2026-03-11", before: "2027") == [
                "Nadia Amziane-Tifaouine 2026-06-30 periodic", "Moha Ougni 2027-01-01 periodic",
            ])
        try replica.set("review_days=30", of: ID.amgharSeat, type: "office")
        #expect(try due(replica, on: "2026-03-11") == ["Moha Ougni 2026-01-31 periodic"])
        // What they say of themselves confirms nothing; a doubt counts at once.
        try replica.set(
            "about=\(ID.amghar)", "level=self_reported", "on=2026-03-01", of: RecordID(0xF3),
            type: "verification")
        #expect(try due(replica, on: "2026-03-11") == ["Moha Ougni 2026-01-31 periodic"])
        try replica.set(
            "about=\(ID.amghar)", "level=disputed", "on=2026-03-02", of: RecordID(0xF4),
            type: "verification")
        #expect(try due(replica, on: "2026-03-11") == ["Moha Ougni 2026-03-02 disputed"])
    }

    @Test(arguments: [Int64.max, .min, 36_501, 0])
    func `a period of review that nobody can mean is ignored`(days: Int64) throws {
        try fill(office[0])
        try office[0].put(["review_days": .integer(days)], of: ID.amgharSeat, type: "office")
        try office[0]
            .set(
                "about=\(ID.amghar)", "level=in_person", "on=2026-01-01", of: RecordID(0xF1),
                type: "verification")
        let roster = try Roster(reading: office[0])
        let leader = try #require(roster.leader(ID.amghar, on: PartialDate("2026-03-11")!).first)
        #expect(leader.json(in: roster).description.contains(#""due_on":"2027-01-01""#))
    }

    @Test func `a day that no calendar has is no date`() {
        for number in [Int64.min, -719_529, 2_932_897, .max] {
            #expect(CalendarDay(number: number).date == nil)
        }
        #expect(CalendarDay(number: -719_528).date == PartialDate(year: 0, month: 1, day: 1))
        #expect(CalendarDay(number: 2_932_896).date == PartialDate("9999-12-31"))
        #expect(CalendarDay(number: 1).adding(days: .max).date == nil)
    }

    @Test func `a tenure that ended makes the office due at once`() throws {
        try fill(office[0])
        let replica = office[0]
        try replica.set(
            "about=\(ID.mayorSeat)", "level=document", "on=2026-03-01", of: RecordID(0xF1),
            type: "verification")
        try replica.set("to=2026-03-15", "ended_how=term_end", of: RecordID(0xC1), type: "tenure")
        #expect(
            try due(replica, on: "2026-03-16").contains("mayor 2026-03-16 tenure_ended"))
        try replica.set("name.fr=Gwenllian Pryce-Harrow", of: RecordID(5))
        try replica.set(
            "person=\(RecordID(5))", "office=\(ID.mayorSeat)", "from=2026-03-16",
            of: RecordID(0xC5),
            type: "tenure")
        #expect(
            try due(replica, on: "2026-03-16")
                .contains("Gwenllian Pryce-Harrow 2026-03-16 tenure_ended"))
        try replica.set(
            "about=\(RecordID(5))", "level=phone_confirmed", "on=2026-03-17", of: RecordID(0xF2),
            type: "verification")
        #expect(try !due(replica, on: "2026-03-18").joined().contains("Gwenllian"))
    }

    @Test func `areas and communities without a verified leader come first`() throws {
        try fill(office[0])
        let replica = office[0]
        try replica.set(
            "name.ar=مسجد الفرقان", "kind=mosque", "area=\(ID.area)", of: ID.mosque,
            type: "community")
        try replica.set(
            "about=\(mayor)", "level=phone_confirmed", "on=2026-03-01", of: RecordID(0xF1),
            type: "verification")
        try replica.set("birth_year=1995", of: ID.amghar)
        func coverage(_ day: String, within area: RecordID? = nil) throws -> [String] {
            try Roster(reading: replica).coverage(within: area, on: PartialDate(day)!)
                .map { place in
                    let count = place.total
                    let categories = place.categories.map { "\($0.key) \($0.value.verified)" }
                        .sorted()
                    return "\(place.place.names.first?.text ?? "") \(place.isGap ? "gap" : "")"
                        + " \(count.leaders) \(count.verified) \(count.stale) \(count.women)"
                        + " \(count.youth) [\(categories.joined(separator: ", "))]"
                }
        }
        #expect(
            try coverage("2026-03-11") == [
                "Aït Tagmout gap 1 0 0 0 1 [customary 0]", "مسجد الفرقان gap 0 0 0 0 0 []",
                "Wadi Amal  2 1 0 1 1 [customary 0, elected_local 1]",
            ])
        #expect(
            try coverage("2026-12-11", within: ID.area).last
                == "مسجد الفرقان gap 0 0 0 0 0 []")
        #expect(
            try coverage("2026-12-11").first
                == "Wadi Amal gap 2 0 1 1 1 [customary 0, elected_local 0]")
        #expect(try coverage("2026-03-11", within: ID.fraction).count == 1)
        // A year that is none of a living person's says nothing.
        for year in [Int64.min, 0, 1899, 2027, .max] {
            try replica.put(["birth_year": .integer(year)], of: ID.amghar)
            #expect(
                try coverage("2026-03-11").first == "Aït Tagmout gap 1 0 0 0 0 [customary 0]")
        }
        try replica.set("birth_year=1995", of: ID.amghar)
        try replica.set("life_status=deceased", of: mayor)
        #expect(try coverage("2026-03-11").first == "Wadi Amal gap 1 0 0 0 1 [customary 0]")
    }
}

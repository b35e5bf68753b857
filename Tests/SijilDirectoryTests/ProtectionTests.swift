import SijilCore
import SijilStore
import Testing

@testable import SijilDirectory

/// Who is not to be called, whichever record says so.
struct ProtectionTests: LeaderFixture {
    private let office: Office

    init() throws { office = try Office("tab-07", "tab-11", "desk-01") }

    @Test func `contact rules give no number, another's, or one in a crisis`() throws {
        try fill(office[0])
        let replica = office[0]
        let query = LeaderQuery(officeType: "amghar")
        try replica.set("contact_rule=crisis_only", of: ID.amghar)
        #expect(try sheet(replica, query) == "Moha Ougni crisis_only")
        #expect(try sheet(replica, crisis: true, query) == amgharLine)
        try replica.set("contact_rule=via_intermediary", of: ID.amghar)
        #expect(try sheet(replica, crisis: true, query) == "Moha Ougni no_intermediary")
        try replica.set("intermediaries+=\(ID.nephew)", of: ID.amghar)
        #expect(
            try sheet(replica, query)
                == "Moha Ougni +999550004002 via Idir Ougni via_intermediary")
        try replica.set("contact_rule=crisis_only", of: ID.nephew)
        #expect(try sheet(replica, query) == "Moha Ougni no_intermediary")
        #expect(
            try sheet(replica, crisis: true, query)
                == "Moha Ougni +999550004002 via Idir Ougni via_intermediary")
        try replica.set("life_status=deceased", of: ID.nephew)
        #expect(try sheet(replica, crisis: true, query) == "Moha Ougni no_intermediary")
        try replica.set("contact_rule=never", of: ID.amghar)
        #expect(try sheet(replica, crisis: true, query) == "Moha Ougni never")
        let roster = try Roster(reading: replica)
        let leader = try #require(roster.leader(ID.amghar, on: PartialDate("2026-03-11")!).first)
        #expect(leader.channels.isEmpty && leader.withheldChannels == 1)
        try replica.set("life_status=deceased", of: ID.amghar)
        #expect(try sheet(replica, query) == "Moha Ougni deceased")
    }

    @Test func `lists show of the dead the seat's line only, and none that goes through another`()
        throws
    {
        try fill(office[0])
        func numbers() throws -> [String] {
            let leaders = try Roster(reading: office[0])
                .leader(mayor, on: PartialDate("2026-03-11")!)
            return try #require(leaders.first).channels.flatMap(\.channel.values)
        }
        #expect(try Set(numbers()) == ["+999550001001", "+999550002001"])
        try office[0].set("contact_rule=via_intermediary", of: mayor)
        #expect(try numbers() == [])
        try office[0].set("contact_rule=none", "life_status=deceased", of: mayor)
        #expect(try numbers() == ["+999550001001"])
    }

    @Test func `a consent that was taken back leaves no number, until it is given again`() throws {
        try fill(office[0])
        let query = LeaderQuery(officeType: "amghar")
        func consent(_ id: UInt128, _ act: String, _ on: String?, what: String = "crisis_contact")
            throws
        {
            try office[0]
                .set(
                    "person=\(ID.amghar)", "what=\(what)", "act=\(act)", "on=\(on ?? "")",
                    of: RecordID(0xE00 + id), type: "consent")
        }
        try consent(1, "grant", "2026-01-01")
        #expect(try sheet(office[0], query) == amgharLine)
        try consent(2, "withdraw", "2026-02-01")
        #expect(try sheet(office[0], query) == "Moha Ougni consent_withdrawn")
        // Of one day the withdrawal holds.
        try consent(3, "grant", "2026-02-01")
        #expect(try sheet(office[0], query) == "Moha Ougni consent_withdrawn")
        try consent(4, "grant", "2026-02-02")
        #expect(try sheet(office[0], query) == amgharLine)
        try consent(5, "withdraw", nil)
        #expect(try sheet(office[0], query) == "Moha Ougni consent_withdrawn")
        // What is asked of the nephew instead is not asked of him.
        try office[0]
            .set(
                "contact_rule=via_intermediary", "intermediaries+=\(ID.nephew)", of: ID.amghar)
        #expect(
            try sheet(office[0], query)
                == "Moha Ougni +999550004002 via Idir Ougni via_intermediary")
    }

    @Test(arguments: [
        ("Crisis_Contact ", "withdraw"), ("crisis_contact", "suspend"), ("store", "withdraw"),
    ])
    func `calls and what goes outside read a consent alike`(what: String, act: String) throws {
        try fill(office[0])
        try office.exchange()
        let consent = RecordID(0xE1)
        func write(_ replica: Replica, _ act: String) throws {
            try replica.put(
                [
                    "person": .reference(ID.amghar), "what": .text(what), "act": .text(act),
                    "on": .date(PartialDate("2026-03-01")!),
                ], of: consent, type: "consent")
        }
        // Of two who wrote one act, the one that takes back counts.
        try write(office[0], "grant")
        try write(office[1], act)
        try office.exchange()
        for replica in [office[0], office[1]] {
            #expect(
                try sheet(replica, LeaderQuery(officeType: "amghar"))
                    == "Moha Ougni consent_withdrawn")
            var bytes: [UInt8] = []
            let disclosure = try Disclosure(to: "Prefecture", for: "drill")
            try Exporter(replica, disclosure).writeJSONLines { bytes += $0 }
            #expect(!String(decoding: bytes, as: UTF8.self).contains("+999550004001"))
        }
    }

    @Test func `a contested consent does not hide what its copy elsewhere takes back`() throws {
        try fill(office[0])
        try office.exchange()
        let consent = RecordID(0xE1)
        func write(
            _ act: String, _ on: String, on replica: Replica, in collection: CollectionID
        ) throws {
            let values: [(String, Value)] = [
                ("person", .reference(ID.amghar)), ("what", .text("crisis_contact")),
                ("act", .text(act)), ("on", .date(PartialDate(on)!)),
            ]
            try replica.write(
                [
                    RecordEdit(
                        record: consent, type: "consent",
                        operations: values.map { CellOperation(CellName($0.0), .put($0.1)) })
                ], in: collection)
        }
        try write("grant", "2026-02-01", on: office[0], in: Office.roster)
        try write("grant", "2026-02-02", on: office[1], in: Office.roster)
        try office.exchange()
        let query = LeaderQuery(officeType: "amghar")
        #expect(try office[0].conflictedRecords().contains { $0.id == consent })
        #expect(try sheet(office[0], query) == amgharLine)
        let other = Identifier(0xC1)
        try office[0]
            .setGrants([
                CollectionGrant(
                    id: Office.roster, name: "Wadi Amal", kind: "roster", role: .editor),
                CollectionGrant(id: other, name: "Kerfalla", kind: "roster", role: .editor),
            ])
        try write("withdraw", "2026-03-01", on: office[0], in: other)
        #expect(try sheet(office[0], query) == "Moha Ougni consent_withdrawn")
    }

    /// Every order in which three replicas can hear of one another's changes.
    private func inAllOrders(
        _ writers: [(Replica) throws -> Void], _ check: (Replica) throws -> Void
    ) throws {
        let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]]
        for order in orders {
            let world = try Office("tab-07", "tab-11", "desk-01")
            try fill(world[0])
            try world.exchange()
            for (index, write) in writers.enumerated() { try write(world[index]) }
            let runs = try world.replicas.map {
                try $0.pendingRuns(in: Office.roster, byteLimit: .max).runs
            }
            for taker in world.replicas {
                // Each hears the others in this order, the last of them twice.
                for giver in order + [order[2]] where world[giver] !== taker {
                    for run in runs[giver] {
                        try taker.receive([Delivery(position: nil, .run(run))], in: Office.roster)
                    }
                }
                try check(taker)
            }
        }
    }

    @Test func `never, written anywhere, holds everywhere in any order`() throws {
        let query = LeaderQuery(officeType: "amghar")
        try inAllOrders([
            { try $0.set("contact_rule=never", of: ID.amghar) },
            {
                try $0.set(
                    "contact_rule=crisis_only", "contact_rule_until=2026-01-01", of: ID.amghar)
                try $0.set("preference=1", of: RecordID(0xD3), type: "channel")
            },
            {
                try $0.set("contact_rule=none", "intermediaries+=\(ID.nephew)", of: ID.amghar)
                try $0.set("contact_rule_until=2025", of: ID.amghar)
            },
        ]) { replica in
            // The end was meant for the milder rule.
            #expect(try sheet(replica, crisis: true, query) == "Moha Ougni never")
            let roster = try Roster(reading: replica)
            let leaders = roster.leaders(on: PartialDate("2030")!)
            let text = leaders.map { $0.json(in: roster).description }.joined()
            #expect(!text.contains("+999550004001") && text.contains(#""contact_rule":"never""#))
        }
    }

    @Test func `a withdrawn consent and an intermediary hold everywhere in any order`() throws {
        let query = LeaderQuery(officeType: "amghar")
        try inAllOrders([
            {
                try $0.set(
                    "person=\(ID.amghar)", "what=crisis_contact", "act=withdraw", "on=2026-03-02",
                    of: RecordID(0xE1), type: "consent")
            },
            {
                try $0.set(
                    "person=\(ID.amghar)", "what=crisis_contact", "act=grant", "on=2026-03-02",
                    of: RecordID(0xE2), type: "consent")
            },
            { try $0.set("preference=1", of: RecordID(0xD3), type: "channel") },
        ]) {
            let found = try sheet($0, query)
            #expect(found == "Moha Ougni consent_withdrawn")
        }
        try inAllOrders([
            { try $0.set("contact_rule=via_intermediary", of: ID.amghar) },
            { try $0.set("intermediaries+=\(ID.nephew)", of: ID.amghar) },
            { try $0.set("preference=1", of: RecordID(0xD3), type: "channel") },
        ]) {
            let found = try sheet($0, query)
            #expect(found == "Moha Ougni +999550004002 via Idir Ougni via_intermediary")
        }
    }

    @Test(arguments: [
        (["contact_rule=never"], "2030", true), (["contact_rule=never"], "2026-03", true),
        (["contact_rule=never", "contact_rule_until=2027"], "2026-03", true),
        (["contact_rule=never", "contact_rule_until=2027"], "2030", false),
    ])
    func `what any collection's copy says to protect a person holds, merged or not`(
        fields: [String], day: String, holds: Bool
    ) throws {
        let query = LeaderQuery(officeType: "amghar")
        for isMerged in [false, true] {
            for protected in isMerged ? [ID.amghar, RecordID(8)] : [ID.amghar] {
                let office = try Office("tab-07")
                try fill(office[0])
                try copy(ID.nephew, "name.fr=I.", on: office[0])
                if isMerged { try office[0].set("merged_into=\(ID.amghar)", of: RecordID(8)) }
                let operations = try Assignment(
                    ["name.fr=M. Ougni", "languages+=fr"] + fields,
                    for: office[0].schema.type(named: "person")
                )
                .operations
                try office[0]
                    .write(
                        [RecordEdit(record: protected, type: "person", operations: operations)],
                        in: Self.other)
                for collection in [nil, Office.roster] {
                    let roster = try Roster(reading: office[0], in: collection)
                    let leader = try #require(roster.leaders(query, on: PartialDate(day)!).first)
                    #expect(leader.channels.isEmpty == holds, "\(isMerged) \(protected)")
                    if !isMerged { #expect(leader.person.names.first?.text == "Moha Ougni") }
                }
                // In the other roster they are called as it calls them.
                guard !isMerged else { continue }
                let there = try Roster(reading: office[0], in: Self.other)
                #expect(there.people[ID.amghar]?.names.first?.text == "M. Ougni")
            }
        }
    }

    @Test func `a copy that was removed keeps protecting, merged or not`() throws {
        let query = LeaderQuery(officeType: "amghar")
        for isMerged in [false, true] {
            let office = try Office("tab-07")
            try fill(office[0])
            try copy(ID.amghar, "name.fr=M. Ougni", on: office[0])
            if isMerged {
                try office[0].set("name.fr=M.", "merged_into=\(ID.amghar)", of: RecordID(8))
            }
            try office[0].set("contact_rule=never", of: ID.amghar)
            try office[0]
                .write(
                    [RecordEdit(record: ID.amghar, type: "person", deletes: true)],
                    in: Office.roster)
            #expect(try sheet(office[0], query) == "M. Ougni never")
        }
    }

    @Test func `of rival merges each protects whoever may be meant`() throws {
        let twin = RecordID(8)
        try fill(office[0])
        try office[0].set("name.fr=M.", "contact_rule=never", of: twin)
        try office.exchange()
        try office[0].set("merged_into=\(ID.amghar)", of: twin)
        try office[1].set("merged_into=\(ID.nephew)", of: twin)
        try office.exchange()
        for replica in [office[0], office[1]] {
            let people = try Roster(reading: replica).people
            let day = CalendarDay(milliseconds: try replica.now)
            #expect(people[ID.amghar]?.rule(on: day) == .never)
            #expect(people[ID.nephew]?.rule(on: day) == .never)
            #expect(people[mayor]?.rule(on: day) == ContactRule.none)
        }
    }

    @Test func `a number whose owner is contested is nobody's when one of them is protected`()
        throws
    {
        try fill(office[0])
        try office[0].set("contact_rule=never", of: ID.amghar)
        try office.exchange()
        try office[0].set("owner=\(ID.nephew)", of: RecordID(0xD1), type: "channel")
        try office[1].set("owner=\(ID.amghar)", of: RecordID(0xD1), type: "channel")
        try office.exchange()
        for replica in [office[0], office[1]] {
            #expect(try !sheet(replica).contains("+999550002001"))
        }
    }

    @Test(arguments: ["star", "chain"])
    func `when the record that joined two is removed, each still protects the other`(
        shape: String
    ) throws {
        let (link, other) = (RecordID(8), RecordID(9))
        for what in ["contact_rule=never", "life_status=deceased", "consent"] {
            let office = try Office("tab-07")
            try fill(office[0])
            try office[0].set("name.fr=M.", of: link)
            try office[0].set("name.fr=Moha O.", of: other)
            let (from, to) = shape == "star" ? (other, link) : (link, other)
            try office[0].set("merged_into=\(link)", of: ID.amghar)
            try office[0].set("merged_into=\(to)", of: from)
            if what == "consent" {
                try office[0]
                    .set(
                        "person=\(other)", "what=crisis_contact", "act=withdraw",
                        of: RecordID(0xE8), type: "consent")
            } else {
                try office[0].set(what, of: other)
            }
            let query = LeaderQuery(officeType: "amghar")
            #expect(try !sheet(office[0], query).contains("+999550004001"))
            try office[0]
                .write(
                    [RecordEdit(record: link, type: "person", deletes: true)], in: Office.roster)
            #expect(try sheet(office[0], query).hasPrefix("Moha Ougni "))
            #expect(try !sheet(office[0], query).contains("+999550004001"), "\(what)")
        }
    }

    @Test
    func `a contested number is nobody's when one owner was removed or is protected for a while`()
        throws
    {
        try fill(office[0])
        try office[0].set("contact_rule=never", "contact_rule_until=2026-03-15", of: ID.amghar)
        try office[0].set("owner=\(ID.nephew)", of: RecordID(0xD1), type: "channel")
        try office.exchange()
        try office[0].set("owner=\(ID.amghar)", of: RecordID(0xD1), type: "channel")
        // Later, by its clock.
        for number in 0..<60 { try office[1].set("notes=\(number)", of: mayor) }
        try office[1].set("owner=\(mayor)", of: RecordID(0xD1), type: "channel")
        try office.exchange()
        func numbers(_ date: String) throws -> [String] {
            let leaders = try Roster(reading: office[1]).leader(mayor, on: PartialDate(date)!)
            return try #require(leaders.first).channels.flatMap(\.channel.values)
        }
        let number = "+999550002001"
        for (date, isShown) in [("2026-03-10", false), ("2026-03", false), ("2026-04", true)] {
            #expect(try numbers(date).contains(number) == isShown, "\(date)")
        }
        try office[1].set("contact_rule_until=2099", of: ID.amghar)
        try office[1]
            .write(
                [RecordEdit(record: ID.amghar, type: "person", deletes: true)], in: Office.roster)
        #expect(try !numbers("2026-04").contains(number))
        #expect(try !sheet(office[1]).contains(number))
    }

    @Test(arguments: [
        "rival", "merged", "copy", "tenure", "tenure elsewhere", "tenure of two",
        "tenure of one merged and removed",
    ])
    func `who is said to have died is not called, whoever says it`(how: String) throws {
        let twin = RecordID(8)
        try fill(office[0])
        try office[0].set("name.fr=M.", of: twin)
        try office.exchange()
        switch how {
        case "rival":
            try office[1].set("life_status=deceased", of: ID.amghar)
            try office[0].set("life_status=living", of: ID.amghar)
        case "merged":
            try office[0].set("life_status=living", of: ID.amghar)
            try office[0].set("life_status=deceased", "merged_into=\(ID.amghar)", of: twin)
        case "copy": try copy(ID.amghar, "life_status=deceased", on: office[0])
        case "tenure of one merged and removed":
            try office[0]
                .set("person=\(twin)", "ended_how=death", of: RecordID(0xC9), type: "tenure")
            try office[0].set("merged_into=\(ID.amghar)", of: twin)
            try office[0]
                .write(
                    [RecordEdit(record: twin, type: "person", deletes: true)], in: Office.roster)
        case "tenure of two":
            try office[0].set("ended_how=death", of: RecordID(0xC9), type: "tenure")
            try office.exchange()
            for (replica, person) in [(office[0], ID.amghar), (office[1], twin)] {
                try replica.set("person=\(person)", of: RecordID(0xC9), type: "tenure")
            }
        case "tenure elsewhere":
            try copy(twin, "name.fr=M.", on: office[0])
            let operations = try Assignment(
                ["person=\(ID.amghar)", "office=\(RecordID(0xB9))", "ended_how=death"],
                for: office[0].schema.type(named: "tenure")
            )
            .operations
            try office[0]
                .write(
                    [RecordEdit(record: RecordID(0xC9), type: "tenure", operations: operations)],
                    in: Self.other)
        default:
            try office[0]
                .set(
                    "person=\(ID.amghar)", "office=\(ID.mayorSeat)", "to=2026-01-02",
                    "ended_how=death", of: RecordID(0xC9), type: "tenure")
        }
        if !["copy", "tenure elsewhere"].contains(how) { try office.exchange() }
        let found = try sheet(office[0], LeaderQuery(officeType: "amghar"))
        #expect(found == "Moha Ougni deceased")
        let there = try Roster(reading: office[0], in: Office.roster)
        #expect(there.people[ID.amghar]?.isDeceased == true)
    }

    @Test func `whoever was merged protects also when they were removed since`() throws {
        try fill(office[0])
        let (twin, query) = (RecordID(8), LeaderQuery(officeType: "amghar"))
        func expect(_ line: String) throws { #expect(try sheet(office[0], query) == line) }
        let before = try sheet(office[0], query)
        try office[0].set("name.fr=M. Ougni", "contact_rule=never", of: twin)
        try expect(before)
        try office[0].set("merged_into=\(ID.amghar)", of: twin)
        try expect("Moha Ougni never")
        let removal = RecordEdit(record: twin, type: "person", deletes: true)
        try office[0].write([removal], in: Office.roster)
        try expect("Moha Ougni never")
        // The rule alone is loosened, by somebody who knows of it; what was taken back stays taken back.
        try office[0].set("contact_rule=none", of: twin)
        try office[0]
            .set(
                "person=\(twin)", "what=crisis_contact", "act=withdraw", of: RecordID(0xE8),
                type: "consent")
        try office[0].write([removal], in: Office.roster)
        #expect(try sheet(office[0], query) != before)
        // Taken apart, they are two.
        try office[0].set("merged_into=", of: twin)
        try office[0].write([removal], in: Office.roster)
        try expect(before)
    }
}

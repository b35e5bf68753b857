import SijilCore
import SijilDirectory
import SijilStore
import Testing

/// What is seen of a person who has several records.
@Suite struct MergedViewTests {
    private let elder = RecordID(3)

    /// The imam's and the mayor's records in one office, the second merged into the first.
    private func office(
        _ first: [String], _ second: [String], keep: [String] = []
    ) throws -> Office {
        let office = try Office("desk-01")
        try office[0].setAll(first, of: mayor)
        try office[0]
            .setAll(
                second + ["merged_into=\(mayor)"] + keep.map { "merged_fields+=\($0)" }, of: imam)
        return office
    }

    private func fields(_ replica: Replica, of id: RecordID = imam) throws -> String {
        try MergedPeople(replica).view(of: id, on: replica).fieldsJSON.description
    }

    @Test func `what the canonical record shows stays, and what it lacks is filled`() throws {
        let office = try office(
            ["name.ar=عبد الرحمن", "notes=here", "languages+=ar"],
            [
                "name.fr=Abderrahmane", "notes=there", "gender=m", "languages+=fr",
                "aliases+=Wazzani",
            ])
        #expect(
            try fields(office[0])
                == #"{"aliases":["Wazzani"],"gender":"m","languages":["ar","fr"],"#
                + #""name":{"ar":"عبد الرحمن","fr":"Abderrahmane"},"notes":"here"}"#)
        #expect(try fields(office[0], of: mayor) == fields(office[0]))
    }

    @Test func `a claimed field comes from the record that claims it`() throws {
        let office = try office(
            ["name.ar=الأول", "name.fr=First", "notes=here"],
            ["name.ar=الثاني", "name.fr=Second", "notes=there"], keep: ["notes", "name.fr"])
        #expect(
            try fields(office[0])
                == #"{"aliases":["First","الثاني"],"name":{"ar":"الأول","fr":"Second"},"notes":"there"}"#
        )
    }

    @Test func `records of one person take the place of nobody else in what is found`() throws {
        let office = try Office("desk-01")
        for number in UInt128(1)...9 {
            try office[0].set("name.fr=Moha Ougni", of: RecordID(number))
        }
        for number in UInt128(2)...7 {
            try office[0].set("merged_into=\(RecordID(1))", of: RecordID(number))
        }
        let merged = try MergedPeople(office[0])
        for limit in 1...4 {
            let hits = try merged.find(
                "ougni", type: nil, near: [], limit: limit, on: office[0])
            #expect(hits.count == min(limit, 3))
            #expect(Set(hits.map(\.record.id)).isSubset(of: [1, 8, 9].map { RecordID($0) }))
        }
    }

    @Test func `a restriction on any record holds for the person`() throws {
        for (first, second) in [("none", "never"), ("never", "none"), ("crisis_only", "never")] {
            let office = try office(["contact_rule=\(first)"], ["contact_rule=\(second)"])
            #expect(try fields(office[0]) == #"{"contact_rule":"never"}"#)
        }
        let office = try office(["sensitivity=internal"], ["sensitivity=protected"])
        #expect(try fields(office[0]) == #"{"sensitivity":"protected"}"#)
    }

    @Test func `a restriction is not ended by the date of another one`() throws {
        let unlimited = try office(
            ["contact_rule=crisis_only", "contact_rule_until=2026-01-31"],
            ["contact_rule=never", "contact_rule_reason=asked for it"])
        #expect(
            try fields(unlimited[0])
                == #"{"contact_rule":"never","contact_rule_reason":"asked for it"}"#)
        let longest = try office(
            [
                "contact_rule=never", "contact_rule_until=2026-01-31", "contact_rule_reason=ill",
            ], ["contact_rule=crisis_only", "contact_rule_until=2026"])
        #expect(
            try fields(longest[0])
                == #"{"contact_rule":"never","contact_rule_reason":"ill","contact_rule_until":"2026"}"#
        )
        let mild = try office(
            ["contact_rule=none", "contact_rule_until=2026-01-31"], ["contact_rule=never"])
        #expect(try fields(mild[0]) == #"{"contact_rule":"never"}"#)
    }

    @Test func `a spelling is confirmed only of the name that was looked at`() throws {
        let office = try office(
            ["name.ar=عبد الرحمن"],
            [
                "name.ar=عبد الرحمان", "name_spelling.ar=confirmed", "name.fr=X",
                "name_spelling.fr=confirmed",
            ])
        #expect(
            try fields(office[0])
                == #"{"aliases":["عبد الرحمان"],"name":{"ar":"عبد الرحمن","fr":"X"},"#
                + #""name_spelling":{"fr":"confirmed"}}"#)
    }

    @Test func `what was merged into a merged record is seen, its claims first`() throws {
        let office = try office(["notes=mayor's"], ["notes=imam's"], keep: ["notes"])
        try office[0]
            .setAll(
                [
                    "notes=elder's", "birth_year=1950", "merged_into=\(imam)",
                    "merged_fields+=notes",
                ],
                of: elder)
        #expect(try fields(office[0]) == #"{"birth_year":1950,"notes":"elder's"}"#)
        try office[0].setAll(["merged_fields-=notes"], of: elder)
        #expect(try fields(office[0]) == #"{"birth_year":1950,"notes":"imam's"}"#)
    }

    @Test func `every person is met once, merged or not`() throws {
        let office = try office(["name.fr=First"], ["name.ar=الثاني"])
        try office[0].setAll(["name.fr=Elder"], of: elder)
        var met: [String] = []
        try MergedPeople(office[0])
            .forEachPerson(on: office[0]) { met.append("\($0.id.rawValue) \($0["name", "ar"])") }
        #expect(met == ["1 الثاني", "3 "])
    }

    @Test func `a conflict of a merged record is seen in the whole`() throws {
        let office = try Office("tab-07", "tab-11")
        try office[0].setAll(["name.fr=Nadia"], of: mayor)
        try office[0].setAll(["merged_into=\(mayor)"], of: imam)
        try office.exchange()
        try office[0].setAll(["notes=one"], of: imam)
        try office[1].setAll(["notes=two"], of: imam)
        try office.exchange()
        for replica in office.replicas {
            let view = try MergedPeople(replica).view(of: mayor, on: replica)
            #expect(view.conflicts == [CellName("notes")])
            #expect(view.id == mayor)
        }
        #expect(try fields(office[0]) == fields(office[1]))
    }
}

/// Merges that are made apart.
@Suite struct RivalMergeTests {
    private let elder = RecordID(3)
    private static let orders = [
        [0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0],
    ]

    /// Three devices that hold three persons.
    private func office() throws -> Office {
        let office = try Office("desk-01", "tab-07", "tab-11")
        try office[0].setAll(["name.fr=Nadia"], of: mayor)
        try office[0].setAll(["name.fr=Abderrahmane", "contact_rule=never"], of: imam)
        try office[0].setAll(["name.fr=Moha", "languages+=zgh"], of: elder)
        try office.exchange()
        return office
    }

    /// What every device makes of it; an error when they differ.
    private func outcome(_ office: Office) throws -> String {
        let outcomes = try office.replicas.map { replica in
            let people = try MergedPeople(replica)
            return try [mayor, imam, elder]
                .map { id in
                    let view = try people.view(of: id, on: replica)
                    return "\(id.rawValue) is \(view.id.rawValue): \(view.fieldsJSON)"
                }
                .joined(separator: "\n")
        }
        #expect(Set(outcomes).count == 1)
        return outcomes[0]
    }

    @Test(arguments: orders)
    func `three rival merges make one person, in every order of arrival`(order: [Int]) throws {
        let office = try office()
        try office[0].setAll(["merged_into=\(imam)"], of: mayor)
        try office[1].setAll(["merged_into=\(elder)"], of: imam)
        try office[2].setAll(["merged_into=\(mayor)"], of: elder)
        try office.exchange(order)
        let fields =
            #"{"aliases":["Abderrahmane","Moha"],"contact_rule":"never","languages":["zgh"],"#
            + #""name":{"fr":"Nadia"}}"#
        #expect(
            try outcome(office) == (1...3).map { "\($0) is 1: \(fields)" }.joined(separator: "\n"))
    }

    @Test(arguments: orders)
    func `one record merged into two others is a conflict, and shown alike`(order: [Int]) throws {
        let office = try office()
        try office[0].setAll(["merged_into=\(imam)"], of: mayor)
        try office[1].setAll(["merged_into=\(elder)"], of: mayor)
        try office.exchange(order)
        // The first device's clock has ticked more often: its decision is the later one.
        #expect(try outcome(office).hasPrefix("1 is 2"))
        for replica in office.replicas {
            #expect(try replica.record(mayor).conflicts == [CellName("merged_into")])
        }
    }

    @Test(arguments: orders)
    func `what was edited meanwhile is there after the merge is taken back`(order: [Int]) throws {
        let office = try office()
        try office[0].setAll(["merged_into=\(mayor)", "merged_fields+=name"], of: imam)
        try office.exchange()
        try office[0].setAll(["merged_into=", "merged_fields-=name"], of: imam)
        try office[1].setAll(["notes=of the second"], of: imam)
        try office[2].setAll(["notes=of the first"], of: mayor)
        try office.exchange(order)
        #expect(
            try outcome(office) == """
                1 is 1: {"name":{"fr":"Nadia"},"notes":"of the first"}
                2 is 2: {"contact_rule":"never","name":{"fr":"Abderrahmane"},"notes":"of the second"}
                3 is 3: {"languages":["zgh"],"name":{"fr":"Moha"}}
                """)
    }

    @Test(arguments: orders)
    func `a merge into a record that is deleted elsewhere leaves the other as it is`(
        order: [Int]
    ) throws {
        let office = try office()
        try office[0].setAll(["merged_into=\(mayor)"], of: imam)
        try office[1]
            .write(
                [RecordEdit(record: mayor, type: "person", deletes: true)], in: Office.roster)
        try office.exchange(order)
        #expect(try outcome(office).contains("2 is 2"))
        for replica in office.replicas {
            let people = try MergedPeople(replica)
            #expect(people.looseEnds.map(\.record) == [imam])
            #expect(people.groups.isEmpty)
        }
        // Brought back, it has its other record again.
        try office[2].write([RecordEdit(record: mayor, type: "person")], in: Office.roster)
        try office.exchange(order)
        #expect(try outcome(office).contains("2 is 1"))
    }

    @Test(arguments: orders)
    func `a record that is merged here and deleted there lives, and is asked about`(
        order: [Int]
    ) throws {
        let office = try office()
        try office[0].setAll(["merged_into=\(mayor)"], of: imam)
        try office[1]
            .write(
                [RecordEdit(record: imam, type: "person", deletes: true)], in: Office.roster)
        try office.exchange(order)
        #expect(try outcome(office).contains("2 is 1"))
        for replica in office.replicas {
            #expect(try replica.record(imam).conflicts == [.liveness])
        }
    }
}

extension RecordView {
    fileprivate subscript(field: String, key: String) -> String {
        shown(CellName(field, key: .text(key))).plainText
    }
}

extension Replica {
    func setAll(_ arguments: [String], of id: RecordID) throws {
        let present = try hasRecord(id) ? record(id) : nil
        let assignment = try Assignment(
            arguments, for: schema.type(named: "person"), present: present)
        try write(
            [RecordEdit(record: id, type: "person", operations: assignment.operations)],
            in: Office.roster)
    }
}

extension Office {
    /// Everybody gets everything, from one after the other.
    func exchange(_ order: [Int]) throws {
        for number in order {
            let pending = try self[number].pendingRuns(in: Self.roster, byteLimit: .max)
            for taker in replicas where taker !== self[number] {
                for run in pending.runs {
                    try taker.receive([Delivery(position: nil, .run(run))], in: Self.roster)
                }
            }
        }
    }
}

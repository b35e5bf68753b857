import SijilCore
import SijilDirectory
import SijilStore
import Testing

/// Who may have been entered twice.
@Suite struct DuplicatesTests {
    private let mosque = RecordID(70)
    private let wadi = RecordID(80)

    private func office() throws -> Office {
        let office = try Office("tab-07", "tab-11")
        try office[0].set("code=XM0101", "name.fr=Wadi Amal", of: wadi, type: "area")
        try office[0].set("type=imam", "area=\(wadi)", of: mosque, type: "office")
        return office
    }

    /// The imam as Salma and Kofi-Yann entered him, apart.
    private func imams(_ replica: Replica) throws {
        try replica.set("name.ar=عبد الرحمن الوزاني التازاريني", of: RecordID(1))
        try replica.set("name.fr=Abd al-Rahman al-Wazzani", of: RecordID(2))
        try replica.set(
            "owner=\(RecordID(1))", "kind=mobile", "value=+999550003001", of: RecordID(11),
            type: "channel")
        try replica.set(
            "owner=\(RecordID(2))", "kind=mobile", "value=+999 55 000 3001", of: RecordID(12),
            type: "channel")
        for person in 1...2 {
            try replica.set(
                "person=\(RecordID(UInt128(person)))", "office=\(mosque)",
                of: RecordID(UInt128(20 + person)), type: "tenure")
        }
    }

    private func reasons(_ replica: Replica, above score: Double = 0.6) throws -> [String] {
        try Duplicates(replica).pairs(minimumScore: score)
            .map {
                "\($0.first.id.rawValue) \($0.second.id.rawValue) "
                    + $0.reasons.map(\.rawValue).joined(separator: " ")
            }
    }

    @Test func `one imam in two scripts, with one phone and one mosque, is suggested`() throws {
        let replica = try office()[0]
        try imams(replica)
        #expect(try reasons(replica) == ["1 2 same_phone same_office name_key"])
        let mentioned = try Duplicates(replica).candidates(for: RecordID(2))
        #expect(mentioned.map { [$0.first.id, $0.second.id] } == [[RecordID(1), RecordID(2)]])
        #expect(try mentioned.map(\.score) == Duplicates(replica).pairs().map(\.score))
    }

    @Test func `a name alone is never enough to be suggested`() throws {
        let replica = try office()[0]
        try replica.set("name.fr=Nadia Amziane-Tifaouine", of: RecordID(1))
        try replica.set("name.fr=Nadia Amziane Tifaouine", of: RecordID(2))
        #expect(try reasons(replica).isEmpty)
        #expect(try reasons(replica, above: 0.4) == ["1 2 name_exact"])
        // Whoever adds her is told all the same.
        #expect(try Duplicates(replica).candidates(for: RecordID(1)).count == 1)
    }

    @Test func `a short name needs more than its area`() throws {
        let replica = try office()[0]
        for id in 1...2 {
            try replica.set("name.fr=Ali", "areas+=\(wadi)", of: RecordID(UInt128(id)))
        }
        #expect(try reasons(replica).isEmpty)
        for id in 1...2 {
            try replica.set(
                "owner=\(RecordID(UInt128(id)))", "kind=mobile", "value=+999550002001",
                of: RecordID(UInt128(10 + id)), type: "channel")
        }
        #expect(try reasons(replica) == ["1 2 same_phone same_area name_exact"])
    }

    @Test func `brothers with one phone at home are two people`() throws {
        let replica = try office()[0]
        for (id, name) in [(1, "Moha Ougni"), (2, "Brahim Ougni")] {
            try replica.set("name.fr=\(name)", "areas+=\(wadi)", of: RecordID(UInt128(id)))
            try replica.set(
                "owner=\(RecordID(UInt128(id)))", "kind=landline", "value=+999550002001",
                of: RecordID(UInt128(10 + id)), type: "channel")
        }
        #expect(try reasons(replica).isEmpty)
    }

    @Test func `a name and a place are not enough, however often the place is told`() throws {
        let replica = try office()[0]
        try replica.set("area=\(wadi)", of: RecordID(90), type: "community")
        for id in 1...2 {
            try replica.set(
                "name.fr=Nadia Amziane-Tifaouine", "areas+=\(wadi)", of: RecordID(UInt128(id)))
            try replica.set(
                "person=\(RecordID(UInt128(id)))", "community=\(RecordID(90))",
                of: RecordID(UInt128(30 + id)), type: "membership")
        }
        #expect(try reasons(replica).isEmpty)
        #expect(try reasons(replica, above: 0.5) == ["1 2 same_community same_area name_exact"])
    }

    @Test(arguments: [
        // A child has the father's name after its own.
        ("Moha Amziane", "Brahim Moha Amziane"), ("موحا أمزيان", "Brahim Moha Amziane"),
        // Of one name, brother and sister.
        ("Karim Amziane", "Karima Amziane"), ("كريم أمزيان", "كريمة أمزيان"),
        ("كريمة أمزيان", "Karim Amziane"),
        ("كريم أمزيان", "Karima Amziane"),
    ])
    func `two of one family, on the telephone of the house, are two people`(
        one: String, other: String
    ) throws {
        let replica = try office()[0]
        for (id, name) in [(1, one), (2, other)] {
            try replica.set("name.fr=\(name)", "areas+=\(wadi)", of: RecordID(UInt128(id)))
            try replica.set(
                "owner=\(RecordID(UInt128(id)))", "kind=landline", "value=+999550002001",
                of: RecordID(UInt128(10 + id)), type: "channel")
        }
        #expect(try reasons(replica).isEmpty)
    }

    @Test(arguments: [
        ("Moha Amziane", "Moha Brahim Amziane"), ("إبراهيم أمزيان", "Ibrahima Amziane"),
        ("موسى أمزيان", "Moussa Amziane"), ("نادية أمزيان", "Nadia Amziane"),
    ])
    func `one name, written with more or with less, is one person's`(
        one: String, other: String
    ) throws {
        let replica = try office()[0]
        for (id, name) in [(1, one), (2, other)] {
            try replica.set("name.fr=\(name)", of: RecordID(UInt128(id)))
            try replica.set(
                "owner=\(RecordID(UInt128(id)))", "kind=mobile", "value=+999550002001",
                of: RecordID(UInt128(10 + id)), type: "channel")
        }
        #expect(try reasons(replica) == ["1 2 same_phone name_key"])
    }

    @Test func `names of one sound that are two names need another reason`() throws {
        for (one, other) in [("Hussein", "Hassan"), ("Mohammed", "Mahamadou")] {
            let replica = try office()[0]
            for (id, name) in [(1, one), (2, other)] {
                try replica.set("name.fr=\(name) Ba", "areas+=\(wadi)", of: RecordID(UInt128(id)))
            }
            #expect(try reasons(replica).isEmpty, "\(one), \(other)")
        }
    }

    @Test func `another gender or year of birth speaks against it`() throws {
        let replica = try office()[0]
        try imams(replica)
        let score = try Duplicates(replica).pairs().first?.score
        try replica.set("birth_year=1950", of: RecordID(1))
        try replica.set("birth_year=1980", of: RecordID(2))
        let less = try Duplicates(replica).pairs(minimumScore: 0).first?.score
        #expect(try #require(less) < #require(score) - 0.2)
    }

    @Test func `what was noted as two is not suggested any more, on every device`() throws {
        let office = try office()
        try imams(office[0])
        try office.exchange()
        // Both note it without having heard of each other: it is one record.
        for replica in office.replicas {
            try replica.write(
                [
                    RecordEdit(
                        distinguishing: RecordID(2), RecordID(1), because: "two brothers",
                        in: Office.roster)
                ], in: Office.roster)
        }
        try office.exchange()
        var noted: [RecordID] = []
        for replica in office.replicas {
            try replica.forEachRecord(RecordQuery(type: "distinction")) { noted.append($0.id) }
            #expect(try reasons(replica, above: 0).isEmpty)
            #expect(try Duplicates(replica).candidates(for: RecordID(1), minimumScore: 0).isEmpty)
        }
        #expect(noted.count == 2 && noted[0] == noted[1])
        // It is about the person: another record that is merged into them is told apart too.
        try office[0]
            .set("name.fr=Abderrahmane Wazzani", "merged_into=\(RecordID(1))", of: RecordID(3))
        #expect(try reasons(office[0], above: 0).isEmpty)
        try office[0]
            .write(
                [RecordEdit(record: noted[0], type: "distinction", deletes: true)],
                in: Office.roster)
        #expect(try reasons(office[0]).count == 1)
    }

    @Test func `merged records are one person, with the phones and offices of all`() throws {
        let replica = try office()[0]
        try imams(replica)
        try replica.set("merged_into=\(RecordID(1))", of: RecordID(2))
        #expect(try reasons(replica, above: 0).isEmpty)
        try replica.set("name.fr=Abderrahmane Ouazzani", of: RecordID(3))
        try replica.set(
            "person=\(RecordID(3))", "office=\(mosque)", of: RecordID(23), type: "tenure")
        #expect(try reasons(replica) == ["1 3 same_office name_key"])
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func `of what is suggested four in five are duplicates, and most duplicates are suggested`(
        seed: UInt64
    ) throws {
        let population = DuplicatePopulation(seed: seed, persons: 1200)
        let figures = try Figures(population.edits, population.duplicates)
        print("seed \(seed): \(figures)")
        #expect(figures.precision >= 0.8, "\(figures)")
        #expect(figures.recall >= 0.6, "\(figures)")
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func `of a roster that nothing was tuned on, as much is right, and half is found`(seed: UInt64)
        throws
    {
        let names = String(decoding: try fixture("Names/held-out.tsv"), as: UTF8.self)
        let population = HeldOutPopulation(seed: seed, persons: 1200, names: names)
        let figures = try Figures(population.edits, Set(population.duplicates.keys))
        print("seed \(seed), held out: \(figures)")
        for way in HeldOutPopulation.DoubleEntry.allCases {
            let entered = population.duplicates.filter { $0.value == way }.keys
            let found = entered.count { figures.suggested.contains($0) }
            print("  \(way): \(found) of \(entered.count)")
        }
        #expect(figures.precision >= 0.8, "\(figures)")
        #expect(figures.recall >= 0.5, "\(figures)")
    }
}

/// How good the suggestions for a roster are in which it is known who was entered twice.
private struct Figures: CustomStringConvertible {
    let suggested: Set<[RecordID]>
    let right: Int
    let duplicates: Int

    init(_ edits: [RecordEdit], _ duplicates: Set<[RecordID]>) throws {
        let replica = try Office("tab-07")[0]
        for start in stride(from: 0, to: edits.count, by: 500) {
            let end = min(start + 500, edits.count)
            try replica.write(Array(edits[start..<end]), in: Office.roster)
        }
        suggested = Set(try Duplicates(replica).pairs().map { [$0.first.id, $0.second.id] })
        right = suggested.count { duplicates.contains($0) }
        self.duplicates = duplicates.count
    }

    var precision: Double { Double(right) / Double(suggested.count) }
    var recall: Double { Double(right) / Double(duplicates) }

    var description: String {
        "precision \(precision), recall \(recall): \(right) of \(suggested.count) suggested,"
            + " \(duplicates) duplicates"
    }
}

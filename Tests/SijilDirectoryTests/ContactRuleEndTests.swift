import SijilCore
import SijilSimulator
import SijilStore
import Testing

@testable import SijilDirectory

/// Until when somebody is not to be called, whoever wrote the rule and whoever its end.
struct ContactRuleEndTests: LeaderFixture {
    private let office: Office

    init() throws { office = try Office("tab-07", "tab-11", "desk-01") }

    private func rule(_ replica: Replica, _ day: String) throws -> ContactRule? {
        try Roster(reading: replica).people[ID.amghar]?.rule(on: PartialDate(day)!.latest)
    }

    @Test func `a rule with an end holds on its last day and not after`() throws {
        try fill(office[0])
        let query = LeaderQuery(officeType: "amghar")
        try office[0].set("contact_rule=never", "contact_rule_until=2026-03-11", of: ID.amghar)
        #expect(try sheet(office[0], at: "2026-03-11T22:59Z", query) == "Moha Ougni never")
        #expect(try sheet(office[0], at: "2026-03-12T00:30Z", query) == amgharLine)
    }

    @Test(arguments: ["jsonl", "csv", "vcard"])
    func `read elsewhere, a rule has the end that it has here`(form: String) throws {
        for (fields, rule) in [
            (["contact_rule=never"], ContactRule.never), (["notes=x"], ContactRule.none),
        ] {
            let office = try Office("tab-07", "tab-11")
            try office[0].set("name.fr=Moha Ougni", of: ID.amghar)
            try office[0]
                .set(
                    "contact_rule=via_intermediary", "contact_rule_until=2026-06-30", of: ID.amghar)
            try office[0].set(fields, of: ID.amghar)
            var bytes: [UInt8] = []
            let exporter = Exporter(office[0])
            switch form {
            case "vcard": try exporter.writeCards { bytes += $0 }
            case "csv": try exporter.writeCSV(type: "person") { bytes += $0 }
            default: try exporter.writeJSONLines { bytes += $0 }
            }
            let format: ImportFormat =
                form == "vcard" ? .vcard : form == "csv" ? .csv : .jsonl
            let type = form == "csv" ? "person" : nil
            for (replica, isNew) in [(office[1], true), (office[0], false)] {
                let report = try replica.importing(bytes, format: format, type: type)
                #expect(report.created + report.updated == (isNew ? 1 : 0))
                let people = try Roster(reading: replica).people.values
                #expect(people.map { $0.rule(on: PartialDate("2029")!.latest) } == [rule])
                #expect(people.allSatisfy { $0.rule(on: PartialDate("2026")!.earliest) > .none })
            }
        }
    }

    @Test func `of a year a rule holds that ends within it`() throws {
        try fill(office[0])
        try office[0].set("contact_rule=never", "contact_rule_until=2026-06-30", of: ID.amghar)
        let roster = try Roster(reading: office[0])
        for (date, count) in [
            ("2026", 0), ("2026-06", 0), ("2026-06-30", 0), ("2026-07", 1), ("2027", 1),
        ] {
            let leader = roster.leader(ID.amghar, on: PartialDate(date)!).first
            #expect(leader?.channels.count == count, "\(date)")
            #expect(leader?.ruleEnd == (count == 0 ? PartialDate("2026-06-30") : nil))
        }
    }

    @Test func `of rules that were written apart each has its own end`() throws {
        try fill(office[0])
        try office.exchange()
        try office[0].set("contact_rule=never", "contact_rule_until=2026-01-31", of: ID.amghar)
        try office[1].set("contact_rule=via_intermediary", of: ID.amghar)
        try office[2].set("contact_rule=crisis_only", "contact_rule_until=2027", of: ID.amghar)
        try office.exchange()
        for replica in [office[0], office[1], office[2]] {
            let person = try #require(try Roster(reading: replica).people[ID.amghar])
            for (day, rule) in [
                ("2026-01-31", ContactRule.never), ("2026-02-01", .viaIntermediary),
                ("2028-01-01", .viaIntermediary),
            ] {
                #expect(person.rule(on: PartialDate(day)!.latest) == rule, "\(day)")
            }
        }
    }

    @Test(arguments: [
        ["contact_rule_until=2026-06-30"], ["contact_rule=never", "contact_rule_until=2026-06-30"],
    ])
    func `whoever knows of another's rule may give it an end`(end: [String]) throws {
        try fill(office[0])
        for first in [["contact_rule=never"], ["contact_rule_until=2026-01-31"]] {
            try office[0].set(first, of: ID.amghar)
            try office.exchange()
            try office[1].set(end, of: ID.amghar)
            #expect(try rule(office[1], "2026-06-30") == .never)
            #expect(try rule(office[1], "2026-07-01") == ContactRule.none)
            try office.exchange()
            #expect(try rule(office[0], "2026-07-01") == ContactRule.none)
        }
        // Who writes the rule anew at the same time, and not the end, has none.
        try office[0].set("contact_rule=none", of: ID.amghar)
        try office.exchange()
        try office[0].set("contact_rule=never", of: ID.amghar)
        try office[1].set("contact_rule_until=2026-12", of: ID.amghar)
        try office.exchange()
        #expect(try rule(office[1], "2027-03-01") == .never)
    }

    @Test func `an end that is there already counts for the rule that is written with it`() throws {
        try fill(office[0])
        let end = "contact_rule_until=2026-12-31"
        try office[0].set("contact_rule=crisis_only", end, of: ID.amghar)
        try office[0].set("contact_rule=never", end, of: ID.amghar)
        #expect(try rule(office[0], "2026-12-31") == .never)
        #expect(try rule(office[0], "2027-01-01") == ContactRule.none)
        // Another's rule without an end, and the end that is shown, from before it.
        try office.exchange()
        try office[1].set("contact_rule=via_intermediary", of: ID.amghar)
        #expect(try rule(office[1], "2027-01-01") == .viaIntermediary)
        try office[0].set("contact_rule=never", of: ID.amghar)
        try office.exchange()
        #expect(try rule(office[2], "2027-01-01") == .viaIntermediary)
        for replica in [office[2], office[0]] {
            try replica.set(end, of: ID.amghar)
            #expect(try rule(replica, "2027-01-01") == ContactRule.none)
            // Nothing more to say.
            let before = try replica.collections().map(\.changes)
            try replica.set(end, of: ID.amghar)
            #expect(try replica.collections().map(\.changes) == before)
            try office.exchange()
        }
        // A stricter rule in a file has the end that the file gives it, though that is there.
        try office[0].set("contact_rule=crisis_only", of: ID.amghar)
        try office[0].set(end, of: ID.amghar)
        let row =
            #"{"type":"person","id":"\#(ID.amghar)","fields":{"contact_rule":"never","contact_rule_until":"2026-12-31"}}"#
        for counts in [[0, 1, 0, 0], [0, 0, 1, 0]] {
            #expect(try office[0].importing(row).counts == counts)
            #expect(try rule(office[0], "2026-12-31") == .never)
            #expect(try rule(office[0], "2027-01-01") == ContactRule.none)
        }
    }

    /// Three people who write rules, ends or both, and hear of each other now and then.
    ///
    /// Whoever writes an end has it count for the rule that is shown to them; and who hears of what others wrote
    /// sees on no day a milder rule than any of those saw whose word nobody replaced who knew it.
    @Test(arguments: 1...12 as ClosedRange<UInt64>)
    func `ends and rules that are written apart make nothing milder`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let days = ["2026-01-01", "2026-06-15", "2027-01-01", "2029-01-01"]
            .map { PartialDate($0)!.latest }
        let ends = ["2026-03-31", "2026-12-31", "2028-12-31"]
        func view(_ replica: Replica) throws -> [ContactRule] {
            let person = try Roster(reading: replica).people[ID.amghar]
            return days.map { person?.rule(on: $0) ?? .none }
        }
        try office[0].set("name.fr=Moha Ougni", of: ID.amghar)
        try office.exchange()
        for round in 0..<12 {
            // Each writes once, or does not, before all hear of it: nobody replaces what they do not know.
            var expected = try view(office[0])
            var wrote = false
            for replica in office.replicas where random.oneIn(2) {
                let before = try replica.collections().map(\.changes)
                var fields: [String] = []
                if random.oneIn(2) {
                    let rules = ["never", "via_intermediary", "crisis_only", "none"]
                    fields.append("contact_rule=\(random.pick(rules))")
                }
                let end = random.oneIn(2) ? random.pick(ends) : nil
                if let end { fields.append("contact_rule_until=\(end)") }
                guard !fields.isEmpty else { continue }
                let present = try replica.record(ID.amghar)["contact_rule"]
                let shown = ContactRule(
                    fields[0].hasPrefix("contact_rule=")
                        ? .text(String(fields[0].dropFirst(13))) : present)
                try replica.set(fields, of: ID.amghar)
                guard try replica.collections().map(\.changes) != before else { continue }
                let own = try view(replica)
                if let end {
                    let last = PartialDate(end)!.latest
                    #expect(
                        own == days.map { $0 <= last ? shown : .none }, "seed \(seed), \(round)")
                }
                expected = wrote ? zip(expected, own).map { max($0, $1) } : own
                wrote = true
            }
            try office.exchange()
            for replica in office.replicas {
                let found = try view(replica)
                #expect(
                    zip(found, expected).allSatisfy { $0 >= $1 }, "seed \(seed), \(round)")
                #expect(try found == view(office[0]), "seed \(seed), \(round)")
            }
        }
    }

    @Test func `each restriction of one person ends by its own end`() throws {
        try fill(office[0])
        try office[0].set("contact_rule=crisis_only", "contact_rule_until=2026-01", of: RecordID(8))
        try office[0].set("contact_rule=never", of: RecordID(8))
        try office[0].set("contact_rule=never", "contact_rule_until=2026-06", of: ID.amghar)
        try office[0].set("merged_into=\(ID.amghar)", of: RecordID(8))
        let person = try #require(try Roster(reading: office[0]).people[ID.amghar])
        for (day, rule) in [("2026-03-01", ContactRule.never), ("2029-01-01", .never)] {
            #expect(person.rule(on: PartialDate(day)!.latest) == rule)
        }
        try office[0].set("contact_rule=crisis_only", "contact_rule_until=2028", of: RecordID(8))
        let later = try #require(try Roster(reading: office[0]).people[ID.amghar])
        for (day, rule) in [
            ("2026-06-30", ContactRule.never), ("2026-07-01", .crisisOnly), ("2029-01-01", .none),
        ] {
            #expect(later.rule(on: PartialDate(day)!.latest) == rule, "\(day)")
        }
    }
}

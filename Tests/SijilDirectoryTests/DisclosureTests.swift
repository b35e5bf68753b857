import SijilCore
import SijilStore
import Testing

@testable import SijilDirectory

@Suite struct DisclosureTests {
    private let amghar = RecordID(3)
    private let monk = RecordID(4)

    /// Persons with a channel each, whose id is 100 more.
    private func roster() throws -> Replica {
        let replica = try Office("desk-01")[0]
        for (id, name) in [
            (mayor, "Nadia Amziane-Tifaouine"), (imam, "Abderrahmane El Ouazzani"),
            (amghar, "Moha Ougni"), (monk, "Kandelanda Sumanasobhana"),
        ] {
            try replica.set("name.fr=\(name)", "notes=about \(name)", "birth_year=1970", of: id)
            try replica.set(
                "owner=\(id)", "kind=mobile", "value=+99955000\(id.rawValue)001",
                of: RecordID(id.rawValue + 100), type: "channel")
        }
        return replica
    }

    private var next: RecordID { RecordID(UInt128.random(in: 1 << 100...(.max))) }

    private func consent(
        _ person: RecordID, _ act: String, _ what: String, on: String = "", basis: String = "",
        _ replica: Replica
    ) throws {
        try replica.put(
            [
                "person": .reference(person), "act": .text(act), "what": .text(what),
                "on": PartialDate(on).map { .date($0) } ?? .none,
                "basis": basis.isEmpty ? .none : .text(basis),
            ], of: next, type: "consent")
    }

    private func given(_ replica: Replica, to recipient: String = "Prefecture") throws -> String {
        let disclosure = try Disclosure(to: recipient, for: "drill")
        var bytes: [UInt8] = []
        try Exporter(replica, disclosure).writeJSONLines { bytes += $0 }
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test func `what is protected stays here, with all that is about it`() throws {
        let replica = try roster()
        try replica.set("sensitivity=restricted", of: monk)
        try replica.set("contact_rule=never", of: amghar)
        try replica.set("sensitivity=protected", of: RecordID(102), type: "channel")
        try replica.set("person=\(monk)", "office=\(next)", of: next, type: "tenure")
        try replica.set("about=\(RecordID(102))", "level=document", of: next, type: "verification")
        let text = try given(replica)
        #expect(!text.contains("Sumanasobhana"))
        #expect(!text.contains("\(monk)"))
        #expect(text.contains("Moha Ougni"))
        #expect(text.contains("+999550001001"))
        for number in [2, 3, 4] { #expect(!text.contains("+99955000\(number)001")) }
        #expect(!text.contains("verification"))
        #expect(!text.contains("1970"))
        // What is given to nobody outside holds all of it.
        #expect(try replica.exported().contains("Sumanasobhana"))
    }

    @Test func `whoever is merged with somebody protected is protected`() throws {
        let replica = try roster()
        try replica.set("sensitivity=protected", of: monk)
        try replica.set("merged_into=\(monk)", of: amghar)
        #expect(try !given(replica).contains("Moha"))
    }

    /// Two replicas that merged one person differently, and have heard of each other's merge since.
    private func rivals(
        _ first: String, _ second: String, _ prepare: (Replica) throws -> Void
    ) throws -> Replica {
        let office = try Office("tab-07", "tab-11")
        for (id, name) in [(imam, "Abderrahmane"), (amghar, "Moha"), (monk, "Sumanasobhana")] {
            try office[0].set("name.fr=\(name)", of: id)
        }
        try office[0].set("merged_into=\(mayor)", of: amghar)
        try prepare(office[0])
        try office.exchange()
        try office[0].set("merged_into=\(first)", of: amghar)
        try office[1].set("merged_into=\(second)", of: amghar)
        try office.exchange()
        #expect(try office[0].record(amghar).cells[CellName("merged_into")]?.siblings.count == 2)
        return office[0]
    }

    @Test func `of rival merges each protects all`() throws {
        for protected in [imam, monk, amghar] {
            let replica = try rivals("\(imam)", "\(monk)") {
                try $0.set("sensitivity=protected", of: protected)
            }
            let text = try given(replica)
            for name in ["Abderrahmane", "Moha", "Sumanasobhana"] {
                #expect(!text.contains(name), "\(protected)")
            }
        }
        for (first, second) in [("", "\(monk)"), ("\(monk)", "")] {
            let replica = try rivals(first, second) {
                try $0.set("sensitivity=protected", of: monk)
            }
            let text = try given(replica)
            #expect(!text.contains("Moha") && text.contains("Abderrahmane"))
        }
    }

    @Test func `what one of rivals allows undoes nothing that another took back`() throws {
        let replica = try rivals("\(imam)", "\(monk)") {
            try consent(amghar, "withdraw", "share_within_programme", on: "2026-03-01", $0)
            for person in [imam, monk] {
                try consent(
                    person, "grant", "share_within_programme", on: "2026-03-02",
                    basis: "public_office", $0)
            }
        }
        #expect(try !given(replica).contains("Moha"))
    }

    @Test func `of copies that are merged into different people each protects`() throws {
        let other = Identifier(0xC1)
        for protected in [imam, monk] {
            let replica = try roster()
            try replica.setGrants(
                [Office.roster, other]
                    .map { CollectionGrant(id: $0, name: "\($0)", kind: "roster", role: .editor) })
            try replica.set("sensitivity=protected", of: protected)
            try replica.set("merged_into=\(imam)", of: amghar)
            let pointer = CellOperation(CellName("merged_into"), .put(.reference(monk)))
            try replica.write(
                [RecordEdit(record: amghar, type: "person", operations: [pointer])], in: other)
            let text = try given(replica)
            #expect(!text.contains("Moha") && !text.contains("+999550003001"))
            #expect(text.contains("Nadia"))
        }
    }

    @Test(arguments: [
        ([("grant", "2026-03-01"), ("withdraw", "2026-03-02")], false),
        ([("withdraw", "2026-03-01"), ("grant", "2026-03-02")], true),
        // Nobody can say which came later.
        ([("grant", "2026-03-01"), ("withdraw", "2026-03-01")], false),
        ([("withdraw", "2026-03"), ("grant", "2026-03-15")], false),
        ([("withdraw", "2026-02"), ("grant", "2026-03-15")], true),
        ([("grant", "2026-03-01"), ("grant", "2026-03-09")], true),
        // Without a day it may have been said last, whenever it was written.
        ([("grant", "2099"), ("withdraw", "")], false),
        ([("withdraw", "2026-03-01"), ("grant", "")], false),
        // Who knows what it means.
        ([("grant", "2026-03-01"), ("suspend", "2026-03-02")], false),
        ([], true),
    ])
    func `the latest act counts, and taking back where that cannot be told`(
        acts: [(String, String)], isGiven: Bool
    ) throws {
        for order in [acts, acts.reversed()] {
            let replica = try roster()
            for (act, day) in order {
                try consent(amghar, act, "share_within_programme", on: day, replica)
            }
            #expect(try given(replica).contains("+999550003001") == isGiven)
        }
    }

    @Test func `a consent to share may be about one partner`() throws {
        let replica = try roster()
        try consent(amghar, "withdraw", "share_partner:prefecture", replica)
        #expect(try !given(replica, to: "Prefecture").contains("Moha"))
        #expect(try given(replica, to: "Ministry").contains("Moha"))
    }

    @Test func `whoever did not consent to be named goes out without a name`() throws {
        let replica = try roster()
        try consent(imam, "grant", "crisis_contact", basis: "consent", replica)
        try consent(mayor, "grant", "crisis_contact", basis: "public_office", replica)
        try consent(monk, "withdraw", "be_named", replica)
        try replica.set(
            "owner=\(imam)", "kind=email", "value=ouazzani@x.example", of: next, type: "channel")
        // Nor does a number carry it.
        for (id, kind, value, raw) in [
            (RecordID(0xF1), "mobile", "0612345678 (Hajj Ouazzani)", ""),
            (RecordID(0xF2), "landline", "+999550007001", "055 000 7001 Ouazzani's shop"),
        ] {
            try replica.set(
                "owner=\(imam)", "kind=\(kind)", "value=\(value)", "raw=\(raw)", of: id,
                type: "channel")
        }
        let text = try given(replica)
        #expect(text.contains("+999550007001"))
        #expect(text.contains("Nadia"))
        #expect(!text.contains("Ouazzani") && !text.contains("ouazzani"))
        #expect(!text.contains("Sumanasobhana"))
        #expect(text.contains("+999550002001") && text.contains("+999550004001"))
        try consent(imam, "grant", "be_named", on: "2027-01", basis: "consent", replica)
        #expect(try given(replica).contains("Ouazzani"))
        // What was taken back is not given again by a day that has not come.
        try consent(imam, "withdraw", "be_named", on: "2027-01-02", replica)
        try consent(imam, "grant", "be_named", on: "2099", basis: "consent", replica)
        #expect(try !given(replica).contains("Ouazzani"))
    }

    @Test func `risk notes stay here, and of whoever is not named all that may name them`() throws {
        let replica = try roster()
        try replica.set(
            "risk_notes=RISK", "aliases+=ALIAS", "form_of_address.fr=GREETING",
            "protocol_notes.fr=PROTOCOL", "contact_rule_reason=REASON", of: imam)
        try replica.set("label=LABEL", "source=SOURCE", of: RecordID(102), type: "channel")
        let secrets = ["ALIAS", "GREETING", "PROTOCOL", "REASON", "LABEL", "SOURCE"]
        let named = try given(replica)
        #expect(secrets.allSatisfy(named.contains) && !named.contains("RISK"))
        try consent(imam, "withdraw", "be_named", replica)
        let nameless = try given(replica)
        #expect(nameless.contains("+999550002001"))
        for secret in secrets + ["RISK"] { #expect(!nameless.contains(secret), "\(secret)") }
    }

    @Test(arguments: ["jsonl", "vcard", "csv"])
    func `lines of cards that mean nothing to us stay here`(form: String) throws {
        let replica = try Office("desk-01")[0]
        func card(_ lines: [String]) -> String {
            (["BEGIN:VCARD", "VERSION:4.0"] + lines + ["END:VCARD", ""]).joined(separator: "\r\n")
        }
        let cards =
            card([
                "UID:A-1", "FN:Moha Ougni", "BDAY:19700503", "X-JABBER:moha@x.example",
                "EMAIL:moha at x.example", "GEO:geo:33.123456,-7.987654",
                "ADR;GEO=\"geo:33.123456,-7.987654\":;;1 rue A;Tizi;;;XM",
            ])
            + card([
                "UID:A-2", "KIND:group", "FN:Aït Tagmout", "GEO:geo:33.123456,-7.987654",
                "MEMBER:tel:+999550004001",
            ])
        #expect(try replica.importing(cards, format: .vcard).rejected == 0)
        let kept = try replica.exported()
        for secret in ["moha@x.example", "19700503", "33.123456", "+999550004001"] {
            #expect(kept.contains(secret), "\(secret)")
        }
        for rule in ["none", "never"] {
            try replica.set("contact_rule=\(rule)", of: foreign("A-1"))
            var bytes: [UInt8] = []
            let exporter = Exporter(replica, try Disclosure(to: "Prefecture", for: "drill"))
            switch form {
            case "vcard": try exporter.writeCards { bytes += $0 }
            case "csv": try exporter.writeCSV(type: "person") { bytes += $0 }
            default: try exporter.writeJSONLines { bytes += $0 }
            }
            let text = String(decoding: bytes, as: UTF8.self)
            #expect(text.contains("Moha Ougni"))
            for secret in ["moha@x", "0503", "33.123456", "+999550004001"] {
                #expect(!text.contains(secret), "\(rule) \(secret)")
            }
            #expect(rule == "none" || !text.contains("moha at"))
        }
    }

    @Test(arguments: ["store", "crisis_contact", "share_within_programme"])
    func `whoever took back a consent to be kept, called or shared stays here`(
        what: String
    ) throws {
        let replica = try roster()
        try consent(imam, "withdraw", what, replica)
        let text = try given(replica)
        #expect(!text.contains("\(imam)") && !text.contains("+999550002001"))
        #expect(text.contains("Nadia"))
    }

    @Test(arguments: ["", "consent", "mosque council"])
    func `consents are asked for unless they rest on something else`(basis: String) throws {
        let replica = try roster()
        try consent(imam, "grant", "store", basis: basis, replica)
        try consent(imam, "grant", "crisis_contact", basis: "public_office", replica)
        let text = try given(replica)
        #expect(!text.contains("Ouazzani") && text.contains("+999550002001"))
        try consent(imam, "grant", " Be_Named", basis: basis, replica)
        #expect(try given(replica).contains("Ouazzani"))
    }

    @Test(arguments: ["", "membership", "tenure", "channel"])
    func `what was verified of somebody who stays here stays here, whatever it is about`(
        type: String
    ) throws {
        let replica = try roster()
        let (about, field) = (next, type == "channel" ? "owner" : "person")
        if type != "" { try replica.set("\(field)=\(monk)", of: about, type: type) }
        try replica.set(
            "about=\(type == "" ? monk : about)", "evidence=met at home", of: next,
            type: "verification")
        #expect(try given(replica).contains("met at home"))
        try consent(monk, "withdraw", "be_named", replica)
        #expect(try !given(replica).contains("met at home"))
        try replica.set("sensitivity=protected", of: monk)
        #expect(try !given(replica).contains("met at home"))
    }

    @Test func `what is about a record that was removed, or is not here, stays here`() throws {
        let replica = try roster()
        try replica.set("sensitivity=protected", "intermediaries+=\(imam)", of: monk)
        try replica.set("intermediaries+=\(monk)", of: mayor)
        for person in [monk, next] {
            try replica.set("person=\(person)", "office=\(next)", of: next, type: "tenure")
            try replica.set("person=\(person)", "role=elder", of: next, type: "membership")
            try replica.set("about=\(person)", "evidence=by mail", of: next, type: "verification")
        }
        for owner in ["\(next)", ""] {
            try replica.set(
                "owner=\(owner)", "kind=sat", "value=+999550007777", of: next, type: "channel")
        }
        let parish = next
        try replica.set("name.fr=St Jude", of: parish, type: "community")
        try replica.set(
            "owner=\(parish)", "kind=sat", "value=+999550008888", of: next, type: "channel")
        #expect(try given(replica).contains("+999550008888"))
        for (id, type) in [(monk, "person"), (parish, "community")] {
            try replica.write(
                [RecordEdit(record: id, type: type, deletes: true)], in: Office.roster)
        }
        let text = try given(replica)
        for kept in ["+999550004001", "\(monk)", "+999550007777", "+999550008888", "by mail"] {
            #expect(!text.contains(kept))
        }
        for type in ["tenure", "membership"] { #expect(!text.contains(type)) }
        #expect(text.contains("+999550001001"))
    }

    @Test func `whoever is merged with somebody protected who was removed is protected`() throws {
        let replica = try roster()
        try replica.set("sensitivity=protected", "merged_into=\(amghar)", of: monk)
        try replica.write(
            [RecordEdit(record: monk, type: "person", deletes: true)], in: Office.roster)
        #expect(try !given(replica).contains("Moha"))
    }

    @Test(arguments: [
        ("person", "sensitivity", "secret"), ("office", "sensitivity", "protected"),
        ("informant", "name", "Moha"),
    ])
    func `what this version does not know is held back`(
        type: String, field: String, value: String
    ) throws {
        let replica = try roster()
        let id = type == "person" ? amghar : next
        try replica.put([field: .text(value), "whereabouts": .text("souk")], of: id, type: type)
        try replica.put(["whereabouts": .text("souk")], of: mayor)
        let text = try given(replica)
        #expect(!text.contains("\(id)") && !text.contains("souk"))
        #expect(text.contains("Nadia"))
        #expect(try replica.exported().contains("souk"))
    }

    @Test(arguments: [
        "contact_rule=via_intermediary", "contact_rule=never", "life_status=deceased",
    ])
    func `whoever is not called directly goes out without channels`(restriction: String) throws {
        let replica = try roster()
        try replica.set(restriction, of: amghar)
        let text = try given(replica)
        #expect(text.contains("Moha") && !text.contains("+999550003001"))
    }

    @Test(arguments: [false, true])
    func `of whom a tenure says that they died no channel goes out`(isContested: Bool) throws {
        let office = try Office("tab-07", "tab-11")
        let tenure = RecordID(0xC9)
        try office[0].set("name.fr=Moha Ougni", of: amghar)
        try office[0]
            .set(
                "owner=\(amghar)", "kind=mobile", "value=+999550003001", of: RecordID(103),
                type: "channel")
        try office[0].set("person=\(amghar)", "office=\(next)", of: tenure, type: "tenure")
        try office.exchange()
        #expect(try given(office[0]).contains("+999550003001"))
        try office[0].set("ended_how=death", of: tenure, type: "tenure")
        if isContested { try office[1].set("ended_how=term_end", of: tenure, type: "tenure") }
        try office.exchange()
        for replica in [office[0], office[1]] {
            let text = try given(replica)
            #expect(text.contains("Moha") && !text.contains("+999550003001"))
            #expect(try Roster(reading: replica).people[amghar]?.isDeceased == true)
        }
    }

    @Test func `a contact rule that this version does not know hides channels`() throws {
        let replica = try roster()
        try replica.put(["contact_rule": .text("by_letter")], of: amghar)
        #expect(try !given(replica).contains("+999550003001"))
    }

    @Test func `the amghar who took back his consent to be called is absent`() throws {
        let replica = try roster()
        try replica.set("contact_rule=via_intermediary", of: amghar)
        try consent(amghar, "withdraw", "crisis_contact", on: "2026-03-09", replica)
        let text = try given(replica)
        #expect(!text.contains("Moha") && !text.contains("\(amghar)"))
    }

    @Test func `a number stays here when any of its rival owners does`() throws {
        for protected in [imam, amghar] {
            let office = try Office("tab-07", "tab-11")
            let channel = RecordID(0xD1)
            try office[0].set("value=+999550009001", of: channel, type: "channel")
            try office[0].set("name.fr=A", of: imam)
            try office[0].set("name.fr=B", of: amghar)
            try office[0].set("sensitivity=protected", of: protected)
            try office.exchange()
            try office[0].set("owner=\(imam)", of: channel, type: "channel")
            try office[1].set("owner=\(amghar)", of: channel, type: "channel")
            try office.exchange()
            #expect(try office[0].exported().contains("\(protected)"))
            #expect(try !given(office[0]).contains("+999550009001"))
        }
    }

    @Test func `a restriction that comes before the records are read is honoured`() throws {
        let replica = try roster()
        let disclosure = try Disclosure(to: "Prefecture", for: "drill")
        let exporter = Exporter(replica, disclosure)
        try replica.set("sensitivity=protected", of: monk)
        var bytes: [UInt8] = []
        try exporter.writeJSONLines { bytes += $0 }
        #expect(!String(decoding: bytes, as: UTF8.self).contains("Sumanasobhana"))
    }

    @Test func `a rival name is held back too`() throws {
        let office = try Office("tab-07", "tab-11")
        for (replica, name) in [(office[0], "Moha A"), (office[1], "Moha B")] {
            try replica.set("name.fr=\(name)", of: amghar)
        }
        try office.exchange()
        try consent(amghar, "withdraw", "be_named", office[0])
        #expect(try office[0].exported().contains("Moha B"))
        #expect(try !given(office[0]).contains("Moha"))
    }

    @Test func `coordinates are rounded, and coming back rounded say nothing new`() throws {
        let replica = try roster()
        try replica.set(
            "name.fr=Aït Tagmout", "latitude=33.123456", "longitude=-7.98765", of: next,
            type: "community")
        let text = try given(replica)
        #expect(text.contains(#""latitude":33.123,"longitude":-7.988"#))
        #expect(try replica.importing(text).counts == [0, 0, 9, 0])
    }

    @Test(arguments: ["vcard", "csv"])
    func `every form obeys, and read back says nothing new`(form: String) throws {
        let replica = try roster()
        try replica.set("sensitivity=restricted", of: monk)
        try replica.set("contact_rule=never", of: amghar)
        try consent(imam, "withdraw", "be_named", replica)
        let disclosure = try Disclosure(to: "Prefecture", for: "drill")
        let exporter = Exporter(replica, disclosure)
        var bytes: [UInt8] = []
        if form == "vcard" {
            try exporter.writeCards { bytes += $0 }
        } else {
            try exporter.writeCSV(type: "person") { bytes += $0 }
        }
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(!text.contains("Sumanasobhana") && !text.contains("Ouazzani"))
        #expect(!text.contains("+999550003001"))
        #expect(text.contains("Moha Ougni") && text.contains("Nadia"))
        #expect(disclosure.records == [Office.roster: 3])
        let report = try replica.importing(
            bytes, format: form == "vcard" ? .vcard : .csv, type: form == "csv" ? "person" : nil)
        #expect(report.counts == [0, 0, report.unchanged, 0])
        #expect(
            disclosure.notices.prefix(2)
                == [
                    "Persons left out because they are protected or did not consent: 1.",
                    "Persons written without a name: 1.",
                ])
    }

    @Test func `what was given out is recorded where it lies, and nowhere else`() throws {
        let replica = try roster()
        let before = try replica.exported()
        #expect(try given(replica) != "")
        #expect(try replica.exported() == before)
        let disclosure = try Disclosure(to: "Prefecture", for: "drill")
        try Exporter(replica, disclosure).writeCSV(type: "person") { _ in }
        let made = try disclosure.record(on: replica, format: "csv", type: "person")
        #expect(made.count == 1)
        #expect(
            try replica.fields(made[0])
                == #"{"format":"csv","on":"2027-01-15","purpose":"drill","recipient":"Prefecture","records":4,"type":"person"}"#
        )
        #expect(try !given(replica).contains("drill"))
        // By the server's clock, where the device's is known to be wrong.
        try replica.remember(numbers: ["clock_offset": -366 * 86_400_000])
        let late = try disclosure.record(on: replica, format: "csv")
        #expect(try replica.record(late[0])["on"] == .date(PartialDate("2026-01-14")!))
        #expect(failure { _ = try Disclosure(to: " ", for: "x") }?.code == .badData)
        let reader = CollectionGrant(
            id: Office.roster, name: "x", kind: "roster", role: .reader)
        #expect(failure { try Disclosure.check([reader]) }?.code == .notPermitted)
    }
}

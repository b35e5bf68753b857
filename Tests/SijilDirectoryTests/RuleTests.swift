import SijilCore
import SijilStore
import Testing

@testable import SijilDirectory

/// What may be entered, and what becomes of it.
struct RuleTests {
    private let rules = EntryRules(
        phones: PhoneNumbers(region: PhoneRegion("XM")), year: 2026)

    private func entered(
        _ arguments: String..., type: String, present: RecordView? = nil
    ) throws -> String {
        let assignment = try Assignment(
            arguments, for: Schema.directory.type(named: type), present: present, rules: rules)
        return assignment.operations
            .map { operation in
                let key = operation.cell.key == .none ? "" : ".\(operation.cell.key.plainText)"
                return switch operation.effect {
                case .put(let value): "\(operation.cell.field)\(key)=\(value.plainText)"
                case .remove: "\(operation.cell.field)\(key)-"
                }
            }
            .joined(separator: " ")
    }

    @Test(arguments: [
        ("person", "languages+=AR_latn", "languages.ar-Latn=yes"),
        ("person", "languages+=zgh-Tfng-MA", "languages.zgh-Tfng-MA=yes"),
        ("person", "languages+=x-darija", "languages.x-darija=yes"),
        ("person", "languages+=de-CH-1996-u-co-phonebk", "languages.de-CH-1996-u-co-phonebk=yes"),
        ("person", "birth_year=١٩٦٨", "birth_year=1968"),
        ("person", "birth_year=2026", "birth_year=2026"),
        ("person", "name.ar=طه", "name.ar=طه"),
        ("area", "country=ma", "country=MA"), ("area", "country=XM", "country=XM"),
        ("area", "time_zone=Africa/Casablanca", "time_zone=Africa/Casablanca"),
        ("area", "time_zone=UTC", "time_zone=UTC"),
        ("channel", "preference=100", "preference=100"),
        ("channel", "hours=after 09:00", "hours=after 09:00"),
        ("community", "latitude=-90", "latitude=-90.0"),
        ("community", "accuracy_m=0", "accuracy_m=0.0"),
        ("office", "seats=21", "seats=21"),
        ("checklist_item", "due=PT1H", "due=PT1H"),
        ("checklist_item", "due=P1DT12H", "due=P1DT12H"),
        ("checklist_item", "due=P1M", "due=P1M"), ("checklist_item", "due=PT1M", "due=PT1M"),
        ("checklist_item", "due=P2W", "due=P2W"),
    ])
    func `a value that holds is kept in its usual form`(
        type: String, argument: String, expected: String
    ) throws {
        #expect(try entered(argument, type: type) == expected)
    }

    @Test(arguments: [
        ("person", "languages+=arabic"), ("person", "languages+=a"), ("person", "languages+=ar-"),
        ("person", "languages+=ar-u"), ("person", "name.arabic=x"), ("person", "birth_year=1899"),
        ("person", "birth_year=2027"), ("person", "name.ar=٠٦١٢"), ("person", "aliases+=17"),
        ("person", "name.fr=\(String(repeating: "a", count: 201))"),
        ("area", "country=Maroc"), ("area", "country=KX"), ("area", "time_zone=Africa/Atlantis"),
        ("area", "time_zone=GMT+3"), ("channel", "preference=0"),
        ("channel", "preference=101"), ("channel", "language=français"),
        ("community", "latitude=90.01"), ("community", "longitude=-180.5"),
        ("community", "accuracy_m=-1"), ("office", "seats=0"), ("office", "review_days=0"),
        ("office", "review_days=36501"),
        ("checklist_item", "due=P"), ("checklist_item", "due=PT"), ("checklist_item", "due=3h"),
        ("checklist_item", "due=P1H"), ("checklist_item", "due=PT1D"),
        ("checklist_item", "due=P1DT"), ("checklist_item", "due=PT1M1H"),
        ("checklist_item", "due=P1"),
    ])
    func `a value that breaks a rule is refused with field, reason and example`(
        type: String, argument: String
    ) throws {
        let error = try #require(failure { _ = try entered(argument, type: type) })
        #expect(error.code == .badData)
        let field = argument.prefix { $0 != "=" && $0 != "." && $0 != "+" }
        #expect(error.place == String(field))
        #expect(error.hint?.hasPrefix("For example ") == true)
        let value = argument.drop { $0 != "=" }.dropFirst()
        #expect(value.count < 3 || !error.description.contains(value))
    }

    @Test(arguments: [
        "salma@example", "salma@@example.org", "@example.org", "a b@example.org", "x",
    ])
    func `an e-mail address has one @ and no spaces`(address: String) throws {
        #expect(
            failure { _ = try entered("kind=email", "value=\(address)x y", type: "channel") }?.place
                == "value")
        #expect(
            try entered("kind=email", "value=salma@example.org", type: "channel")
                == "kind=email value=salma@example.org")
    }

    @Test func `a row of a file comes in whole, whatever its e-mail address is`() throws {
        let replica = try Office("desk-01")[0]
        let row =
            #"{"type":"channel","id":"m/email","fields":{"kind":"email","value":"x or y@example.org"}}"#
        let report = try replica.importing(row)
        #expect(report.counts == [1, 0, 0, 0])
        #expect(report.unreadableAddresses == 1)
        #expect(report.notices.count == 1)
        #expect(try replica.importing(row).counts == [0, 0, 1, 0])
        var channels: [RecordView] = []
        try replica.forEachRecord(RecordQuery(type: "channel")) { channels.append($0) }
        #expect(channels.map(\.["value"]) == [.text("x or y@example.org")])
        #expect(channels.flatMap(\.flags).map(\.reason) == [.unreadableAddress])
    }

    @Test func `an end may not be before its beginning, as far as both are known`() throws {
        #expect(throws: Never.self) {
            _ = try entered("from=2021-05", "to=2021", type: "tenure")
            _ = try entered("from=2021", "to=2021-01-01", type: "tenure")
        }
        let error = failure { _ = try entered("to=2020-12", "from=2021", type: "tenure") }
        #expect(error?.place == "to")
        let office = try Office("tab-07")
        try office[0].set("from=2021-03", of: mayor, type: "tenure")
        let present = try office[0].record(mayor)
        #expect(
            failure { _ = try entered("to=2021-02", type: "tenure", present: present) }?.place
                == "to")
    }

    @Test(arguments: [
        ("00999 55 000 3001", "+999550003001"),
        ("٠٥٥-٠٠٠-٣٠٠١", "+999550003001"), ("۰۵۵۰۰۰۳۰۰۱", "+999550003001"),
    ])
    func `a number is kept as E.164, and as it was typed`(typed: String, number: String) throws {
        #expect(
            try entered("kind=mobile", "value=\(typed)", type: "channel")
                == "kind=mobile value=\(number) raw=\(typed)")
        #expect(
            try entered("kind=mobile", "value=\(number)", type: "channel")
                == "kind=mobile value=\(number)")
        // Separators alone say nothing.
        #expect(
            try entered("kind=mobile", "value=+999 55-000 (3001)", type: "channel")
                == "kind=mobile value=+999550003001")
    }

    @Test(arguments: ["ask at the café", "15", "+12", "055 or 066", "+9995500030011234567"])
    func `a number that cannot be read is kept and flagged, never refused`(typed: String) throws {
        let assignment = try Assignment(
            ["kind=mobile", "value=\(typed)"], for: Schema.directory.type(named: "channel"),
            rules: rules)
        #expect(assignment.operations.last?.effect == .put(.text(typed)))
        #expect(assignment.notes == [.unreadableNumber(field: "value", knowsRegion: true)])
        let office = try Office("tab-07")
        try office[0].set("kind=mobile", "value=\(typed)", of: mayor, type: "channel")
        #expect(
            try office[0].record(mayor).flags == [
                RecordFlag(field: "value", reason: .unreadableNumber)
            ])
    }

    @Test func `a file with numbers as they are dialled imports once`() throws {
        let office = try Office("tab-07")
        let file = """
            {"type":"channel","id":"1","fields":{"kind":"mobile","value":"055 000 3001"}}
            {"type":"channel","id":"2","fields":{"kind":"mobile","value":"ask his nephew"}}
            {"type":"area","id":"3","fields":{"code":"XM01","time_zone":"Nowhere/At all"}}
            {"type":"person","id":"4","fields":{"languages":["AR","fr","ar"]}}
            """
        func run(_ isDryRun: Bool = false) throws -> ImportReport {
            try Importer(office[0], into: Office.roster)
                .run(
                    .bytes(Array(file.utf8)),
                    ImportOptions(format: .jsonl, isDryRun: isDryRun, rules: rules))
        }
        let first = try run()
        #expect(first.counts == [3, 0, 0, 1])
        #expect(first.unreadableNumbers == 1)
        #expect(first.rejections.first?.error.place == "time_zone")
        #expect(
            try office[0].fields(foreign("1", "channel"))
                == #"{"kind":"mobile","raw":"055 000 3001","value":"+999550003001"}"#)
        #expect(try office[0].fields(foreign("4")) == #"{"languages":["ar","fr"]}"#)
        #expect(try run().counts == [0, 0, 3, 1])
        #expect(try run(true).counts == [0, 0, 3, 1])
    }

    @Test(arguments: ["+33", nil])
    func `a file that is read where numbers belong elsewhere changes no number`(
        region: String?
    ) throws {
        let office = try Office("tab-07")
        let mapping = """
            {"records":[{"type":"channel","id":"{id}",
            "fields":{"kind":"{kind}","value":"{number}"}}]}
            """
        let lines = """
            {"type":"channel","id":"1","fields":{"kind":"mobile","value":"0612345678"}}
            {"type":"channel","id":"2","fields":{"kind":"mobile","value":"٠٦١٢ ٣٤٥٦٧٩"}}
            """
        let table = "id,kind,number\n1,mobile,06 12-34 56 78\n2,mobile,٠٦١٢٣٤٥٦٧٩\n"
        func run(_ region: String?) throws -> [[Int]] {
            let rules = EntryRules(phones: PhoneNumbers(region: region.flatMap(PhoneRegion.init)))
            let mapping = try CSVMapping(parsing: Array(mapping.utf8), schema: .directory)
            let options = [
                ImportOptions(format: .jsonl, rules: rules),
                ImportOptions(format: .csv, mapping: mapping, rules: rules),
            ]
            return try zip([lines, table], options)
                .map { text, options in
                    try Importer(office[0], into: Office.roster)
                        .run(.bytes(Array(text.utf8)), options).counts
                }
        }
        let first = try run("+212")
        #expect(first == [[2, 0, 0, 0], [0, 0, 2, 0]])
        let before = try office[0].exported()
        #expect(
            try office[0].fields(foreign("1", "channel"))
                == #"{"kind":"mobile","raw":"0612345678","value":"+212612345678"}"#)
        #expect(try run(region) == [[0, 0, 2, 0], [0, 0, 2, 0]])
        #expect(try office[0].exported() == before)
        // Another number is another number.
        let other = lines.replacing("0612345678", with: "0612345670")
        let report = try Importer(office[0], into: Office.roster)
            .run(.bytes(Array(other.utf8)), ImportOptions(format: .jsonl, rules: rules))
        #expect(report.counts == [0, 1, 1, 0])
    }

    @Test func `a plan that knows a number better is believed, one that guesses is not`() throws {
        struct Plan: PhoneReader {
            func read(_ text: String, country: String?) -> PhoneReading? {
                switch (text, country) {
                case ("0612-345678", "MA"): PhoneReading(e164: "+212612345678", isValid: true)
                case ("+212 0612345678", _): PhoneReading(e164: "+212612345678", isValid: true)
                case ("+999 1234567", _): PhoneReading(e164: "+1", isValid: false)
                default: nil
                }
            }
        }
        let numbers = PhoneNumbers(region: PhoneRegion("MA"), reader: Plan())
        #expect(numbers.e164("٠٦١٢-٣٤٥٦٧٨") == "+212612345678")
        #expect(numbers.e164("+212 0612345678") == "+212612345678")
        #expect(numbers.e164("+999 1234567") == "+9991234567")
        #expect(numbers.e164("0612") == nil)
        #expect(PhoneNumbers(reader: Plan()).e164("0612-345678") == nil)
        #expect(PhoneRegion("+0") == nil && PhoneRegion("Maroc") == nil)
        #expect(PhoneRegion("ma")?.description == "MA")
    }

    @Test func `no code is put before digits that may have it, nor before a short code`() {
        let numbers = PhoneNumbers(region: PhoneRegion("+212"))
        #expect(numbers.e164("0612 345678") == "+212612345678")
        #expect(numbers.e164("612345678") == "+212612345678")
        #expect(numbers.e164("212612345678") == nil)
        #expect(numbers.e164("+212612345678") == "+212612345678")
        #expect(numbers.e164("1234") == nil && numbers.e164("01234") == nil)
        let examples = PhoneNumbers(region: PhoneRegion("XM"))
        #expect(examples.e164("999550001001") == nil)
        #expect(examples.e164("0550001001") == "+999550001001")
    }

    @Test func `the rules name fields that are there`() {
        for type in Schema.directory.types {
            for (field, rule) in type.rules {
                #expect(type[field] != nil, "\(type.name).\(field)")
                if case .notBefore(let other) = rule { #expect(type[other]?.kind == .date) }
                if case .address(let kind) = rule { #expect(type[kind] != nil) }
            }
        }
    }

    @Test func `only a coordinator makes milder what protects somebody`() throws {
        let replica = try Office("desk-01")[0]
        let type = try Schema.directory.type(named: "person")
        try replica.set(
            "name.fr=Moha", "contact_rule=via_intermediary", "contact_rule_until=2026-12-31",
            "sensitivity=restricted", of: mayor)
        let present = try replica.record(mayor)
        let milder = [
            ["contact_rule=crisis_only"], ["contact_rule="], ["sensitivity=public"],
            ["contact_rule_until=2026-03-01"], ["contact_rule_until=2026-12-30", "notes=x"],
            ["contact_rule=via_intermediary", "contact_rule_until=2026-03-01"],
            ["contact_rule=never", "contact_rule_until=2026-03-01"],
        ]
        let others = [
            ["contact_rule=never", "contact_rule_until=2027-03-01"], ["sensitivity=protected"],
            ["contact_rule=via_intermediary"], ["contact_rule_until="], ["notes=x"],
            ["contact_rule_until=2027"],
        ]
        let cases: [(Set<CollectionID>, [[String]])] = [([], milder), ([Office.roster], [])]
        for (coordinated, refused) in cases {
            var rules = rules
            rules.coordinated = coordinated
            for arguments in milder + others {
                let error = failure {
                    _ = try Assignment(arguments, for: type, present: present, rules: rules)
                }
                #expect(error?.code == (refused.contains(arguments) ? .notPermitted : nil))
            }
            // Of somebody who is new there is nothing to make milder.
            _ = try Assignment(["contact_rule=none"], for: type, rules: rules)
        }
    }

    @Test func `a consent that was taken back stays so, whoever edits it or reads a file`() throws {
        let replica = try Office("desk-01")[0]
        let (consent, type) = (RecordID(70), try Schema.directory.type(named: "consent"))
        try replica.set(
            "person=\(mayor)", "what=crisis_contact", "act=withdraw", "on=2026-03-01", of: consent,
            type: "consent")
        let present = try replica.record(consent)
        var rules = rules
        for coordinated in [[], [Office.roster]] as [Set<CollectionID>] {
            rules.coordinated = coordinated
            let refused: SijilError.Code? = coordinated.isEmpty ? .notPermitted : nil
            for field in ["act=grant", "act=", "what=be_named", "person=", "on=2020-01-01"] {
                let error = failure {
                    _ = try Assignment([field], for: type, present: present, rules: rules)
                }
                #expect(error?.code == refused, "\(field)")
            }
            #expect(failure { try rules.checkRemoval(of: present) }?.code == refused)
            for field in ["basis=consent", "act=withdraw", "what=crisis_contact"] {
                _ = try Assignment([field], for: type, present: present, rules: rules)
            }
        }
        // Without a day it outlasts whatever is granted: a day would end that.
        let undated = RecordID(72)
        try replica.set(
            "person=\(mayor)", "what=crisis_contact", "act=withdraw", of: undated, type: "consent")
        rules.coordinated = []
        let dating = failure {
            _ = try Assignment(
                ["on=2000"], for: type, present: try replica.record(undated), rules: rules)
        }
        #expect(dating?.code == .notPermitted)
        for (consent, change) in [
            (consent, #""fields":{"act":"grant"}"#), (consent, #""deleted":true,"fields":{}"#),
            (undated, #""fields":{"on":"2000"}"#),
        ] {
            let row = #"{"type":"consent","id":"\#(consent)",\#(change)}"#
            let report = try replica.importing(row)
            #expect(report.counts == [0, 0, 1, 0] && report.keptRestrictions == 1, "\(change)")
        }
        #expect(try replica.record(consent)["act"] == .text("withdraw"))
        #expect(try !replica.record(consent).isDeleted)
    }

    @Test
    func `a consent that rivals gave and took back is settled by an editor as taken back only`()
        throws
    {
        let office = try Office("desk-01", "tab-07")
        let (consent, type) = (RecordID(71), try Schema.directory.type(named: "consent"))
        for (replica, act) in [(office[0], "grant"), (office[1], "withdraw")] {
            try replica.set(
                "person=\(mayor)", "what=crisis_contact", "act=\(act)", of: consent,
                type: "consent")
        }
        try office.exchange()
        let present = try office[0].record(consent)
        var rules = rules
        rules.coordinated = []
        func code(_ field: String) -> SijilError.Code? {
            failure { _ = try Assignment([field], for: type, present: present, rules: rules) }?.code
        }
        #expect(code("act=grant") == .notPermitted)
        #expect(code("act=withdraw") == nil)
        #expect(code("on=2026-03-01") == .notPermitted, "until then it outlasts every grant")
        // What is not finished is finished by whoever it is.
        let unfinished = RecordID(72)
        try office[0].set("person=\(mayor)", of: unfinished, type: "consent")
        let half = try office[0].record(unfinished)
        for field in ["act=withdraw", "act=grant", "what=be_named"] {
            _ = try Assignment([field], for: type, present: half, rules: rules)
        }
    }

    @Test(arguments: [true, false])
    func `a file lets no rule end earlier, and goes on`(isCoordinator: Bool) throws {
        let replica = try Office("desk-01")[0]
        try replica.set(
            "name.fr=Moha", "contact_rule=never", "contact_rule_until=2027-12-31", of: mayor)
        var rules = rules
        rules.coordinated = isCoordinator ? [Office.roster] : []
        let options = ImportOptions(format: .jsonl, rules: rules)
        func imported(_ lines: String...) throws -> ImportReport {
            try Importer(replica, into: Office.roster)
                .run(.bytes(Array(lines.joined(separator: "\n").utf8)), options)
        }
        func row(_ end: String, _ notes: String) -> String {
            #"{"type":"person","id":"\#(mayor)","fields":{"contact_rule_until":"\#(end)","notes":"\#(notes)"}}"#
        }
        let earlier = try imported(
            row("2026-12-31", "one"), #"{"type":"person","fields":{"name":{"fr":"Ba"}}}"#)
        #expect(earlier.counts == [1, 1, 0, 0] && earlier.keptRestrictions == 1)
        #expect(try replica.record(mayor)["contact_rule_until"].plainText == "2027-12-31")
        let later = try imported(row("2028", "two"))
        #expect(later.counts == [0, 1, 0, 0] && later.keptRestrictions == 0)
        #expect(try replica.record(mayor)["contact_rule_until"].plainText == "2028")
    }

    @Test func `an end is not before its beginning, whichever of them is written`() throws {
        let replica = try Office("desk-01")[0]
        let tenure = RecordID(50)
        try replica.set("from=2021-03", "to=2026", of: tenure, type: "tenure")
        for field in ["from=2027", "to=2020"] {
            let error = failure { try replica.set(field, of: tenure, type: "tenure") }
            #expect(error?.code == .badData && error?.place == String(field.prefix { $0 != "=" }))
        }
        try replica.set("from=2026-12", of: tenure, type: "tenure")
        // A file is told of it, and loses nothing: two who had not seen each other may have written them.
        let row = #"{"type":"tenure","id":"\#(tenure)","fields":{"from":"2325-03","to":"2026"}}"#
        let report = try replica.importing(row)
        #expect(report.counts == [0, 1, 0, 0] && report.earlyEnds == 1)
        #expect(report.notices.contains { $0.contains("beginnings") })
        let copy = try Office("tab-07")[0]
        #expect(try copy.importing(replica.exported()).counts == [1, 0, 0, 0])
    }

    @Test func `a consent that nobody looks for is refused, or kept from a file and told of`()
        throws
    {
        let replica = try Office("desk-01")[0]
        for what in ["crisis-contact", "be_name", "share_partner:"] {
            let error = failure {
                try replica.set("what=\(what)", "act=withdraw", of: RecordID(60), type: "consent")
            }
            #expect(error?.code == .badData && error?.place == "what", "\(what)")
        }
        for what in ["crisis_contact", " Be_Named", "share_partner:ministry"] {
            try replica.set("what=\(what)", of: RecordID(UInt128(what.utf8.count)), type: "consent")
        }
        let row =
            #"{"type":"consent","id":"c","fields":{"what":"crisis-contact","act":"withdraw"}}"#
        let report = try replica.importing(row)
        #expect(report.counts == [1, 0, 0, 0] && report.unknownConsents == 1)
    }

    @Test func `a text of which nothing can be seen clears nothing`() throws {
        let replica = try Office("desk-01")[0]
        try replica.set("name.fr=Moha", "notes=here", of: mayor)
        for field in ["name.fr=\u{200F}", "notes=  ", "notes=\u{200E}\u{202A}"] {
            #expect(failure { try replica.set(field, of: mayor) }?.code == .badData)
        }
        #expect(try replica.fields(mayor) == #"{"name":{"fr":"Moha"},"notes":"here"}"#)
        try replica.set("notes=", of: mayor)
        #expect(try replica.fields(mayor) == #"{"name":{"fr":"Moha"}}"#)
    }

    @Test(arguments: [
        ("+212 522 20 30 40/41", nil), ("+999 55 000 1001/2", nil),
        ("055/000-2001", "+99955" + "0002001"),
        ("+999 (0)55 000 3001", "+999550003001"), ("00999 55/000 3001", "+999550003001"),
    ])
    func `two numbers in one are kept as they are typed, and the 0 of home is not dialled`(
        typed: String, number: String?
    ) {
        let phones = PhoneNumbers(region: PhoneRegion("XM"))
        #expect(phones.e164(typed) == number)
    }
}

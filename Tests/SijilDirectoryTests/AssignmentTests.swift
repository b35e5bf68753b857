import SijilCore
import SijilStore
import Testing

@testable import SijilDirectory

@Suite struct AssignmentTests {
    private func type(_ name: String) throws -> RecordType {
        try Schema.directory.type(named: name)
    }

    private func refused(_ argument: String, _ name: String = "person") -> SijilError? {
        failure { _ = try Assignment([argument], for: type(name)) }
    }

    private func value(_ argument: String, _ name: String) throws -> Value? {
        let operations = try Assignment([argument], for: type(name)).operations
        guard case .put(let value)? = operations.first?.effect else { return nil }
        return value
    }

    @Test func `fields, keys and members become operations, in their order`() throws {
        let assignment = try Assignment(
            [
                "name.ar=نادية أمزيان-تيفاوين", "name.fr=Nadia = Amziane", "languages+=ar",
                "languages-=fr", "notes=",
            ],
            for: type("person"))
        #expect(
            assignment.operations == [
                CellOperation(
                    CellName("name", key: .text("ar")), .put(.text("نادية أمزيان-تيفاوين"))),
                CellOperation(CellName("name", key: .text("fr")), .put(.text("Nadia = Amziane"))),
                CellOperation(CellName("languages", key: .text("ar")), .put(.boolean(true))),
                CellOperation(CellName("languages", key: .text("fr")), .remove),
                CellOperation(CellName("notes"), .put(.none)),
            ])
        #expect(assignment.warnings.isEmpty)
    }

    @Test func `values are read by the kind of their field`() throws {
        #expect(try value("from=2021-03", "tenure") == .date(PartialDate("2021-03")!))
        #expect(try value("from=٢٠٢١-٠٣-٠٧", "tenure") == .date(PartialDate("2021-03-07")!))
        #expect(try value("level=-2", "area") == .integer(-2))
        #expect(try value("level=٣", "area") == .integer(3))
        #expect(
            try value("parent=0198C0DE0000700080000000000000FF", "area")
                == .reference(Identifier("0198c0de0000700080000000000000ff")!))
        let strange = Field("f", .real)
        #expect(try strange.read("-0").value == .real(0))
        #expect(try strange.read("1.5e3").value == .real(1500))
        #expect(try Field("f", .boolean).read("No").value == .boolean(false))
        for text in ["nan", "inf", "0x10", "1,5", "1e999"] {
            #expect(failure { _ = try strange.read(text) }?.code == .badData)
        }
    }

    @Test(arguments: [
        "+999550002001", "٠٥٥-٠٠٠-٣٠٠١", "055 000 3001 after 'asr (ask the nephew)",
        "=HYPERLINK",
        "999-555-0100 ext. 8730", "-",
    ])
    func `a number in any form is kept as it was given`(_ number: String) throws {
        #expect(try value("value=\(number)", "channel") == .text(number))
    }

    @Test(arguments: [
        ("from=2021-02-30", "tenure"), ("from=07/03/2021", "tenure"), ("level=one", "area"),
        ("level=9223372036854775808", "area"), ("parent=XM01", "area"), ("mode=bought", "tenure"),
        ("contact_rule=sometimes", "person"), ("kind=pigeon", "channel"), ("name=Nadia", "person"),
        ("name.=Nadia", "person"), ("name.a b=Nadia", "person"), ("name.ar+=Nadia", "person"),
        ("notes.ar=x", "person"), ("notes+=x", "person"), ("languages=ar", "person"),
        ("languages+=", "person"), ("notes=a\u{0}b", "person"),
    ])
    func `a value that the field cannot hold is refused by name`(
        _ argument: String, _ type: String
    ) {
        let error = refused(argument, type)
        #expect(error?.code == .badData)
        #expect(error?.place == String(argument.prefix { $0.isLetter || $0 == "_" }))
        #expect(error?.description.contains("Nadia") == false)
    }

    @Test func `an unknown field brings near names, an unknown type all of them`() throws {
        #expect(refused("langauges+=ar")?.code == .unknownField)
        #expect(refused("langauges+=ar")?.hint == "Did you mean languages?")
        #expect(
            refused("contact=never")?.hint
                == "Did you mean contact_rule or contact_rule_reason or contact_rule_until?")
        #expect(refused("zzz=1")?.hint?.hasPrefix("Its fields are: name, name_spelling,") == true)
        #expect(refused("deleted=true")?.hint?.contains("sijil remove") == true)
        let error = failure { _ = try type("persona") }
        #expect(error?.code == .unknownType)
        #expect(error?.hint?.contains("channel") == true)
    }

    @Test func `an argument without an equals sign, or a field given twice, is a usage error`() {
        #expect(refused("notes")?.code == .usage)
        #expect(
            failure { _ = try Assignment(["notes=a", "notes=b"], for: type("person")) }?.code
                == .usage)
        #expect(
            failure { _ = try Assignment(["notes=a", "notes=a"], for: type("person")) } == nil)
    }

    @Test func `texts lose direction controls, with a warning, and the white space at their ends`()
        throws
    {
        let assignment = try Assignment(
            ["name.ar=  \u{202E}نادية\u{202C}\u{200F}\u{9B}\u{3} ", "notes=a\r\nb\tc\rd\n"],
            for: type("person"))
        #expect(assignment.operations[0].effect == .put(.text("نادية")))
        #expect(assignment.operations[1].effect == .put(.text("a\nb\tc\nd")))
        #expect(assignment.warnings.count == 1)
        // Joiners belong to words.
        #expect(try value("name.fa=می\u{200C}روم", "person") == .text("می\u{200C}روم"))
    }

    @Test func `texts are brought to NFC, tags to their usual form`() throws {
        #expect(
            try value("name.fr=Be\u{301}ni", "person")
                .map { Array($0.plainText.utf8) } == Array("B\u{E9}ni".utf8))
        let keys = [
            "AR=x": "ar", "ar-latn=x": "ar-Latn", "fr_ma=x": "fr-MA", "ZGH-tfng=x": "zgh-Tfng",
        ]
        for (argument, tag) in keys {
            let cell = try Assignment(["name.\(argument)"], for: type("person")).operations[0].cell
            #expect(cell == CellName("name", key: .text(tag)))
        }
    }

    @Test func `a text has a limit in bytes, a member a smaller one`() throws {
        let most = String(repeating: "ن", count: Limits.valueBytes / 2)
        #expect(try value("notes=\(most)", "person") == .text(most))
        #expect(refused("notes=\(most)x")?.code == .badData)
        #expect(refused("aliases+=" + String(repeating: "ن", count: 65))?.code == .badData)
    }

    @Test func `emptying a set removes the members that it has, and more may join`() throws {
        let office = try Office("desk-01")
        try office[0].set("languages+=ar", "languages+=fr", of: mayor)
        try office[0].set("languages=", "languages+=fr", "languages+=zgh", of: mayor)
        #expect(try office[0].fields(mayor) == #"{"languages":["fr","zgh"]}"#)
        try office[0].set("languages=", of: mayor)
        #expect(try office[0].fields(mayor) == "{}")
    }

    @Test func `a key that the record has in another form is found by that form`() throws {
        let office = try Office("desk-01")
        let odd = CellName("name", key: .text("ar_x"))
        try office[0]
            .write(
                [
                    RecordEdit(
                        record: mayor, type: "person",
                        operations: [CellOperation(odd, .put(.text("نادية")))])
                ], in: Office.roster)
        try office[0].set("name.ar_x=", of: mayor)
        #expect(try office[0].fields(mayor) == "{}")
    }

    @Test func `cells and conditions are read the same way`() throws {
        let person = try type("person")
        #expect(
            try Assignment.cell("name.ar", for: person) == CellName("name", key: .text("ar")))
        #expect(try Assignment.cell("deleted", for: person) == .liveness)
        #expect(failure { _ = try Assignment.cell("name", for: person) }?.code == .badData)
        let office = try Office("desk-01")
        try office[0].set("name.fr=Nadia Amziane-Tifaouine", "languages+=fr", of: mayor)
        try office[0].set("languages+=ar", of: imam)
        func found(_ condition: String) throws -> [RecordID] {
            var ids: [RecordID] = []
            let query = RecordQuery(
                type: "person", conditions: [try Assignment.condition(condition, for: person)])
            try office[0].forEachRecord(query) { ids.append($0.id) }
            return ids
        }
        #expect(try found("languages=fr") == [mayor])
        #expect(try found("name.fr=Nadia Amziane-Tifaouine") == [mayor])
        #expect(try found("notes=") == [mayor, imam])
    }
}

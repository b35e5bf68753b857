import SijilCore
import SijilStore
import Testing

@testable import SijilDirectory

@Suite struct ExportTests {
    @Test func `equal replicas export equal bytes, whoever wrote first`() throws {
        let office = try Office("tab-07", "tab-11", "desk-01")
        try office[0].set("name.ar=عبد الرحمن", "languages+=ar", of: imam)
        try office[1].set("name.fr=Nadia", "notes=x", of: mayor)
        try office[2].set("code=XM01", of: RecordID(3), type: "area")
        try office.exchange()
        try office[1].set("name.ar=عبد الرحمن الوزاني", of: imam)
        try office[2].set("name.ar=عبد الرحمان", of: imam)
        try office.exchange()
        let exports = try office.replicas.map { try $0.exported() }
        #expect(Set(exports).count == 1)
        #expect(exports[0].split(separator: "\n").count == 3)
        // By type, then identifier.
        #expect(exports[0].hasPrefix(#"{"type":"area","id":"\#(RecordID(3))","collection":"#))
    }

    @Test func `an export can be of one type or one collection`() throws {
        let replica = try Office("desk-01")[0]
        try replica.set("notes=x", of: mayor)
        try replica.set("code=XM01", of: imam, type: "area")
        let exporter = Exporter(replica)
        #expect(try exporter.writeJSONLines(type: "area") { _ in } == 1)
        #expect(try exporter.writeJSONLines(in: Office.roster) { _ in } == 2)
        #expect(try exporter.writeJSONLines(in: Identifier(9)) { _ in } == 0)
    }

    @Test func `a CSV has the fields of one type, and an import reads it back`() throws {
        let replica = try Office("desk-01")[0]
        try replica.set(
            "name.ar=نادية أمزيان-تيفاوين", "name.fr=Nadia, \"la présidente\"", "languages+=fr",
            "languages+=ar", "aliases+=a;b\\c", "notes=one\ntwo", "contact_rule=crisis_only",
            of: mayor)
        try replica.set("notes=gone", of: imam)
        try replica.write(
            [RecordEdit(record: imam, type: "person", deletes: true)], in: Office.roster)
        let csv = try replica.exportedCSV("person")
        #expect(
            csv == "id,name.ar,name.fr,aliases,honorifics,gender,birth_year,languages,areas,"
                + "intermediaries,contact_rule,contact_rule_reason,contact_rule_until,sensitivity,"
                + "risk_notes,life_status,notes,merged_into,merged_fields\r\n"
                + "\(mayor),نادية أمزيان-تيفاوين,\"Nadia, \"\"la présidente\"\"\",\"a\\;b\\\\c\","
                + ",,,\"ar;fr\",,,crisis_only,,,,,,\"one\ntwo\",,\r\n")
        #expect(try replica.importing(csv, format: .csv).counts == [0, 0, 1, 0])
        let other = try Office("tab-12")[0]
        #expect(try other.importing(csv, format: .csv).counts == [1, 0, 0, 0])
        #expect(try other.fields(mayor) == replica.fields(mayor))
        #expect(failure { _ = try replica.exportedCSV("persona") }?.code == .unknownType)
    }

    @Test(arguments: [
        ("=1+1", "'=1+1"), ("+212 (0)522-00", "+212 (0)522-00"), ("+999550003001", "+999550003001"),
        ("+1+cmd", "'+1+cmd"), ("-1", "'-1"), ("@SUM(A1)", "'@SUM(A1)"), ("\tx", "'\tx"),
        ("'=x", "''=x"), ("''-", "'''-"), ("'Abd al-Rahman", "'Abd al-Rahman"), ("a=b", "a=b"),
        ("+", "'+"), ("＝1", "'＝1"), ("＠x", "'＠x"), ("+33.1.22", "+33.1.22"), ("+1.5", "'+1.5"),
        ("\r=1", "'\r=1"), ("+212600000001;=1", "'+212600000001;=1"), ("+٩٩٩ ٥٥٠", "+٩٩٩ ٥٥٠"),
    ])
    func `a spreadsheet computes nothing, and phone numbers survive`(
        _ text: String, _ guarded: String
    ) {
        #expect(CSVText.guarded(text) == guarded)
        #expect(CSVText.unguarded(guarded) == text)
    }

    @Test func `a guarded text comes back as it was`() throws {
        let replica = try Office("desk-01")[0]
        for (index, value) in ["=1+1", "+999 55 000 2001", "'-x", "-5"].enumerated() {
            try replica.set("value=\(value)", of: RecordID(UInt128(index + 1)), type: "channel")
        }
        try replica.set("level=-5", of: imam.next, type: "area")
        let csv = try replica.exportedCSV("channel")
        #expect(csv.contains(",'=1+1,") && csv.contains(",+999550002001,"))
        #expect(try replica.importing(csv, format: .csv).counts == [0, 0, 4, 0])
        #expect(try replica.exportedCSV("area").contains(",-5,"))
    }

    @Test func `a text in a field of another kind is guarded as a text`() throws {
        let replica = try Office("desk-01")[0]
        let operations = [
            CellOperation(CellName("birth_year"), .put(.text("=1+1"))),
            CellOperation(CellName("merged_into"), .put(.text("@x"))),
            CellOperation(CellName("contact_rule_until"), .put(.text("-x"))),
        ]
        try replica.write(
            [RecordEdit(record: mayor, type: "person", operations: operations)], in: Office.roster)
        let csv = try replica.exportedCSV("person")
        for guarded in ["'=1+1", "'@x", "'-x"] { #expect(csv.contains(",\(guarded),"), "\(csv)") }
        #expect(try replica.importing(csv, format: .csv).counts == [0, 0, 1, 0])
    }

    @Test func `members and cells with marks come back as they were`() {
        let members = ["a", "\u{301};b", "\\", "c\\;", "ⴰⵎⵖⴰⵔ"]
        #expect(CSVText.members(CSVText.joined(members)) == members)
        #expect(CSVText.cell("a\"\u{301}") == "\"a\"\"\u{301}\"")
    }
}

extension RecordID {
    fileprivate var next: RecordID { RecordID(rawValue + 100) }
}

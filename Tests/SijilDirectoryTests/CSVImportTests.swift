import Foundation
import SijilCore
import SijilStore
import Testing

@testable import SijilDirectory

@Suite struct CSVImportTests {
    private let mapping = #"""
        {"records":[
            {"type":"person","id":"{no}","fields":{"name.ar":"{name}","languages":"{languages};ar"}},
            {"type":"channel","id":"{no}/phone","when":"phone",
             "fields":{"owner":{"reference":"person","id":"{no}"},"kind":"mobile",
                       "value":"{phone}","label":"{{{label}}}"}}]}
        """#

    @Test func `a row becomes several records that refer to each other`() throws {
        let replica = try Office("desk-01")[0]
        let csv =
            "no,name,phone,languages,label\r\n1,عبد الرحمن,+999 55 000 3001,\"fr; zgh\",\r\n2,مامادو,,,x\r\n"
        let report = try replica.importing(csv, format: .csv, mapping: mapping)
        #expect(report.counts == [3, 0, 0, 0])
        #expect(
            try replica.fields(foreign("1"))
                == #"{"languages":["ar","fr","zgh"],"name":{"ar":"عبد الرحمن"}}"#)
        #expect(
            try replica.fields(foreign("1/phone", "channel"))
                == #"{"kind":"mobile","owner":"\#(foreign("1"))","value":"+999550003001"}"#)
        #expect(
            try replica.importing(csv, format: .csv, mapping: mapping).counts == [0, 0, 3, 0])
    }

    @Test func `an empty cell leaves what is there, and members added by hand stay`() throws {
        let replica = try Office("desk-01")[0]
        let first = "no,name,phone,languages,label\n1,نادية,055,fr,office\n"
        _ = try replica.importing(first, format: .csv, mapping: mapping)
        try replica.set("languages+=zgh", of: foreign("1"))
        let second = "no,name,phone,languages,label\n1, نادية ,056,,\n"
        #expect(
            try replica.importing(second, format: .csv, mapping: mapping).counts == [0, 1, 1, 0])
        #expect(
            try replica.fields(foreign("1/phone", "channel"))
                == #"{"kind":"mobile","label":"{office}","owner":"\#(foreign("1"))","value":"056"}"#
        )
        #expect(try replica.record(foreign("1")).members("languages").count == 3)
    }

    @Test func `a record that somebody deleted stays deleted`() throws {
        let replica = try Office("desk-01")[0]
        let csv = "no,name,phone,languages,label\n1,نادية,,,\n"
        _ = try replica.importing(csv, format: .csv, mapping: mapping)
        try replica.write(
            [RecordEdit(record: foreign("1"), type: "person", deletes: true)], in: Office.roster)
        let report = try replica.importing(csv, format: .csv, mapping: mapping)
        #expect(report.counts == [0, 0, 1, 0])
        #expect(report.leftDeleted == 1)
        #expect(try replica.record(foreign("1")).isDeleted)
    }

    @Test func `a row is taken whole or not at all`() throws {
        let replica = try Office("desk-01")[0]
        let mapping = #"""
            {"records":[
                {"type":"person","id":"{id}","fields":{"name.fr":"{name}"}},
                {"type":"tenure","id":"{id}","fields":{"from":"{from}"}}]}
            """#
        let csv = "id,name,from\n1,Annelie,2021-03\n2,Gwenllian,soon\n3,Anton,2020\n,Nobody,2020\n"
        let report = try replica.importing(csv, format: .csv, mapping: mapping)
        #expect(report.counts == [4, 0, 0, 2])
        #expect(report.rejections.map(\.line) == [3, 5])
        #expect(report.rejections.map(\.error.place) == ["from", "person"])
        #expect(try !replica.hasRecord(foreign("2")))
        #expect(!report.rejections.description.contains("Gwenllian"))
    }

    @Test(arguments: [
        (#"{"records":[]}"#, "records"), (#"{"records":[{}]}"#, "records[0]"),
        (#"{"record":[]}"#, "mapping"), (#"[]"#, "mapping"),
        (#"{"records":[{"type":"persona","id":"{id}","fields":{}}]}"#, "type"),
        (#"{"records":[{"type":"person","fields":{}}]}"#, "records[0]"),
        (#"{"records":[{"type":"person","id":"{id","fields":{}}]}"#, "records[0].id"),
        (#"{"records":[{"type":"person","id":"{no}","fields":{}}]}"#, "records[0]"),
        (#"{"records":[{"type":"person","id":"{id}","when":"no","fields":{}}]}"#, "records[0]"),
        (#"{"records":[{"type":"person","id":"{id}","fields":{"name":"x"}}]}"#, "name"),
        (#"{"records":[{"type":"person","id":"{id}","fields":{"notes.ar":"x"}}]}"#, "notes"),
        (#"{"records":[{"type":"channel","id":"{id}","fields":{"kind":"pigeon"}}]}"#, "kind"),
        (
            #"{"records":[{"type":"person","id":"{id}","fields":{"notes":{"reference":"person","id":"1"}}}]}"#,
            "records[0].fields.notes"
        ),
        (
            #"{"records":[{"type":"channel","id":"{id}","fields":{"owner":{"reference":"x","id":"1"}}}]}"#,
            "type"
        ),
        (#"{"records":"#, "line 1, column 12"),
    ])
    func `a mapping that is not right is refused before anything is imported`(
        _ mapping: String, _ place: String
    ) throws {
        let replica = try Office("desk-01")[0]
        let error = failure {
            _ = try replica.importing("id\n1\n", format: .csv, mapping: mapping)
        }
        #expect(error?.code == .configuration)
        #expect(error?.place == place)
        #expect(try replica.exported() == "")
    }

    @Test func `without a mapping the header names the fields of a type`() throws {
        let replica = try Office("desk-01")[0]
        let csv = "id;name.en;languages;contact_rule\nA-1;Annelie Strandvik-Mørch;\"en;no\";never\n"
        #expect(try replica.importing(csv, format: .csv).counts == [1, 0, 0, 0])
        #expect(
            try replica.fields(foreign("A-1"))
                == #"{"contact_rule":"never","languages":["en","no"],"name":{"en":"Annelie Strandvik-Mørch"}}"#
        )
        let area = "code,level\nXM01,1\nXM02,\n"
        #expect(try replica.importing(area, format: .csv, type: "area").counts == [2, 0, 0, 0])
        #expect(try replica.importing(area, format: .csv).counts == [0, 0, 2, 0])
        for (header, code) in [
            ("id\n", SijilError.Code.usage), ("phone\n", .usage), ("notes,notes\n", .badData),
            ("", .badData),
            ("\"notes\n", .badData),
        ] {
            #expect(failure { _ = try replica.importing(header, format: .csv) }?.code == code)
        }
        #expect(
            failure { _ = try replica.importing("phone\n", format: .csv, type: "person") }?.code
                == .unknownField)
    }

    @Test func `quotes, lines in quotes, marks and every end of line are read`() throws {
        let csv = "\u{FEFF}id,notes\r\na,\"one\r\ntwo, \"\"three\"\"\"\rb,\"\"\n\n\nc,four"
        var reader = try CSVReader(InputBuffer(.bytes(Array(csv.utf8))))
        var rows: [[String]] = []
        var lines: [Int] = []
        while let row = try reader.next() {
            rows.append(try row.cells.get())
            lines.append(row.line)
        }
        #expect(
            rows == [["id", "notes"], ["a", "one\r\ntwo, \"three\""], ["b", ""], ["c", "four"]])
        #expect(lines == [1, 2, 4, 7])
    }

    @Test(arguments: [
        ("a;b,c;d", ";"), ("a\tb", "\t"), ("a", ","), ("a|b;c|d", "|"), ("\"a;b;c\",d", ","),
    ])
    func `the delimiter is found in the header`(_ header: String, _ delimiter: String) throws {
        let reader = try CSVReader(InputBuffer(.bytes(Array(header.utf8))))
        #expect(reader.delimiter == delimiter.utf8.first!)
    }

    @Test func `a bad row is refused with line and cell, and the rest goes on`() throws {
        let replica = try Office("desk-01")[0]
        var csv = Array("id,notes\n1,one\n2,two,three\n3\n4,a\"b\n5,\"a\"b\n6,".utf8)
        csv += [0xC3, 0x28, 0x0A]
        csv += "7,\u{0}\n8,\"never closed\n9,nine\n".utf8
        let report = try replica.importing(csv, format: .csv, type: "person")
        #expect(report.counts == [2, 0, 0, 7])
        #expect(report.rejections.map(\.line) == [3, 4, 5, 6, 7, 8, 9])
        #expect(report.rejections.map(\.column) == [3, 2, 2, 2, 2, 2, 2])
        #expect(try replica.hasRecord(foreign("1")))
        #expect(try replica.hasRecord(foreign("9")))
    }

    @Test func `rows that cross the pieces in which a file is read are whole`() throws {
        try withFolder { folder in
            let replica = try Office("desk-01")[0]
            let long = String(repeating: "\"\"سجل\n", count: 4000)
            let rows = (1...40).map { "\($0),\"\($0)\(long)\"\r\n" }
            try ("id,notes\r\n" + rows.joined())
                .write(toFile: folder + "/people.csv", atomically: true, encoding: .utf8)
            var last: ImportProgress?
            let report = try Importer(replica, into: Office.roster)
                .run(
                    .file(folder + "/people.csv"), ImportOptions(format: .csv, type: "person")
                ) { last = $0 }
            #expect(report.counts == [40, 0, 0, 0])
            #expect(last?.bytes == last?.totalBytes)
            let notes = try replica.record(foreign("40"))["notes"].plainText
            #expect(notes == "40" + String(repeating: "\"سجل\n", count: 4000).dropLast())
        }
    }

    @Test func `the real directory imports wholly, and a second time changes nothing`() throws {
        let office = try Office("desk-01", "tab-07")
        let csv = try fixture("Directories/us-mayors.csv")
        let mapping = String(
            decoding: try fixture("Mappings/us-mayors.json"), as: UTF8.self)
        let dry = try office[0].importing(csv, format: .csv, mapping: mapping, isDryRun: true)
        let report = try office[0].importing(csv, format: .csv, mapping: mapping)
        #expect(report.rows == 609)
        #expect(report.rejected == 0)
        #expect(report.created == 4629)
        #expect(report.counts == dry.counts)
        // Nobody said that they are numbers of the United States.
        #expect(report.unreadableNumbers == 669)
        var types: [String: Int] = [:]
        try office[0].forEachRecord { types[$0.type, default: 0] += 1 }
        #expect(
            types == [
                "person": 609, "tenure": 609, "area": 592, "office": 592, "channel": 2227,
            ])
        let before = try office[0].exported()
        #expect(
            try office[0].importing(csv, format: .csv, mapping: mapping).counts
                == [0, 0, report.created + report.unchanged, 0])
        #expect(try office[0].exported() == before)
        #expect(try office[0].importing(before).counts == [0, 0, 4629, 0])
        #expect(
            try office[1].importing(csv, format: .csv, mapping: mapping).counts == report.counts)
        #expect(try office[1].exported() == before)
    }

    @Test func `a cell with nothing but marks of direction is an empty one`() throws {
        let replica = try Office("desk-01")[0]
        let mark = "\u{200F}"
        let text =
            "id,name.fr,notes,aliases\n\(mark),Moha,one,a;b\n \(mark) ,Nadia,two,c\n\(mark),,\(mark),\n"
        #expect(try replica.importing(text, format: .csv, type: "person").counts == [2, 0, 0, 0])
        // Neither clears what is here.
        let named = "id,name.fr,notes,aliases\na-1,Idder,here,x;y\n"
        #expect(try replica.importing(named, format: .csv, type: "person").counts == [1, 0, 0, 0])
        let blank = "id,name.fr,notes,aliases\na-1,\(mark),\(mark) ,\(mark)\n"
        #expect(try replica.importing(blank, format: .csv, type: "person").counts == [0, 0, 1, 0])
        // With a mapping it names no record and is no reason to make one.
        let rows =
            "no,name,phone,languages,label\n1,Moha,\(mark),fr,\n\(mark),Tafukt,0612345678,,\n"
        #expect(try replica.importing(rows, format: .csv, mapping: mapping).counts == [1, 0, 0, 1])
        #expect(try !replica.hasRecord(foreign("1/phone", "channel")))
        #expect(try !replica.hasRecord(foreign("", "person")))
    }
}

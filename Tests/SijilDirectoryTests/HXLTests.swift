import SijilCore
import SijilStore
import Testing

@testable import SijilDirectory

@Suite struct HXLTests {
    private func exported(_ type: String, _ replica: Replica, mark: Bool = false) throws -> String {
        var bytes: [UInt8] = []
        let count = try Exporter(replica)
            .writeCSV(type: type, hasTags: true, hasMark: mark) { bytes += $0 }
        #expect(count == 1)
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test func `a row of tags says what the columns are`() throws {
        let replica = try Office("desk-01")[0]
        try replica.set(
            "name.ar=وادي الأمل", "name.ar-Latn=Wadi Amal", "code=XM0101", "level=2", of: mayor,
            type: "area")
        let lines = try exported("area", replica).split(separator: "\r\n")
        #expect(
            lines[1]
                == "#adm+id,#adm+name+i_ar,#adm+name+i_ar_latn,#adm+code,#adm+level,#adm+parent,#adm+country,#adm+time_zone,#adm+valid_from,#adm+valid_to"
        )
        #expect(HXLTag.text("value", of: "channel") == "#contact+phone")
        #expect(HXLTag.text("name.ar", of: "person") == "#contact+name+i_ar")
    }

    @Test(arguments: ["person", "channel", "office", "area", "community", "practice", "consent"])
    func `every column has a tag, and is found by it`(type: String) throws {
        let type = try Schema.directory.type(named: type)
        for field in type.fields {
            let column = field.shape == .keyed ? field.name + ".zgh-Tfng" : field.name
            let text = try #require(HXLTag.text(column, of: type.name))
            #expect(HXLTag(text)?.column(of: type)?.lowercased() == column.lowercased())
        }
    }

    @Test func `an export with tags and a mark is read back`() throws {
        let replica = try Office("desk-01")[0]
        try replica.set("name.ar=نادية", "name.ar-Latn=Nadia", "languages+=ar", of: mayor)
        let text = try exported("person", replica, mark: true)
        #expect(text.hasPrefix("\u{FEFF}id,"))
        #expect(try replica.importing(text, format: .csv).counts == [0, 0, 1, 0])
        let other = try Office("tab-07")[0]
        #expect(try other.importing(text, format: .csv, type: "person").counts == [1, 0, 0, 0])
        #expect(try other.fields(mayor) == replica.fields(mayor))
    }

    @Test func `headers of others do not matter where there are tags`() throws {
        let replica = try Office("desk-01")[0]
        let text = """
            Code,الاسم,Nom,Remarque,Total
            #ADM +code,#adm+i_ar+name,#adm +name+i_fr,,
            XM01,وادي الأمل,Wadi Amal,x,7
            """
        #expect(try replica.importing(text, format: .csv, type: "area").counts == [1, 0, 0, 0])
        // Tags alone are a header too.
        let tags = text.split(separator: "\n").dropFirst().joined(separator: "\n")
        let alone = try Office("desk-01")[0]
        #expect(try alone.importing(tags, format: .csv, type: "area").counts == [1, 0, 0, 0])
        for replica in [replica, alone] {
            #expect(
                try replica.exported()
                    .contains(
                        #""fields":{"code":"XM01","name":{"ar":"وادي الأمل","fr":"Wadi Amal"}}"#))
        }
    }

    @Test func `columns of one set are one set, however often they are read`() throws {
        let replica = try Office("desk-01")[0]
        let text = """
            id,L1,L2
            #contact+id,#contact+languages,#contact+languages
            A-17,ar,fr;ar
            """
        #expect(try replica.importing(text, format: .csv, type: "person").counts == [1, 0, 0, 0])
        #expect(try replica.fields(foreign("A-17")) == #"{"languages":["ar","fr"]}"#)
        #expect(try replica.importing(text, format: .csv, type: "person").counts == [0, 0, 1, 0])
        let less = text.replacing("ar,fr;ar", with: ",fr")
        #expect(try replica.importing(less, format: .csv, type: "person").counts == [0, 1, 0, 0])
        #expect(try replica.fields(foreign("A-17")) == #"{"languages":["fr"]}"#)
    }

    @Test func `a tag that the type does not have is refused, not dropped`() throws {
        let replica = try Office("desk-01")[0]
        let text = "Nom,Tel\n#contact+name+i_fr,#contact+phone\nNadia,+999\n"
        let error = failure { _ = try replica.importing(text, format: .csv, type: "person") }
        #expect(error?.code == .unknownField)
        #expect(error?.place == "line 1, column 2")
    }

    @Test func `a mapping may name columns by their tags`() throws {
        let replica = try Office("desk-01")[0]
        let mapping = """
            {"records": [{"type": "person", "id": "{#meta+id}",
                "fields": {"name.ar": "{#contact+i_ar+name}"}},
              {"type": "channel", "id": "{#meta+id}/tel", "when": "#contact+phone",
                "fields": {"owner": {"reference": "person", "id": "{#meta+id}"},
                           "kind": "mobile", "value": "{#contact+phone}"}}]}
            """
        let text = """
            ref,nom,tel
            #meta+id,#contact+name+i_ar,#contact +phone
            7,نادية,+999550002001
            8,موحا,
            """
        #expect(try replica.importing(text, format: .csv, mapping: mapping).counts == [3, 0, 0, 0])
        #expect(try replica.record(foreign("7/tel", "channel"))["value"] == .text("+999550002001"))
    }

    @Test(arguments: [
        "#contact+name+i_ar", "#adm1 +code", "#x",
    ]) func `these are tags`(text: String) { #expect(HXLTag(text) != nil) }

    @Test(arguments: ["", "#", "#1", "contact", "#a+", "#a+1b", "#عربي", "#a b-c"])
    func `these are none`(text: String) { #expect(HXLTag(text) == nil) }

    @Test func `a first row of data that looks like tags in part is data`() throws {
        let replica = try Office("desk-01")[0]
        let text = "id,notes\n1,#hash\n2,x\n"
        #expect(try replica.importing(text, format: .csv, type: "person").counts == [2, 0, 0, 0])
    }

    @Test func `other delimiters, empty cells at the end and the line of Excel are read`() throws {
        let replica = try Office("desk-01")[0]
        for (index, text) in [
            "id|notes\nA|one, two\nB|x|\n", "sep=;\r\nid;notes\r\nA;one, two\r\nB;x;;\r\n",
            "sep=\t\nid\tnotes\nA\tone, two\nB\tx\n",
        ]
        .enumerated() {
            let report = try replica.importing(text, format: .csv, type: "person")
            #expect(report.counts == (index == 0 ? [2, 0, 0, 0] : [0, 0, 2, 0]), "\(text)")
        }
        #expect(try replica.record(foreign("A"))["notes"] == .text("one, two"))
        // What is there beyond the header is not dropped.
        #expect(
            try replica.importing("id,notes\nC,x,y\n", format: .csv, type: "person").counts
                == [0, 0, 0, 1])
    }
}

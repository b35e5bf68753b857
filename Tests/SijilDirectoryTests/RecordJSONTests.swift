import SijilCore
import SijilStore
import Testing

@testable import SijilDirectory

@Suite struct RecordJSONTests {
    @Test func `a record is shown with sorted fields, and every value of a conflict`() throws {
        let office = try Office("tab-07", "tab-11")
        try office[0]
            .set(
                "notes=Ask the secretary.", "name.fr=Nadia Amziane-Tifaouine",
                "name.ar=نادية أمزيان-تيفاوين", "languages+=fr", "languages+=ar", of: mayor)
        try office.exchange()
        try office[0].set("notes=Ask first.", of: mayor)
        try office[1].set("notes=Call late.", of: mayor)
        try office.exchange()
        let (first, second) = (office[0].id, office[1].id)
        let view = try office[0].record(mayor)
        let values = view.cells[CellName("notes")]!.siblings
            .map { sibling in
                let name = sibling.dot.replica == first ? "tab-07" : "tab-11"
                let at = Timestamp.text(milliseconds: sibling.at)
                return
                    #"{"value":"\#(sibling.value.plainText)","replica":"\#(sibling.dot.replica)","#
                    + #""replica_name":"\#(name)","at":"\#(at)"}"#
            }
        #expect(Set(view.cells[CellName("notes")]!.siblings.map(\.dot.replica)) == [first, second])
        let shown = view["notes"].plainText
        #expect(
            view.json(replicaNames: try office[0].replicaNames()).description
                == #"{"id":"00000000000000000000000000000001","type":"person","#
                + #""collection":"000000000000000000000000000000c0","deleted":false,"#
                + #""fields":{"languages":["ar","fr"],"name":{"ar":"نادية أمزيان-تيفاوين","#
                + #""fr":"Nadia Amziane-Tifaouine"},"notes":"\#(shown)"},"#
                + #""conflicts":[{"field":"notes","key":null,"values":[\#(values.joined(separator: ","))]}]}"#
        )
        #expect(try office[0].exported() == office[1].exported())
        #expect(try !office[0].exported().contains("replica_name"))
    }

    @Test func `a record deleted here and edited there is a conflict of the field deleted`() throws
    {
        let office = try Office("desk-01", "tab-11")
        try office[0].set("value=+999 55 000 1001", of: mayor, type: "channel")
        try office.exchange()
        try office[0]
            .write(
                [RecordEdit(record: mayor, type: "channel", deletes: true)], in: Office.roster)
        #expect(
            try office[0].exported()
                == #"{"type":"channel","id":"\#(mayor)","collection":"\#(Office.roster)","#
                + #""deleted":true,"fields":{"value":"+999550001001"}}"# + "\n")
        try office[1].set("hours=8-12", of: mayor, type: "channel")
        try office.exchange()
        let view = try office[1].record(mayor)
        #expect(view.conflicts == [.liveness])
        let json = view.conflictJSON(.liveness, replicaNames: nil)
        #expect(json["field"] == "deleted")
        #expect(json["key"] == JSON.null)
        #expect(Set(json["values"]!.array!.map { $0["value"]! }) == [true, false])
        #expect(try office[0].exported() == office[1].exported())
    }

    @Test func `unknown kinds, fields and types are exported, and read back as no change`() throws {
        let office = try Office("desk-01", "tab-07")
        let later = Value.unknown(tag: 9, bytes: [0xAB, 0x01])
        let operations = [
            CellOperation(CellName("blood_group"), .put(.text("0+"))),
            CellOperation(CellName("notes"), .put(later)),
            CellOperation(CellName("name", key: .integer(7)), .put(.text("x"))),
            CellOperation(CellName("hobbies", key: .text("chess")), .put(.boolean(true))),
        ]
        try office[0]
            .write(
                [
                    RecordEdit(record: mayor, type: "person", operations: operations),
                    RecordEdit(record: imam, type: "vehicle", operations: [operations[0]]),
                ], in: Office.roster)
        try office.exchange()
        let exported = try office[0].exported()
        #expect(
            exported.contains(
                #""fields":{"blood_group":"0+","hobbies":["chess"],"name":{"$7":"x"},"#
                    + #""notes":{"$unknown":9,"hex":"ab01"}}"#))
        #expect(exported.contains(#"{"type":"vehicle","id":"\#(imam)""#))
        #expect(try office[1].exported() == exported)
        #expect(try office[1].importing(exported).counts == [0, 0, 2, 0])
        #expect(try office[1].exported() == exported)
        let other = try office[1]
            .importing(
                exported.replacing("0+", with: "B-"))
        #expect(other.counts == [0, 0, 0, 2])
        #expect(Set(other.rejections.map(\.error.code)) == [.unknownField, .unknownType])
    }

    @Test func `labels are what a person knows the record by`() throws {
        let replica = try Office("desk-01")[0]
        let id = RecordID(0xABCD_0000 << 96)
        func label(_ type: String, _ arguments: String..., languages: [String] = []) throws
            -> String
        {
            let id = replica.environment.newIdentifier()
            let operations = try Assignment(
                arguments, for: Schema.directory.type(named: type)
            )
            .operations
            try replica.write(
                [RecordEdit(record: id, type: type, operations: operations)], in: Office.roster)
            return try replica.record(id).label(preferring: languages)
        }
        let names = ["name.ar=مامادو لي", "name.fr=Mamadou Ly-Kerfalla"]
        #expect(
            try label("person", names[0], names[1], languages: ["fr-FR", "ar"])
                == "Mamadou Ly-Kerfalla")
        #expect(try label("person", names[0], names[1]) == "مامادو لي")
        #expect(try label("person", names[1], languages: ["si"]) == "Mamadou Ly-Kerfalla")
        #expect(
            try label("channel", "value=+999 55 000 1001", "label=office") == "+999550001001")
        #expect(try label("office", "title.en=Mayor") == "Mayor")
        #expect(try label("area", "code=XM01") == "XM01")
        #expect(
            try label("practice", "number=18", "title.en=Avoid stigmatising any community")
                == "18 Avoid stigmatising any community")
        #expect(try label("tenure", "mode=elected", "to=2026-03-15") == "elected –2026-03-15")
        try replica.set(of: id)
        #expect(try replica.record(id).label() == "abcd0000")
    }
}

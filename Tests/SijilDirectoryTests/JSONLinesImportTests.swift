import Foundation
import SijilCore
import SijilStore
import Testing

@testable import SijilDirectory

@Suite struct JSONLinesImportTests {
    private let roster = #"""
        {"type":"person","id":"A-1","fields":{"name":{"ar":"نادية أمزيان-تيفاوين","fr":"Nadia Amziane-Tifaouine"},"languages":["fr","ar"],"contact_rule":"crisis_only"}}
        {"type":"channel","id":"A-1/office","fields":{"owner":{"type":"person","id":"A-1"},"kind":"landline","value":"+999 55 000 1001"}}

        {"type":"area","id":"00000000000000000000000000000a01","fields":{"code":"XM01","level":1,"name":{"fr":"Wadi Amal"}}}
        """#

    @Test func `records are made, and the same file again changes nothing`() throws {
        let replica = try Office("desk-01")[0]
        #expect(try replica.importing(roster).counts == [3, 0, 0, 0])
        #expect(
            try replica.fields(foreign("A-1"))
                == #"{"contact_rule":"crisis_only","languages":["ar","fr"],"#
                + #""name":{"ar":"نادية أمزيان-تيفاوين","fr":"Nadia Amziane-Tifaouine"}}"#)
        #expect(
            try replica.record(foreign("A-1/office", "channel"))["owner"]
                == .reference(foreign("A-1")))
        #expect(try replica.record(Identifier(0xA01))["level"] == .integer(1))
        let before = try replica.exported()
        #expect(try replica.importing(roster).counts == [0, 0, 3, 0])
        #expect(try replica.exported() == before)
        #expect(try replica.log(in: nil, limit: 10).count == 1)
    }

    @Test func `values in conflict that an import leaves in the file are told`() throws {
        let office = try Office("tab-07", "tab-11", "desk-01")
        try office[0].set("name.fr=Nadia", of: mayor)
        try office.exchange()
        try office[0].set("notes=moved", "name.fr=Nadia A.", of: mayor)
        try office[1].set("notes=same place", "name.fr=Nadia T.", of: mayor)
        try office.exchange()
        let file = try office[0].exported()
        #expect(try office[0].importing(file).lostRivals == 0)
        let fresh = try Office("tab-15")[0]
        let report = try fresh.importing(file)
        #expect(report.counts == [1, 0, 0, 0] && report.lostRivals == 2)
        #expect(report.notices.count == 1)
        #expect(try fresh.importing(file).lostRivals == 2)
    }

    @Test func `two replicas that import one file without a network have the same records`() throws
    {
        let office = try Office("tab-07", "tab-11")
        for replica in office.replicas { _ = try replica.importing(roster) }
        try office.exchange()
        #expect(try office[0].collections()[0].records == 3)
        #expect(try office[0].conflictCount() == 0)
        #expect(try office[0].exported() == office[1].exported())
    }

    @Test func `an export read by an empty replica gives equal fields, and again no change`() throws
    {
        let office = try Office("desk-01", "desk-01")
        let (source, target) = (office[0], try Office("tab-12")[0])
        _ = try source.importing(roster)
        _ = try source.importing(try fixture("Libraries/rabat-washington-2018.jsonl"))
        try source.set("notes=Ask the secretary.\nTwice.", of: foreign("A-1"))
        let exported = try source.exported()
        #expect(try source.importing(exported).counts == [0, 0, 84, 0])
        #expect(try source.exported() == exported)
        #expect(try target.importing(exported).counts == [84, 0, 0, 0])
        #expect(try target.exported() == exported)
    }

    @Test func `reading back an export leaves a conflict to people`() throws {
        let office = try Office("tab-07", "tab-11")
        try office[0].set("notes=Ask.", of: mayor)
        try office.exchange()
        try office[0].set("notes=Ask first.", of: mayor)
        try office[1].set("notes=Call late.", of: mayor)
        try office.exchange()
        let exported = try office[0].exported()
        #expect(try office[0].importing(exported).counts == [0, 0, 1, 0])
        let other = #"{"type":"person","id":"\#(mayor)","fields":{"notes":"Call late."}}"#
        #expect(try office[0].importing(other).counts == [0, 0, 1, 0])
        #expect(try office[0].conflictCount() == 1)
        #expect(try office[0].exported() == exported)
    }

    @Test func `null clears, keys not named stay, an array is the whole set`() throws {
        let replica = try Office("desk-01")[0]
        try replica.set(
            "name.ar=نادية", "name.fr=Nadia", "languages+=ar", "languages+=fr", "notes=x",
            of: mayor)
        let line =
            #"{"type":"person","id":"\#(mayor)","fields":{"name":{"FR":null,"en":"Nadia"},"#
            + #""languages":["fr","zgh","fr"],"notes":"","aliases":null,"sensitivity":null}}"#
        #expect(try replica.importing(line).counts == [0, 1, 0, 0])
        #expect(
            try replica.fields(mayor)
                == #"{"languages":["fr","zgh"],"name":{"ar":"نادية","en":"Nadia"}}"#)
        #expect(try replica.importing(line).counts == [0, 0, 1, 0])
        let all = #"{"type":"person","id":"\#(mayor)","fields":{"name":null,"languages":null}}"#
        #expect(try replica.importing(all).counts == [0, 1, 0, 0])
        #expect(try replica.fields(mayor) == "{}")
    }

    @Test func `a line can delete a record, and a later one bring it back`() throws {
        let replica = try Office("desk-01")[0]
        let line = #"{"type":"person","id":"A-1","fields":{"notes":"x"}}"#
        let deletion = #"{"type":"person","id":"A-1","deleted":true}"#
        #expect(try replica.importing(deletion).counts == [0, 0, 1, 0])
        #expect(
            try replica.importing([line, deletion].joined(separator: "\n")).counts == [1, 1, 0, 0])
        #expect(try replica.record(foreign("A-1")).isDeleted)
        #expect(try replica.importing(deletion).counts == [0, 0, 1, 0])
        #expect(try replica.importing(line).counts == [0, 1, 0, 0])
        #expect(try !replica.record(foreign("A-1")).isDeleted)
    }

    @Test func `a line without an id makes its record once`() throws {
        let replica = try Office("desk-01")[0]
        let line = #"{"type":"person","fields":{"notes":"x","name":{"fr":"Salma"}}}"#
        let turned = #"{"fields":{"name":{"fr":"Salma"},"notes":"x"},"type":"person"}"#
        #expect(try replica.importing(line + "\n" + turned).counts == [1, 0, 1, 0])
        #expect(try replica.importing(line).counts == [0, 0, 1, 0])
        var id: RecordID?
        try replica.forEachRecord { id = $0.id }
        // What people do to it later is none of the file's business.
        try replica.set("notes=corrected", of: id!)
        #expect(try replica.importing(line).counts == [0, 0, 1, 0])
        try replica.write(
            [RecordEdit(record: id!, type: "person", deletes: true)], in: Office.roster)
        #expect(try replica.importing(line).leftDeleted == 1)
        #expect(try replica.record(id!)["notes"] == .text("corrected"))
    }

    @Test func `an import never loosens a restriction`() throws {
        let replica = try Office("desk-01")[0]
        try replica.set("contact_rule=never", "sensitivity=internal", of: mayor)
        let line =
            #"{"type":"person","id":"\#(mayor)","fields":{"contact_rule":"none","#
            + #""sensitivity":"protected"}}"#
        let report = try replica.importing(line)
        #expect(report.counts == [0, 1, 0, 0])
        #expect(report.keptRestrictions == 1)
        #expect(report.notices.count == 1)
        #expect(
            try replica.fields(mayor) == #"{"contact_rule":"never","sensitivity":"protected"}"#)
        let clearing = #"{"type":"person","id":"\#(mayor)","fields":{"contact_rule":null}}"#
        #expect(try replica.importing(clearing).counts == [0, 0, 1, 0])
    }

    @Test func `a bad line is set aside with line, column and reason, and stops nothing`() throws {
        let lines = [
            #"{"type":"person","id":"1","fields":{"notes":"first"}}"#,
            #"{"type":"person","id":"2","fields":{"notes":"#,
            #"{"type":"persona","id":"3","fields":{}}"#,
            #"{"type":"person","id":"4","fields":{"phone":"x"}}"#,
            #"{"type":"tenure","id":"5","fields":{"from":"2021-02-30"}}"#,
            #"{"type":"area","id":"6","fields":{"level":"one"}}"#,
            #"{"type":"person","id":"7","fields":{"name":"Kofi-Yann"}}"#,
            #"{"type":"person","id":"8","fields":{"languages":"fr"}}"#,
            #"{"type":"person","id":"9"}"#,
            #"{"type":"person","id":"10","fields":{},"label":"x"}"#,
            #"{"id":"11","fields":{}}"#,
            #"[]"#,
            #"{"type":"person","deleted":true}"#,
            #"{"type":"person","id":"12","fields":{"name":{"ar":"a","AR":"b"}}}"#,
            #"{"type":"channel","id":"13","fields":{"owner":{"type":"person"}}}"#,
            #"{"type":"person","id":"14","fields":{"notes":17}}"#,
            #"{"type":"person","id":"15","fields":{"notes":"last"}}"#,
        ]
        let replica = try Office("desk-01")[0]
        let report = try replica.importing(lines.joined(separator: "\r\n"))
        #expect(report.counts == [2, 0, 0, 15])
        #expect(report.rejections.map(\.line) == Array(2...16))
        #expect(report.rejections[0].column == 46)
        #expect(
            report.rejections.map(\.error.place)[1...] == [
                "type", nil, "from", "level", "name", "languages", nil, nil, nil, nil, "id",
                "name", "owner", "notes",
            ])
        #expect(try replica.collections()[0].records == 2)
        #expect(!report.rejections.description.contains("Kofi"))
    }

    @Test func `the reject file is made with the first bad row, for its owner only`() throws {
        try withFolder { folder in
            let replica = try Office("desk-01")[0]
            let path = folder + "/roster.rejected.jsonl"
            let good = try replica.importing(roster, rejectFile: path)
            #expect(good.rejectFile == nil)
            #expect(!FileManager.default.fileExists(atPath: path))
            // A file that is there already is replaced, a link is not followed.
            try "keep".write(toFile: folder + "/other", atomically: true, encoding: .utf8)
            try FileManager.default.createSymbolicLink(
                atPath: path, withDestinationPath: folder + "/other")
            let bad = Array("{\"type\":\"person\"}\n".utf8) + [0xFF, 0x0A]
            let dry = try replica.importing(bad, isDryRun: true, rejectFile: path)
            #expect(dry.counts == [0, 0, 0, 2])
            #expect(dry.rejectFile == nil)
            let report = try replica.importing(bad, rejectFile: path)
            #expect(report.rejectFile == path)
            #expect(report.json["reject_file"] == .string(path))
            let attributes = try FileManager.default.attributesOfItem(atPath: path)
            #expect(attributes[.posixPermissions] as? NSNumber == 0o600)
            #expect(
                try String(contentsOfFile: path, encoding: .utf8) == #"""
                    {"line":1,"column":null,"code":"bad-data","field":null,"reason":"The record's fields are missing. For example {\"type\":\"person\",\"id\":\"A-17\",\"fields\":{\"languages\":[\"fr\"]}}.","raw":"{\"type\":\"person\"}"}
                    {"line":2,"column":1,"code":"bad-data","field":null,"reason":"A value is expected here.","raw":{"hex":"ff"}}

                    """#)
            #expect(try String(contentsOfFile: folder + "/other", encoding: .utf8) == "keep")
            let error = failure { _ = try replica.importing(bad, rejectFile: folder) }
            #expect(error?.code == .cannotCreate)
            #expect(FileManager.default.fileExists(atPath: path))
        }
    }

    @Test func `a dry run counts the same and writes nothing`() throws {
        let office = try Office("desk-01", "tab-07")
        let again = roster.replacing("fr\",\"ar", with: "fr\",\"zgh") + "\n" + roster
        let dry = try office[0].importing(again, isDryRun: true)
        #expect(try office[0].exported() == "")
        #expect(try office[0].importing(again).counts == dry.counts)
        #expect(dry.counts == [3, 1, 2, 0])
    }

    @Test func `a value written once is not changed by a file`() throws {
        let replica = try Office("desk-01")[0]
        _ = try replica.importing(roster)
        let report = try replica.importing(roster.replacing("XM01", with: "XM02"))
        #expect(report.counts == [0, 0, 2, 1])
        #expect(report.rejections[0].error.place == "code")
    }

    @Test func `an id means one record, in one collection and of one type`() throws {
        let replica = try Office("desk-01")[0]
        let other = Identifier(0xC1)
        try replica.setGrants([
            CollectionGrant(id: Office.roster, name: "Wadi Amal", kind: "roster", role: .editor),
            CollectionGrant(id: other, name: "Kerfalla", kind: "roster", role: .editor),
        ])
        try replica.write([RecordEdit(record: mayor, type: "person")], in: other)
        try replica.write([RecordEdit(record: imam, type: "person")], in: Office.roster)
        let report = try replica.importing(
            #"{"type":"person","id":"\#(mayor)","fields":{}}"# + "\n"
                + #"{"type":"office","id":"\#(imam)","fields":{}}"#)
        #expect(report.counts == [0, 0, 0, 2])
        #expect(
            RecordID(foreign: "A-1", type: "person", in: other) != foreign("A-1"))
    }

    @Test func `a record with a copy elsewhere is compared with the copy here`() throws {
        let replica = try Office("desk-01")[0]
        // Smaller than that of the roster: of several living copies its own is shown.
        let other = Identifier(0xB0)
        try replica.setGrants([
            CollectionGrant(id: Office.roster, name: "Wadi Amal", kind: "roster", role: .editor),
            CollectionGrant(id: other, name: "Kerfalla", kind: "roster", role: .editor),
        ])
        func write(_ type: String, in collection: CollectionID) throws {
            try replica.write([RecordEdit(record: mayor, type: type)], in: collection)
        }
        try write("person", in: other)
        try write("person", in: Office.roster)
        try write("office", in: Office.roster)
        func line(_ name: String, type: String = "person") -> String {
            #"{"type":"\#(type)","id":"\#(mayor)","fields":{\#(name)}}"#
        }
        #expect(try replica.importing(line("")).counts == [0, 0, 1, 0])
        #expect(try replica.importing(line(#""name":{"fr":"Nadia"}"#)).counts == [0, 1, 0, 0])
        #expect(try replica.importing(line("", type: "office")).counts == [0, 0, 1, 0])
        let copies = try replica.copies(of: mayor).filter { $0.type == "person" }
        #expect(copies.map(\.collection) == [other, Office.roster])
        #expect(copies.map { $0.keyed("name").count } == [0, 1])
        // An export of both, read back, does not write the one over the other.
        let report = try replica.importing(replica.exported())
        #expect(report.counts == [0, 0, 2, 1] && report.rejections[0].error.place == "collection")
    }

    @Test func `a large import goes in many changes, and tells how far it is`() throws {
        let replica = try Office("desk-01")[0]
        let lines = (1...1200)
            .map {
                #"{"type":"person","id":"\#($0)","fields":{"name":{"fr":"Kofi \#($0)"}}}"#
            }
            .joined(separator: "\n")
        var progress: [ImportProgress] = []
        let report = try Importer(replica, into: Office.roster)
            .run(
                .bytes(Array(lines.utf8)), ImportOptions(format: .jsonl, note: "the list")
            ) { progress.append($0) }
        #expect(report.counts == [1200, 0, 0, 0])
        let log = try replica.log(in: nil, limit: 10)
        #expect(log.count == 3)
        #expect(log.allSatisfy { $0.note == "the list" })
        #expect(progress.map(\.rows) == [500, 1000, 1200])
        #expect(progress.last?.bytes == lines.utf8.count)
        #expect(progress.last?.totalBytes == lines.utf8.count)
    }

    @Test func `what progress throws ends the import and keeps what was written`() throws {
        let replica = try Office("desk-01")[0]
        let lines = (1...1200).map { #"{"type":"person","id":"\#($0)","fields":{}}"# }
        let source = ImportSource.bytes(Array(lines.joined(separator: "\n").utf8))
        let importer = Importer(replica, into: Office.roster)
        let error = failure {
            _ = try importer.run(source, ImportOptions(format: .jsonl)) { _ in
                throw SijilError(.cancelled, "Stopped.")
            }
        }
        #expect(error?.code == .cancelled)
        #expect(try replica.collections()[0].records == 500)
        #expect(
            try importer.run(source, ImportOptions(format: .jsonl)).counts == [700, 0, 500, 0])
    }

    @Test func `a record that is larger than a change is written in several`() throws {
        let office = try Office("desk-01", "tab-07")
        let body = String(repeating: "سجل ", count: 9000)
        let keys = ["ar", "en", "fr", "si", "ta"].map { #""\#($0)":"\#(body)\#($0)""# }
        let line =
            #"{"type":"practice","id":"1","fields":{"body":{\#(keys.joined(separator: ","))}}}"#
        #expect(line.utf8.count > Limits.changeBytes)
        #expect(try office[0].importing(line).counts == [1, 0, 0, 0])
        #expect(try office[0].importing(line).counts == [0, 0, 1, 0])
        #expect(try office[0].record(foreign("1", "practice")).keyed("body").count == 5)
        let target = try Office("tab-12")[0]
        #expect(try target.importing(try office[0].exported()).counts == [1, 0, 0, 0])
        #expect(try target.exported() == office[0].exported())
    }

    /// Lets others' changes come in while a row is compared with what is here.
    private struct Meanwhile: PhoneReader {
        // Asked by the import alone, on its own thread.
        nonisolated(unsafe) let replica: Replica
        let runs: [SignedRun]

        func read(_ text: String, country: String?) -> PhoneReading? {
            for run in runs {
                _ = try? unsafe replica.receive(
                    [Delivery(position: nil, .run(run))], in: Office.roster)
            }
            return nil
        }
    }

    @Test(arguments: [#""\u200E""#, #"" ""#, #""\u202A \u202C""#])
    func `a text of which nothing can be seen clears nothing`(text: String) throws {
        let replica = try Office("desk-01")[0]
        try replica.set("name.fr=Moha", "aliases+=Moh", "notes=here", of: mayor)
        let before = try replica.exported()
        let row = #"""
            {"type":"person","id":"\#(mayor)","fields":\#
            {"notes":\#(text),"name":{"fr":\#(text)},"aliases":[\#(text)]}}
            """#
        #expect(try replica.importing(row).counts == [0, 0, 1, 0])
        #expect(try replica.exported() == before)
        let clearing =
            #"{"type":"person","id":"\#(mayor)","fields":{"notes":"","aliases":[],"name":{"fr":null}}}"#
        #expect(try replica.importing(clearing).counts == [0, 1, 0, 0])
        #expect(try replica.record(mayor).members("aliases").isEmpty)
        #expect(try replica.record(mayor)["notes"] == .none)
    }

    @Test(arguments: [10, Limits.batchBytes + 1000])
    func `what comes in while a row is compared is not replaced, however long the row`(
        length: Int
    ) throws {
        let office = try Office("desk-01", "tab-07")
        let line = RecordID(100)
        try office[0]
            .set("owner=\(mayor)", "kind=mobile", "label=old", of: line, type: "channel")
        try office.exchange()
        try office[1].set("label=theirs", of: line, type: "channel")
        let theirs = try office[1].pendingRuns(in: Office.roster, byteLimit: .max).runs
        let reader = Meanwhile(replica: office[0], runs: theirs)
        let phones = PhoneNumbers(region: PhoneRegion("MA"), reader: reader)
        var options = ImportOptions(format: .jsonl, rules: EntryRules(phones: phones))
        options.rules.keepsDoubtful = true
        let hours = String(repeating: "x", count: length)
        let first = #"{"type":"person","id":"a","fields":{"notes":"x"}}"#
        let row =
            #"{"type":"channel","id":"\#(line)","fields":{"value":"0612","label":"ours","hours":"\#(hours)"}}"#
        let report = try Importer(office[0], into: Office.roster)
            .run(.bytes(Array((first + "\n" + row).utf8)), options)
        #expect(report.counts == [1, 1, 0, 0])
        let labels = try office[0].record(line).cells[CellName("label")]?.siblings.map(\.value)
        #expect(Set(labels ?? []) == [.text("theirs"), .text("ours")])
    }

    @Test func `a reader may not import, not even try`() throws {
        let replica = try Office("desk-01", role: .reader)[0]
        #expect(failure { _ = try replica.importing("", isDryRun: true) }?.code == .notPermitted)
        let importer = Importer(replica, into: Identifier(5))
        #expect(
            failure { _ = try importer.run(.bytes([]), ImportOptions(format: .jsonl)) }?.code
                == .notFound)
    }

    @Test func `a file that is not there is said to be`() throws {
        let importer = Importer(try Office("desk-01")[0], into: Office.roster)
        for path in ["/nowhere/roster.jsonl", NSTemporaryDirectory()] {
            #expect(
                failure { _ = try importer.run(.file(path), ImportOptions(format: .jsonl)) }?.code
                    == .notFound)
        }
    }

    @Test func `the library of practices imports as it is`() throws {
        let replica = try Office("desk-01")[0]
        let library = try fixture("Libraries/rabat-washington-2018.jsonl")
        #expect(try replica.importing(library).counts == [81, 0, 0, 0])
        let practice = try replica.record(foreign("rabat-washington-2018/18", "practice"))
        #expect(practice.label(preferring: ["ar"]) == "18 تجنب وصم أي مجتمع")
        #expect(
            practice.label(preferring: ["fr"]) == "18 éviter la stigmatisation de toute communauté")
        #expect(
            practice["library"] == .reference(foreign("rabat-washington-2018", "library")))
        #expect(
            practice.fieldJSON("title_status").description
                == #"{"ar":"official","en":"working","fr":"official"}"#)
        #expect(practice.keyed("body").isEmpty)
        #expect(try replica.importing(library).counts == [0, 0, 81, 0])
    }
}

import Foundation
import SijilCore
import SijilStore
import Testing

@testable import SijilDirectory

@Suite struct HostileImportTests {
    private let good = #"{"type":"person","id":"good","fields":{"notes":"x"}}"#

    /// Whatever stands before and after, the good line is taken.
    private func survives(_ bad: [UInt8], rejected: Int = 1) throws {
        let replica = try Office("desk-01")[0]
        let report = try replica.importing(bad + [0x0A] + Array(good.utf8))
        #expect(report.counts == [1, 0, 0, rejected])
        #expect(try replica.hasRecord(foreign("good")))
    }

    @Test func `deep nesting, endless lines and bytes that are no text spoil one line`() throws {
        try survives(Array(String(repeating: "[", count: 200_000).utf8))
        try survives(Array(repeating: UInt8(ascii: "x"), count: 9_000_000))
        try survives([0xFF, 0xFE, 0x00])
        try survives([0x00])
        try survives(Array(#"{"type":"person","id":"b","fields":{"notes":"\u0000"}}"#.utf8))
        let huge = String(repeating: "ن", count: Limits.valueBytes)
        try survives(Array(#"{"type":"person","id":"b","fields":{"notes":"\#(huge)"}}"#.utf8))
        try survives(Array(#"{"type":"person","id":"\#(huge)","fields":{}}"#.utf8))
        let marks = "e" + String(repeating: "\u{301}", count: 300_000)
        try survives(Array(#"{"type":"person","id":"b","fields":{"notes":"\#(marks)"}}"#.utf8))
        let key = String(repeating: "a", count: 500)
        try survives(Array(#"{"type":"person","id":"b","fields":{"name":{"\#(key)":"x"}}}"#.utf8))
        try survives(Array(#"{"type":"\#(key)","id":"b","fields":{}}"#.utf8))
        try survives(Array(#"{"type":"person","id":"b","fields":{"aliases":["\#(key)"]}}"#.utf8))
    }

    @Test func `a file cut at any byte takes the whole lines`() throws {
        let line = #"{"type":"person","id":"cut","fields":{"name":{"ar":"نادية"}}}"#
        let bytes = Array((good + "\n" + line).utf8)
        for count in [
            0, 1, good.utf8.count, good.utf8.count + 1, good.utf8.count + 30, bytes.count - 4,
        ] {
            let replica = try Office("desk-01")[0]
            let report = try replica.importing(Array(bytes.prefix(count)))
            #expect(report.created == (count >= good.utf8.count ? 1 : 0))
            #expect(try !replica.hasRecord(foreign("cut")))
        }
    }

    @Test func `direction controls are taken out and counted, in every form`() throws {
        let replica = try Office("desk-01")[0]
        let line =
            #"{"type":"person","id":"1","fields":{"name":{"ar":"\u202Eنادية\u061C"},"aliases":["a\u2069"]}}"#
        let report = try replica.importing(line)
        #expect(report.counts == [1, 0, 0, 0])
        #expect(report.cleanedTexts == 2)
        #expect(try replica.fields(foreign("1")) == #"{"aliases":["a"],"name":{"ar":"نادية"}}"#)
        #expect(try replica.importing(line).counts == [0, 0, 1, 0])
        let csv = "id,notes\n2,\u{202D}x\n"
        #expect(try replica.importing(csv, format: .csv, type: "person").cleanedTexts == 1)
    }

    @Test func `an open quote in a large file spoils the line it is on`() throws {
        let replica = try Office("desk-01")[0]
        let rows = (1...3000).map { $0 == 1500 ? "\($0),\"open\n" : "\($0),x\n" }
        let report = try replica.importing(
            "id,notes\n" + rows.joined(), format: .csv, type: "person")
        #expect(report.counts == [2999, 0, 0, 1])
        #expect(report.rejections[0].line == 1501)
    }

    @Test func `a CSV row without end, or of endless cells, spoils one line`() throws {
        let replica = try Office("desk-01")[0]
        let cells = String(repeating: ",", count: 5000)
        let long = String(repeating: "x", count: 5_000_000)
        let report = try replica.importing(
            "id,notes\n1\(cells)\n2,\(long)\n3,\"\(long)\n4,x\n", format: .csv, type: "person")
        #expect(report.counts == [1, 0, 0, 3])
        #expect(report.rejections.map(\.line) == [2, 3, 4])
        #expect(try replica.hasRecord(foreign("4")))
    }

    @Test func `random bytes never stop an import`() throws {
        var state: UInt64 = 7
        func random(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        let replica = try Office("desk-01")[0]
        let start = Array((good + "\n").utf8)
        for _ in 0..<200 {
            var bytes = start + start
            for _ in 0...random(6) { bytes[random(bytes.count)] = UInt8(random(256)) }
            _ = try replica.importing(bytes)
            var csv = Array("id,notes\n1,\"a\"\"b\"\n2,c\r\n".utf8)
            let header = 9
            for _ in 0...random(6) {
                csv[header + random(csv.count - header)] = UInt8(random(256))
            }
            _ = try replica.importing(csv, format: .csv, type: "person")
        }
    }
}

import SijilCore
import SijilStore
import Testing

@testable import SijilDirectory

/// What ships as `Fixtures/Libraries/rabat-washington-2018.jsonl`.
struct PracticeFixtureTests {
    private static let path = "Libraries/rabat-washington-2018.jsonl"
    private static let languages = ["ar", "en", "fr"]

    private func records() throws -> [JSON] {
        try fixture(Self.path).split(separator: UInt8(ascii: "\n"))
            .map { try JSON.parse(Array($0)) }
    }

    @Test func `the library comes in whole, and coming again changes nothing`() throws {
        let office = try Office("desk-01")
        let file = try fixture(Self.path)
        #expect(try office[0].importing(file).counts == [81, 0, 0, 0])
        let export = try office[0].exported()
        #expect(try office[0].importing(file).counts == [0, 0, 81, 0])
        #expect(try office[0].exported() == export)
    }

    @Test func `the practices are numbered, and only what was published has a title`() throws {
        let practices = try records().filter { $0["type"] == "practice" }.map { $0["fields"] }
        #expect(practices.map { $0?["number"]?.string } == (1...19).map(String.init))
        for practice in practices {
            let number = try #require(practice?["number"]?.string)
            let isStub = Int(number)! < 17
            for language in Self.languages {
                let status = practice?["title_status"]?[language]?.string
                let expected = isStub ? "text-pending" : language == "en" ? "working" : "official"
                #expect(status == expected, "\(number).\(language)")
                #expect((practice?["title"]?[language] == nil) == isStub)
                #expect(practice?["body_status"]?[language] == "text-pending")
            }
            #expect(practice?["body"] == nil)
        }
    }

    /// As domain.md has them: announced in Arabic and French by the IIJ.
    @Test func `official are six titles and nothing else`() throws {
        var official: [String] = []
        for record in try records() {
            for member in record["fields"]?.members ?? [] where member.key.hasSuffix("_status") {
                let field = String(member.key.dropLast("_status".count))
                for status in member.value.members ?? [] where status.value == "official" {
                    official.append(try #require(record["fields"]?[field]?[status.key]?.string))
                }
            }
        }
        #expect(
            official == [
                "نشر المعلومات بعد أي هجوم إرهابي محلي على نحو سريع ودقيق",
                "diffuser rapidement et avec précision des informations après un attentat terroriste perpétré dans le pays",
                "تجنب وصم أي مجتمع",
                "éviter la stigmatisation de toute communauté",
                "دعم البرامج التي تهدف إلى تقديم الدعم لضحايا الواقعة الإرهابية والشهود عليها",
                "programmes de soutien visant à apporter une aide aux victimes et aux témoins du terrorisme",
            ])
    }

    @Test func `every wording has a status, and what we wrote is there in three languages`() throws
    {
        let wordings: [String: [(text: String, status: String)]] = [
            "library": [("title", "title_status")],
            "practice": [("title", "title_status"), ("body", "body_status")],
            "checklist": [("title", "title_status")],
            "checklist_item": [("text", "text_status")],
            "case_study": [("title", "title_status"), ("caution", "caution_status")],
            "fact": [("text", "text_status")],
            "lesson": [("text", "text_status"), ("consequence", "text_status")],
        ]
        for record in try records() {
            let type = try #require(record["type"]?.string)
            let fields = try #require(record["fields"])
            let keyed = Schema.directory[type]?.fields
                .filter { $0.shape == .keyed && $0.search == .words }.map(\.name)
            #expect(keyed == wordings[type]?.map(\.text))
            for (text, status) in try #require(wordings[type]) {
                let languages = fields[text]?.members?.map(\.key) ?? []
                for language in languages {
                    #expect(fields[status]?[language] != nil, "\(type) \(text).\(language)")
                    #expect(fields[text]?[language]?.string?.isEmpty == false)
                }
                if !["library", "practice"].contains(type), !(text == "caution" && languages == [])
                {
                    #expect(languages == Self.languages, "\(type) \(text)")
                }
            }
        }
    }

    @Test func `each checklist is in order and due times never go back`() throws {
        let records = try records()
        for number in 17...19 {
            let checklist = "rabat-washington-2018/checklist/\(number)"
            let items = records.filter { $0["fields"]?["checklist"]?["id"] == .string(checklist) }
                .map { $0["fields"] }
            #expect(items.count == 8)
            let orders = items.compactMap { $0?["order"]?.string }
            #expect(orders.count == items.count && orders.allSatisfy(FractionalIndex.isValid))
            for (first, second) in zip(orders, orders.dropFirst()) {
                #expect(FractionalIndex.precedes(first, second) && first != second)
            }
            let minutes = try items.map { item in
                let due = try #require(item?["due"]?.string)
                let match = try #require(try /PT(\d+)([HM])/.wholeMatch(in: due))
                return Int(match.1)! * (match.2 == "H" ? 60 : 1)
            }
            #expect(minutes == minutes.sorted())
            for item in items {
                #expect(item?["role"]?.string != nil)
                let needs = item?["needs"]?.members == nil ? item?["needs"] : nil
                #expect(needs != nil)
            }
        }
    }

    @Test func `two languages edited apart merge silently, one language apart is a conflict`()
        throws
    {
        let office = try Office("tab-07", "tab-11")
        let practice = foreign("rabat-washington-2018/18", "practice")
        _ = try office[0].importing(try fixture(Self.path))
        try office.exchange()
        try office[0]
            .set("body.fr=Le corps", "body_status.fr=working", of: practice, type: "practice")
        try office[1].set("body.ar=النص", "body_status.ar=working", of: practice, type: "practice")
        try office.exchange()
        for replica in office.replicas {
            let record = try replica.record(practice)
            #expect(record.conflicts.isEmpty)
            #expect(record.inLanguage("body", ["fr"]) == "Le corps")
            #expect(record.inLanguage("body", ["ar"]) == "النص")
        }
        try office[0].set("body.fr=Une version", of: practice, type: "practice")
        try office[1].set("body.fr=Une autre", of: practice, type: "practice")
        try office.exchange()
        for replica in office.replicas {
            #expect(
                try replica.record(practice).conflicts == [CellName("body", key: .text("fr"))])
        }
    }
}

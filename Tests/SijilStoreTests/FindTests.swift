import SijilCore
import SijilSimulator
import Testing

@testable import SijilStore

struct FindTests {
    let world: World

    static let names = [
        "Nadia Amziane-Tifaouine", "نادية أمزيان-تيفاوين", "عبد الرحمن الوزاني التازاريني",
        "El Hadj Mamadou Ly-Kerfalla", "مامادو لي", "Fatoumata Binta Ba",
        "කන්දෙලන්ද සුමනසෝභන හිමි", "ශ්‍රී කන්දෙලන්ද", "றிஃப்கான் நஜீம்தீன்",
        "Annelie Strandvik-Mørch", "Inès Haddad-Lerner", "ⴰⵎⵖⴰⵔ ⵎⵓⵃⴰ", "أمغار موحا أوݣني",
        "Kofi-Yann Traoré-Dembelle",
    ]

    init() throws {
        world = try World(seed: 31, sites: 1)
        for (number, name) in Self.names.enumerated() {
            try world.write(.person(Identifier(UInt128(number)), .set("name", name)), at: 0)
        }
    }

    private func found(_ query: String, limit: Int = 20) throws -> [String] {
        try world[0].find(query, limit: limit)
            .map { hit in
                guard case .text(let name) = hit.record["name"] else { return "" }
                return "\(hit.why) \(name)"
            }
    }

    @Test func `every name is found by itself and by each of its words`() throws {
        for name in Self.names {
            #expect(try found(name).first == "exact \(name)")
            for word in name.split(whereSeparator: { " -".contains($0) }) {
                #expect(try found(String(word)).contains("word \(name)"), "\(word)")
                #expect(
                    try found(String(word.prefix(2))).contains { $0.hasSuffix(name) }, "\(word)")
            }
        }
    }

    @Test func `a name that is all that was asked for comes first, then words, then beginnings`()
        throws
    {
        #expect(try found("ba") == ["word Fatoumata Binta Ba"])
        #expect(try found("ama") == [])
        #expect(try found("amzi") == ["prefix Nadia Amziane-Tifaouine"])
        for (number, name) in ["Lya", "Ly Sow", "Ly", "L-y", "Aly", "طه", "طه حسين"].enumerated() {
            try world.write(.person(Identifier(UInt128(100 + number)), .set("name", name)), at: 0)
        }
        #expect(
            try found("LY").prefix(5) == [
                "exact Ly", "squash L-y", "word Ly Sow", "word El Hadj Mamadou Ly-Kerfalla",
                "prefix Lya",
            ])
        #expect(try found("طه").prefix(2) == ["exact طه", "word طه حسين"])
        #expect(try found("ly", limit: 1) == ["exact Ly"])
    }

    @Test(arguments: [
        ("ines", "Inès"), ("INÈS", "Inès"), ("Ine\u{300}s", "Inès"), ("traore", "Kofi"),
        ("dembelle traore", "Kofi"), ("مامادو لي", "مامادو"), ("සුමන", "කන්දෙලන්ද සුමන"),
        ("නුමන", ""), ("நஜீம்", "றிஃப்கான்"), ("ஜீம்தீன்", ""), ("ශ්‍රී", "ශ්‍රී"), ("ශ්රී", "ශ්‍රී"),
        ("ⴰⵎⵖ", "ⴰⵎⵖⴰⵔ"), ("أوݣني", "أمغار"), ("اوكني", "أمغار"), ("وزاني", "عبد"),
        ("حمن", ""), ("amziane ly", ""),
    ])
    func `accents, scripts and word order`(query: String, name: String) throws {
        let found = try found(query).filter { !$0.hasPrefix("key") }
        if name.isEmpty {
            #expect(found == [])
        } else {
            #expect(found.count == 1 && found[0].contains(" \(name)"), "\(found)")
        }
    }

    @Test(arguments: [
        ("Abderrahmane Ouazzani", "key+spelling عبد الرحمن الوزاني التازاريني"),
        ("Abd al-Rahman al-Wazzani", "key+spelling عبد الرحمن الوزاني التازاريني"),
        ("عبدالرحمان الوزاني", "key+spelling عبد الرحمن الوزاني التازاريني"),
        ("Nadya Amzyan", "key+spelling Nadia Amziane-Tifaouine"), ("Mamadu Ly", "key+spelling"),
        ("Fatima Ba", "key+spelling Fatoumata Binta Ba"), ("nazimdeen", "key+spelling றிஃப்கான்"),
        ("Amghar", "key+spelling ⴰⵎⵖⴰⵔ ⵎⵓⵃⴰ"), ("Sumanasobhana", "key+spelling කන්දෙලන්ද"),
        ("inass haddad", "key+spelling Inès Haddad-Lerner"),
    ])
    func `another script or spelling`(query: String, name: String) throws {
        let found = try found(query)
        #expect(found.contains { $0.hasPrefix(name) }, "\(found)")
    }

    @Test(arguments: [
        ("٠٦١٢", "٠٦١٢ ٣٤ ٥٦ ٧٨"), ("0612", "٠٦١٢ ٣٤ ٥٦ ٧٨"), ("061234", "٠٦١٢ ٣٤ ٥٦ ٧٨"),
        ("5678", "٠٦١٢ ٣٤ ٥٦ ٧٨"), ("3001", "+999550003001"), ("٣٠٠١", "+999550003001"),
        ("0550003001", "+999550003001"), ("055-000-3001", "+999550003001"),
        ("00999 55 000 3001", "+999550003001"), ("+999 55", "+999550003001"),
        ("XM0103", "XM0103"), ("xm-0103", "XM0103"), ("XM01", "XM0103"), ("301", ""), ("5500", ""),
        ("3002", ""), ("0550", "+999550003001"), ("05500", "+999550003001"),
    ])
    func `numbers are found by what they begin and end with`(query: String, code: String) throws {
        for (number, code) in ["٠٦١٢ ٣٤ ٥٦ ٧٨", "+999550003001", "XM0103"].enumerated() {
            try world.write(
                RecordEdit(
                    record: Identifier(UInt128(400 + number)), type: "place",
                    operations: [.set("code", code)]), at: 0)
        }
        let found = try world[0].find(query, limit: 5).map(\.record["code"])
        #expect(found == (code.isEmpty ? [] : [.text(code)]))
    }

    @Test func `a name that everybody has is found at once, and whoever has no other comes first`()
        throws
    {
        for start in stride(from: 1000, to: 3000, by: 250) {
            let edits = (start..<start + 250)
                .map {
                    RecordEdit.person(Identifier(UInt128($0)), .set("name", "Mamadou Sy"))
                }
            try world.write(edits, at: 0)
        }
        try world.write(.person(Identifier(5000), .set("name", "Sy")), at: 0)
        try world.write(.person(Identifier(5001), .set("name", "مامادو")), at: 0)
        #expect(try found("sy", limit: 3).first == "exact Sy")
        #expect(try found("mamadou sy", limit: 3) == Array(repeating: "exact Mamadou Sy", count: 3))
        #expect(try found("مامادو", limit: 1) == ["exact مامادو"])
        #expect(try found("mamadou", limit: 5000).count > 1000)
    }

    @Test func `what lies in the area comes before what fits as well`() throws {
        let area = Identifier(900)
        for (number, office) in [nil, area, nil].enumerated() {
            var edit = RecordEdit.person(
                Identifier(UInt128(700 + number)), .set("name", "Anton Selvacroos"))
            if let office { edit.operations.append(.set("office", .reference(office))) }
            try world.write(edit, at: 0)
        }
        try world.write(
            .person(
                Identifier(703), .set("name", "Anton Selvacros"), .add("offices", .reference(area))),
            at: 0)
        func order(_ areas: Set<RecordID>) throws -> [RecordID] {
            try world[0].find("anton selvacroos", near: areas, limit: 4).map(\.record.id)
        }
        #expect(try order([]) == [700, 701, 702, 703].map { Identifier($0) })
        #expect(try order([area]) == [701, 700, 702, 703].map { Identifier($0) })
        let similar = try world[0].find("selvacros anton", near: [area], limit: 1)
        #expect(similar.map(\.record.id) == [Identifier(703)])
    }

    @Test func `namesakes share two parts of their names, or the only one`() throws {
        func namesakes(_ names: String...) throws -> [Value] {
            try world[0].namesakes(of: names, type: "person", limit: 9).map(\.record["name"])
        }
        let imam = Value.text("عبد الرحمن الوزاني التازاريني")
        #expect(try namesakes("Abd al-Rahman al-Wazzani") == [imam])
        #expect(try namesakes("Abderrahmane") == [imam])
        #expect(try namesakes("Ibrahim", "Abderrahmane Ouazzani") == [imam])
        #expect(try namesakes("Abderrahmane Benkirat") == [])
        try world.write(.person(Identifier(600), .set("name", "نادية")), at: 0)
        let found = try world[0].namesakes(of: ["Nadia"], type: "person", limit: 9)
        #expect(found.map(\.record.id) == [600, 0, 1].map { Identifier($0) })
        #expect(found[0].resemblance > 0.8 && found[0].sharedParts == 1)
        #expect(try world[0].namesakes(of: ["Nadia"], type: "place", limit: 9).isEmpty)
    }

    @Test func `one telephone number is written in many ways`() throws {
        let place = Identifier(500)
        try world.write(
            RecordEdit(
                record: place, type: "place", operations: [.set("code", "٠٥٥ ٠٠٠ ٣٠٠١")]), at: 0)
        for number in ["+999550003001", "055-000-3001", "00999 55 000 30 01"] {
            #expect(
                try world[0].records(withNumber: number, type: "place", limit: 5).map(\.id) == [
                    place
                ])
        }
        for number in ["+999550003002", "3001", "", "x"] {
            #expect(try world[0].records(withNumber: number, type: "place", limit: 5).isEmpty)
        }
    }

    @Test(arguments: [
        "", " ", "\"", "*", "-", "AND", "NOT", "a\"b*", "(", "text:", "\u{200D}", "😀", "Ⓐ",
        "a\u{20E3}",
        "\u{1E94B}a\u{1E94B}", "\u{10D4F}x\u{10D4F}y", "\u{0}", "nadia\u{0}",
        "'; DROP TABLE search; --",
        "NEAR(a b)", String(repeating: "ab ", count: 5000), String(repeating: "x", count: 40_000),
        "a b c d e f g h i j k l m n o p q r s",
        "123456 7 8 9 10 11 12", "\u{202E}nadia\u{202C}", "é\u{200C}é", "x\u{1F3FB}y",
    ])
    func `no query is an error`(query: String) throws {
        _ = try found(query)
        #expect(try found("nadia").count == 2)
    }

    @Test func `marks that people cannot see do not matter`() throws {
        try world.write(
            .person(Identifier(200), .set("name", "\u{2067}سلمى\u{2069} Ben\u{AD}kirat\u{200F}")),
            at: 0)
        for query in ["سلمى", "\u{2067}سلمى\u{2069}", "benkirat", "Ben\u{AD}kirat"] {
            #expect(try world[0].find(query, limit: 5).first?.record.id == Identifier(200))
        }
    }

    @Test func `an edited name is found anew, and no longer as it was`() throws {
        let record = Identifier(0)
        try world.write(.person(record, .set("name", "Gwenllian Pryce-Harrow")), at: 0)
        #expect(try found("Nadia amziane tif") == ["key+spelling نادية أمزيان-تيفاوين"])
        #expect(try found("Gwenllian").count == 1)
        try world.write(.person(record, .clear("name")), at: 0)
        #expect(try found("Gwenllian") == [])
    }

    @Test func `keyed fields and sets are searched, others are not`() throws {
        let record = Identifier(300)
        try world.write(
            .person(
                record, .set("title", key: "fr", .text("Présidente")),
                .set("title", key: "ar", .text("رئيسة")), .add("languages", .text("tamazight")),
                .set("note", "secret")), at: 0)
        for query in ["presidente", "رئيسة", "tamazight", "tamazig presidente"] {
            #expect(try world[0].find(query, limit: 5).map(\.record.id) == [record])
        }
        #expect(try world[0].find("secret", limit: 5).isEmpty)
        try world.write(
            .person(
                record, .drop("languages", .text("tamazight")), .set("title", key: "fr", .none)),
            at: 0)
        #expect(try world[0].find("tamazight", limit: 5).isEmpty)
        #expect(try world[0].find("presidente", limit: 5).isEmpty)
        #expect(try world[0].find("رئيسة", limit: 5).count == 1)
    }

    @Test func `deleted records are not found until they come back`() throws {
        try world.write(.deletion(Identifier(0)), at: 0)
        #expect(try found("Nadia") == ["key+spelling نادية أمزيان-تيفاوين"])
        try world.write(.person(Identifier(0)), at: 0)
        #expect(
            try found("Nadia") == [
                "word Nadia Amziane-Tifaouine", "key+spelling نادية أمزيان-تيفاوين",
            ])
        #expect(try world[0].find("Nadia", type: "place", limit: 5).isEmpty)
        #expect(try world[0].find("Nadia", type: "person", limit: 5).count == 2)
        try world.close()
    }

    @Test func `in a conflict what is shown is found`() throws {
        try world.addSite()
        try world.settle()
        world.sites[0].source.now += 1_000_000_000
        try world.write(.person(Identifier(0), .set("name", "Later")), at: 0)
        try world.write(.person(Identifier(0), .set("name", "Earlier")), at: 1)
        try world.settle()
        for number in 0...1 {
            #expect(try world[number].find("later", limit: 5).first?.record.id == Identifier(0))
        }
        try world.close()
    }
}

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
            #expect(try found(name).contains("exact \(name)"))
            for word in name.split(whereSeparator: { " -".contains($0) }) {
                #expect(try found(String(word)).contains("exact \(name)"), "\(word)")
                #expect(
                    try found(String(word.prefix(2))).contains { $0.hasSuffix(name) }, "\(word)")
            }
        }
    }

    @Test func `a whole word comes before the beginning of one`() throws {
        #expect(try found("ba") == ["exact Fatoumata Binta Ba"])
        #expect(try found("ama") == [])
        #expect(try found("am") == ["prefix Nadia Amziane-Tifaouine"])
        try world.write(.person(Identifier(100), .set("name", "Ly")), at: 0)
        try world.write(.person(Identifier(101), .set("name", "Lya")), at: 0)
        #expect(try found("ly") == ["exact El Hadj Mamadou Ly-Kerfalla", "exact Ly", "prefix Lya"])
        #expect(try found("ly", limit: 1).count == 1)
    }

    @Test(arguments: [
        ("ines", "Inès"), ("INÈS", "Inès"), ("Ine\u{300}s", "Inès"), ("traore", "Kofi"),
        ("dembelle traore", "Kofi"), ("لي", "مامادو"), ("සුමන", "කන්දෙලන්ද සුමන"),
        ("නුමන", ""), ("நஜீம்", "றிஃப்கான்"), ("ஜீம்தீன்", ""), ("ශ්‍රී", "ශ්‍රී"), ("ශ්රී", "ශ්‍රී"),
        ("ⴰⵎⵖ", "ⴰⵎⵖⴰⵔ"), ("أوݣني", "أمغار"), ("الرحمن عبد", "عبد"), ("حمن", ""),
        ("amziane ly", ""),
    ])
    func `accents, scripts and word order`(query: String, name: String) throws {
        let found = try found(query)
        if name.isEmpty {
            #expect(found == [])
        } else {
            #expect(found.count == 1 && found[0].contains(" \(name)"), "\(found)")
        }
    }

    @Test(arguments: [
        "", " ", "\"", "*", "-", "AND", "NOT", "a\"b*", "(", "text:", "\u{200D}", "😀", "Ⓐ",
        "a\u{20E3}",
        "\u{1E94B}a\u{1E94B}", "\u{10D4F}x\u{10D4F}y", "\u{0}", "nadia\u{0}",
        "'; DROP TABLE search; --",
        "NEAR(a b)", "\u{202E}nadia\u{202C}", "é\u{200C}é", "x\u{1F3FB}y",
    ])
    func `no query is an error`(query: String) throws {
        _ = try found(query)
        #expect(try found("nadia").count == 1)
    }

    @Test func `marks that people cannot see do not matter`() throws {
        try world.write(
            .person(Identifier(200), .set("name", "\u{2067}سلمى\u{2069} Ben\u{AD}kirat\u{200F}")),
            at: 0)
        for query in ["سلمى", "\u{2067}سلمى\u{2069}", "benkirat", "Ben\u{AD}kirat"] {
            #expect(try world[0].find(query, limit: 5).map(\.record.id) == [Identifier(200)])
        }
    }

    @Test func `an edited name is found anew, and no longer as it was`() throws {
        let record = Identifier(0)
        try world.write(.person(record, .set("name", "Gwenllian Pryce-Harrow")), at: 0)
        #expect(try found("Nadia") == [])
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
        for query in ["presidente", "رئيسة", "tamazight"] {
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
        #expect(try found("Nadia") == [])
        try world.write(.person(Identifier(0)), at: 0)
        #expect(try found("Nadia") == ["exact Nadia Amziane-Tifaouine"])
        #expect(try world[0].find("Nadia", type: "place", limit: 5).isEmpty)
        #expect(try world[0].find("Nadia", type: "person", limit: 5).count == 1)
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
            #expect(try world[number].find("later", limit: 5).map(\.record.id) == [Identifier(0)])
        }
        try world.close()
    }
}

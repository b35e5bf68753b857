import Foundation
import SijilCore
import SijilSimulator
import Testing

@testable import SijilStore

/// The pairs of `Fixtures/Names`, each asked for among 50,000 others.
struct RecallTests {
    struct Pair {
        var query: String
        var name: String
    }

    static let strangers = 50_000
    static let limit = 10

    @Test func `of ten records one is the name that was asked for in another script or spelling`()
        throws
    {
        let tuned = try Self.pairs("tuned")
        let heldOut = try Self.pairs("held-out")
        #expect(tuned.count + heldOut.count >= 300)
        let replica = try Self.roster(tuned + heldOut)
        let (tunedRecall, tunedMisses) = try Self.recall(of: tuned, in: replica)
        let (recall, misses) = try Self.recall(of: heldOut, in: replica)
        #expect(tunedRecall >= 0.95, "\(tunedMisses)")
        // Not which: whoever knows them tunes on them.
        #expect(recall >= tunedRecall - 0.03, "\(misses.count) of \(heldOut.count)")
        print("recall@10: tuned \(tunedRecall), held out \(recall)")
    }

    private static func recall(
        of pairs: [Pair], in replica: Replica
    ) throws -> (Double, misses: [String]) {
        var misses: [String] = []
        for pair in pairs {
            let found = try replica.find(pair.query, limit: limit)
            if !found.contains(where: { $0.record["name"] == .text(pair.name) }) {
                misses.append("\(pair.query) ~ \(pair.name)")
            }
        }
        return (1 - Double(misses.count) / Double(pairs.count), misses)
    }

    private static func pairs(_ list: String) throws -> [Pair] {
        let path = "\(#filePath)/../../../Fixtures/Names/\(list).tsv"
        return try String(contentsOf: URL(fileURLWithPath: path).standardized, encoding: .utf8)
            .split(separator: "\n").filter { !$0.hasPrefix("#") }
            .map { line in
                let parts = line.split(separator: "\t")
                return Pair(query: String(parts[0]), name: String(parts[1]))
            }
    }

    /// The names of the pairs, spread among generated ones.
    private static func roster(_ pairs: [Pair]) throws -> Replica {
        let world = try World(seed: 12, sites: 1)
        var names = Set(pairs.map(\.name)).sorted()
        var generator = NameGenerator(seed: 12)
        print("names of seed 12")
        for _ in 0..<strangers { names.append(generator.name()) }
        names.shuffle(using: &generator.random)
        for start in stride(from: 0, to: names.count, by: 250) {
            let edits = (start..<min(start + 250, names.count))
                .map {
                    RecordEdit.person(Identifier(UInt128($0 + 1)), .set("name", names[$0]))
                }
            try world.write(edits, at: 0)
        }
        return world[0]
    }
}

/// Draws names as people of the same regions have them, in the scripts in which they are written.
struct NameGenerator {
    var random: SeededGenerator

    init(seed: UInt64) { random = SeededGenerator(seed: seed) }

    mutating func name() -> String {
        switch random.int(0..<20) {
        case 0..<7: latin()
        case 7..<14: arabic()
        case 14, 15: "\(random.pick(Self.tifinagh)) \(syllables(Self.tifinaghSyllables))"
        case 16, 17: "\(random.pick(Self.sinhala)) \(syllables(Self.sinhalaSyllables))"
        default: "\(random.pick(Self.tamil)) \(syllables(Self.tamilSyllables))"
        }
    }

    private mutating func latin() -> String {
        let given = random.pick(Self.latinGiven)
        let family = random.pick(Self.latinStems) + random.pick(Self.latinEnds)
        let article = random.pick(["", "", "El ", "Ben ", "Ait ", "Bou"])
        return random.oneIn(4)
            ? "\(given) \(random.pick(Self.latinGiven)) \(article)\(family)"
            : "\(given) \(article)\(family)"
    }

    private mutating func arabic() -> String {
        let given = random.pick(Self.arabicGiven)
        let family = random.pick(Self.arabicStems) + random.pick(Self.arabicEnds)
        let article = random.pick(["", "ال", "ال", "بن ", "آيت ", "بو"])
        return random.oneIn(4)
            ? "\(given) \(random.pick(Self.arabicGiven)) \(article)\(family)"
            : "\(given) \(article)\(family)"
    }

    private mutating func syllables(_ choices: [String]) -> String {
        (0..<random.int(2..<5)).map { _ in random.pick(choices) }.joined()
    }

    private static func words(_ text: String) -> [String] {
        text.split(whereSeparator: \.isWhitespace).map { String($0) }
    }

    private static let latinGiven = words(
        """
        Mohamed Mohammed Muhammad Ahmed Ali Omar Hassan Hussein Youssef Ibrahim Khalid Karim Rachid Said Hamid
        Mustapha Abdellah Abdelkader Abderrahim Fatima Khadija Aicha Zineb Amina Nadia Salma Leila Samira Malika
        Mamadou Amadou Ousmane Moussa Oumar Ibrahima Souleymane Boubacar Seydou Issa Fatoumata Aissata Mariam
        Kadiatou Awa Aminata Hawa Ramata Djeneba Nassim Tarek Samir Walid Ziad Rami Nabil Maha Rana Dina Huda
        Jean Marie Pierre Paul Anton Nimal Sunil Kumari Selvi Moha Idir Tiziri Hammou Lahcen Brahim Driss
        """)
    private static let latinStems = words(
        """
        Amr Berk Chak Dahb Fass Ghan Hadd Idris Jab Kett Lahm Mans Nass Ouar Qad Rahm Sabb Tahir Wahb Zer Traor
        Kouy Diall Sang Konat Bagay Sidib Camar Tour Ciss Maig Keit Haid Ghal Sal Bouz Khat Nadj Shar Mesk Tam
        Azz Zni Lamr Benh Alou Ayad Sekk Marr Gour Hilal Gamr Sof
        """)
    private static let latinEnds = words(
        "i aoui ani ouchi e o a ari ine at our ami ali ef oun idi assi")
    private static let arabicGiven = words(
        """
        محمد أحمد علي عمر حسن حسين يوسف إبراهيم خالد كريم رشيد سعيد حميد مصطفى عبدالله عبدالقادر فاطمة خديجة
        عائشة زينب أمينة نادية سلمى ليلى سميرة مليكة عثمان موسى سليمان عيسى مريم طارق سمير وليد زياد رامي
        نبيل مها رنا دينا هدى لحسن إدريس طه ياسين جمال فؤاد منير هشام أنور ربيعة نجاة حياة
        """)
    private static let arabicStems = words(
        """
        عمر برك شقر ذهب فاس غان حداد إدريس جابر كتان لحم منصور ناصر ورز قادر رحم صباغ طاهر وهب زرو حيد غال
        سال بوز خطاب نجار شرق مسك تام عزوز زنيب لمر علو عياد سكاك مراكش غور هلال قمر صوف نعيم حلب بغداد
        """)
    private static let arabicEnds = words("ي اوي اني وش ة ان ين ات ور امي الي ون يدي اسي")
    private static let tifinagh = words("ⴰⵎⵖⴰⵔ ⵎⵓⵃⴰ ⵉⴷⵉⵔ ⵜⵉⵣⵉⵔⵉ ⵃⵎⵎⵓ ⵍⵃⵙⵏ ⴱⵔⴰⵀⵉⵎ ⵢⵓⴱⴰ ⵎⵙⵙⵉⵏ ⵜⵉⵍⵉⵍⴰ")
    private static let tifinaghSyllables = words("ⵓⴱ ⴰⵣ ⵡⴰ ⴳⵏⵉ ⵍⴰ ⵔⵉ ⵎⴰ ⵓⵎ ⵙⵙⵉ ⴷⴰ ⴽⵓ ⵜⵉ ⵏⴰ ⵢⵓ ⵖⵉ")
    private static let sinhala = words("කමල් නිමල් සුනිල් සමන් කුමාරි චන්ද්‍රිකා රංජිත් තරිඳු සුනීතා අජිත් ප්‍රියන්ත මාලා")
    private static let sinhalaSyllables = words(
        "පෙ රේ රා සිල් වා ප්‍රනා දු බණ් ඩා ර ජය සූ රිය විජේ රත් න වීර සිං හ දිසා නා යක ගුණ")
    private static let tamil = words("கமல் மோகன் சிவா செல்வி முகமது பாத்திமா ரவி கண்ணன் லதா மணி நசீர்")
    private static let tamilSyllables = words(
        "ரா ஜன் கு மார் கந்த சாமி மு ருகன் பிள் ளை அலி இஸ் மா யில் ரிஸ் வான் கணே சன் லிங் கம்")
}

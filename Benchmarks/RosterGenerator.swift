import SijilCore
import SijilSimulator

/// Rosters, edits, a concurrent trace and queries: each a pure function of the seed and the number of
/// records, so a larger roster begins with the smaller one.
///
/// Names and places are made of syllables and mean nobody and nowhere.
struct RosterGenerator {
    static let columns = [
        "name_ar", "name_lat", "role", "organisation", "community", "admin_code", "phone1",
        "phone2",
        "email", "languages", "notes", "verified", "sensitivity", "lat", "lon",
    ]
    private static let editable = [
        "role", "organisation", "community", "phone1", "phone2", "email", "languages", "notes",
        "verified", "sensitivity",
    ]

    var seed: UInt64 = 1
    var count: Int

    func id(_ index: Int) -> RecordID {
        var chance = SeededGenerator(seed: mixed(index) ^ 0x6964)
        return RecordID(
            milliseconds: 1_760_000_000_000 + Int64(index) * 137,
            random: UInt128(chance.next()) << 64 | UInt128(chance.next()))
    }

    private func mixed(_ index: Int) -> UInt64 {
        var mixer = SeededGenerator(seed: seed &* 0x1_0000_0001 &+ UInt64(index))
        return mixer.next()
    }

    /// The cells of a record without its id, in the order of ``columns``.
    func texts(_ index: Int) -> [String] {
        var chance = SeededGenerator(seed: mixed(index))
        let names = (0..<chance.int(3..<5)).map { Self.name(chance.int(0..<64) + 64 * min($0, 1)) }
        let email = chance.chance(35, of: 100) ? "" : Self.email(names[0].latin, &chance)
        return [
            Self.spelled(names.map(\.arabic).joined(separator: " "), &chance),
            names.map { $0.latin.prefix(1).uppercased() + $0.latin.dropFirst() }
                .joined(separator: " "),
            chance.pick(Self.roles), Self.organisation(&chance), Self.community(&chance),
            Self.code(&chance), Self.phone(&chance),
            chance.chance(4, of: 10) ? "" : Self.phone(&chance), email,
            chance.pick(Self.languages), Self.notes(&chance),
            Self.date(&chance, years: 2018..<2026),
            String(chance.int(0..<4)), Self.degrees(100_000..<370_000, &chance),
            Self.degrees(-120_000..<540_000, &chance),
        ]
    }

    // MARK: Edits

    /// Edits of one field each, on distinct records: id, field, value.
    func edits(_ wanted: Int) -> [(id: RecordID, field: Int, value: String)] {
        var chance = SeededGenerator(seed: seed ^ 0x65646974)
        var seen = Set<Int>()
        return (0..<min(wanted, count))
            .map { _ in
                var index = chance.int(0..<count)
                while !seen.insert(index).inserted { index = (index + 1) % count }
                return edit(id(index), &chance)
            }
    }

    private func edit(
        _ id: RecordID, _ chance: inout SeededGenerator
    ) -> (id: RecordID, field: Int, value: String) {
        let field = Self.columns.firstIndex(of: chance.pick(Self.editable))!
        return (id, field, value(of: field, &chance))
    }

    private func value(of field: Int, _ chance: inout SeededGenerator) -> String {
        switch Self.columns[field] {
        case "role": chance.pick(Self.roles)
        case "organisation": Self.organisation(&chance)
        case "community": Self.community(&chance)
        case "phone1", "phone2": Self.phone(&chance)
        case "email": Self.email(Self.name(chance.int(0..<64)).latin, &chance)
        case "languages": chance.pick(Self.languages)
        case "notes": Self.notes(&chance)
        case "verified": Self.date(&chance, years: 2026..<2027)
        default: String(chance.int(0..<4))
        }
    }

    /// An operation of the concurrent trace: `field` is `nil` for a deletion.
    struct Operation {
        var writer: String
        var time: Int
        var id: RecordID
        var field: Int?
        var value: String
    }

    /// What two replicas write without seeing each other, so many operations each, by time: one in a
    /// hundred deletes, one in twenty of the second's sets what the first set.
    func trace(_ operations: Int) -> [Operation] {
        var chance = SeededGenerator(seed: seed ^ 0x7472616365)
        var trace: [Operation] = []
        var firsts: [Operation] = []
        for writer in ["A", "B"] {
            var time = 0
            var gone = Set<RecordID>()
            for _ in 0..<operations {
                time += chance.int(1..<4000)
                let isSecond = writer == "B" && !firsts.isEmpty
                var operation: Operation
                if chance.oneIn(100) {
                    let met = isSecond && chance.oneIn(2)
                    let target = met ? chance.pick(firsts).id : id(chance.int(0..<count))
                    operation = Operation(
                        writer: writer, time: time, id: target, field: nil, value: "")
                } else {
                    let made = edit(id(chance.int(0..<count)), &chance)
                    operation = Operation(
                        writer: writer, time: time, id: made.id, field: made.field,
                        value: made.value)
                    if isSecond, chance.oneIn(20) {
                        let met = chance.pick(firsts)
                        operation.id = met.id
                        operation.field = met.field
                        operation.value = value(of: met.field!, &chance)
                    }
                }
                guard !gone.contains(operation.id) else { continue }
                if operation.field == nil { gone.insert(operation.id) }
                if writer == "A", operation.field != nil { firsts.append(operation) }
                trace.append(operation)
            }
        }
        return trace.sorted { ($0.time, $0.writer) < ($1.time, $1.writer) }
    }

    /// Beginnings of a word of some record's name, Arabic and Latin in turn.
    func queries(_ wanted: Int) -> [String] {
        var chance = SeededGenerator(seed: seed ^ 0x66696e64)
        return (0..<wanted)
            .map { index in
                let name = texts(chance.int(0..<count))[index % 2]
                let word = chance.pick(name.split { " -".contains($0) })
                return String(word.unicodeScalars.prefix(chance.int(3..<6)))
            }
    }

    // MARK: Words

    private static let syllables = [
        ("با", "ba"), ("رو", "ru"), ("تين", "tin"), ("مال", "mal"), ("سي", "si"), ("در", "dar"),
        ("كو", "ku"), ("ليم", "lim"), ("نا", "na"), ("فور", "for"), ("جي", "ji"), ("هان", "han"),
        ("زو", "zu"), ("وير", "wer"), ("شا", "sha"), ("قيل", "qil"),
    ]
    private static let roles = ["mayor", "religious leader", "tribal chief"]
    private static let kinds = [
        "council", "committee of elders", "health committee", "water committee",
        "youth association", "women's association", "market committee", "neighbourhood house",
    ]
    private static let terrains = [
        ("وادي", "Wadi"), ("سوق", "Souq"), ("عين", "Ain"), ("تل", "Tell"), ("بئر", "Bir"),
        ("حي", "Hay"),
    ]
    private static let languages = [
        "ar", "ar", "ar,fr", "ar,en", "fr", "ar,fr,en", "ar,ber", "fr,ff", "ar,so",
    ]
    private static let hosts = ["example.org", "example.net", "council.example", "mail.example"]
    private static let words = [
        """
        يرد في المساء فقط وبعد الصلاة رقم ابنه صالح أيضا معروف عند أهل السوق كلهم تحدث معه الوسيط مرتين \
        يفهم الفرنسية ولا يقرأ الرسائل الطويلة حضر اجتماع الماء الأخير عنوانه القديم لم يعد صحيحا يسافر في \
        الصيف إلى الساحل يطلب أن يبلغ قبل يوم مفتاح القاعة عنده اسمه مكتوب بطريقتين في القوائم
        """,
        """
        answers only in the evening and after prayers known to everyone at the market spoke twice with the \
        mediator reads short messages never long ones came to the last meeting about water old address no \
        longer right travels to the coast in summer wants a day of notice keeps the key of the hall name is \
        written two ways in our lists
        """,
        """
        répond seulement le soir et après la prière connu de tout le marché a parlé deux fois au médiateur \
        lit les messages courts jamais les longs venu à la dernière réunion sur l'eau ancienne adresse plus \
        valable part à la côte en été veut être prévenu la veille garde la clé de la salle
        """,
    ]
    .map { $0.split(separator: " ").map(String.init) }

    /// One of 64 given names, or with 64 added one of 64 family names.
    private static func name(_ number: Int) -> (arabic: String, latin: String) {
        let parts =
            [number % 16, (number / 16 * 5 + number * 7 + 3) % 16]
            + (number < 64 ? [] : [(number * 11 + 1) % 16])
        let prefix = number < 64 || number % 3 == 0 ? ("", "") : ("ال", "al-")
        return (
            prefix.0 + parts.map { syllables[$0].0 }.joined(),
            prefix.1 + parts.map { syllables[$0].1 }.joined()
        )
    }

    /// Every fifth name as people really type it: with vowel marks, or drawn out.
    private static func spelled(_ name: String, _ chance: inout SeededGenerator) -> String {
        guard chance.oneIn(5) else { return name }
        guard chance.oneIn(2) else {
            return name.replacing("ا", with: "ا\u{640}", maxReplacements: 1)
        }
        var marked = ""
        for scalar in name.unicodeScalars {
            marked.unicodeScalars.append(scalar)
            if scalar != " ", chance.oneIn(2) {
                marked.unicodeScalars.append(chance.pick(["\u{64E}", "\u{64F}", "\u{650}"]))
            }
        }
        return marked
    }

    private static func place(_ chance: inout SeededGenerator) -> (arabic: String, latin: String) {
        let terrain = chance.pick(terrains)
        let own = name(64 + chance.int(0..<24))
        return ("\(terrain.0) \(own.arabic)", "\(terrain.1) \(own.latin)")
    }

    private static func organisation(_ chance: inout SeededGenerator) -> String {
        "\(place(&chance).latin) \(chance.pick(kinds))"
    }

    private static func community(_ chance: inout SeededGenerator) -> String {
        let place = place(&chance)
        return "\(place.arabic) / \(place.latin)"
    }

    private static func email(_ name: String, _ chance: inout SeededGenerator) -> String {
        let family = self.name(64 + chance.int(0..<64)).latin.replacing("al-", with: "")
        return "\(name).\(family)\(chance.int(0..<1000))@\(chance.pick(hosts))"
    }

    private static func phone(_ chance: inout SeededGenerator) -> String {
        "+999" + padded(chance.int(50..<60), 2) + padded(chance.int(0..<10_000_000), 7)
    }

    private static func code(_ chance: inout SeededGenerator) -> String {
        chance.pick(["XM", "XN", "XR"]) + padded(chance.int(1..<23), 2)
            + padded(chance.int(1..<31), 2) + "-" + padded(chance.int(1..<401), 3)
    }

    private static func date(_ chance: inout SeededGenerator, years: Range<Int>) -> String {
        "\(chance.int(years))-\(padded(chance.int(1..<13), 2))-\(padded(chance.int(1..<29), 2))"
    }

    private static func degrees(
        _ tenThousandths: Range<Int>, _ chance: inout SeededGenerator
    ) -> String {
        String(Double(chance.int(tenThousandths)) / 10_000)
    }

    /// 50 to 200 characters, half of them in Arabic.
    private static func notes(_ chance: inout SeededGenerator) -> String {
        let wanted = chance.int(50..<201)
        let language = [0, 0, 0, 0, 0, 0, 1, 1, 2, 2][chance.int(0..<10)]
        var notes = ""
        var length = 0
        while length < wanted {
            var word = chance.pick(words[language])
            if chance.oneIn(9) { word += " \(chance.int(0..<1000))" }
            if length > 0 { word = " " + word }
            notes += word
            length += word.unicodeScalars.count
        }
        return String(notes.unicodeScalars.prefix(wanted))
    }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}

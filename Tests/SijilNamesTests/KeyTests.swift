import Testing

@testable import SijilNames

struct KeyTests {
    /// Whether all parts of the one name are alike one of the other's.
    private func shareKeys(_ left: String, _ right: String) -> Bool {
        let (left, right) = (SpokenName(left), SpokenName(right))
        return left.sharedParts(with: right) == max(left.keys.count, right.keys.count)
    }

    static let classes = [
        ["Mohammed", "Muhammad", "Mohamed", "Mouhamed", "محمد"],
        ["Abdelkader", "Abd al-Qadir", "Abdoul Kader", "عبد القادر", "عبدالقادر"],
        ["Fatima", "Fatma", "فاطمة", "فاطمه"],
        ["Aïcha", "Aisha", "Ayesha", "عائشة"],
        ["Youssef", "Yusuf", "يوسف"],
        ["Houcine", "Hussein", "حسين"],
        [
            "Abderrahmane", "Abd al-Rahman", "Abdur Rahman", "Abdelrahman", "عبد الرحمن",
            "عبدالرحمان",
        ],
        ["Abdellah", "Abdullah", "Abdallahi", "Abdoulaye", "عبد الله", "عبدالله"],
        ["Hayat", "حياة"], ["Najat", "نجاة"], ["Salah", "صلاح"], ["Sabah", "صباح"],
        ["Nadhim", "Nazim", "ناظم"], ["Mustapha", "Moustafa", "مصطفى"], ["7assan", "حسن"],
        ["Ousmane", "Othman", "عثمان"], ["Fatoumata", "فاطمة"], ["Mamadou", "محمد"],
        ["Yahya", "John", "يحيى"], ["Taha", "طه"], ["Fathi", "فتحي"], ["Adham", "أدهم"],
        ["El Ouazzani", "al-Wazzani", "Elouazzani", "الوزاني"], ["Errachidi", "الراشدي"],
        ["Agadir", "أكادير", "أݣادير", "ⴰⴳⴰⴷⵉⵔ"], ["Silva", "සිල්වා"], ["Kamal", "කමල්", "கமல்"],
        ["Moha", "ⵎⵓⵃⴰ", "موحا"], ["Gamal", "جمال", "Jamal"],
    ]

    @Test(arguments: classes)
    func `spellings of one name share a key`(names: [String]) {
        for left in names {
            for right in names {
                #expect(
                    shareKeys(left, right),
                    "\(left) \(right) \(SpokenName(left).keys) \(SpokenName(right).keys)")
            }
        }
    }

    @Test(arguments: [("Mohammed", "Hamid"), ("Karim", "Kamal"), ("سعيد", "Youssef"), ("Ba", "Sy")])
    func `other names do not`(left: String, right: String) {
        #expect(!shareKeys(left, right))
    }

    @Test(arguments: [
        ("حسين", "Hussein", "Hassan"), ("حسن", "Hassan", "Hussein"), ("كريم", "Karim", "Akram"),
        ("محمد", "Mohammed", "Mahmoud"),
    ])
    func `of two with one key the one that sounds alike resembles more`(
        name: String, same: String, other: String
    ) {
        let name = SpokenName(name)
        #expect(
            name.resemblance(to: SpokenName(same)) > name.resemblance(to: SpokenName(other)))
    }

    @Test(arguments: ["Ba", "Sy", "Ly", "طه", "Aïcha", "Ali", "علي", "Aya"])
    func `a name of next to no consonants is weak, and has a key`(name: String) {
        #expect(SpokenName(name).isWeak)
        #expect(SpokenName(name).keys.count == 1)
    }

    /// What another word left there, or the same word asked for with or without its sounds, changes nothing.
    @Test func `a word that is remembered is what it is alone`() {
        let memory = WordMemory()
        let words = [
            "nadia", "abdelkader", "الوزاني", "sidi", "mohamed", "ben", "ⵎⵓⵃⴰ", "ba", "x",
            String(repeating: "mamadou", count: 40),
        ]
        func parts(_ unit: NameUnit) -> [String] {
            [
                "\(unit.range) \(unit.bare) \(unit.isServant) \(unit.role)",
                "\(unit.spellings) \(unit.keys) \(unit.group ?? 0) \(unit.tail ?? [])",
            ]
        }
        for sounding in [false, true, true, false, true] {
            // More than there are places for.
            for number in 0..<5000 {
                _ = memory.unit(of: Array("moha\(number)".utf8)[...], sounding: sounding)
            }
            for word in words {
                let word = Array(word.utf8)[...]
                let alone = NameUnit(alone: word, sounding: sounding)
                for _ in 0..<2 {
                    #expect(
                        parts(memory.unit(of: word, sounding: sounding)) == parts(alone),
                        "\(String(decoding: word, as: UTF8.self)), sounding \(sounding)")
                }
            }
        }
    }
}

import SijilCore
import SijilStore

@testable import SijilDirectory

/// A made-up roster in which it is known who was entered twice.
///
/// Names are common given and family names put together by chance, in the spellings that people use; nobody
/// is meant.
struct DuplicatePopulation {
    private(set) var edits: [RecordEdit] = []
    /// The pairs that are one person, the smaller id first.
    private(set) var duplicates: Set<[RecordID]> = []
    private var random: SeededChance
    private var next: UInt128 = 1_000

    /// Each with the ways in which it is written.
    private static let given = [
        ["محمد", "Mohammed", "Mohamed", "Muhammad"], ["Mahamadou"], ["حسين", "Hussein", "Houcine"],
        ["حسن", "Hassan", "Hasan"], ["فاطمة", "Fatima", "Fatma"], ["عائشة", "Aïcha", "Aisha"],
        ["يوسف", "Youssef", "Yusuf"], ["عبد القادر", "Abdelkader", "Abd al-Qadir"],
        ["عبد الرحمن", "Abderrahmane", "Abd al-Rahman"], ["خديجة", "Khadija", "Khadidja"],
        ["إبراهيم", "Ibrahim", "Brahim"], ["سعيد", "Saïd", "Said"], ["نادية", "Nadia", "Nadya"],
        ["رشيد", "Rachid", "Rashid"], ["كريم", "Karim", "Kareem"], ["زينب", "Zineb", "Zaynab"],
        ["مصطفى", "Mustapha", "Mostafa"], ["عمر", "Omar", "Umar"], ["سلمى", "Salma"],
        ["مريم", "Maryam", "Meriem"], ["طارق", "Tariq", "Tarek"], ["ليلى", "Layla", "Leila"],
        ["Mamadou"], ["Ousmane"], ["Aminata"], ["Moussa"], ["Kofi"], ["Anton"], ["Annelie"],
    ]
    private static let family = [
        ["الوزاني", "El Ouazzani", "al-Wazzani"], ["التازي", "Tazi", "Et-Tazi"],
        ["الفاسي", "El Fassi", "al-Fasi"], ["بنجلون", "Benjelloun"],
        ["العلوي", "Alaoui", "al-Alawi"],
        ["الإدريسي", "El Idrissi", "Idrissi"], ["بناني", "Bennani", "Benani"],
        ["الشرقاوي", "Cherkaoui", "Charqawi"], ["أمزيان", "Amziane", "Amzian"],
        ["حداد", "Haddad"], ["منصور", "Mansour", "Mansur"], ["خليل", "Khalil"],
        ["درويش", "Darwich", "Darwish"], ["قاسم", "Kassem", "Qasim"], ["نصار", "Nassar"],
        ["سليمان", "Soulaiman", "Sulayman"], ["Traoré"], ["Diallo"], ["Keïta"], ["Ba"], ["Ly"],
        ["Coulibaly"], ["Ouédraogo"], ["Sawadogo"], ["Mensah"], ["Fernando"], ["Strandvik"],
        ["Weeraholt"], ["Selvacroos"], ["Benkirat"], ["Tifaouine"], ["Ougni"],
    ]

    private struct Person {
        var given: Int
        var family: Int
        var area: RecordID
        var seat: RecordID?
        var phone: String?
    }

    init(seed: UInt64, persons: Int) {
        random = SeededChance(state: seed)
        var areas: [RecordID] = []
        var offices: [RecordID: [RecordID]] = [:]
        for number in 0..<max(4, persons / 40) {
            let area = add("area", [.put("code", .text("XM\(number)"))])
            areas.append(area)
            offices[area] = ["mayor", "imam", "councillor", "women_leader"]
                .map {
                    add(
                        "office",
                        [
                            .put("type", .text($0)), .put("area", .reference(area)),
                            .put("seats", .integer($0 == "councillor" ? 15 : 1)),
                        ])
                }
        }
        for _ in 0..<persons {
            let area = random.pick(areas)
            let person = Person(
                given: random.int(Self.given.count), family: random.int(Self.family.count),
                area: area, seat: random.oneIn(2) ? random.pick(offices[area]!) : nil,
                phone: random.oneIn(4) ? nil : number())
            let id = enter(person)
            switch random.int(20) {
            case 0, 1: enterAgain(person, id)
            case 2: nearMiss(person, areas, offices)
            default: break
            }
        }
    }

    /// The same person by another hand: in another spelling, with some of what the first record has.
    private mutating func enterAgain(_ person: Person, _ id: RecordID) {
        var again = person
        if random.oneIn(3) { again.phone = random.oneIn(2) ? nil : number() }
        if random.oneIn(3) { again.seat = nil }
        duplicates.insert([id, enter(again)])
    }

    /// Somebody else of whom much is the same.
    private mutating func nearMiss(
        _ person: Person, _ areas: [RecordID], _ offices: [RecordID: [RecordID]]
    ) {
        var other = person
        switch random.int(5) {
        case 0:
            // A brother or sister, reached at home.
            while other.given == person.given { other.given = random.int(Self.given.count) }
            other.seat = nil
        case 1:
            // A namesake elsewhere.
            while other.area == person.area { other.area = random.pick(areas) }
            other.phone = number()
            other.seat = random.pick(offices[other.area]!)
        case 2:
            // The successor, on the office's line.
            while other.given == person.given { other.given = random.int(Self.given.count) }
            while other.family == person.family { other.family = random.int(Self.family.count) }
        default:
            // Mohammed and Mahamadou, Hussein and Hassan: of one family, in one council.
            let council = offices[person.area]![2]
            let (one, two) = random.oneIn(2) ? (0, 1) : (2, 3)
            let first = Person(
                given: one, family: person.family, area: person.area, seat: council, phone: number()
            )
            _ = enter(first)
            other = first
            other.given = two
            other.phone = number()
        }
        _ = enter(other)
    }

    private mutating func enter(_ person: Person) -> RecordID {
        let given = random.pick(Self.given[person.given])
        // Who writes the given name in one script writes all of the name in it.
        let isArabic = given.unicodeScalars.first!.value > 0x600
        let families = Self.family[person.family]
            .filter { ($0.unicodeScalars.first!.value > 0x600) == isArabic }
        let name =
            "\(given) \(random.pick(families.isEmpty ? Self.family[person.family] : families))"
        var operations: [CellOperation] = [
            CellOperation(
                CellName("name", key: .text(isArabic ? "ar" : "fr")), .put(.text(name)))
        ]
        if !random.oneIn(4) {
            operations.append(
                CellOperation(CellName("areas", key: .reference(person.area)), .put(.boolean(true)))
            )
        }
        let id = add("person", operations)
        if let phone = person.phone {
            _ = add(
                "channel",
                [
                    .put("owner", .reference(id)), .put("kind", .text("mobile")),
                    .put("value", .text(phone)),
                ])
        }
        if let seat = person.seat {
            _ = add("tenure", [.put("person", .reference(id)), .put("office", .reference(seat))])
        }
        return id
    }

    private mutating func add(_ type: String, _ operations: [CellOperation]) -> RecordID {
        next += 1
        edits.append(RecordEdit(record: RecordID(next), type: type, operations: operations))
        return RecordID(next)
    }

    private mutating func number() -> String { "+99955\(1_000_000 + random.int(8_999_999))" }
}

extension CellOperation {
    static func put(_ field: String, _ value: Value) -> CellOperation {
        CellOperation(CellName(field), .put(value))
    }
}

/// Draws that follow from a seed.
struct SeededChance {
    var state: UInt64

    mutating func int(_ count: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((mixed ^ (mixed >> 31)) % UInt64(count))
    }

    mutating func oneIn(_ count: Int) -> Bool { int(count) == 0 }
    mutating func pick<Element>(_ choices: [Element]) -> Element { choices[int(choices.count)] }
}

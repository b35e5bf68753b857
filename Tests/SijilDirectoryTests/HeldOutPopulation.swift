import SijilCore
import SijilStore

@testable import SijilDirectory

/// A second made-up roster in which it is known who was entered twice: **nothing is tuned on it.**
///
/// It says what the figures of ``DuplicatePopulation`` are worth elsewhere. Whoever changes a weight, a limit or a rule
/// of `Duplicates/` does so for that one, or for a reason that holds in general; this one is only measured. It has other
/// names (`Fixtures/Names/held-out.tsv`, given and family names exchanged within a region; nobody is meant), other
/// regions, other ways to enter somebody twice, and other people who look like one.
struct HeldOutPopulation {
    /// How somebody came to be entered twice.
    enum DoubleEntry: String, CaseIterable {
        /// By somebody who writes another script, or another spelling.
        case transliterated
        /// With a letter too few, too many, or two in the wrong order.
        case mistyped
        /// With the family name first.
        case swapped
        /// With a title before the name.
        case titled
        /// With the number that the person had before.
        case oldNumber
        /// Without a number, in an office that was made a second time too.
        case officeTwice
        /// Two officers who enter one mayor, each with what they know: other script, other number, own office.
        case twoOfficers
    }

    /// Somebody else who looks like the same person.
    private enum NearMiss: CaseIterable {
        case son, sonWithFathersName, sisterByOneName, secretary, successor, namesake,
            neighbourInCouncil
    }

    private(set) var edits: [RecordEdit] = []
    /// The pairs that are one person, the smaller id first.
    private(set) var duplicates: [[RecordID]: DoubleEntry] = [:]
    private var random: SeededChance
    private var next: UInt128 = 1_000
    private var places: [Place] = []

    /// Two spellings of a part of a name.
    private typealias Spellings = [String]

    private struct Region {
        var given: [Spellings] = []
        var family: [Spellings] = []
    }

    private struct Place {
        var area: RecordID
        var community: RecordID
        var region: Region
        /// Mayor, imam, head of the women's association; the last is the council.
        var offices: [(type: String, id: RecordID)]
        /// Offices of one seat that somebody holds.
        var taken: Set<Int> = []

        /// An office as far as it is free.
        mutating func take(_ office: Int) -> Int? {
            office == 3 || taken.insert(office).inserted ? office : nil
        }
    }

    private struct Person {
        var given: Spellings
        /// Between given and family name: the father's.
        var middle: Spellings?
        var family: Spellings
        var place: Int
        var office: Int?
        var phone: String?
        var isShared = false
        var email: String?
        var gender: String
        var birthYear: Int64
    }

    /// - Parameter names: the text of `held-out.tsv`.
    init(seed: UInt64, persons: Int, names: String) {
        random = SeededChance(state: seed &+ 0x5161)
        let regions = Self.regions(names)
        for index in 0..<max(4, persons / 60) { addPlace(regions[index % regions.count]) }
        for _ in 0..<persons {
            let person = draw()
            let id = enter(person, spelling: random.int(2))
            if random.oneIn(12) { enterAgain(person, id) }
            if random.oneIn(10) { nearMiss(person) }
        }
    }

    // MARK: Names

    /// Words that go with the family name that follows.
    private static let particles: Set<String> = [
        "Ben", "Aït", "Abu", "Ag", "آيت", "أبو", "أغ",
    ]

    /// The regions of the list: Maghreb, Levant and Nile, Sahel.
    ///
    /// Its other sections are of too few names for a roster.
    private static func regions(_ text: String) -> [Region] {
        var regions: [Region] = []
        for line in text.split(separator: "\n") {
            if line.hasPrefix("#") {
                // The list's own head is no section.
                if !line.hasPrefix("# Never") { regions.append(Region()) }
                continue
            }
            let spellings = line.split(separator: "\t")
                .map { name -> (given: String, family: String) in
                    let words = name.split(separator: " ").map(String.init)
                    let hasParticle = words.count > 2 && particles.contains(words[words.count - 2])
                    let count = words.count - (hasParticle ? 2 : 1)
                    return (
                        words[..<count].joined(separator: " "),
                        words[count...].joined(separator: " ")
                    )
                }
            regions[regions.count - 1].given.append(spellings.map(\.given))
            regions[regions.count - 1].family.append(spellings.map(\.family))
        }
        return Array(regions.prefix(3))
    }

    /// Some names are borne by many.
    private mutating func pickName(_ names: [Spellings]) -> Spellings {
        names[min(random.int(names.count), random.int(names.count))]
    }

    private func name(of person: Person, spelling: Int) -> String {
        [person.given, person.middle, person.family].compactMap { $0?[spelling] }
            .joined(separator: " ")
    }

    private static func isArabic(_ name: String) -> Bool {
        name.unicodeScalars.contains { (0x600...0x6FF).contains($0.value) }
    }

    private mutating func mistyped(_ name: String) -> String {
        var letters = Array(name)
        // Not the first letter, which people look at.
        let place = 1 + random.int(letters.count - 2)
        switch random.int(3) {
        case 0: letters.remove(at: place)
        case 1: letters.insert(letters[place], at: place)
        default: letters.swapAt(place, place + 1)
        }
        return String(letters)
    }

    // MARK: People

    private mutating func addPlace(_ region: Region) {
        let number = places.count
        let area = add("area", [.put("code", .text("XM9\(number)"))])
        let community = add("community", [.put("area", .reference(area))])
        var place = Place(area: area, community: community, region: region, offices: [])
        for type in ["mayor", "imam", "women_leader", "councillor"] {
            place.offices.append((type, addOffice(type, area)))
        }
        places.append(place)
    }

    private mutating func addOffice(_ type: String, _ area: RecordID) -> RecordID {
        add(
            "office",
            [
                .put("type", .text(type)), .put("area", .reference(area)),
                .put("seats", .integer(type == "councillor" ? 25 : 1)),
            ])
    }

    private mutating func draw() -> Person {
        let place = random.int(places.count)
        let region = places[place].region
        return Person(
            given: pickName(region.given), family: pickName(region.family), place: place,
            office: random.oneIn(2) ? places[place].take(random.int(4)) : nil,
            phone: random.oneIn(4) ? nil : number(),
            email: random.oneIn(6) ? "p\(random.int(1_000_000))@example.org" : nil,
            gender: random.oneIn(3) ? "f" : "m", birthYear: Int64(1945 + random.int(50)))
    }

    private mutating func enterAgain(_ person: Person, _ id: RecordID) {
        let way = random.pick(DoubleEntry.allCases)
        var again = person
        // The second officer does not know all that the first one does.
        if random.oneIn(3) { again.phone = nil }
        if random.oneIn(2) { again.office = nil }
        if random.oneIn(2) { again.email = nil }
        let spelling = random.int(2)
        var text = name(of: again, spelling: spelling)
        switch way {
        case .transliterated: break
        case .mistyped: text = mistyped(text)
        case .swapped: text = "\(again.family[spelling]) \(again.given[spelling])"
        case .titled:
            let titles =
                Self.isArabic(text) ? ["الحاج", "الشيخ", "الدكتور"] : ["Hadj", "Cheikh", "Dr"]
            text = random.pick(titles) + " " + text
        case .oldNumber: again.phone = number()
        case .officeTwice:
            again.phone = nil
            again.office = office(of: person, id)
        case .twoOfficers:
            again.phone = random.oneIn(2) ? person.phone : number()
            again.office = office(of: person, id)
        }
        let isMade = way == .officeTwice || way == .twoOfficers
        let second = enter(again, spelling: spelling, text: text, hasOwnOffice: isMade)
        duplicates[[id, second]] = way
    }

    /// The office of a person; who has none gets one of their own.
    private mutating func office(of person: Person, _ id: RecordID) -> Int {
        if let office = person.office { return office }
        let type = "head_\(next)"
        let office = addOffice(type, places[person.place].area)
        hold(id, office)
        places[person.place].offices.append((type, office))
        return places[person.place].offices.count - 1
    }

    private mutating func nearMiss(_ person: Person) {
        var other = person
        let region = places[person.place].region
        other.email = nil
        other.birthYear = Int64(1945 + random.int(50))
        switch random.pick(NearMiss.allCases) {
        case .son:
            while other.given == person.given { other.given = pickName(region.given) }
            other.office = nil
            other.birthYear = person.birthYear + 25
        case .sonWithFathersName:
            other.middle = person.given
            while other.given == person.given { other.given = pickName(region.given) }
            other.office = nil
            other.birthYear = person.birthYear + 30
        case .sisterByOneName:
            // Karim and Karima, on the telephone of the house.
            guard person.given.allSatisfy({ !"aeiouyéةىاي".contains($0.last!) }) else { return }
            other.given = person.given.map { $0 + (Self.isArabic($0) ? "ة" : "a") }
            other.gender = person.gender == "f" ? "m" : "f"
            other.office = nil
        case .secretary:
            other.given = pickName(region.given)
            while other.family == person.family { other.family = pickName(region.family) }
            other.office = nil
            other.isShared = true
        case .successor:
            while other.given == person.given { other.given = pickName(region.given) }
            while other.family == person.family { other.family = pickName(region.family) }
        case .namesake:
            // In the same place, with another number and another office.
            other.phone = number()
            other.office = ((person.office ?? 0) + 1 + random.int(3)) % 4
        case .neighbourInCouncil:
            while other.given == person.given { other.given = pickName(region.given) }
            other.office = 3
            other.phone = number()
        }
        _ = enter(other, spelling: random.int(2))
    }

    // MARK: Records

    private mutating func enter(
        _ person: Person, spelling: Int, text: String? = nil, hasOwnOffice: Bool = false
    ) -> RecordID {
        let text = text ?? name(of: person, spelling: spelling)
        let place = places[person.place]
        var operations: [CellOperation] = [
            CellOperation(
                CellName("name", key: .text(Self.isArabic(text) ? "ar" : "fr")), .put(.text(text)))
        ]
        if !random.oneIn(4) {
            operations.append(
                CellOperation(CellName("areas", key: .reference(place.area)), .put(.boolean(true))))
        }
        if random.oneIn(2) { operations.append(.put("gender", .text(person.gender))) }
        if random.oneIn(3) { operations.append(.put("birth_year", .integer(person.birthYear))) }
        let id = add("person", operations)
        if let phone = person.phone {
            var channel: [CellOperation] = [
                .put("owner", .reference(id)), .put("kind", .text("mobile")),
                .put("value", .text(phone)),
            ]
            if person.isShared { channel.append(.put("answered_by", .text("office"))) }
            _ = add("channel", channel)
        }
        if let email = person.email {
            _ = add(
                "channel",
                [
                    .put("owner", .reference(id)), .put("kind", .text("email")),
                    .put("value", .text(email)),
                ])
        }
        if let office = person.office {
            let (type, held) = place.offices[office]
            hold(id, hasOwnOffice ? addOffice(type, place.area) : held)
        }
        if random.oneIn(3) {
            _ = add(
                "membership",
                [.put("person", .reference(id)), .put("community", .reference(place.community))])
        }
        return id
    }

    private mutating func hold(_ person: RecordID, _ office: RecordID) {
        _ = add("tenure", [.put("person", .reference(person)), .put("office", .reference(office))])
    }

    private mutating func add(_ type: String, _ operations: [CellOperation]) -> RecordID {
        next += 1
        edits.append(RecordEdit(record: RecordID(next), type: type, operations: operations))
        return RecordID(next)
    }

    private mutating func number() -> String { "+99977\(1_000_000 + random.int(8_999_999))" }
}

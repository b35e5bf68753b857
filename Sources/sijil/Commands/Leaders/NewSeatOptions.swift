import ArgumentParser
import SijilCore
import SijilDirectory
import SijilStore

/// Which office somebody takes: one that is there, or a new one.
struct NewSeatOptions: ParsableArguments {
    @Option(help: ArgumentHelp(Phrase.seatHelp.here, valueName: "id"))
    var office: String?

    @Option(
        name: .customLong("office-type"),
        help: ArgumentHelp(Phrase.newTypeHelp.here, valueName: "mayor|imam|priest|…"))
    var officeType: String?

    @Option(help: ArgumentHelp(Phrase.newCategoryHelp.here, valueName: "elected_local|religious|…"))
    var category: String?

    @Option(help: ArgumentHelp(Phrase.titleHelp.here, valueName: "ar=…"))
    var title: [String] = []

    @Option(name: .customLong("title.ar"), help: .hidden)
    var titleInArabic: String?

    @Option(name: .customLong("title.fr"), help: .hidden)
    var titleInFrench: String?

    @Option(name: .customLong("title.en"), help: .hidden)
    var titleInEnglish: String?

    @Option(help: ArgumentHelp(Phrase.newAreaHelp.here, valueName: "id|code"))
    var area: String?

    @Option(help: ArgumentHelp(Phrase.communityHelp.here, valueName: "id"))
    var community: String?

    @Option(
        name: .customLong("office-phone"),
        help: ArgumentHelp(Phrase.officePhoneHelp.here, valueName: "0522345678"))
    var officePhone: [String] = []

    func validate() throws {
        guard office != nil || officeType != nil else {
            throw ValidationError(Phrase.whichOffice.here)
        }
        let says =
            officeType ?? category ?? area ?? community ?? title.first ?? titleInArabic
            ?? titleInFrench ?? titleInEnglish
        guard office == nil || says == nil else {
            throw ValidationError(Phrase.officeIsNamed.here)
        }
    }

    /// The office that is meant, which the draft makes when there is none.
    ///
    /// It is there when one of that type is in the same area and leads the same community, or none as said, and
    /// neither its category nor a title says otherwise. What is said and it does not have yet, it is given.
    func office(
        in roster: Roster, _ replica: Replica, _ draft: inout RecordDraft
    ) throws -> (id: RecordID, isNew: Bool) {
        if let office {
            return (try Arguments.record(office, of: ["office"], in: replica).id, false)
        }
        let area = try area.map { try roster.area(named: $0) }
        let community = try community.map {
            try Arguments.record($0, of: ["community"], in: replica).id
        }
        let titles = try said
        let same = roster.offices.values
            .filter { seat in
                seat.type == officeType && (area ?? seat.area) == seat.area
                    && community == seat.community && (area != nil || community != nil)
                    && (category == nil || seat.category == nil || category == seat.category)
                    && titles.allSatisfy { seat.title($0.language, isUnlike: $0.text) != true }
            }
            .map { seat in
                let agreed = titles.filter { seat.title($0.language, isUnlike: $0.text) == false }
                let hasCategory = category != nil && category == seat.category
                return (seat: seat, agreed: agreed.count + (hasCategory ? 1 : 0))
            }
        // Of several that nothing speaks against, the one that the most speaks for.
        let seat = same.min { (-$0.agreed, $0.seat.id) < (-$1.agreed, $1.seat.id) }?.seat
        var fields =
            titles.filter { title in
                seat.map { $0.title(title.language, isUnlike: title.text) == nil } ?? true
            }
            .map { "title.\($0.language)=\($0.text)" }
        if let category, seat?.category == nil { fields.append("category=\(category)") }
        if let seat {
            if !fields.isEmpty { try draft.change(try replica.record(seat.id), fields) }
            return (seat.id, false)
        }
        if let officeType { fields.append("type=\(officeType)") }
        if let area { fields.append("area=\(area)") }
        if let community { fields.append("community=\(community)") }
        return (try draft.make("office", fields), true)
    }

    /// The titles as they are kept.
    private var said: Roster.Texts {
        get throws {
            let tagged = [("ar", titleInArabic), ("fr", titleInFrench), ("en", titleInEnglish)]
                .compactMap { tag, text in text.map { "\(tag)=\($0)" } }
            let assignment = try Assignment(
                (title + tagged).map { try NamedText($0).assignment("title") },
                for: Schema.directory.type(named: "office"))
            return assignment.operations.compactMap { operation in
                guard case .text(let language) = operation.cell.key,
                    case .put(.text(let text)) = operation.effect
                else { return nil }
                return (language, text)
            }
        }
    }

    var channels: [[String]] { officePhone.map { ["kind=landline", "value=\($0)"] } }
}

extension Roster.Office {
    /// Whether the title in a language is another one; `nil` when it has none in that language.
    fileprivate func title(_ language: String, isUnlike text: String) -> Bool? {
        title.first { $0.language == language }.map { $0.text != text }
    }
}

extension Phrase {
    fileprivate static let seatHelp = Phrase(
        ar: "منصب موجود.", fr: "Une charge qui existe.", en: "An office that is there.")
    fileprivate static let newTypeHelp = Phrase(
        ar: "المنصب.", fr: "La charge.", en: "The office.")
    fileprivate static let newCategoryHelp = Phrase(
        ar: "فئة المنصب.", fr: "La catégorie de la charge.", en: "The office's category.")
    fileprivate static let titleHelp = Phrase(
        ar: "لقب المنصب مع لغته. يُكرّر.", fr: "Le titre de la charge avec sa langue. Répétable.",
        en: "The office's title with its language. Repeatable.")
    fileprivate static let newAreaHelp = Phrase(
        ar: "منطقة المنصب.", fr: "La zone de la charge.", en: "The office's area.")
    fileprivate static let communityHelp = Phrase(
        ar: "الجماعة التي يقودها المنصب.", fr: "La communauté que mène la charge.",
        en: "The community that the office leads.")
    fileprivate static let officePhoneHelp = Phrase(
        ar: "هاتف المنصب، يبقى بعد صاحبه. يُكرّر.",
        fr: "Le téléphone de la charge, qui reste après la personne. Répétable.",
        en: "The office's phone, which outlasts the person. Repeatable.")
    fileprivate static let whichOffice = Phrase(
        ar: "حدّد المنصب: --office-type mayor أو --office ID.",
        fr: "Dites quelle charge : --office-type mayor, ou --office ID.",
        en: "Say which office: --office-type mayor, or --office ID.")
    fileprivate static let officeIsNamed = Phrase(
        ar: "مع --office لا يُقال شيء آخر عن المنصب: غيّره بـ sijil edit.",
        fr: "Avec --office, on ne dit rien d'autre de la charge : changez-la par sijil edit.",
        en: "With --office nothing else is said of the office: change it by sijil edit.")
}

import ArgumentParser
import SijilCore
import SijilDirectory
import SijilStore

/// Which leaders are asked for.
struct LeaderFilter: ParsableArguments {
    @Option(
        name: .customLong("office-type"),
        help: ArgumentHelp(Phrase.officeTypeHelp.here, valueName: "mayor|imam|…"))
    var officeType: String?

    @Option(help: ArgumentHelp(Phrase.categoryHelp.here, valueName: "religious|customary|…"))
    var category: String?

    @Option(help: ArgumentHelp(Phrase.areaHelp.here, valueName: "id|code"))
    var area: String?

    @Option(help: ArgumentHelp(Phrase.spokenHelp.here, valueName: "ar|fr|zgh|…"))
    var language: String?

    @Option(
        name: .customLong("in"),
        help: ArgumentHelp(Phrase.collectionHelp.here, valueName: Phrase.collectionValue.here))
    var collection: String?

    /// - Throws: `badData` for a category that there is not, as for the field; `notFound` for an area.
    func query(in roster: Roster) throws(SijilError) -> LeaderQuery {
        if let category {
            _ = try Schema.directory.type(named: "office").field(named: "category").read(category)
        }
        return LeaderQuery(
            officeType: officeType, category: category,
            area: try area.map { name throws(SijilError) in try roster.area(named: name) },
            language: language)
    }

    func roster(of replica: Replica) throws -> Roster {
        try Roster(
            reading: replica, in: try collection.map { try replica.collection(named: $0).grant.id })
    }
}

/// The date that a view is of.
struct OnDate: ParsableArguments {
    @Option(help: ArgumentHelp(Phrase.onHelp.here, valueName: "YYYY[-MM[-DD]]"))
    var on: String?

    /// Today in UTC, when nothing is said.
    func date(for replica: Replica) throws -> PartialDate {
        if let on { return try Arguments.date(on, "--on") }
        return try replica.today()
    }

    /// The day of something that has happened; a day ahead is still today somewhere.
    func pastDate(for replica: Replica) throws -> PartialDate {
        let date = try date(for: replica)
        guard date.earliest.number <= (try replica.today()).earliest.number + 1 else {
            throw SijilError(.badData, Phrase.dayNotCome.here, place: "--on")
        }
        return date
    }
}

extension Replica {
    /// The day in UTC, by the server's clock as far as it is known.
    func today() throws -> PartialDate {
        guard let date = CalendarDay(milliseconds: try now).date else {
            throw SijilError(
                .configuration, "The clock of this device shows a year beyond 9999.",
                hint: "Give --on DATE.")
        }
        return date
    }
}

extension Arguments {
    /// A date as people type it: any digits, perhaps without day or month.
    static func date(_ text: String, _ option: String) throws(SijilError) -> PartialDate {
        guard case .date(let date) = try Field(option, .date).read(text).value else {
            throw SijilError(.usage, "A date is missing.", place: option)
        }
        return date
    }

    /// A record of one of these types.
    ///
    /// - Throws: `notFound` for none, `badData` for another.
    static func record(
        _ text: String, of types: [String], in replica: Replica
    ) throws -> RecordView {
        let record = try replica.record(try recordID(text))
        guard types.contains(record.type), !record.isDeleted else {
            throw SijilError(
                .badData,
                "The record with that id is no living \(types.joined(separator: " or ")).",
                hint: "'sijil show ID' tells what it is.", place: "id")
        }
        return record
    }
}

extension Verb {
    /// The languages of texts, the best first.
    var preferences: [String] { InterfaceLanguage.current.preferences }
}

extension Phrase {
    static let officeTypeHelp = Phrase(
        ar: "أصحاب هذا المنصب فقط.", fr: "Seulement cette charge.", en: "Only this office.")
    static let categoryHelp = Phrase(
        ar: "هذه الفئة فقط.", fr: "Seulement cette catégorie.", en: "Only this category.")
    static let areaHelp = Phrase(
        ar: "هذه المنطقة وما في داخلها فقط.", fr: "Seulement cette zone et ce qu'elle contient.",
        en: "Only this area and what lies in it.")
    static let spokenHelp = Phrase(
        ar: "من يتكلم هذه اللغة فقط.", fr: "Seulement qui parle cette langue.",
        en: "Only who speaks this language.")
    static let collectionHelp = Phrase(
        ar: "هذه المجموعة فقط: اسمها أو معرّفها.", fr: "Seulement cette collection : nom ou id.",
        en: "Only this collection: name or id.")
    static let intoHelp = Phrase(
        ar: "المجموعة: اسمها أو معرّفها.", fr: "La collection : nom ou id.",
        en: "The collection: name or id.")
    static let collectionValue = Phrase(ar: "مجموعة", fr: "collection", en: "collection")
    static let dayNotCome = Phrase(
        ar: "لم يأتِ هذا اليوم بعد.", fr: "Ce jour n'est pas encore venu.",
        en: "That day has not come yet.")
    static let onHelp = Phrase(
        ar: "التاريخ المقصود. الافتراضي: اليوم.", fr: "La date voulue. Par défaut : aujourd'hui.",
        en: "The date that is meant. Default: today.")
    static let personHelp = Phrase(
        ar: "معرّف الشخص.", fr: "L'identifiant de la personne.", en: "The person's id.")
    static let officeHelp = Phrase(
        ar: "معرّف المنصب.", fr: "L'identifiant de la charge.", en: "The office's id.")
    static let noteHelp = Phrase(
        ar: "السبب، لمن يقرأ السجلّ.", fr: "Pourquoi, pour qui lira l'historique.",
        en: "Why, for whoever reads the history.")
    static let noLeaders = Phrase(
        ar: "لا أحد.", fr: "Il n'y a personne.", en: "There is nobody.")
    static let nextSync = Phrase(
        ar: "التالي: sijil sync", fr: "ensuite : sijil sync", en: "next: sijil sync")
}

import ArgumentParser
import SijilCore
import SijilDirectory
import SijilStore

struct Due: Verb {
    static let configuration = CommandConfiguration(
        abstract: Phrase(
            ar: "ما حان وقت التحقّق منه من جديد.", fr: "Ce qu'il est temps de revérifier.",
            en: "What is to be verified again."
        )
        .here,
        discussion: Phrase.dueExamples.here)

    @OptionGroup var filter: LeaderFilter

    @Option(help: ArgumentHelp(Phrase.beforeHelp.here, valueName: "YYYY-MM-DD"))
    var before: String?

    @OptionGroup var on: OnDate
    @OptionGroup var language: LanguageOptions
    @OptionGroup var common: CommonOptions

    func run(_ console: Console) async throws {
        let replica = try openReplica()
        let roster = try filter.roster(of: replica)
        let today = try on.date(for: replica)
        let last = try before.map { try Arguments.date($0, "--before").latest } ?? today.latest
        let entries = roster.due(try filter.query(in: roster), on: today, before: last)
        if console.isJSON {
            for entry in entries { try console.emit(entry.json(in: roster)) }
            return
        }
        let words = LeaderText(roster: roster, text: console.text)
        var table = Table("", "ID", "")
        for entry in entries {
            table.add(
                console.text.code(entry.review.dueOn?.date?.description ?? "-"),
                console.text.code((entry.leader?.person.id ?? entry.office.id).description),
                "\(entry.leader.map(words.line) ?? words.place(entry.office)): \(reason(entry, words))"
            )
        }
        try console.print(table, whenEmpty: Phrase.nothingDue.here)
    }

    private func reason(_ entry: Roster.DueEntry, _ words: LeaderText) -> String {
        switch entry.review.reason {
        case .tenureEnded where entry.leader == nil: Phrase.vacant.here
        case .tenureEnded: Phrase.sinceSuccession.here
        default: words.verified(entry.review)
        }
    }
}

struct CoverageVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "coverage",
        abstract: Phrase(
            ar: "المناطق والجماعات التي ليس فيها قائد تُحقّق منه.",
            fr: "Les zones et communautés sans leader vérifié.",
            en: "Areas and communities with no verified leader."
        )
        .here,
        discussion: Phrase.coverageExamples.here)

    @Option(help: ArgumentHelp(Phrase.areaHelp.here, valueName: "id|code"))
    var area: String?

    @Flag(help: ArgumentHelp(Phrase.gapsHelp.here))
    var gaps = false

    @Option(
        name: .customLong("in"),
        help: ArgumentHelp(Phrase.collectionHelp.here, valueName: Phrase.collectionValue.here))
    var collection: String?

    @OptionGroup var on: OnDate
    @OptionGroup var language: LanguageOptions
    @OptionGroup var common: CommonOptions

    func run(_ console: Console) async throws {
        let replica = try openReplica()
        let roster = try Roster(
            reading: replica, in: try collection.map { try replica.collection(named: $0).grant.id })
        let places =
            roster.coverage(
                within: try area.map { try roster.area(named: $0) }, on: try on.date(for: replica)
            )
            .filter { !gaps || $0.isGap }
        if console.isJSON {
            for place in places { try console.emit(place.json) }
            return
        }
        let words = LeaderText(roster: roster, text: console.text)
        for place in places { try tell(place, words, console) }
        console.message(Phrase.gapCount(places.count(where: \.isGap)))
    }

    private func tell(_ place: Coverage, _ words: LeaderText, _ console: Console) throws {
        let name =
            switch place.place {
            case .area(let area): words.area(area.id) ?? area.id.abbreviated
            case .community(let community):
                words.community(community.id) ?? community.id.abbreviated
            }
        let mark = place.isGap ? "! \(Phrase.noVerified.here): " : ""
        try console.print("\(mark)\(name)")
        guard place.total.leaders > 0 else { return }
        try console.print("   \(counts(place.total))")
        for (category, count) in place.categories.sorted(by: { $0.key < $1.key }) {
            try console.print("   \(Phrase.category(category, console.text)): \(counts(count))")
        }
    }

    private func counts(_ count: Coverage.Count) -> String {
        [
            Phrase.leaderCount(count.leaders), Phrase.verifiedCount(String(count.verified)),
            Phrase.womenCount(String(count.women)), Phrase.youthCount(String(count.youth)),
        ]
        .joined(separator: Phrase.comma.here)
    }
}

extension Phrase {
    fileprivate static let dueExamples = Phrase(
        ar: "أمثلة:\n  sijil due\n  sijil due --area XM01 --before 2026-06-30",
        fr: "Exemples :\n  sijil due\n  sijil due --area XM01 --before 2026-06-30",
        en: "Examples:\n  sijil due\n  sijil due --area XM01 --before 2026-06-30")
    fileprivate static let beforeHelp = Phrase(
        ar: "حتى هذا اليوم. الافتراضي: اليوم.", fr: "Jusqu'à ce jour. Par défaut : aujourd'hui.",
        en: "Until this day. Default: today.")
    fileprivate static let nothingDue = Phrase(
        ar: "لا شيء ينتظر التحقّق.", fr: "Rien n'est à revérifier.", en: "Nothing is due.")
    fileprivate static let sinceSuccession = Phrase(
        ar: "تغيّر صاحب المنصب ولم يُتحقّق منذئذ",
        fr: "la charge a changé de mains, non vérifié depuis",
        en: "the office has changed hands, and nobody has verified since")
    fileprivate static let coverageExamples = Phrase(
        ar: "أمثلة:\n  sijil coverage\n  sijil coverage --area XM01 --gaps",
        fr: "Exemples :\n  sijil coverage\n  sijil coverage --area XM01 --gaps",
        en: "Examples:\n  sijil coverage\n  sijil coverage --area XM01 --gaps")
    fileprivate static let gapsHelp = Phrase(
        ar: "ما ليس فيه قائد تُحقّق منه فقط.", fr: "Seulement sans leader vérifié.",
        en: "Only those with no verified leader.")
    fileprivate static let noVerified = Phrase(
        ar: "لا قائد تُحقّق منه", fr: "aucun leader vérifié", en: "no verified leader")
    fileprivate static let leaderCount = CountedPhrase(
        ar: (
            zero: "لا قائد", one: "قائد واحد", two: "قائدان", few: "{0} قادة", many: "{0} قائدا",
            other: "{0} قائد"
        ),
        fr: (one: "{0} leader", other: "{0} leaders"),
        en: (one: "{0} leader", other: "{0} leaders"))
    fileprivate static let verifiedCount = Phrase(
        ar: "تُحقّق منهم: {0}", fr: "vérifiés : {0}", en: "verified: {0}")
    fileprivate static let womenCount = Phrase(
        ar: "نساء: {0}", fr: "femmes : {0}", en: "women: {0}")
    fileprivate static let youthCount = Phrase(
        ar: "شباب: {0}", fr: "jeunes : {0}", en: "youth: {0}")
    fileprivate static let gapCount = CountedPhrase(
        ar: (
            zero: "في كلّ مكان قائد تُحقّق منه", one: "مكان واحد بلا قائد تُحقّق منه",
            two: "مكانان بلا قائد تُحقّق منه", few: "{0} أماكن بلا قائد تُحقّق منه",
            many: "{0} مكانا بلا قائد تُحقّق منه", other: "{0} مكان بلا قائد تُحقّق منه"
        ),
        fr: (one: "{0} lieu sans leader vérifié", other: "{0} lieux sans leader vérifié"),
        en: (
            one: "{0} place with no verified leader", other: "{0} places with no verified leader"
        ))

    private static let categories: [String: Phrase] = [
        "elected_local": Phrase(ar: "منتخبون محليون", fr: "élus locaux", en: "elected locally"),
        "appointed_authority": Phrase(
            ar: "سلطة معيّنة", fr: "autorité nommée", en: "appointed authority"),
        "customary": Phrase(ar: "عرفيون", fr: "coutumiers", en: "customary"),
        "religious": Phrase(ar: "دينيون", fr: "religieux", en: "religious"),
        "civil_society": Phrase(ar: "مجتمع مدني", fr: "société civile", en: "civil society"),
        "security_liaison": Phrase(
            ar: "اتصال أمني", fr: "liaison de sécurité", en: "security liaison"),
        "health": Phrase(ar: "صحة", fr: "santé", en: "health"),
        "school": Phrase(ar: "تعليم", fr: "école", en: "school"),
        "other": Phrase(ar: "غير ذلك", fr: "autres", en: "other"),
    ]

    /// What a category of offices is called; one that is not known is called as it is written.
    static func category(_ code: String, _ text: TerminalText) -> String {
        categories[code]?.here ?? text.own(code)
    }
}

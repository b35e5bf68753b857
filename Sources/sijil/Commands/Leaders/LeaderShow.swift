import ArgumentParser
import SijilCore
import SijilDirectory
import SijilStore

struct LeaderShow: Verb {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: Phrase(
            ar: "قائد واحد: مناصبه، وكيف يُتّصل به، وهل يجوز ذلك.",
            fr: "Un leader : ses charges, comment le joindre, et si l'on peut.",
            en: "One leader: their offices, how to reach them, and whether one may."
        )
        .here,
        discussion: Phrase.leaderShowExamples.here)

    @Argument(help: ArgumentHelp(Phrase.personHelp.here, valueName: "id"))
    var id: String

    @OptionGroup var on: OnDate
    @OptionGroup var language: LanguageOptions
    @OptionGroup var common: CommonOptions

    func run(_ console: Console) async throws {
        let replica = try openReplica()
        let person = try MergedPeople(replica).canonical(try Arguments.recordID(id))
        let roster = try Roster(reading: replica)
        guard roster.people[person] != nil else {
            throw SijilError(
                .notFound, Phrase.noSuchLeader.here, hint: Phrase.noSuchLeaderHint.here)
        }
        let leaders = roster.leader(person, on: try on.date(for: replica))
        guard let leader = leaders.first else {
            throw SijilError(.notFound, Phrase.noOffice.here, hint: Phrase.noOfficeHint.here)
        }
        if console.isJSON {
            let offices = JSON.Member("tenures", .array(leaders.map { $0.tenureJSON(in: roster) }))
            return try console.emit(.object((leader.json(in: roster).members ?? []) + [offices]))
        }
        try tell(leader, all: leaders, LeaderText(roster: roster, text: console.text), console)
    }

    private func tell(
        _ leader: Leader, all: [Leader], _ words: LeaderText, _ console: Console
    ) throws {
        let person = leader.person
        try console.print("\(words.name(person))  \(console.text.code(person.id.description))")
        for other in all {
            var parts = [words.status(other.status), words.place(other.office)]
            if let period = words.period(other.tenure) { parts.append(period) }
            try console.print("  " + parts.joined(separator: " · "))
        }
        if person.isDeceased { try console.print("! " + Phrase.deceased.here) }
        if let rule = words.rule(leader) { try console.print("! " + rule) }
        for id in person.intermediaries {
            guard let other = words.roster.people[id] else { continue }
            try console.print(Phrase.through(words.name(other)))
        }
        if !person.languages.isEmpty {
            try console.print(Phrase.speaks(words.languages(person)))
        }
        for channel in leader.channels {
            try console.print("  " + words.channel(channel))
            if let hours = channel.channel.hours {
                try console.print("    " + Phrase.hours(console.text.value(.text(hours))))
            }
            if !channel.channel.avoid.isEmpty {
                try console.print("    " + Phrase.avoid(channel.channel.avoid))
            }
        }
        if leader.withheldChannels > 0 {
            try console.print(Phrase.withheld(leader.withheldChannels))
        }
        try console.print(words.verified(leader.review))
    }
}

extension Phrase {
    fileprivate static let leaderShowExamples = Phrase(
        ar: "أمثلة:\n  sijil leader show ID\n  sijil leader show ID --on 2026-03-10 --json",
        fr: "Exemples :\n  sijil leader show ID\n  sijil leader show ID --on 2026-03-10 --json",
        en: "Examples:\n  sijil leader show ID\n  sijil leader show ID --on 2026-03-10 --json")
    fileprivate static let noSuchLeader = Phrase(
        ar: "لا يوجد هنا شخص بهذا المعرّف.", fr: "Personne ici n'a cet identifiant.",
        en: "There is no person with that id here.")
    fileprivate static let noSuchLeaderHint = Phrase(
        ar: "'sijil leader list' و 'sijil find' يعرضان المعرّفات.",
        fr: "'sijil leader list' et 'sijil find' montrent les identifiants.",
        en: "'sijil leader list' and 'sijil find' show ids.")
    fileprivate static let noOffice = Phrase(
        ar: "هذا الشخص لم يشغل أي منصب معروف هنا.",
        fr: "Cette personne n'a occupé aucune charge connue ici.",
        en: "This person has held no office that is known here.")
    fileprivate static let noOfficeHint = Phrase(
        ar: "'sijil show ID' يعرض الشخص، و 'sijil office succeed' يضعه في منصب.",
        fr: "'sijil show ID' montre la personne ; 'sijil office succeed' lui donne une charge.",
        en: "'sijil show ID' shows the person; 'sijil office succeed' puts them in an office.")
    static let deceased = Phrase(ar: "متوفى", fr: "décès", en: "deceased")
    static let through = Phrase(ar: "عبر: {0}", fr: "par : {0}", en: "through: {0}")
    static let speaks = Phrase(ar: "اللغات: {0}", fr: "langues : {0}", en: "languages: {0}")
    static let hours = Phrase(ar: "الأوقات: {0}", fr: "heures : {0}", en: "hours: {0}")
    private static let avoiding = Phrase(
        ar: "تُجتنب: {0}", fr: "à éviter : {0}", en: "avoid: {0}")
    static let withheld = CountedPhrase(
        ar: (
            zero: "لا قناة محجوبة", one: "قناة واحدة محجوبة", two: "قناتان محجوبتان",
            few: "{0} قنوات محجوبة", many: "{0} قناة محجوبة", other: "{0} قناة محجوبة"
        ),
        fr: (one: "{0} moyen de contact caché", other: "{0} moyens de contact cachés"),
        en: (one: "{0} channel is not shown", other: "{0} channels are not shown"))

    private static let occasions: [String: Phrase] = [
        "prayer": Phrase(ar: "أوقات الصلاة", fr: "heures de prière", en: "prayer"),
        "friday_noon": Phrase(ar: "ظهر الجمعة", fr: "vendredi midi", en: "Friday noon"),
        "sunday_service": Phrase(ar: "قدّاس الأحد", fr: "culte du dimanche", en: "Sunday service"),
        "ramadan_day": Phrase(ar: "نهار رمضان", fr: "le jour en ramadan", en: "days of Ramadan"),
        "market_day": Phrase(ar: "يوم السوق", fr: "jour de marché", en: "market day"),
        "curfew": Phrase(ar: "حظر التجوّل", fr: "couvre-feu", en: "curfew"),
    ]

    /// What to avoid; what is no code of ours stands as people wrote it.
    static func avoid(_ occasions: [String]) -> String {
        let words = occasions.map {
            Phrase.occasions[$0]?.here ?? TerminalText.neutralised($0)
        }
        return avoiding(words.joined(separator: comma.here))
    }
}

import ArgumentParser
import SijilCore
import SijilDirectory
import SijilStore

struct LeaderAdd: Verb {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: Phrase(
            ar: "أضف قائدا مع منصبه وأرقامه، في تغيير واحد.",
            fr: "Ajouter un leader, sa charge et ses numéros, en une modification.",
            en: "Add a leader with their office and numbers, as one change."
        )
        .here,
        discussion: Phrase.leaderAddHelp.here)

    @Argument(help: ArgumentHelp(Phrase.nameHelp.here, valueName: "ar=…"))
    var names: [String]

    @Option(
        name: .customLong("in"),
        help: ArgumentHelp(Phrase.intoHelp.here, valueName: Phrase.collectionValue.here))
    var collection: String

    @OptionGroup var person: NewPersonOptions
    @OptionGroup var seat: NewSeatOptions
    @OptionGroup var tenure: NewTenureOptions
    @OptionGroup var region: RegionOptions

    @Option(help: ArgumentHelp(Phrase.noteHelp.here, valueName: "…"))
    var note: String?

    @OptionGroup var language: LanguageOptions
    @OptionGroup var common: CommonOptions

    func run(_ console: Console) async throws {
        let replica = try openReplica()
        let target = try replica.collection(named: collection)
        let roster = try Roster(placesOf: replica, in: target.grant.id)
        var draft = RecordDraft(replica, try region.rules(for: replica))
        let id = try draft.make(
            "person", try names.map { try NamedText($0).assignment("name") } + person.fields)
        let office = try seat.office(in: roster, replica, &draft)
        let held = try draft.make(
            "tenure", ["person=\(id)", "office=\(office.id)"] + tenure.fields)
        let channels =
            try person.channels.map { try draft.make("channel", ["owner=\(id)"] + $0) }
            + seat.channels.map { try draft.make("channel", ["owner=\(office.id)"] + $0) }
        let today = try replica.today()
        for what in person.consents {
            _ = try draft.make(
                "consent",
                [
                    "person=\(id)", "what=\(what)", "act=grant", "basis=consent", "method=verbal",
                    "on=\(today)",
                ])
        }
        if let level = person.verified {
            _ = try draft.make(
                "verification",
                ["about=\(id)", "level=\(level)", "on=\(today)", "by=\(try replica.name)"])
        }
        let holders = roster.holders(of: office.id, on: today)
        try replica.write(draft.edits, in: target.grant.id, note: note)
        for warning in draft.warnings { console.warning(warning.phrase) }
        if !holders.isEmpty { console.warning(Phrase.seatIsTaken.here) }
        let notice = try DuplicateNotice(for: id, on: replica)
        if console.isJSON {
            let members = [
                JSON.Member("id", .string(id.description)),
                JSON.Member("office", .string(office.id.description)),
                JSON.Member("tenure", .string(held.description)),
                JSON.Member("channels", .array(channels.map { .string($0.description) })),
            ]
            return try console.emit(.object(members + notice.members))
        }
        notice.show(console)
        try console.print(id.description)
        let place = console.text.own(target.grant.name)
        console.message(office.isNew ? Phrase.addedWithSeat(place) : Phrase.addedToSeat(place))
        console.message(Phrase.nextSync.here)
    }
}

/// What is said about the person.
struct NewPersonOptions: ParsableArguments {
    @Option(help: ArgumentHelp(Phrase.speaksHelp.here, valueName: "ar"))
    var language: [String] = []

    @Option(help: ArgumentHelp(Phrase.aliasHelp.here, valueName: "…"))
    var alias: [String] = []

    @Option(help: ArgumentHelp(Phrase.phoneHelp.here, valueName: "0612345678"))
    var phone: [String] = []

    @Option(help: ArgumentHelp(Phrase.emailHelp.here, valueName: "x@example.org"))
    var email: [String] = []

    @Option(help: ArgumentHelp(Phrase.hoursHelp.here, valueName: "mon-fri 09:00-17:00"))
    var hours: String?

    @Option(help: ArgumentHelp(Phrase.avoidHelp.here, valueName: "prayer"))
    var avoid: [String] = []

    @Option(help: ArgumentHelp(Phrase.genderHelp.here, valueName: "f|m|x"))
    var gender: String?

    @Option(
        name: .customLong("birth-year"),
        help: ArgumentHelp(Phrase.birthHelp.here, valueName: "1968"))
    var birthYear: String?

    @Option(
        name: .customLong("contact-rule"),
        help: ArgumentHelp(
            Phrase.ruleHelp.here, valueName: "none|crisis_only|via_intermediary|never"))
    var contactRule: String?

    @Option(help: ArgumentHelp(Phrase.viaHelp.here, valueName: "id"))
    var via: [String] = []

    @Option(
        name: .customLong("consent"),
        help: ArgumentHelp(Phrase.consentHelp.here, valueName: "store|crisis_contact|…"))
    var consents: [String] = []

    @Option(help: ArgumentHelp(Phrase.verifiedHelp.here, valueName: "phone_confirmed|in_person|…"))
    var verified: String?

    var fields: [String] {
        var fields = language.map { "languages+=\($0)" } + alias.map { "aliases+=\($0)" }
        fields += via.map { "intermediaries+=\($0)" }
        if let gender { fields.append("gender=\(gender)") }
        if let birthYear { fields.append("birth_year=\(birthYear)") }
        if let contactRule { fields.append("contact_rule=\(contactRule)") }
        return fields
    }

    /// The first that is given is tried first.
    var channels: [[String]] {
        let when = (hours.map { ["hours=\($0)"] } ?? []) + avoid.map { "avoid+=\($0)" }
        return phone.enumerated()
            .map { ["kind=mobile", "value=\($1)", "preference=\(min($0 + 1, 100))"] + when }
            + email.map { ["kind=email", "value=\($0)"] }
    }
}

/// What is said about the person's time in the office.
struct NewTenureOptions: ParsableArguments {
    @Option(help: ArgumentHelp(Phrase.fromHelp.here, valueName: "YYYY[-MM[-DD]]"))
    var from: String?

    @Option(help: ArgumentHelp(Phrase.modeHelp.here, valueName: "elected|appointed|hereditary|…"))
    var mode: String?

    @Option(
        help: ArgumentHelp(Phrase.recognitionHelp.here, valueName: "recognised|customary_only|…"))
    var recognition: String?

    var fields: [String] {
        [("from", from), ("mode", mode), ("recognition", recognition)]
            .compactMap { name, value in value.map { "\(name)=\($0)" } }
    }
}

extension Phrase {
    fileprivate static let leaderAddHelp = Phrase(
        ar: """
            أمثلة:
              sijil leader add "ar=عبد الرحمن الوزاني" --in roster-xm01 \\
                --office-type imam --category religious --area XM01 --language ar \\
                --phone 055-000-3001 --avoid friday_noon
              sijil leader add "fr=Nadia Amziane" --in roster-xm01 --office-type mayor
              sijil leader add "fr=Nadia Amziane" "ar=نادية أمزيان" --in roster-xm01 \\
                --office-type mayor --category elected_local --area XM0101 \\
                --title "fr=Présidente de la commune" --from 2021-10 --mode elected \\
                --office-phone +999550001001

            يُنشأ الشخص والمنصب ومدّته والأرقام معا. إذا كان للمنطقة أو الجماعة منصب بهذا النوع استُعمل.
            """,
        fr: """
            Exemples :
              sijil leader add "fr=Nadia Amziane" --in roster-xm01 --office-type mayor
              sijil leader add "fr=Nadia Amziane" "ar=نادية أمزيان" --in roster-xm01 \\
                --office-type mayor --category elected_local --area XM0101 \\
                --title "fr=Présidente de la commune" --from 2021-10 --mode elected \\
                --office-phone +999550001001
              sijil leader add "ar=عبد الرحمن الوزاني" --in roster-xm01 \\
                --office-type imam --category religious --area XM01 --language ar \\
                --phone 055-000-3001 --avoid friday_noon

            La personne, la charge, sa durée et les numéros se font ensemble. S'il y a déjà une charge de \
            ce type dans la zone ou la communauté, c'est elle.
            """,
        en: """
            Examples:
              sijil leader add "fr=Nadia Amziane" --in roster-xm01 --office-type mayor
              sijil leader add "fr=Nadia Amziane" "ar=نادية أمزيان" --in roster-xm01 \\
                --office-type mayor --category elected_local --area XM0101 \\
                --title "fr=Présidente de la commune" --from 2021-10 --mode elected \\
                --office-phone +999550001001
              sijil leader add "ar=عبد الرحمن الوزاني" --in roster-xm01 \\
                --office-type imam --category religious --area XM01 --language ar \\
                --phone 055-000-3001 --avoid friday_noon

            Person, office, tenure and numbers are made together. When the area or the community has an \
            office of that type, it is that one.
            """)
    fileprivate static let nameHelp = Phrase(
        ar: "الاسم كما يكتبه صاحبه، مع لغته: \"ar=…\" \"fr=…\".",
        fr: "Le nom comme la personne l'écrit, avec sa langue : \"ar=…\" \"fr=…\".",
        en: "The name as the person writes it, with its language: \"ar=…\" \"fr=…\".")
    fileprivate static let speaksHelp = Phrase(
        ar: "لغة يتكلّمها. يُكرّر.", fr: "Une langue parlée. Répétable.",
        en: "A language that they speak. Repeatable.")
    fileprivate static let aliasHelp = Phrase(
        ar: "اسم آخر. يُكرّر.", fr: "Un autre nom. Répétable.", en: "Another name. Repeatable.")
    fileprivate static let phoneHelp = Phrase(
        ar: "هاتفه، بأيّ أرقام كُتب. يُكرّر.", fr: "Son téléphone, dans tous les chiffres. Répétable.",
        en: "Their phone, in any digits. Repeatable.")
    fileprivate static let emailHelp = Phrase(
        ar: "بريده الإلكتروني. يُكرّر.", fr: "Son courriel. Répétable.",
        en: "Their e-mail. Repeatable.")
    fileprivate static let hoursHelp = Phrase(
        ar: "متى يُتّصل به، بتوقيت المكان.", fr: "Quand appeler, à l'heure du lieu.",
        en: "When to call, in the time of the place.")
    fileprivate static let avoidHelp = Phrase(
        ar: "ما يُجتنب: prayer، friday_noon… يُكرّر.",
        fr: "À éviter : prayer, friday_noon… Répétable.",
        en: "To be avoided: prayer, friday_noon… Repeatable.")
    fileprivate static let genderHelp = Phrase(ar: "الجنس.", fr: "Le genre.", en: "Gender.")
    fileprivate static let birthHelp = Phrase(
        ar: "سنة الميلاد وحدها.", fr: "L'année de naissance seule.", en: "The year of birth alone.")
    fileprivate static let ruleHelp = Phrase(
        ar: "هل يُتّصل به وكيف.", fr: "Si l'on peut appeler, et comment.",
        en: "Whether and how they may be called.")
    fileprivate static let viaHelp = Phrase(
        ar: "من يُستأذن أولا. يُكرّر.", fr: "À qui demander d'abord. Répétable.",
        en: "Who is asked first. Repeatable.")
    fileprivate static let consentHelp = Phrase(
        ar: "ما وافق عليه شفهيا. يُكرّر.", fr: "Ce qui fut accepté de vive voix. Répétable.",
        en: "What they agreed to, in words. Repeatable.")
    fileprivate static let verifiedHelp = Phrase(
        ar: "كيف تُحقّق منه اليوم.", fr: "Comment ce fut vérifié aujourd'hui.",
        en: "How this was verified today.")
    fileprivate static let fromHelp = Phrase(ar: "منذ متى.", fr: "Depuis quand.", en: "Since when.")
    fileprivate static let modeHelp = Phrase(
        ar: "كيف تولّى المنصب.", fr: "Comment la charge fut prise.",
        en: "How they came to the office.")
    fileprivate static let recognitionHelp = Phrase(
        ar: "من يعترف بذلك.", fr: "Qui la reconnaît.", en: "Who recognises it.")
    fileprivate static let addedWithSeat = Phrase(
        ar: "أُضيف القائد مع منصب جديد إلى {0}", fr: "leader et nouvelle charge ajoutés à {0}",
        en: "leader and a new office added to {0}")
    fileprivate static let addedToSeat = Phrase(
        ar: "أُضيف القائد إلى {0} في منصب موجود",
        fr: "leader ajouté à {0}, dans une charge qui existe",
        en: "leader added to {0}, in an office that exists")
    fileprivate static let seatIsTaken = Phrase(
        ar: "في هذا المنصب شخص آخر اليوم. إن انتهت مدّته: sijil office succeed",
        fr: "Quelqu'un occupe déjà cette charge. Si son temps est fini : sijil office succeed",
        en: "Somebody holds that office today. If their time is over: sijil office succeed")
}

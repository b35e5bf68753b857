import ArgumentParser
import SijilCore
import SijilDirectory
import SijilStore

/// `sijil office …`.
struct OfficeGroup: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "office",
        abstract: Phrase(
            ar: "المناصب: من يشغلها، ومن كان قبله.",
            fr: "Les charges : qui les occupe, qui les occupait.",
            en: "Offices: who holds them, and who did before."
        )
        .here,
        discussion: Phrase.officeExamples.here,
        subcommands: [
            OfficeAdd.self, OfficeList.self, OfficeShow.self, OfficeSucceed.self, OfficeVacate.self,
        ])
}

struct OfficeAdd: Verb {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: Phrase(
            ar: "أضف منصبا بلا صاحب.", fr: "Ajouter une charge que personne n'occupe.",
            en: "Add an office that nobody holds yet."
        )
        .here,
        discussion: Phrase.officeAddExamples.here)

    @Option(
        name: .customLong("in"),
        help: ArgumentHelp(Phrase.intoHelp.here, valueName: Phrase.collectionValue.here))
    var collection: String

    @OptionGroup var seat: NewSeatOptions

    @Option(help: ArgumentHelp(Phrase.seatsHelp.here, valueName: "n"))
    var seats: String?

    @Option(
        name: .customLong("review-days"), help: ArgumentHelp(Phrase.reviewHelp.here, valueName: "n")
    )
    var reviewDays: String?

    @OptionGroup var region: RegionOptions
    @OptionGroup var language: LanguageOptions
    @OptionGroup var common: CommonOptions

    func run(_ console: Console) async throws {
        let replica = try openReplica()
        let target = try replica.collection(named: collection)
        let roster = try Roster(placesOf: replica, in: target.grant.id)
        var draft = RecordDraft(replica, try region.rules(for: replica))
        let office = try seat.office(in: roster, replica, &draft)
        let more = [("seats", seats), ("review_days", reviewDays)]
            .compactMap { name, value in value.map { "\(name)=\($0)" } }
        if office.isNew {
            try draft.extend(office.id, more)
        } else if !more.isEmpty {
            try draft.change(try replica.record(office.id), more)
        }
        let channels = try seat.channels.map {
            try draft.make("channel", ["owner=\(office.id)"] + $0)
        }
        try replica.write(draft.edits, in: target.grant.id)
        for warning in draft.warnings { console.warning(warning.phrase) }
        if console.isJSON {
            return try console.emit([
                "id": .string(office.id.description),
                "channels": .array(channels.map { .string($0.description) }),
            ])
        }
        try console.print(office.id.description)
        console.message((office.isNew ? Phrase.officeAdded : Phrase.officeIsThere).here)
        console.message(Phrase.nextSync.here)
    }
}

struct OfficeList: Verb {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: Phrase(
            ar: "المناصب وأصحابها.", fr: "Les charges et qui les occupe.",
            en: "Offices and who holds them."
        )
        .here,
        discussion: Phrase.officeListExamples.here)

    @OptionGroup var filter: LeaderFilter
    @OptionGroup var on: OnDate
    @OptionGroup var language: LanguageOptions
    @OptionGroup var common: CommonOptions

    func run(_ console: Console) async throws {
        let replica = try openReplica()
        let roster = try filter.roster(of: replica)
        let date = try on.date(for: replica)
        let offices = roster.offices(try filter.query(in: roster), on: date)
        if console.isJSON {
            for office in offices { try console.emit(roster.json(of: office, on: date)) }
            return
        }
        let words = LeaderText(roster: roster, text: console.text)
        var table = Table("ID", "")
        for office in offices {
            let holders = roster.holders(of: office.id, on: date)
            let names = holders.map { holder in
                let name = roster.people[holder.tenure.person].map(words.name) ?? "?"
                return holder.status == .disputed ? "\(name) (\(words.status(.disputed)))" : name
            }
            let said =
                names.isEmpty ? Phrase.vacant.here : names.joined(separator: Phrase.comma.here)
            table.add(console.text.code(office.id.description), "\(words.place(office)): \(said)")
        }
        try console.print(table, whenEmpty: Phrase.noOffices.here)
    }
}

struct OfficeShow: Verb {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: Phrase(
            ar: "منصب واحد: من يشغله في تاريخ ما، ومن كان قبله.",
            fr: "Une charge : qui l'occupe à une date, et qui l'occupait.",
            en: "One office: who holds it on a date, and who did before."
        )
        .here,
        discussion: Phrase.officeShowExamples.here)

    @Argument(help: ArgumentHelp(Phrase.officeHelp.here, valueName: "id"))
    var id: String

    @OptionGroup var on: OnDate
    @OptionGroup var language: LanguageOptions
    @OptionGroup var common: CommonOptions

    func run(_ console: Console) async throws {
        let replica = try openReplica()
        let record = try Arguments.record(id, of: ["office"], in: replica)
        let roster = try Roster(reading: replica)
        let date = try on.date(for: replica)
        guard let office = roster.offices[record.id] else { return }
        if console.isJSON {
            let more = [
                JSON.Member(
                    "predecessors",
                    .array(
                        roster.predecessors(of: office.id, before: date)
                            .map { roster.json(of: $0, on: date) })),
                JSON.Member(
                    "channels", .array(roster.channels(of: office, on: date).map(\.json))),
            ]
            let object = roster.json(of: office, on: date)
            return try console.emit(.object((object.members ?? []) + more))
        }
        try tell(office, on: date, LeaderText(roster: roster, text: console.text), console)
    }

    private func tell(
        _ office: Roster.Office, on date: PartialDate, _ words: LeaderText, _ console: Console
    ) throws {
        let roster = words.roster
        try console.print("\(words.place(office))  \(console.text.code(office.id.description))")
        func line(_ tenure: Roster.Tenure, _ status: TenureStatus) -> String {
            let name = roster.people[tenure.person].map(words.name) ?? "?"
            let parts = [words.status(status), name, words.period(tenure)]
            return "  " + parts.compactMap(\.self).joined(separator: " · ")
        }
        let holders = roster.holders(of: office.id, on: date)
        for holder in holders { try console.print(line(holder.tenure, holder.status)) }
        if holders.isEmpty { try console.print("  " + Phrase.vacant.here) }
        for tenure in roster.predecessors(of: office.id, before: date) {
            try console.print(line(tenure, .former))
        }
        for channel in roster.channels(of: office, on: date) {
            try console.print("  " + words.channel(channel))
        }
    }
}

extension Phrase {
    static let vacant = Phrase(ar: "شاغر", fr: "vacante", en: "vacant")
    fileprivate static let noOffices = Phrase(
        ar: "لا منصب.", fr: "Il n'y a aucune charge.", en: "There is no office.")
    fileprivate static let officeAdded = Phrase(
        ar: "أُضيف المنصب", fr: "charge ajoutée", en: "office added")
    fileprivate static let officeIsThere = Phrase(
        ar: "المنصب موجود من قبل", fr: "cette charge existe déjà",
        en: "that office is there already")
    fileprivate static let seatsHelp = Phrase(
        ar: "كم شخصا يشغله معا. الافتراضي: واحد.",
        fr: "Combien l'occupent à la fois. Par défaut : 1.",
        en: "How many hold it at a time. Default: 1.")
    fileprivate static let reviewHelp = Phrase(
        ar: "بعد كم يوما يُتحقّق منه من جديد.", fr: "Après combien de jours revérifier.",
        en: "After how many days it is to be verified again.")
    fileprivate static let officeExamples = Phrase(
        ar: "أمثلة:\n  sijil office list --area XM01\n  sijil office show ID --on 2026-03-10",
        fr: "Exemples :\n  sijil office list --area XM01\n  sijil office show ID --on 2026-03-10",
        en: "Examples:\n  sijil office list --area XM01\n  sijil office show ID --on 2026-03-10")
    fileprivate static let officeAddExamples = Phrase(
        ar: """
            أمثلة:
              sijil office add --in roster-xm01 --office-type mayor --area XM04 \\
                --category elected_local --title "ar=رئيس البلدية" --office-phone +999550001009
            """,
        fr: """
            Exemples :
              sijil office add --in roster-xm01 --office-type mayor --area XM04 \\
                --category elected_local --title "fr=Maire" --office-phone +999550001009
            """,
        en: """
            Examples:
              sijil office add --in roster-xm01 --office-type mayor --area XM04 \\
                --category elected_local --title "en=Mayor" --office-phone +999550001009
            """)
    fileprivate static let officeListExamples = Phrase(
        ar:
            "أمثلة:\n  sijil office list --area XM01\n  sijil office list --office-type mayor --json",
        fr:
            "Exemples :\n  sijil office list --area XM01\n  sijil office list --office-type mayor --json",
        en:
            "Examples:\n  sijil office list --area XM01\n  sijil office list --office-type mayor --json"
    )
    fileprivate static let officeShowExamples = Phrase(
        ar: "أمثلة:\n  sijil office show ID\n  sijil office show ID --on 2026-03-10 --json",
        fr: "Exemples :\n  sijil office show ID\n  sijil office show ID --on 2026-03-10 --json",
        en: "Examples:\n  sijil office show ID\n  sijil office show ID --on 2026-03-10 --json")
}

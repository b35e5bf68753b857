import ArgumentParser
import SijilCore
import SijilDirectory
import SijilStore

struct OfficeSucceed: Verb {
    static let configuration = CommandConfiguration(
        commandName: "succeed",
        abstract: Phrase(
            ar: "أنهِ مدّة صاحب المنصب وابدأ مدّة غيره، في تغيير واحد.",
            fr: "Finir le temps de l'un et commencer celui de l'autre, en une modification.",
            en: "End one person's time in an office and begin another's, as one change."
        )
        .here,
        discussion: Phrase.succeedExamples.here)

    @Argument(help: ArgumentHelp(Phrase.officeHelp.here, valueName: "id"))
    var office: String

    @Option(help: ArgumentHelp(Phrase.successorHelp.here, valueName: "id"))
    var person: String

    @Option(help: ArgumentHelp(Phrase.beginHelp.here, valueName: "YYYY[-MM[-DD]]"))
    var from: String

    @OptionGroup var ending: EndingOptions

    @Option(help: ArgumentHelp(Phrase.howBeganHelp.here, valueName: "elected|appointed|…"))
    var mode: String?

    @Option(
        help: ArgumentHelp(Phrase.recognisedHelp.here, valueName: "recognised|customary_only|…"))
    var recognition: String?

    @OptionGroup var language: LanguageOptions
    @OptionGroup var common: CommonOptions

    func run(_ console: Console) async throws {
        let replica = try openReplica()
        let seen = try replica.seen()
        let seat = try Arguments.record(office, of: ["office"], in: replica)
        let successor = try Arguments.record(person, of: ["person"], in: replica)
        let from = try Arguments.date(from, "--from")
        let roster = try Roster(placesOf: replica, in: seat.collection)
        var draft = RecordDraft(replica, EntryRules())
        let ended = try ending.end(seat, before: from, in: roster, replica, &draft)
        var fields = ["person=\(successor.id)", "office=\(seat.id)", "from=\(from)"]
        if let mode { fields.append("mode=\(mode)") }
        if let recognition { fields.append("recognition=\(recognition)") }
        if let ended { fields.append("predecessor=\(ended.id)") }
        let begun = try draft.make("tenure", fields)
        try replica.write(draft.edits, in: seat.collection, seen: seen[seat.collection])
        if console.isJSON {
            return try console.emit([
                "office": .string(seat.id.description), "tenure": .string(begun.description),
                "ended": ended.map { .string($0.id.description) } ?? .null,
            ])
        }
        try console.print(begun.description)
        console.message((ended == nil ? Phrase.begunAlone : Phrase.succeeded).here)
        console.message(Phrase.nextSync.here)
    }
}

struct OfficeVacate: Verb {
    static let configuration = CommandConfiguration(
        commandName: "vacate",
        abstract: Phrase(
            ar: "أنهِ مدّة صاحب المنصب ولم يخلفه أحد.",
            fr: "Finir le temps de qui occupe la charge, sans successeur.",
            en: "End somebody's time in an office without a successor."
        )
        .here,
        discussion: Phrase.vacateExamples.here)

    @Argument(help: ArgumentHelp(Phrase.officeHelp.here, valueName: "id"))
    var office: String

    @Option(help: ArgumentHelp(Phrase.lastDayHelp.here, valueName: "YYYY[-MM[-DD]]"))
    var to: String

    @OptionGroup var ending: EndingOptions
    @OptionGroup var language: LanguageOptions
    @OptionGroup var common: CommonOptions

    func run(_ console: Console) async throws {
        let replica = try openReplica()
        let seen = try replica.seen()
        let seat = try Arguments.record(office, of: ["office"], in: replica)
        let to = try Arguments.date(to, "--to")
        let roster = try Roster(placesOf: replica, in: seat.collection)
        var draft = RecordDraft(replica, EntryRules())
        guard let ended = try ending.end(seat, on: to, in: roster, replica, &draft) else {
            throw SijilError(.badData, Phrase.nobodyThere.here, place: "--to")
        }
        try replica.write(draft.edits, in: seat.collection, seen: seen[seat.collection])
        if console.isJSON {
            return try console.emit([
                "office": .string(seat.id.description), "ended": .string(ended.id.description),
            ])
        }
        console.message(Phrase.vacated.here)
        console.message(Phrase.nextSync.here)
    }
}

/// Whose time in an office ends, and how.
struct EndingOptions: ParsableArguments {
    @Option(
        name: .customLong("ended-how"),
        help: ArgumentHelp(Phrase.endedHelp.here, valueName: "term_end|resignation|death|…"))
    var endedHow = "term_end"

    @Option(help: ArgumentHelp(Phrase.endsHelp.here, valueName: "id"))
    var ends: String?

    /// Ends the holder's tenure, open or with a later end, on the day before another begins; in the same month
    /// or year when more is not known.
    ///
    /// - Returns: `nil` when nobody was there.
    func end(
        _ office: RecordView, before date: PartialDate, in roster: Roster, _ replica: Replica,
        _ draft: inout RecordDraft
    ) throws -> RecordView? {
        let last = date.day > 0 ? date.earliest.adding(days: -1).date ?? date : date
        return try end(office, on: last, in: roster, replica, &draft)
    }

    /// - Throws: `usage` when several hold the office and nobody said whose time ends; `badData` when that
    ///   person does not hold it.
    func end(
        _ office: RecordView, on last: PartialDate, in roster: Roster, _ replica: Replica,
        _ draft: inout RecordDraft
    ) throws -> RecordView? {
        let open = roster.holders(of: office.id, on: last).map(\.tenure)
            .filter { $0.goesOn(after: last) }
        let found: [Roster.Tenure]
        if let ends {
            let id = try Arguments.recordID(ends)
            let person = try MergedPeople(replica).canonical(id)
            found = open.filter { $0.id == id || $0.person == person }
            guard !found.isEmpty else {
                throw SijilError(.badData, Phrase.notHolder.here, place: "--ends")
            }
        } else {
            found = open
        }
        guard Set(found.map(\.person)).count <= 1 else {
            throw SijilError(
                .usage, Phrase.severalHold.here, hint: Phrase.sayWhose.here, place: "--ends")
        }
        // Somebody who was entered twice may hold it twice.
        let records = try found.map { try replica.record($0.id) }
        for record in records {
            try draft.change(record, ["to=\(last)", "ended_how=\(endedHow)"])
        }
        return records.first
    }
}

extension Roster.Tenure {
    /// Whether the tenure was to go on after a day that it covers: it is open, or has an end that was planned.
    ///
    /// An end of which only the month or the year is known, and of which somebody said how it came, may have been
    /// before.
    fileprivate func goesOn(after last: PartialDate) -> Bool {
        guard let to else { return true }
        guard to.latest > last.latest else { return false }
        return endedHow == nil || to.earliest > last.latest
    }
}

extension Phrase {
    fileprivate static let succeedExamples = Phrase(
        ar: """
            أمثلة:
              sijil office succeed ID --person ID --from 2026-03-16 --mode elected
              sijil office succeed ID --person ID --from 2026-03 --ended-how death

            تبقى أرقام المنصب. إذا ادّعى المنصب اثنان: sijil leader add، فيُعرض كمتنازع عليه.
            """,
        fr: """
            Exemples :
              sijil office succeed ID --person ID --from 2026-03-16 --mode elected
              sijil office succeed ID --person ID --from 2026-03 --ended-how death

            Les numéros de la charge restent. Si deux la revendiquent : sijil leader add ; elle paraît \
            alors contestée.
            """,
        en: """
            Examples:
              sijil office succeed ID --person ID --from 2026-03-16 --mode elected
              sijil office succeed ID --person ID --from 2026-03 --ended-how death

            The office keeps its numbers. When two claim it: sijil leader add; it is shown as disputed then.
            """)
    fileprivate static let vacateExamples = Phrase(
        ar: "أمثلة:\n  sijil office vacate ID --to 2026-03-15 --ended-how death",
        fr: "Exemples :\n  sijil office vacate ID --to 2026-03-15 --ended-how death",
        en: "Examples:\n  sijil office vacate ID --to 2026-03-15 --ended-how death")
    fileprivate static let successorHelp = Phrase(
        ar: "من يخلفه.", fr: "Qui lui succède.", en: "Who comes after.")
    fileprivate static let beginHelp = Phrase(
        ar: "أوّل يوم للجديد.", fr: "Le premier jour du nouveau.",
        en: "The first day of the new one.")
    fileprivate static let lastDayHelp = Phrase(
        ar: "آخر يوم.", fr: "Le dernier jour.", en: "The last day.")
    fileprivate static let howBeganHelp = Phrase(
        ar: "كيف تولّى المنصب.", fr: "Comment la charge fut prise.",
        en: "How they came to the office.")
    fileprivate static let recognisedHelp = Phrase(
        ar: "من يعترف بذلك.", fr: "Qui la reconnaît.", en: "Who recognises it.")
    fileprivate static let endedHelp = Phrase(
        ar: "كيف انتهت المدّة.", fr: "Comment le temps a fini.", en: "How the time ended.")
    fileprivate static let endsHelp = Phrase(
        ar: "مدّة من تنتهي، إن كانوا أكثر من واحد.",
        fr: "Le temps de qui finit, s'ils sont plusieurs.",
        en: "Whose time ends, when there are several.")
    fileprivate static let begunAlone = Phrase(
        ar: "بدأت المدّة؛ كان المنصب شاغرا", fr: "le temps commence ; la charge était vacante",
        en: "the time has begun; the office was vacant")
    fileprivate static let succeeded = Phrase(
        ar: "انتهت مدّة وبدأت أخرى", fr: "l'un finit, l'autre commence",
        en: "one time has ended and another begun")
    fileprivate static let vacated = Phrase(
        ar: "المنصب شاغر", fr: "la charge est vacante", en: "the office is vacant")
    fileprivate static let nobodyThere = Phrase(
        ar: "لا أحد يشغل المنصب في ذلك اليوم.", fr: "Personne n'occupe la charge ce jour-là.",
        en: "Nobody holds the office on that day.")
    fileprivate static let notHolder = Phrase(
        ar: "هذا الشخص لا يشغل المنصب.", fr: "Cette personne n'occupe pas la charge.",
        en: "That person does not hold the office.")
    fileprivate static let severalHold = Phrase(
        ar: "يشغل المنصب أكثر من شخص.", fr: "Plusieurs personnes occupent la charge.",
        en: "Several people hold the office.")
    fileprivate static let sayWhose = Phrase(
        ar: "قل مدّة من تنتهي: --ends ID", fr: "Dites le temps de qui finit : --ends ID",
        en: "Say whose time ends: --ends ID")
}

import ArgumentParser
import SijilCore
import SijilDirectory
import SijilStore

struct LeaderVerify: Verb {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: Phrase(
            ar: "سجّل أنّ أحدا تحقّق مما كُتب.", fr: "Noter que quelqu'un a vérifié ce qui est écrit.",
            en: "Note that somebody looked whether what is written is so."
        )
        .here,
        discussion: Phrase.verifyExamples.here)

    @Argument(help: ArgumentHelp(Phrase.personHelp.here, valueName: "id"))
    var id: String

    @Option(
        help: ArgumentHelp(
            Phrase.levelHelp.here,
            valueName: "self_reported|phone_confirmed|in_person|document|disputed"))
    var level: String

    @Option(help: ArgumentHelp(Phrase.byHelp.here, valueName: "…"))
    var by: String?

    @OptionGroup var on: OnDate

    @Option(help: ArgumentHelp(Phrase.evidenceHelp.here, valueName: "…"))
    var evidence: String?

    @OptionGroup var language: LanguageOptions
    @OptionGroup var common: CommonOptions

    func run(_ console: Console) async throws {
        let replica = try openReplica()
        let record = try Arguments.record(
            id, of: ["person", "office", "tenure", "channel", "community"], in: replica)
        var fields = [
            "about=\(record.id)", "level=\(level)", "on=\(try on.pastDate(for: replica))",
            "by=\(try by ?? replica.name)",
        ]
        if let evidence { fields.append("evidence=\(evidence)") }
        try write("verification", fields, about: record, replica, console)
    }
}

struct LeaderConsent: Verb {
    static let configuration = CommandConfiguration(
        commandName: "consent",
        abstract: Phrase(
            ar: "سجّل أنّ شخصا سمح بشيء أو سحب موافقته.",
            fr: "Noter qu'une personne a permis quelque chose, ou retiré son accord.",
            en: "Note that a person allowed something, or took it back."
        )
        .here,
        discussion: Phrase.consentExamples.here)

    @Argument(help: ArgumentHelp(Phrase.personHelp.here, valueName: "id"))
    var id: String

    @Option(
        help: ArgumentHelp(
            Phrase.whatHelp.here,
            valueName: "store|crisis_contact|be_named|be_quoted|share_partner:NAME|…"))
    var what: String

    @Option(help: ArgumentHelp(Phrase.actHelp.here, valueName: "grant|withdraw"))
    var act: String

    @Option(help: ArgumentHelp(Phrase.methodHelp.here, valueName: "verbal|written|…"))
    var method: String?

    @Option(help: ArgumentHelp(Phrase.basisHelp.here, valueName: "consent|public_office|…"))
    var basis: String?

    @Option(
        name: .customLong("spoken-in"),
        help: ArgumentHelp(Phrase.consentLanguageHelp.here, valueName: "ar|fr|…"))
    var spokenIn: String?

    @Option(help: ArgumentHelp(Phrase.witnessHelp.here, valueName: "…"))
    var witness: String?

    @OptionGroup var on: OnDate
    @OptionGroup var language: LanguageOptions
    @OptionGroup var common: CommonOptions

    func run(_ console: Console) async throws {
        let replica = try openReplica()
        let record = try Arguments.record(id, of: ["person"], in: replica)
        let fields = [
            ("person", record.id.description), ("what", what), ("act", act), ("method", method),
            ("basis", basis), ("language", spokenIn), ("witness", witness),
            ("on", try on.pastDate(for: replica).description),
        ]
        try write(
            "consent", fields.compactMap { name, value in value.map { "\(name)=\($0)" } },
            about: record, replica, console)
    }
}

extension Verb {
    /// Makes an event beside the record that it is about.
    fileprivate func write(
        _ type: String, _ fields: [String], about record: RecordView, _ replica: Replica,
        _ console: Console
    ) throws {
        var draft = RecordDraft(replica, EntryRules())
        let id = try draft.make(type, fields)
        try replica.write(draft.edits, in: record.collection)
        if console.isJSON { return try console.emit(["id": .string(id.description)]) }
        try console.print(id.description)
        console.message(Phrase.noted.here)
        console.message(Phrase.nextSync.here)
    }
}

extension Phrase {
    fileprivate static let verifyExamples = Phrase(
        ar: """
            أمثلة:
              sijil leader verify ID --level phone_confirmed
              sijil leader verify ID --level disputed --by "tab-11" --evidence "…"
            """,
        fr: """
            Exemples :
              sijil leader verify ID --level phone_confirmed
              sijil leader verify ID --level disputed --by "tab-11" --evidence "…"
            """,
        en: """
            Examples:
              sijil leader verify ID --level phone_confirmed
              sijil leader verify ID --level disputed --by "tab-11" --evidence "…"
            """)
    fileprivate static let consentExamples = Phrase(
        ar: """
            أمثلة:
              sijil leader consent ID --what crisis_contact --act grant --method verbal
              sijil leader consent ID --what crisis_contact --act withdraw --method verbal

            السحب يغلب موافقة من اليوم نفسه.
            """,
        fr: """
            Exemples :
              sijil leader consent ID --what crisis_contact --act grant --method verbal
              sijil leader consent ID --what crisis_contact --act withdraw --method verbal

            Un retrait l'emporte sur un accord du même jour.
            """,
        en: """
            Examples:
              sijil leader consent ID --what crisis_contact --act grant --method verbal
              sijil leader consent ID --what crisis_contact --act withdraw --method verbal

            What was taken back counts before what was allowed on the same day.
            """)
    fileprivate static let levelHelp = Phrase(
        ar: "كيف تُحقّق منه.", fr: "Comment ce fut vérifié.", en: "How it was verified.")
    fileprivate static let byHelp = Phrase(
        ar: "من تحقّق. الافتراضي: هذا الجهاز.", fr: "Par qui. Par défaut : cet appareil.",
        en: "By whom. Default: this device.")
    fileprivate static let evidenceHelp = Phrase(
        ar: "على أيّ أساس.", fr: "Sur quelle base.", en: "On what ground.")
    fileprivate static let whatHelp = Phrase(
        ar: "ما سُمح به أو سُحب.", fr: "Ce qui est permis ou retiré.",
        en: "What is allowed or taken back.")
    fileprivate static let actHelp = Phrase(
        ar: "موافقة أو سحب.", fr: "Accord ou retrait.", en: "Allowed or taken back.")
    fileprivate static let methodHelp = Phrase(
        ar: "كيف قيل.", fr: "Sous quelle forme.", en: "In which form.")
    fileprivate static let basisHelp = Phrase(
        ar: "على أيّ أساس قانوني.", fr: "Sur quelle base légale.", en: "On which legal ground.")
    fileprivate static let consentLanguageHelp = Phrase(
        ar: "بأيّ لغة قيل.", fr: "Dans quelle langue.", en: "In which language.")
    fileprivate static let witnessHelp = Phrase(ar: "الشاهد.", fr: "Le témoin.", en: "The witness.")
    fileprivate static let noted = Phrase(ar: "سُجّل", fr: "noté", en: "noted")
}

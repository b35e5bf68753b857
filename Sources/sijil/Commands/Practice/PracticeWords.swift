import SijilCore
import SijilDirectory

/// The codes of a library in words.
///
/// A code that is not listed is shown as it is: a library may have its own.
struct PracticeWords {
    private let terminal: TerminalText

    init(_ terminal: TerminalText) { self.terminal = terminal }

    func phase(_ code: String) -> String { word(code, Self.phases) }
    func sector(_ code: String) -> String { word(code, Self.sectors) }
    func theme(_ code: String) -> String { word(code, Self.themes) }
    func role(_ code: String) -> String { word(code, Self.roles) }
    func need(_ code: String) -> String { word(code, Self.needs) }
    func verdict(_ code: String) -> String { word(code, Self.verdicts) }

    func language(_ tag: String) -> String {
        Self.languages[String(tag.prefix { $0 != "-" })]?.here ?? terminal.code(tag)
    }

    private func word(_ code: String, _ words: [String: Phrase]) -> String {
        words[code]?.here ?? terminal.own(code)
    }

    /// What a wording is worth; never silent, so that nothing passes for official that is not.
    func status(_ code: String?) -> String {
        guard let code, !code.isEmpty else { return Phrase.statusUnknown.here }
        return word(code, Self.statuses)
    }

    /// Until when, in words: `within 1 hour`.
    func due(_ text: String) -> String {
        guard let offset = DueOffset(text) else { return terminal.own(text) }
        let parts = offset.parts.map { part in
            switch part.unit {
            case .weeks: CountedPhrase.weeks(part.count)
            case .days: CountedPhrase.days(part.count)
            case .hours: CountedPhrase.hours(part.count)
            case .minutes: CountedPhrase.minutes(part.count)
            }
        }
        return Phrase.within(parts.joined(separator: " "))
    }

    private static let statuses: [String: Phrase] = [
        "official": Phrase(ar: "نص رسمي", fr: "texte officiel", en: "official wording"),
        "working": Phrase(
            ar: "نص عمل، وليس النص الرسمي", fr: "texte de travail, non officiel",
            en: "working text, not the official wording"),
        "machine": Phrase(
            ar: "ترجمة آلية، وليست النص الرسمي", fr: "traduction automatique, non officielle",
            en: "machine translation, not the official wording"),
        "text-pending": Phrase(
            ar: "النص غير متوفر بعد", fr: "texte pas encore disponible",
            en: "text pending: not available yet"),
    ]

    private static let languages: [String: Phrase] = [
        "ar": Phrase(ar: "العربية", fr: "arabe", en: "Arabic"),
        "fr": Phrase(ar: "الفرنسية", fr: "français", en: "French"),
        "en": Phrase(ar: "الإنجليزية", fr: "anglais", en: "English"),
    ]

    /// Of practices, as the GCTF names them; and of checklists, by the time of an incident.
    private static let phases: [String: Phrase] = [
        "prevention": Phrase(ar: "الوقاية", fr: "prévention", en: "prevention"),
        "detection": Phrase(ar: "الكشف", fr: "détection", en: "detection"),
        "intervention": Phrase(ar: "التدخل", fr: "intervention", en: "intervention"),
        "response": Phrase(ar: "الاستجابة", fr: "réponse", en: "response"),
        "pre_incident": Phrase(
            ar: "قبل الحادث", fr: "avant l’événement", en: "before an incident"),
        "immediate_0_24h": Phrase(
            ar: "الساعات الأربع والعشرون الأولى", fr: "premières 24 heures",
            en: "first 24 hours"),
        "intermediate": Phrase(
            ar: "المرحلة المتوسطة", fr: "phase intermédiaire", en: "intermediate phase"),
        "long_term": Phrase(ar: "المدى الطويل", fr: "long terme", en: "long term"),
    ]

    private static let sectors: [String: Phrase] = [
        "government_institutions": Phrase(
            ar: "المؤسسات الحكومية", fr: "institutions publiques", en: "government institutions"),
        "international_agencies": Phrase(
            ar: "الوكالات الدولية", fr: "organismes internationaux", en: "international agencies"),
        "private_sector": Phrase(ar: "القطاع الخاص", fr: "secteur privé", en: "private sector"),
        "ngos": Phrase(ar: "المنظمات غير الحكومية", fr: "ONG", en: "NGOs"),
        "media_technology": Phrase(
            ar: "الإعلام والتكنولوجيا", fr: "médias et technologies", en: "media and technology"),
        "civil_society": Phrase(ar: "المجتمع المدني", fr: "société civile", en: "civil society"),
        "communities": Phrase(ar: "المجتمعات المحلية", fr: "communautés", en: "communities"),
        "families": Phrase(ar: "الأسر", fr: "familles", en: "families"),
        "academia": Phrase(
            ar: "الأوساط الأكاديمية", fr: "monde universitaire", en: "academia"),
        "judicial": Phrase(ar: "القضاء", fr: "justice", en: "judicial"),
        "law_enforcement": Phrase(
            ar: "إنفاذ القانون", fr: "forces de l’ordre", en: "law enforcement"),
        "sports_arts_culture": Phrase(
            ar: "الرياضة والفنون والثقافة", fr: "sport, arts et culture",
            en: "sports, arts and culture"),
        "healthcare": Phrase(ar: "الرعاية الصحية", fr: "santé", en: "healthcare"),
    ]

    private static let themes: [String: Phrase] = [
        "community_policing": Phrase(
            ar: "الشرطة المجتمعية", fr: "police de proximité", en: "community policing"),
        "women_cve": Phrase(
            ar: "المرأة ومكافحة التطرف العنيف",
            fr: "femmes et lutte contre l’extrémisme violent",
            en: "women and countering violent extremism"),
        "families_cve": Phrase(
            ar: "الأسرة ومكافحة التطرف العنيف",
            fr: "familles et lutte contre l’extrémisme violent",
            en: "families and countering violent extremism"),
        "juvenile_justice": Phrase(
            ar: "قضاء الأحداث", fr: "justice des mineurs", en: "juvenile justice"),
        "rehabilitation_reintegration": Phrase(
            ar: "إعادة التأهيل والإدماج", fr: "réhabilitation et réinsertion",
            en: "rehabilitation and reintegration"),
    ]

    private static let roles: [String: Phrase] = [
        "coordinator": Phrase(ar: "المنسّق", fr: "coordination", en: "coordinator"),
        "officer": Phrase(ar: "الضابط الميداني", fr: "agent de terrain", en: "field officer"),
        "spokesperson": Phrase(ar: "المتحدث", fr: "porte-parole", en: "spokesperson"),
        "victim_support": Phrase(ar: "دعم الضحايا", fr: "aide aux victimes", en: "victim support"),
        "reviewer": Phrase(ar: "المراجع", fr: "relecture", en: "reviewer"),
    ]

    private static let needs: [String: Phrase] = [
        "message": Phrase(ar: "رسالة", fr: "un message", en: "a message"),
        "outreach": Phrase(ar: "اتصال", fr: "une prise de contact", en: "outreach"),
        "referral": Phrase(ar: "إحالة", fr: "une orientation", en: "a referral"),
        "decision": Phrase(ar: "قرار", fr: "une décision", en: "a decision"),
    ]

    private static let verdicts: [String: Phrase] = [
        "accepted": Phrase(ar: "مقبول", fr: "accepté", en: "accepted"),
        "revise": Phrase(ar: "يحتاج إلى تنقيح", fr: "à revoir", en: "to be revised"),
        "rejected": Phrase(ar: "مرفوض", fr: "rejeté", en: "rejected"),
    ]
}

extension Phrase {
    fileprivate static let statusUnknown = Phrase(
        ar: "حالة النص غير مذكورة: لا تعدّه رسميًّا",
        fr: "statut non indiqué : à ne pas tenir pour officiel",
        en: "status not stated: not to be taken for official")
    fileprivate static let within = Phrase(ar: "خلال {0}", fr: "sous {0}", en: "within {0}")
}

extension CountedPhrase {
    fileprivate static let minutes = CountedPhrase(
        ar: (
            zero: "أقل من دقيقة", one: "دقيقة واحدة", two: "دقيقتين", few: "{0} دقائق",
            many: "{0} دقيقة", other: "{0} دقيقة"
        ), fr: (one: "{0} minute", other: "{0} minutes"),
        en: (one: "{0} minute", other: "{0} minutes"))
    fileprivate static let hours = CountedPhrase(
        ar: (
            zero: "أقل من ساعة", one: "ساعة واحدة", two: "ساعتين", few: "{0} ساعات",
            many: "{0} ساعة", other: "{0} ساعة"
        ), fr: (one: "{0} heure", other: "{0} heures"), en: (one: "{0} hour", other: "{0} hours"))
    fileprivate static let days = CountedPhrase(
        ar: (
            zero: "أقل من يوم", one: "يوم واحد", two: "يومين", few: "{0} أيام", many: "{0} يومًا",
            other: "{0} يوم"
        ), fr: (one: "{0} jour", other: "{0} jours"), en: (one: "{0} day", other: "{0} days"))
    fileprivate static let weeks = CountedPhrase(
        ar: (
            zero: "أقل من أسبوع", one: "أسبوع واحد", two: "أسبوعين", few: "{0} أسابيع",
            many: "{0} أسبوعًا", other: "{0} أسبوع"
        ), fr: (one: "{0} semaine", other: "{0} semaines"),
        en: (one: "{0} week", other: "{0} weeks"))
}

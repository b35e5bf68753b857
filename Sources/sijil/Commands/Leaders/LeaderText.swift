import SijilCore
import SijilDirectory

/// How leaders are told to people, in the language of the run; every name is isolated on a terminal.
struct LeaderText {
    let roster: Roster
    let text: TerminalText
    private let languages = InterfaceLanguage.current.preferences

    func name(_ person: Roster.Person) -> String {
        text.own(person.names.best(languages) ?? person.id.abbreviated)
    }

    func title(_ office: Roster.Office) -> String {
        text.own(office.title.best(languages) ?? office.type ?? office.id.abbreviated)
    }

    func area(_ id: RecordID?) -> String? {
        guard let id, let area = roster.areas[id] else { return nil }
        return (area.names.best(languages) ?? area.code).map(text.own)
    }

    func community(_ id: RecordID?) -> String? {
        id.flatMap { roster.communities[$0]?.names.best(languages) }.map(text.own)
    }

    /// `name · office · community · area`.
    func line(_ leader: Leader) -> String {
        let parts = [
            name(leader.person), title(leader.office), community(leader.community),
            area(leader.area),
        ]
        return parts.compactMap(\.self).joined(separator: " · ")
    }

    func place(_ office: Roster.Office) -> String {
        let parts = [title(office), community(office.community), area(roster.area(of: office))]
        return parts.compactMap(\.self).joined(separator: " · ")
    }

    /// `+999550001001 (mobile, office)`, with all values while several wait for a decision.
    func channel(_ channel: ReachableChannel) -> String {
        let values = channel.channel.values.map { text.value(.text($0)) }.joined(separator: " | ")
        var remarks = [channel.channel.kind.map { Phrase.channelKind($0, text) }].compactMap(\.self)
        if channel.isOfOffice { remarks.append(Phrase.ofOffice.here) }
        if let answeredBy = channel.channel.answeredBy {
            remarks.append(Phrase.answeredBy(answeredBy, text))
        }
        if channel.channel.isContested { remarks.append("! " + Phrase.contested.here) }
        if channel.isFlagged { remarks.append("! " + Phrase.unreadable.here) }
        if channel.hasFailed { remarks.append("! " + Phrase.failedLast.here) }
        return remarks.isEmpty
            ? values : "\(values) (\(remarks.joined(separator: Phrase.comma.here)))"
    }

    func languages(_ person: Roster.Person) -> String {
        text.code(person.languages.joined(separator: ", "))
    }

    /// `2021-03–2026-03-14`, open where it is not known.
    func period(_ tenure: Roster.Tenure) -> String? {
        let isKnown = tenure.from != nil || tenure.to != nil
        guard isKnown || tenure.isContested else { return nil }
        let period = text.code("\(tenure.from?.description ?? "")–\(tenure.to?.description ?? "")")
        return tenure.isContested ? "\(period) ! \(Phrase.contested.here)" : period
    }

    func status(_ status: TenureStatus) -> String {
        switch status {
        case .current: Phrase.current.here
        case .disputed: "! " + Phrase.disputed.here
        case .former: Phrase.former.here
        case .future: Phrase.future.here
        }
    }

    func rule(_ leader: Leader) -> String? {
        switch leader.rule {
        case .none: nil
        case .crisisOnly: Phrase.ruleCrisisOnly.here
        case .viaIntermediary: Phrase.ruleVia.here
        case .never: Phrase.ruleNever.here
        }
    }

    func verified(_ review: Review) -> String {
        switch review.reason {
        case .neverVerified: Phrase.neverVerified.here
        case .disputed: Phrase.verificationDisputed.here
        case .tenureEnded, .periodic:
            Phrase.verifiedOn(
                text.code(review.verifiedOn?.description ?? ""),
                text.code(review.dueOn?.date?.description ?? ""))
        }
    }
}

extension Phrase {
    static let comma = Phrase(ar: "، ", fr: ", ", en: ", ")
    static let ofOffice = Phrase(ar: "خطّ المنصب", fr: "ligne de la charge", en: "office line")
    static let contested = Phrase(
        ar: "قيمتان تنتظران قرارا", fr: "plusieurs valeurs, à trancher",
        en: "several values, to be decided")
    static let unreadable = Phrase(
        ar: "رقم غير مقروء", fr: "numéro illisible", en: "unreadable number")
    static let failedLast = Phrase(
        ar: "لم ينجح آخر اتصال", fr: "dernier appel sans succès", en: "the last call failed")

    static let current = Phrase(ar: "حالي", fr: "en poste", en: "current")
    static let disputed = Phrase(ar: "متنازع عليه", fr: "contesté", en: "disputed")
    static let former = Phrase(ar: "سابق", fr: "ancien", en: "former")
    static let future = Phrase(ar: "قادم", fr: "à venir", en: "future")

    static let ruleCrisisOnly = Phrase(
        ar: "يُتّصل به في الأزمات فقط", fr: "à n'appeler qu'en cas de crise",
        en: "to be called in a crisis only")
    static let ruleVia = Phrase(
        ar: "لا يُتّصل به إلا عبر وسيط", fr: "à ne joindre que par un intermédiaire",
        en: "to be reached through an intermediary only")
    static let ruleNever = Phrase(
        ar: "لا يُتّصل به أبدا", fr: "à ne jamais appeler", en: "never to be called")

    static let neverVerified = Phrase(
        ar: "لم يُتحقّق منه قطّ", fr: "jamais vérifié", en: "never verified")
    static let verificationDisputed = Phrase(
        ar: "المعلومات محلّ نزاع", fr: "données contestées", en: "the entry is disputed")
    static let verifiedOn = Phrase(
        ar: "تُحقّق منه في {0}، والموعد التالي {1}", fr: "vérifié le {0}, à revoir le {1}",
        en: "verified on {0}, due again on {1}")

    private static let kinds: [String: Phrase] = [
        "mobile": Phrase(ar: "محمول", fr: "mobile", en: "mobile"),
        "landline": Phrase(ar: "هاتف ثابت", fr: "fixe", en: "landline"),
        "sat": Phrase(ar: "هاتف فضائي", fr: "satellite", en: "satellite"),
        "email": Phrase(ar: "بريد إلكتروني", fr: "courriel", en: "e-mail"),
        "messaging": Phrase(ar: "مراسلة", fr: "messagerie", en: "messaging"),
        "radio": Phrase(ar: "راديو", fr: "radio", en: "radio"),
        "address": Phrase(ar: "عنوان", fr: "adresse", en: "address"),
        "in_person": Phrase(ar: "حضوريا", fr: "en personne", en: "in person"),
        "fax": Phrase(ar: "فاكس", fr: "fax", en: "fax"),
        "web": Phrase(ar: "موقع", fr: "site", en: "web"),
    ]

    /// What a kind of channel is called; a kind that is not known is called as it is written.
    static func channelKind(_ code: String, _ text: TerminalText) -> String {
        kinds[code]?.here ?? text.own(code)
    }

    private static let answerers: [String: Phrase] = [
        "self": Phrase(ar: "يردّ بنفسه", fr: "répond en personne", en: "answers in person"),
        "spouse": Phrase(
            ar: "يردّ الزوج أو الزوجة", fr: "le conjoint répond", en: "the spouse answers"),
        "assistant": Phrase(
            ar: "يردّ المساعد", fr: "un assistant répond", en: "an assistant answers"),
        "office": Phrase(ar: "يردّ المكتب", fr: "le bureau répond", en: "the office answers"),
        "shared": Phrase(ar: "هاتف مشترك", fr: "téléphone partagé", en: "a shared phone"),
    ]

    static func answeredBy(_ code: String, _ text: TerminalText) -> String {
        answerers[code]?.here ?? text.own(code)
    }
}

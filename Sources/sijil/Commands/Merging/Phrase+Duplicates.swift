import SijilDirectory

extension PossibleDuplicate.Reason {
    var phrase: Phrase {
        switch self {
        case .samePhone: Phrase(ar: "الهاتف نفسه", fr: "même téléphone", en: "same phone")
        case .sharedEmail:
            Phrase(ar: "البريد الإلكتروني نفسه", fr: "même courriel", en: "same e-mail")
        case .sameOffice: Phrase(ar: "المنصب نفسه", fr: "même charge", en: "same office")
        case .sameCommunity:
            Phrase(ar: "المجتمع نفسه", fr: "même communauté", en: "same community")
        case .sameArea: Phrase(ar: "المنطقة نفسها", fr: "même zone", en: "same area")
        case .nameExact: Phrase(ar: "الاسم نفسه", fr: "même nom", en: "same name")
        case .nameKey:
            Phrase(ar: "اسم قريب النطق", fr: "nom qui sonne pareil", en: "name sounds alike")
        }
    }
}

extension Phrase {
    static let duplicatesAbstract = Phrase(
        ar: "سرد من يبدو أنهم سُجّلوا مرتين، مع الأسباب.",
        fr: "Lister les personnes qui semblent saisies deux fois, avec les raisons.",
        en: "List persons who seem to have been entered twice, with the reasons.")
    static let duplicatesDiscussion = Phrase(
        ar: """
            أمثلة:
              sijil duplicates
              sijil duplicates --in roster-xm01 --min-score 0.5 --json
              sijil duplicates --not A B --because "أخوان"

            لا يكفي تشابه الاسم وحده أبدًا. ما سُجّل أنهما شخصان يُحفظ ويُزامَن؛ للرجوع: sijil remove مع معرّف \
            السجلّ من «sijil list distinction».
            """,
        fr: """
            Exemples :
              sijil duplicates
              sijil duplicates --in roster-xm01 --min-score 0.5 --json
              sijil duplicates --not A B --because "deux frères"

            La ressemblance du nom ne suffit jamais. Ce qui est noté comme deux personnes est retenu et synchronisé ; \
            pour revenir en arrière : sijil remove avec l’identifiant donné par « sijil list distinction ».
            """,
        en: """
            Examples:
              sijil duplicates
              sijil duplicates --in roster-xm01 --min-score 0.5 --json
              sijil duplicates --not A B --because "two brothers"

            A similar name alone is never enough. What is noted as two people is remembered and synced; to take it \
            back: sijil remove with the id from 'sijil list distinction'.
            """)
    static let duplicatesIn = Phrase(
        ar: "هذه المجموعة فقط: اسمها أو معرّفها.",
        fr: "Seulement cette collection : nom ou identifiant.",
        en: "Only this collection: name or id.")
    static let duplicatesMinimum = Phrase(
        ar: "من هذه الدرجة فما فوق؛ من 0 إلى 1.", fr: "À partir de ce score, de 0 à 1.",
        en: "From this score on, 0 to 1.")
    static let duplicatesLimit = Phrase(
        ar: "هذا العدد على الأكثر.", fr: "Au plus ce nombre.", en: "At most so many.")
    static let duplicatesExitCode = Phrase(
        ar: "الخروج بالرمز 1 إن وُجد شيء.", fr: "Terminer avec 1 s’il y en a.",
        en: "Exit with 1 when there are any.")
    static let duplicatesNot = Phrase(
        ar: "تسجيل أن A وB شخصان مختلفان.", fr: "Noter que A et B sont deux personnes.",
        en: "Note that A and B are two people.")
    static let duplicatesPair = Phrase(
        ar: "مع --not: معرّفا الشخصين.", fr: "Avec --not : les identifiants des deux personnes.",
        en: "With --not: the ids of the two persons.")
    static let duplicatesForm = Phrase(
        ar: "يُذكر معرّفان مع --not، ولا شيء بدونه.",
        fr: "Donner deux identifiants avec --not, aucun sans.",
        en: "Give two ids with --not, and none without.")
    static let duplicatesNumbers = Phrase(
        ar: "--limit من 1 فما فوق و--min-score بين 0 و1.",
        fr: "--limit vaut 1 ou plus, --min-score de 0 à 1.",
        en: "--limit is 1 or more, and --min-score from 0 to 1.")
    static let noDuplicates = Phrase(
        ar: "لا أحد يبدو مسجّلًا مرتين", fr: "personne ne semble saisi deux fois",
        en: "nobody seems to have been entered twice")
    static let notedAsTwo = Phrase(
        ar: "سُجّل: {0} و{1} شخصان؛ التالي: sijil sync",
        fr: "noté : {0} et {1} sont deux personnes ; ensuite : sijil sync",
        en: "noted: {0} and {1} are two people; next: sijil sync")
    static let mergedCannotBeTwo = Phrase(
        ar: "هذان السجلّان مدموجان في شخص واحد.",
        fr: "Ces deux fiches sont réunies en une personne.",
        en: "These two records are merged into one person.")
    static let maybeTheSame = Phrase(
        ar: "قد يكون مسجّلًا من قبل: {0} ({1}) · {2}",
        fr: "peut-être déjà saisi : {0} ({1}) · {2}",
        en: "perhaps entered already: {0} ({1}) · {2}")
}

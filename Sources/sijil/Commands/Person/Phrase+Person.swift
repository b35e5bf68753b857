extension Phrase {
    static let personAbstract = Phrase(
        ar: "ما يُحفظ عن شخص: الاطّلاع عليه ومحوه.",
        fr: "Ce qui est conservé sur une personne : le voir, l'effacer.",
        en: "What is held on a person: to see it, to erase it.")
    static let personDiscussion = Phrase(
        ar: """
            أمثلة:
              sijil person report ID --output report.txt
              sijil person erase ID --because "طلب ذلك هاتفيًا"
            """,
        fr: """
            Exemples :
              sijil person report ID --output rapport.txt
              sijil person erase ID --because "demandé par téléphone"
            """,
        en: """
            Examples:
              sijil person report ID --output report.txt
              sijil person erase ID --because "asked for it by phone"
            """)
    static let personID = Phrase(
        ar: "معرّف الشخص.", fr: "L'identifiant de la personne.", en: "The person's id.")

    // MARK: Report

    static let reportAbstract = Phrase(
        ar: "كلّ ما يُحفظ عن شخص، ومن كتبه ومتى، ولمن أُعطي.",
        fr:
            "Tout ce qui est conservé sur une personne, qui l'a écrit et quand, et à qui on l'a donné.",
        en: "Everything that is held on a person, who wrote it and when, and who was given it.")
    static let reportDiscussion = Phrase(
        ar: """
            أمثلة:
              sijil person report ID
              sijil person report ID --output report.txt
              sijil person report ID --json

            يشمل السجلّات المدموجة فيه، ووسائل الاتصال، والولايات، والعضويات، والتحقّقات، والموافقات، بكلّ القيم التي لم يُحسم بينها، وتاريخ كلّ منها، وما يشير إليه، وسجلّ من تسلّموا تصديرات المجموعة.
            """,
        fr: """
            Exemples :
              sijil person report ID
              sijil person report ID --output rapport.txt
              sijil person report ID --json

            Y sont les fiches réunies, les moyens de contact, mandats, appartenances, vérifications et consentements, avec toutes les valeurs encore en concurrence, l'historique de chacun, ce qui s'y réfère, et les destinataires des exports de la collection.
            """,
        en: """
            Examples:
              sijil person report ID
              sijil person report ID --output report.txt
              sijil person report ID --json

            It has the merged records, channels, tenures, memberships, verifications and consents, with every value that is still contested, the history of each, what refers to them, and the recipients of the collection's exports.
            """)
    static let reportOutput = Phrase(
        ar: "أين يُكتب؛ الافتراضي: الإخراج القياسي.",
        fr: "Où l'écrire ; par défaut, la sortie standard.",
        en: "Where to. Default: standard output.")
    static let reportWritten = Phrase(
        ar: "كُتب التقرير في {0}", fr: "rapport écrit dans {0}", en: "report written to {0}")
    static let reportCollection = Phrase(
        ar: "المجموعة", fr: "dans la collection", en: "collection")
    static let reportHistory = Phrase(ar: "التاريخ:", fr: "historique :", en: "history:")
    static let reportTakenOut = Phrase(ar: "أُخرج", fr: "retiré", en: "taken out")
    static let reportWas = Phrase(ar: "كان {0}", fr: "était {0}", en: "was {0}")
    static let reportReferences = Phrase(
        ar: "سجلّات أخرى تشير إليه:", fr: "Autres fiches qui s'y réfèrent :",
        en: "Other records that refer to them:")
    static let reportDisclosures = Phrase(
        ar: "لمن أُعطيت سجلّات المجموعة:", fr: "À qui des fiches de la collection ont été données :",
        en: "To whom records of the collection were given:")
    static let reportNone = Phrase(ar: "لا شيء", fr: "aucun", en: "none")

    // MARK: Erase

    static let eraseAbstract = Phrase(
        ar: "محو كلّ ما يُحفظ عن شخص، على كلّ جهاز يُزامن؛ لا رجعة فيه.",
        fr:
            "Effacer tout ce qui est conservé sur une personne, sur chaque appareil qui synchronise ; sans retour.",
        en:
            "Erase everything that is held on a person, on every device that syncs; there is no way back."
    )
    static let eraseDiscussion = Phrase(
        ar: """
            أمثلة:
              sijil person report ID --output report.txt
              sijil person erase ID --because "طلب ذلك هاتفيًا"
              sijil person erase ID --no-input --json

            للمنسّق وحده. تُمحى مع الشخص السجلّات المدموجة فيه، ووسائل اتصاله، وولاياته، وعضوياته، والتحقّقات والموافقات المتعلّقة بها. يبقى المعرّف وحده، كي لا تعيده قائمة قديمة. السبب يبقى مقروءًا: لا تذكر فيه اسمًا. ما صُدّر أو نُسخ خارجًا لا يصله المحو.
            """,
        fr: """
            Exemples :
              sijil person report ID --output rapport.txt
              sijil person erase ID --because "demandé par téléphone"
              sijil person erase ID --no-input --json

            Réservé aux coordinateurs. Avec la personne s'effacent les fiches réunies, ses moyens de contact, mandats, appartenances, et les vérifications et consentements qui s'y rapportent. Seul l'identifiant reste, pour qu'une vieille liste ne la ramène pas. Le motif reste lisible : n'y nommez personne. Ce qui fut exporté ou copié ailleurs n'est pas atteint.
            """,
        en: """
            Examples:
              sijil person report ID --output report.txt
              sijil person erase ID --because "asked for it by phone"
              sijil person erase ID --no-input --json

            For coordinators. With the person go the records merged into one with it, channels, tenures, memberships, and the verifications and consents about any of these. Only the id stays, so that no old list brings the person back. The reason can be read for ever: name nobody in it. What was exported or copied elsewhere is out of reach.
            """)
    static let eraseBecause = Phrase(
        ar: "السبب؛ يبقى مقروءًا، فلا تذكر فيه اسمًا.",
        fr: "Pourquoi ; cela reste lisible : n'y nommez personne.",
        en: "Why; it can be read for ever: name nobody in it.")
    static let eraseLeft = Phrase(
        ar: "بقي ما في {0}: لا يمحوه إلا منسّق هناك.",
        fr: "Il reste ce qui est dans {0} : seul un coordinateur de là-bas peut l'effacer.",
        en: "What is in {0} is left: only a coordinator of it may erase that.")
    static let eraseOthersFirst = Phrase(
        ar: "ما يُمحى هنا يمنع الاتصال بالشخص أو ذكره: فليُمحَ هناك أوّلًا.",
        fr: "Ce qui serait effacé ici protège cette personne : qu'on l'efface d'abord là-bas.",
        en:
            "What would be erased here keeps the person from being called or named: have it erased there first."
    )
    static let eraseAskCoordinator = Phrase(
        ar: "اطلب ذلك من منسّق.", fr: "Demandez-le à un coordinateur.",
        en: "Ask a coordinator to do it.")
    static let eraseNotConfirmed = Phrase(
        ar: "لم يُمحَ شيء.", fr: "Rien n'a été effacé.", en: "Nothing was erased.")
    static let erasedAlready = Phrase(
        ar: "مُحي من قبل؛ لا شيء يُمحى", fr: "déjà effacé ; il n'y a rien à effacer",
        en: "erased already; there is nothing left to erase")
    static let eraseNext = Phrase(
        ar: "؛ التالي: sijil sync", fr: " ; ensuite : sijil sync", en: "; next: sijil sync")
}

extension CountedPhrase {
    static let erased = CountedPhrase(
        ar: (
            zero: "لم يُمحَ أي سجلّ", one: "مُحي سجلّ واحد", two: "مُحي سجلّان", few: "مُحيت {0} سجلّات",
            many: "مُحي {0} سجلًّا", other: "مُحي {0} سجلّ"
        ),
        fr: (one: "{0} fiche effacée", other: "{0} fiches effacées"),
        en: (one: "erased {0} record", other: "erased {0} records"))
    static let eraseQuestion = CountedPhrase(
        ar: (
            zero: "لا سجلّ يُمحى. متابعة؟ [نعم/لا] ",
            one: "محو سجلّ واحد على كل الأجهزة، بلا رجعة؟ [نعم/لا] ",
            two: "محو سجلّين على كل الأجهزة، بلا رجعة؟ [نعم/لا] ",
            few: "محو {0} سجلّات على كل الأجهزة، بلا رجعة؟ [نعم/لا] ",
            many: "محو {0} سجلًّا على كل الأجهزة، بلا رجعة؟ [نعم/لا] ",
            other: "محو {0} سجلّ على كل الأجهزة، بلا رجعة؟ [نعم/لا] "
        ),
        fr: (
            one: "Effacer {0} fiche sur tous les appareils, sans retour ? [oui/non] ",
            other: "Effacer {0} fiches sur tous les appareils, sans retour ? [oui/non] "
        ),
        en: (
            one: "Erase {0} record on all devices, without a way back? [yes/no] ",
            other: "Erase {0} records on all devices, without a way back? [yes/no] "
        ))
}

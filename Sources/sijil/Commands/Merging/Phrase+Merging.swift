extension Phrase {
    static let mergeAbstract = Phrase(
        ar: "دمج سجلّين لشخص واحد؛ يمكن الرجوع عنه في أي وقت.",
        fr: "Réunir deux fiches d’une même personne ; on peut toujours revenir en arrière.",
        en: "Make two records of one person one; it can be taken back at any time.")
    static let mergeDiscussion = Phrase(
        ar: """
            أمثلة:
              sijil merge A B --because "الهاتف نفسه والمسجد نفسه"
              sijil merge A B --keep name.ar=B --keep notes=A

            يصبح B جزءًا من A: لا يُنقل شيء، ويبقى المعرّف B صالحًا. ما ينقص A يؤخذ من B، وتُجمع القوائم، ويسري \
            أشدّ القيود. «sijil unmerge B» يعيد السجلّين كما هما، مع ما عُدّل بعد الدمج.
            """,
        fr: """
            Exemples :
              sijil merge A B --because "même téléphone, même mosquée"
              sijil merge A B --keep name.ar=B --keep notes=A

            B devient une partie de A : rien n’est déplacé, l’identifiant B reste valable. Ce qui manque à A vient \
            de B, les listes sont réunies, la restriction la plus stricte l’emporte. « sijil unmerge B » rend les \
            deux fiches, avec ce qui a été modifié depuis.
            """,
        en: """
            Examples:
              sijil merge A B --because "same phone, same mosque"
              sijil merge A B --keep name.ar=B --keep notes=A

            B becomes a part of A: nothing is moved, and the id B stays good. What A lacks comes from B, lists are \
            united, the strictest restriction holds. 'sijil unmerge B' gives both records back, with what was \
            edited since.
            """)
    static let mergeFirst = Phrase(
        ar: "معرّف الشخص الذي يبقى.", fr: "L’identifiant de la personne qui reste.",
        en: "The id of the person that stays.")
    static let mergeSecond = Phrase(
        ar: "معرّف السجلّ الآخر لهذا الشخص.", fr: "L’identifiant de l’autre fiche de cette personne.",
        en: "The id of the other record of that person.")
    static let mergeKeep = Phrase(
        ar: "من أي السجلّين تؤخذ قيمة الحقل؛ A إن لم يُذكر. يمكن تكراره.",
        fr:
            "De quelle fiche vient la valeur d’un champ ; de A sans cette option. Peut être répété.",
        en: "Whose value of a field is shown; A's without this. Repeatable.")
    static let mergeKeepForm = Phrase(
        ar: "صيغة --keep هي FIELD=A أو FIELD=B.", fr: "--keep s’écrit FIELD=A ou FIELD=B.",
        en: "--keep is of the form FIELD=A or FIELD=B.")
    static let mergeOfOne = Phrase(
        ar: "هذا معرّف واحد: سمِّ سجلّين.", fr: "C’est un seul identifiant : nommez deux fiches.",
        en: "That is one id: name two records.")
    static let becauseHelp = Phrase(
        ar: "السبب، لمن يقرأ تاريخ التعديلات.", fr: "Pourquoi, pour qui lira l’historique.",
        en: "Why, for whoever reads the history.")
    static let merged = Phrase(
        ar: "{0}: دُمج فيه {1}؛ التالي: sijil sync · للرجوع: sijil unmerge {1}",
        fr: "{0} : {1} y est réuni ; ensuite : sijil sync · pour défaire : sijil unmerge {1}",
        en: "{0}: {1} is merged into it; next: sijil sync · to take it back: sijil unmerge {1}")
    static let mergedAlready = Phrase(
        ar: "لا شيء يتغيّر: هما شخص واحد من قبل",
        fr: "rien à changer : c’est déjà une seule personne",
        en: "nothing to change: they are one person already")
    static let mergeOfDistinct = Phrase(
        ar: "سبق أن سُجّل أن هذين شخصان مختلفان: sijil list distinction",
        fr: "il est noté que ce sont deux personnes : sijil list distinction",
        en: "it was noted that these are two people: sijil list distinction")
    static let unmergeAbstract = Phrase(
        ar: "الرجوع عن دمج: يعود السجلّان، مع ما عُدّل بعده.",
        fr: "Défaire une réunion : les deux fiches reviennent, avec ce qui a été modifié depuis.",
        en: "Take a merge back: both records are there again, with what was edited since.")
    static let unmergeDiscussion = Phrase(
        ar: """
            أمثلة:
              sijil unmerge B --because "الرقم الثاني للمؤذّن"
            """,
        fr: """
            Exemples :
              sijil unmerge B --because "le second numéro est celui du muezzin"
            """,
        en: """
            Examples:
              sijil unmerge B --because "the second number is the muezzin's"
            """)
    static let unmergeRecord = Phrase(
        ar: "معرّف السجلّ المدموج، أو الشخص الذي دُمج فيه.",
        fr: "L’identifiant de la fiche réunie, ou de la personne à qui elle l’est.",
        en: "The id of the merged record, or of the person it is merged into.")
    static let unmerged = Phrase(
        ar: "{0} ({1}) و{2} ({3}) سجلّان من جديد؛ التالي: sijil sync",
        fr: "{0} ({1}) et {2} ({3}) sont de nouveau deux ; ensuite : sijil sync",
        en: "{0} ({1}) and {2} ({3}) are two again; next: sijil sync")
    static let notMerged = Phrase(
        ar: "هذا السجلّ غير مدموج.", fr: "Cette fiche n’est réunie à aucune autre.",
        en: "That record is not merged.")
    static let notMergedHint = Phrase(
        ar: "«sijil show» يعرض ما دُمج في الشخص.",
        fr: "« sijil show » montre ce qui est réuni à une personne.",
        en: "'sijil show' tells what is merged into a person.")
    static let notAPerson = Phrase(
        ar: "هذا المعرّف ليس لشخص.", fr: "Cet identifiant n’est pas celui d’une personne.",
        en: "That id is not a person's.")
    static let deletedPerson = Phrase(
        ar: "سجلّ هذا الشخص محذوف.", fr: "La fiche de cette personne est supprimée.",
        en: "The record of that person is deleted.")
}

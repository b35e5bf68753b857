import ArgumentParser

/// The libraries of practices, for people.
struct Practice: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: Phrase.practiceAbstract.here,
        discussion: Phrase.practiceDiscussion.here,
        subcommands: [
            PracticeList.self, PracticeShow.self, PracticeChecklist.self, PracticeItem.self,
        ])
}

extension Phrase {
    fileprivate static let practiceAbstract = Phrase(
        ar: "الممارسات الجيدة: قائمتها ونصوصها وقوائم التحقق.",
        fr: "Les bonnes pratiques : liste, textes, listes de contrôle.",
        en: "Good practices: list them, read them, work through their checklists.")
    fileprivate static let practiceDiscussion = Phrase(
        ar: """
            أمثلة:
              sijil practice list --phase response
              sijil practice show 18 --lang ar
              sijil practice checklist 17 --lang ar
            """,
        fr: """
            Exemples :
              sijil practice list --phase response
              sijil practice show 18 --lang fr
              sijil practice checklist 17 --lang fr
            """,
        en: """
            Examples:
              sijil practice list --phase response
              sijil practice show 18 --lang fr
              sijil practice checklist 17 --lang ar
            """)
    static let practiceArgument = Phrase(
        ar: "رقم الممارسة أو معرّفها.", fr: "Le numéro ou l’identifiant de la pratique.",
        en: "The practice's number or id.")
    static let practiceLibraryOption = Phrase(
        ar: "رمز المكتبة أو معرّفها؛ الافتراضي: كل المكتبات.",
        fr: "Le code ou l’identifiant de la bibliothèque ; par défaut, toutes.",
        en: "The library's code or id; default: all of them.")
}

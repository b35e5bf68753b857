import ArgumentParser
import SijilCore
import SijilDirectory
import SijilStore

struct PracticeShow: Verb {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: Phrase.practiceShowAbstract.here,
        discussion: Phrase.practiceShowDiscussion.here)

    @Argument(help: ArgumentHelp(Phrase.practiceArgument.here, valueName: "number"))
    var practice: String

    @Option(help: ArgumentHelp(Phrase.practiceLibraryOption.here, valueName: "code"))
    var library: String?

    @OptionGroup var language: LanguageOptions
    @OptionGroup var common: CommonOptions

    func run(_ console: Console) async throws {
        let replica = try openReplica()
        let shelf = PracticeShelf(replica)
        let library = try library.map(shelf.library)
        let page = try PracticePage(
            try shelf.practice(named: practice, in: library), shelf,
            languages: InterfaceLanguage.current.preferences)
        if console.isJSON {
            try console.emit(page.json(replicaNames: try replica.replicaNames()))
        } else {
            try page.print(console)
        }
    }
}

extension Phrase {
    fileprivate static let practiceShowAbstract = Phrase(
        ar: "عرض ممارسة: نصها وحالته ومصدره، وما يتصل بها من حالات ودروس.",
        fr: "Montrer une pratique : texte, statut, source, cas et leçons qui s’y rattachent.",
        en: "Show a practice: wording, status, source, and the cases and lessons about it.")
    fileprivate static let practiceShowDiscussion = Phrase(
        ar: """
            أمثلة:
              sijil practice show 18 --lang ar
              sijil practice show 17 --library rabat-washington-2018
              sijil practice show 19 --json

            إذا لم يوجد النص باللغة المطلوبة عُرض بلغة أخرى مع ذكر ذلك.
            """,
        fr: """
            Exemples :
              sijil practice show 18 --lang fr
              sijil practice show 17 --library rabat-washington-2018
              sijil practice show 19 --json

            Si le texte n’existe pas dans la langue voulue, il est montré dans une autre, et c’est dit.
            """,
        en: """
            Examples:
              sijil practice show 18 --lang fr
              sijil practice show 17 --library rabat-washington-2018
              sijil practice show 19 --json

            If there is no text in the wanted language, another is shown and it says so.
            """)
}

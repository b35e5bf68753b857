import ArgumentParser
import SijilCore
import SijilDirectory
import SijilStore

struct PracticeList: Verb {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: Phrase.practiceListAbstract.here,
        discussion: Phrase.practiceListDiscussion.here)

    @Option(help: ArgumentHelp(Phrase.practiceLibraryOption.here, valueName: "code"))
    var library: String?

    @Option(help: ArgumentHelp(Phrase.practiceListTag.here, valueName: "tag"))
    var tag: [String] = []

    @Option(
        help: ArgumentHelp(Phrase.practiceListPhase.here, valueName: "phase"),
        completion: .list(["prevention", "detection", "intervention", "response"]))
    var phase: [String] = []

    @Option(help: ArgumentHelp(Phrase.practiceListSector.here, valueName: "sector"))
    var sector: [String] = []

    @Option(help: ArgumentHelp(Phrase.practiceListTheme.here, valueName: "theme"))
    var theme: [String] = []

    @OptionGroup var language: LanguageOptions
    @OptionGroup var common: CommonOptions

    func run(_ console: Console) async throws {
        let shelf = PracticeShelf(try openReplica())
        let library = try library.map(shelf.library)
        let codes = Dictionary(
            try shelf.libraries().map { ($0.id, $0["code"].plainText) }, uniquingKeysWith: { $1 })
        var table = Table(
            Phrase.columnNumber.here, Phrase.columnLibrary.here, Phrase.columnTitle.here)
        for practice in try shelf.practices(of: library) where isWanted(practice) {
            var code = ""
            if case .reference(let id) = practice["library"] { code = codes[id] ?? "" }
            let title = practice.wording("title", in: InterfaceLanguage.current.preferences)
            if console.isJSON {
                try console.emit(practice.listJSON(title, library: code))
            } else {
                table.add(
                    console.text.code(practice["number"].plainText), console.text.code(code),
                    title.line(console.text))
            }
        }
        if !console.isJSON { try console.print(table, whenEmpty: Phrase.noPractices.here) }
    }

    /// Each option that is given must be met; of several values of one, any.
    private func isWanted(_ practice: RecordView) -> Bool {
        let wishes = [("tags", tag), ("phases", phase), ("sectors", sector), ("themes", theme)]
        return wishes.allSatisfy { field, wanted in
            let members = practice.members(field).map { $0.plainText.lowercased() }
            // What people call a tag of their own is theirs; the others have fixed names.
            let all = field == "tags" ? members + practice.vocabulary : members
            return wanted.isEmpty || wanted.contains { all.contains($0.lowercased()) }
        }
    }
}

extension RecordView {
    /// Every tag of a practice, whatever kind it is.
    fileprivate var vocabulary: [String] {
        ["phases", "sectors", "themes"].flatMap { members($0).map(\.plainText) }
    }

    fileprivate func listJSON(_ title: Wording, library: String) -> JSON {
        let body = wording("body", in: InterfaceLanguage.current.preferences)
        return [
            "id": .string(id.description), "library": .string(library),
            "number": .string(self["number"].plainText), "title": title.text.json,
            "language": .string(title.language), "title_status": title.status.json,
            "body_status": body.status.json, "phases": membersJSON("phases"),
            "sectors": membersJSON("sectors"), "themes": membersJSON("themes"),
            "tags": membersJSON("tags"),
        ]
    }

    func membersJSON(_ field: String) -> JSON { .array(members(field).map(\.json)) }
}

extension Wording {
    /// The text with its status, and its language when that is another than was asked for.
    func line(_ terminal: TerminalText) -> String {
        (text.map { terminal.own($0) + " " } ?? "") + "(\(note(terminal)))"
    }

    /// Its status, and its language when that is another than was asked for.
    func note(_ terminal: TerminalText) -> String {
        let words = PracticeWords(terminal)
        let status = words.status(status)
        return isSubstitute ? Phrase.inOtherLanguage(words.language(language), status) : status
    }
}

extension Phrase {
    fileprivate static let practiceListAbstract = Phrase(
        ar: "عرض الممارسات الجيدة.", fr: "Lister les bonnes pratiques.",
        en: "List good practices.")
    fileprivate static let practiceListDiscussion = Phrase(
        ar: """
            أمثلة:
              sijil practice list
              sijil practice list --phase response --sector media_technology --lang ar
              sijil practice list --library rabat-washington-2018 --json

            خيارات مختلفة تُطلب معًا؛ وقيم الخيار الواحد يكفي أحدها.
            """,
        fr: """
            Exemples :
              sijil practice list
              sijil practice list --phase response --sector media_technology --lang fr
              sijil practice list --library rabat-washington-2018 --json

            Des options différentes valent ensemble ; des valeurs d’une même option, une suffit.
            """,
        en: """
            Examples:
              sijil practice list
              sijil practice list --phase response --sector media_technology --lang fr
              sijil practice list --library rabat-washington-2018 --json

            Different options must all be met; of several values of one option, any.
            """)
    fileprivate static let practiceListTag = Phrase(
        ar: "ما له هذه السمة فقط، أيًّا كان نوعها.",
        fr: "Seulement ce qui porte cette étiquette, de n’importe quelle sorte.",
        en: "Only what has this tag, of whatever kind.")
    fileprivate static let practiceListPhase = Phrase(
        ar: "ما هو من هذه المرحلة فقط: prevention أو detection أو intervention أو response.",
        fr: "Seulement cette phase : prevention, detection, intervention, response.",
        en: "Only this phase: prevention, detection, intervention, response.")
    fileprivate static let practiceListSector = Phrase(
        ar: "ما يخص هذا القطاع فقط، مثل media_technology أو communities.",
        fr: "Seulement ce secteur, p. ex. media_technology ou communities.",
        en: "Only this sector, e.g. media_technology or communities.")
    fileprivate static let practiceListTheme = Phrase(
        ar: "ما هو في هذا الموضوع فقط، مثل community_policing.",
        fr: "Seulement ce thème, p. ex. community_policing.",
        en: "Only this theme, e.g. community_policing.")
    fileprivate static let columnNumber = Phrase(ar: "الرقم", fr: "N°", en: "NO.")
    fileprivate static let columnLibrary = Phrase(
        ar: "المكتبة", fr: "BIBLIOTHÈQUE", en: "LIBRARY")
    fileprivate static let columnTitle = Phrase(ar: "العنوان", fr: "TITRE", en: "TITLE")
    fileprivate static let noPractices = Phrase(
        ar: "لا توجد ممارسة كهذه هنا.", fr: "Il n’y a pas de telle pratique ici.",
        en: "There is no such practice here.")
    static let inOtherLanguage = Phrase(
        ar: "متوفر بلغة أخرى فقط: {0}؛ {1}", fr: "seulement en {0} ; {1}", en: "only in {0}; {1}")
}

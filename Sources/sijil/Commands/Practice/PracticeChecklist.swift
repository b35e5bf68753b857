import ArgumentParser
import SijilCore
import SijilDirectory
import SijilStore

struct PracticeChecklist: Verb {
    static let configuration = CommandConfiguration(
        commandName: "checklist", abstract: Phrase.checklistAbstract.here,
        discussion: Phrase.checklistDiscussion.here)

    @Argument(help: ArgumentHelp(Phrase.practiceArgument.here, valueName: "number"))
    var practice: String

    @Option(help: ArgumentHelp(Phrase.practiceLibraryOption.here, valueName: "code"))
    var library: String?

    @Flag(help: ArgumentHelp(Phrase.checklistMarkdown.here))
    var markdown = false

    @OptionGroup var language: LanguageOptions
    @OptionGroup var common: CommonOptions

    func validate() throws {
        if markdown, common.json { throw ValidationError(Phrase.markdownOrJSON.here) }
    }

    func run(_ console: Console) async throws {
        let shelf = PracticeShelf(try openReplica())
        let library = try library.map(shelf.library)
        let practice = try shelf.practice(named: practice, in: library)
        let checklists = try shelf.checklists(of: practice)
        if checklists.isEmpty { console.message(Phrase.noChecklist.here) }
        for (place, checklist) in checklists.enumerated() {
            let sheet = ChecklistSheet(
                checklist, items: try shelf.items(of: checklist), practice: practice,
                languages: InterfaceLanguage.current.preferences)
            if console.isJSON {
                for line in sheet.json { try console.emit(line) }
                continue
            }
            if place > 0 { try console.print() }
            let lines = markdown ? sheet.markdown : sheet.lines(console.text)
            for line in lines { try console.print(line) }
        }
    }
}

/// A checklist in the order in which it is worked through.
struct ChecklistSheet {
    private let checklist: RecordView
    private let items: [RecordView]
    private let practice: RecordView
    private let languages: [String]

    init(
        _ checklist: RecordView, items: [RecordView], practice: RecordView, languages: [String]
    ) {
        self.checklist = checklist
        self.items = items
        self.practice = practice
        self.languages = languages
    }

    /// One object per item.
    var json: [JSON] {
        items.enumerated()
            .map { place, item in
                let wording = item.wording("text", in: languages)
                return [
                    "id": .string(item.id.description),
                    "checklist": .string(checklist.id.description),
                    "practice": .string(practice["number"].plainText),
                    "place": .integer(Int64(place + 1)), "order": item["order"].json,
                    "text": wording.text.json, "language": .string(wording.language),
                    "status": wording.status.json, "role": item["role"].json,
                    "due": item["due"].json, "needs": item.membersJSON("needs"),
                ]
            }
    }

    func lines(_ terminal: TerminalText) -> [String] {
        let words = PracticeWords(terminal)
        var lines = [checklist.wording("title", in: languages).line(terminal)]
        let number = terminal.code(practice["number"].plainText)
        lines.append(Phrase.labelled(Phrase.practiceLabel.here, number))
        if checklist["phase"] != .none {
            let phase = words.phase(checklist["phase"].plainText)
            lines.append(Phrase.labelled(Phrase.checklistPhase.here, phase))
        }
        for (place, item) in items.enumerated() {
            let wording = item.wording("text", in: languages)
            lines.append("")
            lines.append("\(place + 1). \(terminal.own(wording.text ?? ""))")
            // What is said of the checklist need not be said of each of its items.
            if wording.isSubstitute || wording.text == nil || wording.status != commonStatus {
                lines.append("   (\(wording.note(terminal)))")
            }
            if !details(item, words).isEmpty { lines.append("   " + details(item, words)) }
        }
        return lines
    }

    /// As a list of tasks with boxes, each text in the direction of its language.
    var markdown: [String] {
        // For a file, not for a terminal: no marks.
        let terminal = TerminalText(isTerminal: false, isPlain: true)
        let words = PracticeWords(terminal)
        let title = checklist.wording("title", in: languages)
        var lines = [
            "<div lang=\"\(title.language.asMarkdown)\" dir=\"auto\">", "",
            "# \((title.text ?? "").asMarkdown)", "",
            "\(Phrase.practiceLabel.here) \(practice["number"].plainText.asMarkdown) · "
                + title.note(terminal).asMarkdown, "",
        ]
        for item in items {
            let wording = item.wording("text", in: languages)
            var line = "- [ ] \((wording.text ?? "").asMarkdown)"
            if wording.isSubstitute || wording.text == nil || wording.status != commonStatus {
                line += " (\(wording.note(terminal).asMarkdown))"
            }
            lines.append(line)
            let details = details(item, words)
            if !details.isEmpty { lines += ["  ", "  *\(details.asMarkdown)*"] }
        }
        return lines + ["", "</div>"]
    }

    private var commonStatus: String? { checklist.wording("title", in: languages).status }

    /// `within 1 hour · field officer · needs: a message`.
    private func details(_ item: RecordView, _ words: PracticeWords) -> String {
        var parts: [String] = []
        if item["due"] != .none { parts.append(words.due(item["due"].plainText)) }
        if item["role"] != .none { parts.append(words.role(item["role"].plainText)) }
        let needs = item.members("needs").map { words.need($0.plainText) }
        if !needs.isEmpty {
            parts.append(Phrase.needsLabel(needs.joined(separator: Phrase.listSeparator.here)))
        }
        return parts.joined(separator: " · ")
    }
}

extension String {
    /// On one line, without what a terminal, Markdown or HTML would read as more than text.
    fileprivate var asMarkdown: String {
        var result = ""
        for scalar in TerminalText.neutralised(self).unicodeScalars {
            switch scalar {
            case "<": result += "&lt;"
            case "&": result += "&amp;"
            case "\\", "`", "*", "_", "[", "]", "#", "|", "~": result += "\\\(scalar)"
            case "\"": result += "&quot;"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}

extension Phrase {
    fileprivate static let checklistAbstract = Phrase(
        ar: "عرض قوائم التحقق لممارسة، بترتيبها.",
        fr: "Montrer les listes de contrôle d’une pratique, dans l’ordre.",
        en: "Show the checklists of a practice, in order.")
    fileprivate static let checklistDiscussion = Phrase(
        ar: """
            أمثلة:
              sijil practice checklist 17 --lang ar
              sijil practice checklist 18 --markdown > 18.md
              sijil practice checklist 19 --json
            """,
        fr: """
            Exemples :
              sijil practice checklist 17 --lang fr
              sijil practice checklist 18 --markdown > 18.md
              sijil practice checklist 19 --json
            """,
        en: """
            Examples:
              sijil practice checklist 17 --lang ar
              sijil practice checklist 18 --markdown > 18.md
              sijil practice checklist 19 --json
            """)
    fileprivate static let checklistMarkdown = Phrase(
        ar: "قائمة بخانات، بصيغة Markdown، للطباعة أو للصفحات.",
        fr: "En Markdown, avec des cases à cocher, pour l’imprimer ou la publier.",
        en: "As Markdown with boxes to tick, to print or to publish.")
    fileprivate static let markdownOrJSON = Phrase(
        ar: "اختر --markdown أو --json، لا كليهما.",
        fr: "Choisir --markdown ou --json, pas les deux.",
        en: "Choose --markdown or --json, not both.")
    fileprivate static let noChecklist = Phrase(
        ar: "ليس لهذه الممارسة قائمة تحقق هنا.",
        fr: "Cette pratique n’a pas de liste de contrôle ici.",
        en: "This practice has no checklist here.")
    fileprivate static let checklistPhase = Phrase(ar: "المرحلة", fr: "phase", en: "phase")
    fileprivate static let needsLabel = Phrase(
        ar: "يلزم: {0}", fr: "il faut : {0}", en: "needs: {0}")
}

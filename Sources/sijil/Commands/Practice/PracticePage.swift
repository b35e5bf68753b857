import SijilCore
import SijilDirectory
import SijilStore

/// A practice with everything that is known about it, for one reader.
struct PracticePage {
    let practice: RecordView
    let library: RecordView?
    /// The reader's language first.
    let languages: [String]
    let checklists: [(record: RecordView, items: Int)]
    let caseStudies: [(record: RecordView, facts: [RecordView])]
    let lessons: [RecordView]
    /// Of the practice and of its lessons.
    let reviews: [RecordView]

    init(_ practice: RecordView, _ shelf: PracticeShelf, languages: [String]) throws {
        self.practice = practice
        self.languages = languages
        library = try shelf.record(practice["library"])
        checklists = try shelf.checklists(of: practice)
            .map { ($0, try shelf.items(of: $0).count) }
        caseStudies = try shelf.caseStudies(of: practice)
            .map { study in
                // What a case says about another practice is read there.
                let facts = try shelf.facts(of: study)
                    .filter { [.none, .reference(practice.id)].contains($0["practice"]) }
                return (study, facts)
            }
        lessons = try shelf.lessons(of: practice)
        reviews = try ([practice] + lessons).flatMap(shelf.reviews)
    }

    var title: Wording { practice.wording("title", in: languages) }
    var body: Wording { practice.wording("body", in: languages) }

    /// The languages that the practice has anything in, but for the one that is shown.
    var otherLanguages: [String] {
        practice.languages(of: "title", "body").filter { $0 != title.language }
    }

    // MARK: For people

    func print(_ console: Console) throws {
        let text = console.text
        func line(_ label: Phrase, _ value: String) throws {
            try console.print(Phrase.labelled(label.here, value))
        }
        try line(.practiceLabel, text.code(practice["number"].plainText))
        if let library {
            let name = library.wording("title", in: languages).text ?? ""
            try line(.libraryLabel, "\(text.own(name)) (\(text.code(library["code"].plainText)))")
        }
        try line(.titleLabel, title.line(text))
        try printSource(title.language, console)
        try line(.bodyLabel, "(\(body.note(text)))")
        for part in body.text?.split(separator: "\n", omittingEmptySubsequences: false) ?? [] {
            try console.print("  " + text.own(String(part)))
        }
        try printTags(text, line)
        for language in otherLanguages {
            let other = practice.wording("title", in: [language])
            guard other.language == language, other.text != nil else { continue }
            try console.print(
                Phrase.labelled(PracticeWords(text).language(language), other.line(text)))
        }
        let alternatives = practice.members("alternative_titles").map { text.own($0.plainText) }
        if !alternatives.isEmpty {
            try line(.alternativesLabel, alternatives.joined(separator: " · "))
        }
        try printConflicts(console)
        try printChecklists(console)
        try printCases(console)
        try printLessons(console)
        try printReviews(console)
    }

    private func printSource(_ language: String, _ console: Console) throws {
        for (field, label) in [
            ("source", Phrase.sourceLabel), ("translator", .translatorLabel),
            ("checked_by", .checkedLabel),
        ] {
            let value = practice.shown(CellName(field, key: .text(language))).plainText
            guard !value.isEmpty else { continue }
            try console.print("  " + Phrase.labelled(label.here, console.text.own(value)))
        }
    }

    private func printTags(
        _ text: TerminalText, _ line: (Phrase, String) throws -> Void
    ) throws {
        let names = PracticeWords(text)
        func words(_ field: String, _ name: (String) -> String) -> String {
            practice.members(field).map { name($0.plainText) }
                .joined(separator: Phrase.listSeparator.here)
        }
        for (label, words) in [
            (Phrase.phasesLabel, words("phases", names.phase)),
            (.sectorsLabel, words("sectors", names.sector)),
            (.themesLabel, words("themes", names.theme)), (.tagsLabel, words("tags", text.own)),
        ] where !words.isEmpty {
            try line(label, words)
        }
    }

    private func printConflicts(_ console: Console) throws {
        let conflicts = practice.conflicts
        guard !conflicts.isEmpty else { return }
        let cells = conflicts.map { console.text.code($0.path) }.joined(separator: " ")
        try console.print("! " + Phrase.labelled(Phrase.conflictLabel.here, cells))
        console.message(Phrase.nextConflicts.here)
    }

    private func printChecklists(_ console: Console) throws {
        for (record, items) in checklists {
            let title = record.wording("title", in: languages).line(console.text)
            try console.print(
                Phrase.labelled(
                    Phrase.checklistLabel.here,
                    title + Phrase.listSeparator.here + CountedPhrase.checklistItems(items)))
        }
        if !checklists.isEmpty {
            console.message(Phrase.checklistNext(practice["number"].plainText))
        }
    }

    private func printHeading(_ heading: Phrase, _ console: Console) throws {
        try console.print()
        try console.print(Phrase.heading(heading.here))
    }

    private func printCases(_ console: Console) throws {
        let text = console.text
        guard !caseStudies.isEmpty else { return }
        try printHeading(.casesLabel, console)
        for (record, facts) in caseStudies {
            let place = [record["on"].plainText, record["place"].plainText]
                .filter { !$0.isEmpty }.map(text.code).joined(separator: ", ")
            try console.print(
                "- " + record.wording("title", in: languages).line(text)
                    + (place.isEmpty ? "" : Phrase.listSeparator.here + place))
            let aliases = record.members("aliases").map { text.own($0.plainText) }
            if !aliases.isEmpty {
                let names = aliases.joined(separator: " · ")
                try console.print("  " + Phrase.labelled(Phrase.aliasesLabel.here, names))
            }
            if let caution = record.wording("caution", in: languages).text {
                try console.print("  ! \(text.own(caution))")
            }
            for fact in facts {
                let wording = fact.wording("text", in: languages)
                let source = fact["source"].plainText
                let origin =
                    source.isEmpty
                    ? Phrase.noSource.here
                    : Phrase.labelled(Phrase.sourceLabel.here, text.own(source))
                try console.print("  - \(text.own(wording.text ?? "")) (\(origin))")
            }
        }
    }

    private func printLessons(_ console: Console) throws {
        guard !lessons.isEmpty else { return }
        try printHeading(.lessonsLabel, console)
        for lesson in lessons {
            let stance = lesson["stance"] == .text("contradicts") ? "! " : ""
            try console.print(
                "- " + stance + lesson.wording("text", in: languages).line(console.text))
            if let consequence = lesson.wording("consequence", status: "text_status", in: languages)
                .text
            {
                try console.print(
                    "  "
                        + Phrase.labelled(
                            Phrase.consequenceLabel.here, console.text.own(consequence)))
            }
        }
    }

    private func printReviews(_ console: Console) throws {
        guard !reviews.isEmpty else { return }
        try printHeading(.reviewsLabel, console)
        for review in reviews {
            let parts = [
                console.text.code(review["on"].plainText),
                console.text.own(review["reviewer"].plainText),
                PracticeWords(console.text).verdict(review["verdict"].plainText),
                console.text.own(review["comment"].plainText),
            ]
            try console.print("- " + parts.joined(separator: Phrase.listSeparator.here))
        }
    }
}

extension CountedPhrase {
    static let checklistItems = CountedPhrase(
        ar: (
            zero: "لا بنود", one: "بند واحد", two: "بندان", few: "{0} بنود", many: "{0} بندًا",
            other: "{0} بند"
        ), fr: (one: "{0} point", other: "{0} points"), en: (one: "{0} item", other: "{0} items"))
}

extension Phrase {
    static let practiceLabel = Phrase(
        ar: "الممارسة الجيدة", fr: "bonne pratique", en: "good practice")
    static let libraryLabel = Phrase(ar: "المكتبة", fr: "bibliothèque", en: "library")
    static let titleLabel = Phrase(ar: "العنوان", fr: "titre", en: "title")
    static let bodyLabel = Phrase(ar: "النص", fr: "texte", en: "text")
    static let listSeparator = Phrase(ar: "، ", fr: ", ", en: ", ")
    fileprivate static let sourceLabel = Phrase(ar: "المصدر", fr: "source", en: "source")
    fileprivate static let noSource = Phrase(
        ar: "المصدر غير مذكور", fr: "source non indiquée", en: "source not stated")
    fileprivate static let translatorLabel = Phrase(
        ar: "المترجم", fr: "traduction", en: "translated by")
    fileprivate static let checkedLabel = Phrase(
        ar: "راجعه", fr: "relecture", en: "checked by")
    fileprivate static let phasesLabel = Phrase(ar: "المرحلة", fr: "phase", en: "phase")
    fileprivate static let sectorsLabel = Phrase(ar: "القطاعات", fr: "secteurs", en: "sectors")
    fileprivate static let themesLabel = Phrase(ar: "المواضيع", fr: "thèmes", en: "themes")
    fileprivate static let tagsLabel = Phrase(ar: "السمات", fr: "étiquettes", en: "tags")
    fileprivate static let alternativesLabel = Phrase(
        ar: "صياغات أخرى", fr: "autres formulations", en: "other wordings")
    fileprivate static let conflictLabel = Phrase(
        ar: "صيغتان متنازعتان تنتظران قرارًا", fr: "deux versions attendent une décision",
        en: "two versions wait for a decision")
    fileprivate static let checklistLabel = Phrase(
        ar: "قائمة التحقق", fr: "liste de contrôle", en: "checklist")
    fileprivate static let checklistNext = Phrase(
        ar: "التالي: sijil practice checklist {0}", fr: "ensuite : sijil practice checklist {0}",
        en: "next: sijil practice checklist {0}")
    fileprivate static let casesLabel = Phrase(
        ar: "دراسات الحالة", fr: "études de cas", en: "case studies")
    fileprivate static let aliasesLabel = Phrase(
        ar: "يُسمى أيضًا", fr: "aussi appelé", en: "also called")
    fileprivate static let lessonsLabel = Phrase(ar: "الدروس", fr: "leçons", en: "lessons")
    fileprivate static let consequenceLabel = Phrase(
        ar: "ما يترتب عليه", fr: "ce qui en découle", en: "what follows")
    fileprivate static let reviewsLabel = Phrase(ar: "المراجعات", fr: "relectures", en: "reviews")
}

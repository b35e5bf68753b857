import Foundation
import Testing

@testable import sijil

/// The three languages of what the program says.
struct LanguageTests {
    private static let sources = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Sources/sijil")

    private func phrases() throws -> [PhraseSource] {
        let phrases = try PhraseSource.all(below: Self.sources)
        // The scanner would be no use if it found nothing.
        try #require(phrases.count > 100)
        return phrases
    }

    @Test func `every phrase has its text in three languages, and none is empty`() throws {
        for phrase in try phrases() {
            #expect(Set(phrase.forms.keys) == ["ar", "fr", "en"], "\(phrase.place)")
            let counts = ["ar", "fr", "en"].map { phrase.forms[$0]?.count ?? 0 }
            #expect(counts == [1, 1, 1] || counts == [6, 2, 2], "\(phrase.place)")
            for form in phrase.forms.values.joined() {
                let isEmpty = form.allSatisfy(\.isWhitespace)
                #expect(!isEmpty, "\(phrase.place)")
            }
        }
    }

    @Test func `no phrase has an invisible mark of direction`() throws {
        for phrase in try phrases() {
            for form in phrase.forms.values.joined() {
                let marks = form.unicodeScalars.filter {
                    [0x200E, 0x200F, 0x061C].contains($0.value)
                        || (0x202A...0x202E).contains($0.value)
                        || (0x2066...0x2069).contains($0.value)
                }
                #expect(marks.isEmpty, "\(phrase.place)")
            }
        }
    }

    /// Forms for one or two of a thing may say the number in words.
    @Test func `what is filled in is the same in every language`() throws {
        for phrase in try phrases() {
            let places = phrase.forms.mapValues { $0.map(Self.places) }
            let all = Set(places.values.joined())
            if phrase.forms["ar"]?.count == 1 {
                #expect(all.count == 1, "\(phrase.place): \(places)")
            } else {
                #expect(all.isSubset(of: [[], ["{0}"]]), "\(phrase.place): \(places)")
                #expect(places["ar"]?.suffix(3) == [["{0}"], ["{0}"], ["{0}"]], "\(phrase.place)")
                #expect(places["en"]?.last == ["{0}"] && places["fr"]?.last == ["{0}"])
            }
        }
    }

    private static func places(_ text: String) -> Set<String> {
        Set(text.matches(of: /\{\d\}/).map { String($0.output) })
    }

    @Test func `nothing is left in English`() throws {
        for phrase in try phrases() {
            for (arabic, english) in zip(phrase.forms["ar"] ?? [], phrase.forms["en"] ?? []) {
                let isArabic = arabic.unicodeScalars.contains(where: Self.isArabic)
                #expect(isArabic || Self.words(english).isEmpty, "\(phrase.place)")
                // Words of Latin letters in an Arabic text are commands, options, codes and names.
                let left = Self.words(arabic).intersection(Self.words(english))
                    .subtracting(Self.codes)
                #expect(left.isEmpty, "\(phrase.place): \(left)")
            }
            for (french, english) in zip(phrase.forms["fr"] ?? [], phrase.forms["en"] ?? []) {
                let isTranslated =
                    french != english || Self.words(english).isSubset(of: Self.cognates)
                #expect(isTranslated, "\(phrase.place)")
                let typical = Self.words(french)
                    .intersection([
                        "the", "and", "with", "which", "this", "that", "of", "is", "are",
                    ])
                #expect(typical.isEmpty, "\(phrase.place): \(typical)")
            }
        }
    }

    /// The words of the sentences in a text: no lines of commands, no options, codes or names.
    private static func words(_ text: String) -> Set<String> {
        let lines = text.split(separator: "\n").filter { !$0.hasPrefix("  ") }
        let sentences = lines.joined(separator: " ").split(separator: " ")
            .filter { word in
                !word.contains { "-_=./$\"'<>{}|".contains($0) || $0.isNumber }
                    || word.wholeMatch(of: /[A-Za-z]+[.,;:]?/) != nil
            }
        let words = sentences.flatMap { $0.matches(of: /[A-Za-z]{3,}/).map { String($0.output) } }
        return Set(words.filter { $0.contains(where: \.isLowercase) })
    }

    private static func isArabic(_ scalar: Unicode.Scalar) -> Bool {
        (0x0600...0x06FF).contains(scalar.value)
    }

    /// Names of commands, values and other programs, which are the same everywhere.
    private static let codes: Set<String> = [
        // Commands.
        "sijil", "find", "list", "show", "edit", "add", "remove", "restore", "import", "export",
        "sync", "conflicts", "merge", "unmerge", "duplicates", "leader", "office", "person",
        "practice", "checklist", "item", "due", "coverage", "region", "succeed",
        // Record types, fields and their values.
        "prayer", "mayor", "channel", "tenure", "community", "area", "distinction", "verification",
        "consent",
        "prevention", "detection", "intervention", "response", "communities", "working", "official",
        // Names of formats and programs.
        "Markdown", "Excel", "vCard",
    ]
    /// Words that French and English spell alike.
    private static let cognates: Set<String> = [
        "source", "sources", "phase", "intervention", "message", "note", "notes", "type", "date",
        "code", "collection", "fax", "leader", "leaders", "mobile", "radio", "satellite", "score",
        "minute", "minutes",
    ]

    // MARK: Numbers

    @Test(arguments: [
        (0, "لا بنود"), (1, "بند واحد"), (2, "بندان"), (3, "3 بنود"), (10, "10 بنود"),
        (11, "11 بندًا"),
        (99, "99 بندًا"), (100, "100 بند"), (101, "101 بند"), (102, "102 بند"), (103, "103 بنود"),
        (110, "110 بنود"), (111, "111 بندًا"), (199, "199 بندًا"), (200, "200 بند"),
        (1000, "1000 بند"), (1003, "1003 بنود"),
    ])
    func `Arabic has six forms for a number of things`(count: Int, text: String) {
        #expect(CountedPhrase.checklistItems.text(for: count, in: .arabic) == text)
    }

    @Test func `French counts none as one, English does not`() {
        func texts(_ language: InterfaceLanguage) -> [String] {
            (0...2).map { CountedPhrase.checklistItems.text(for: $0, in: language) }
        }
        #expect(texts(.french) == ["0 point", "1 point", "2 points"])
        #expect(texts(.english) == ["0 items", "1 item", "2 items"])
    }

    @Test func `what is filled in is never read as a place to fill in`() {
        let text = "{0} {1} {2} {1"
        #expect(Phrase(ar: text, fr: text, en: text)("{1}", "b") == "{1} b {2} {1")
    }

    // MARK: Which language

    @Test(
        arguments: [
            ([], [:], InterfaceLanguage.english),
            ([], ["LANG": "fr_FR.UTF-8"], .french),
            ([], ["LC_MESSAGES": "ar", "LANG": "fr"], .arabic),
            ([], ["LC_ALL": "fr_FR", "LC_MESSAGES": "ar", "LANG": "ar"], .french),
            ([], ["LC_ALL": "", "LC_MESSAGES": "ar_MA.UTF-8"], .arabic),
            ([], ["LC_ALL": "C", "LANG": "fr"], .english),
            ([], ["LANG": "de_DE.UTF-8"], .english),
            (["--lang", "ar"], ["LC_ALL": "fr"], .arabic),
            (["--lang=fr"], ["LC_ALL": "ar"], .french),
            (["--lang", "AR-MA"], [:], .arabic),
            (["--lang", "ar", "--lang", "fr"], [:], .french),
            (["--", "--lang", "ar"], [:], .english),
            (["--lang"], ["LANG": "fr"], .french),
            (["--lang", "xx"], ["LANG": "fr"], .english),
            (["--language", "ar"], [:], .english),
        ] as [([String], [String: String], InterfaceLanguage)])
    func `an option says the language, else LC_ALL, LC_MESSAGES, LANG`(
        arguments: [String], environment: [String: String], language: InterfaceLanguage
    ) {
        let command = ["sijil", "practice", "list"] + arguments
        #expect(InterfaceLanguage(arguments: command, environment: environment) == language)
    }

    @Test func `help and messages of a verb are in the language of the environment`() async throws {
        let help = try await run(
            ["sijil", "practice", "show", "--help"], environment: ["LC_ALL": "ar_MA.UTF-8"])
        #expect(help.status == 0)
        #expect(help.output.contains("الأمر: عرض ممارسة"))
        #expect(help.output.contains("الصيغة: sijil practice show <number>"))
        #expect(help.output.contains("عرض هذه المساعدة."))
        for english in ["OVERVIEW", "USAGE", "OPTIONS", "Show help", "One JSON object"] {
            #expect(!help.output.contains(english))
        }
        let usage = try await run(["sijil", "practice", "item", "move", "17", "1", "--lang", "fr"])
        #expect(usage.status == 64)
        #expect(usage.errors.hasPrefix("error: Dire où : --after ou --before.\nSyntaxe : sijil"))
        #expect(usage.errors.contains("Pour en savoir plus : sijil practice item move --help"))
        let marks = (help.output + usage.errors).unicodeScalars
            .contains { (0x2066...0x2069).contains($0.value) || $0.value == 0x200E }
        #expect(!marks)
    }
}

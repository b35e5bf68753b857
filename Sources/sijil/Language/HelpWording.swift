/// Puts what swift-argument-parser says in help and in usage errors into the language of the run.
///
/// The library has no hook for it, so its own few words are replaced where they stand: headings at the
/// beginning of a line, and whole sentences. What is not recognised stays English.
enum HelpWording {
    static func translated(_ text: String, into language: InterfaceLanguage) -> String {
        guard language != .english else { return text }
        return text.split(separator: "\n", omittingEmptySubsequences: false)
            .map { line(String($0), language) }.joined(separator: "\n")
    }

    private static func line(_ line: String, _ language: InterfaceLanguage) -> String {
        for heading in headings where line.hasPrefix(heading.en) {
            return heading.text(in: language) + line.dropFirst(heading.en.count)
        }
        for sentence in sentences where line.hasSuffix(sentence.en) {
            return line.dropLast(sentence.en.count) + sentence.text(in: language)
        }
        // `  See 'sijil help practice <subcommand>' for detailed help.`
        for (ending, phrase) in seeing {
            guard line.hasPrefix("  See '"), line.hasSuffix(ending) else { continue }
            let command = line.dropFirst("  See '".count).dropLast(ending.count)
            return "  " + phrase.text(in: language).replacing("{0}", with: command)
        }
        return line
    }

    private static let headings = [
        Phrase(ar: "الأمر:", fr: "COMMANDE :", en: "OVERVIEW:"),
        Phrase(ar: "الصيغة:", fr: "SYNTAXE :", en: "USAGE:"),
        Phrase(ar: "الصيغة:", fr: "Syntaxe :", en: "Usage:"),
        Phrase(ar: "المعاملات:", fr: "ARGUMENTS :", en: "ARGUMENTS:"),
        Phrase(ar: "الخيارات:", fr: "OPTIONS :", en: "OPTIONS:"),
        Phrase(ar: "الأوامر الفرعية:", fr: "SOUS-COMMANDES :", en: "SUBCOMMANDS:"),
    ]

    private static let sentences = [
        Phrase(ar: "عرض رقم الإصدار.", fr: "Afficher la version.", en: "Show the version."),
        Phrase(ar: "عرض هذه المساعدة.", fr: "Afficher cette aide.", en: "Show help information."),
    ]

    private static let seeing = [
        (
            "' for detailed help.",
            Phrase(
                ar: "للتفاصيل: {0}", fr: "Pour plus de détails : {0}",
                en: "See '{0}' for detailed help.")
        ),
        (
            "' for more information.",
            Phrase(
                ar: "للمزيد: {0}", fr: "Pour en savoir plus : {0}",
                en: "See '{0}' for more information.")
        ),
    ]
}

/// What of a text the search index sees, and how a query falls into words: the same for both.
///
/// Joiners, bidi marks and soft hyphens stand inside words of many scripts and nobody sees them; SQLite's
/// tokenizer would break words there.
enum SearchText {
    /// The text without the marks that nobody sees.
    static func indexed(_ text: String) -> String {
        guard text.utf8.contains(where: { $0 >= 0x80 }) else { return text }
        var scalars = String.UnicodeScalarView()
        scalars.append(
            contentsOf: text.unicodeScalars.lazy.filter { $0.properties.generalCategory != .format }
        )
        return String(scalars)
    }

    /// The words of a query, cut where the index's tokenizer cuts.
    static func words(in query: String) -> [String] {
        indexed(query).unicodeScalars.split { !isPartOfWord($0) }.map { String($0) }
    }

    /// The categories that the table `search` names to its tokenizer.
    private static func isPartOfWord(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
            .decimalNumber, .letterNumber, .otherNumber, .nonspacingMark, .spacingMark, .privateUse:
            true
        default: false
        }
    }
}

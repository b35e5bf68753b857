/// What of a text the search index sees, and how a query falls into words: the same for both.
///
/// Joiners, bidi marks and soft hyphens stand inside words of many scripts and nobody sees them; SQLite's
/// tokenizer would break words there.
enum SearchText {
    /// The text without the marks that nobody sees.
    static func indexed(_ text: String) -> String {
        guard mayHoldFormat(text.utf8Span.span) else { return text }
        var scalars = String.UnicodeScalarView()
        scalars.append(
            contentsOf: text.unicodeScalars.lazy.filter { $0.properties.generalCategory != .format }
        )
        return String(scalars)
    }

    /// The same of a text's bytes.
    static func indexed(_ text: [UInt8]) -> [UInt8] {
        mayHoldFormat(text.span) ? Array(indexed(String(decoding: text, as: UTF8.self)).utf8) : text
    }

    /// Whether there may be such a mark: `false` for all that the usual letters of Europe and the Arabic
    /// script make up, without a look at each character's properties.
    private static func mayHoldFormat(_ bytes: Span<UInt8>) -> Bool {
        var index = 0
        while index < bytes.count {
            switch bytes[index] {
            case ..<0x80: index += 1
            // U+00C0…U+05FF and U+0640…U+06BF.
            case 0xC3...0xD7, 0xD9, 0xDA: index += 2
            // U+0620…U+063F.
            case 0xD8 where bytes[index + 1] >= 0xA0: index += 2
            // U+06C0…U+06FF but for U+06DD.
            case 0xDB where bytes[index + 1] != 0x9D: index += 2
            default: return true
            }
        }
        return false
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

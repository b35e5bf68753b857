import Foundation

/// One spelling for what people take for the same: without case, accents, vowel marks, tatweel, and the letters that
/// only orthographers tell apart; digits of every script as ASCII.
///
/// ```swift
/// Fold.text("مُحَمَّد")        // "محمد"
/// Fold.text("Béni-Mellal")  // "beni mellal"
/// Fold.text("٠٦١٢ ٣٤")      // "0612 34"
/// ```
///
/// What is left are letters, digits, the marks of scripts whose marks are letters (Sinhala, Tamil, N'Ko), and
/// single spaces between words: no other ASCII and nothing of the Private Use Areas. Folding what is folded changes
/// nothing. `Documentation/Decisions/0012-search.md` gives the reasons.
public enum Fold {
    /// The folded text.
    public static func text(_ text: String) -> String {
        String(decoding: folded(text.utf8Span.span).bytes, as: UTF8.self)
    }

    /// The folded text without spaces: equal for `عبد الله` and `عبدالله`.
    public static func squash(_ text: String) -> String {
        var bytes = folded(text.utf8Span.span).bytes
        bytes.removeAll { $0 == space }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The folded words of a text in UTF-8.
    package static func folded(_ text: Span<UInt8>) -> FoldedText {
        var folded = FoldedText()
        append(text, to: &folded)
        return folded
    }

    static let space = UInt8(ascii: " ")

    /// Appends the folded words of `text` to what is there, after a space.
    static func append(_ text: Span<UInt8>, to folded: inout FoldedText) {
        folded.bytes.reserveCapacity(folded.bytes.count + text.count + 1)
        var isBetweenWords = true
        let end = folded.bytes.count
        let joints = folded.joints.count
        var index = 0
        while index < text.count {
            let entry: UInt64
            (entry, index) = FoldTable.shared.entry(in: text, at: index)
            switch entry & 0xFF {
            case FoldTable.separator: isBetweenWords = true
            case FoldTable.apostrophe:
                if !isBetweenWords { folded.joints.append(folded.bytes.count) }
            case FoldTable.other:
                // Rare scripts: the whole text once more, decomposed by Foundation.
                folded.bytes.removeSubrange(end...)
                folded.joints.removeSubrange(joints...)
                return appendAny(text, to: &folded)
            case 0: break
            default:
                if isBetweenWords, !folded.bytes.isEmpty { folded.bytes.append(space) }
                isBetweenWords = false
                FoldTable.append(entry, to: &folded.bytes)
            }
        }
    }

    /// The same for every script.
    static func appendAny(_ text: Span<UInt8>, to folded: inout FoldedText) {
        var isBetweenWords = true
        var bytes: [UInt8] = []
        for index in 0..<text.count { bytes.append(text[index]) }
        for part in FoldTable.parts(of: String(decoding: bytes, as: UTF8.self)) {
            switch part {
            case .separator: isBetweenWords = true
            case .apostrophe: if !isBetweenWords { folded.joints.append(folded.bytes.count) }
            case .letters(let letters):
                guard !letters.isEmpty else { continue }
                if isBetweenWords, !folded.bytes.isEmpty { folded.bytes.append(space) }
                isBetweenWords = false
                folded.bytes += letters.utf8
            }
        }
    }
}

/// Folded words with one space between them.
package struct FoldedText {
    package var bytes: [UInt8] = []
    /// Where an apostrophe stood within a word.
    package var joints: [Int] = []

    package init() {}

    /// Where each word lies.
    package var words: [Range<Int>] {
        var words: [Range<Int>] = []
        var start = 0
        for index in bytes.indices where bytes[index] == Fold.space {
            if start < index { words.append(start..<index) }
            start = index + 1
        }
        if start < bytes.count { words.append(start..<bytes.count) }
        return words
    }
}

import Foundation
import SijilCore

/// Text as a person or a file gave it, made fit to be kept: NFC, without the invisible controls that turn
/// text around or that faulty programs leave behind, without white space at its ends, lines ended by U+000A.
///
/// The joiners U+200C and U+200D stay: Persian, Sinhala and others are written with them.
struct EnteredText {
    /// May be empty.
    let text: String
    /// Whether an invisible control was taken out.
    ///
    /// In a name it is a mistake of copying or a forgery, so somebody should be told. It is never a
    /// reason to lose a telephone number.
    let isCleaned: Bool

    /// - Throws: `badData` for U+0000, a sign that this is no text, for a text beyond `limit` bytes, and for
    ///   more marks on one letter than any language has.
    init(
        _ raw: String, field: String, limit: Int = Limits.valueBytes
    ) throws(SijilError) {
        // Composing may shorten a text, never to less than a third; beyond that it is not looked at.
        guard raw.utf8.count <= 3 * limit + 16 else { throw Self.tooLong(field, limit) }
        if raw.utf8.allSatisfy({ (0x20...0x7E).contains($0) }), !raw.hasPrefix(" "),
            !raw.hasSuffix(" ")
        {
            text = raw
            isCleaned = false
        } else {
            var kept = String.UnicodeScalarView()
            var cleaned = false
            var previousWasReturn = false
            for scalar in raw.unicodeScalars {
                defer { previousWasReturn = scalar == "\r" }
                if Self.isInvisibleControl(scalar) {
                    cleaned = true
                } else if scalar == "\r" {
                    kept.append("\n")
                } else if scalar == "\n", previousWasReturn {
                    continue
                } else if scalar == "\0" {
                    throw SijilError(
                        .badData, "The text holds the character U+0000.",
                        hint: "The file may be in UTF-16; save it as UTF-8.", place: field)
                } else {
                    kept.append(scalar)
                }
            }
            text = try Self.composed(Self.trimmed(kept), field)
            isCleaned = cleaned
        }
        guard text.utf8.count <= limit else { throw Self.tooLong(field, limit) }
    }

    private static func trimmed(
        _ scalars: String.UnicodeScalarView
    ) -> Substring.UnicodeScalarView {
        var rest = scalars[...]
        while let first = rest.first, first.properties.isWhitespace { rest.removeFirst() }
        while let last = rest.last, last.properties.isWhitespace { rest.removeLast() }
        return rest
    }

    /// Marks on one letter, as the Stream-Safe Text Format of Unicode (UAX #15) has it.
    ///
    /// No language writes nearly as many, and bringing endless ones into order takes Foundation the square
    /// of their number.
    private static let marksPerLetter = 30

    private static func composed(
        _ scalars: Substring.UnicodeScalarView, _ field: String
    ) throws(SijilError) -> String {
        let text = String(scalars)
        if scalars.allSatisfy(isSurelyComposed) { return text }
        var marks = 0
        for scalar in scalars {
            marks = scalar.properties.canonicalCombiningClass == .notReordered ? 0 : marks + 1
            guard marks <= marksPerLetter else {
                throw SijilError(
                    .badData, "A letter of the text has more than \(marksPerLetter) marks.",
                    place: field)
            }
        }
        return text.precomposedStringWithCanonicalMapping
    }

    /// Scalars that no text must be looked at again for: they never combine with what stands before
    /// them and are composed themselves.
    ///
    /// Latin with its usual accents, Arabic letters and digits.
    private static func isSurelyComposed(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x300, 0x0621...0x063A, 0x0641...0x064A, 0x0660...0x0669, 0x0671...0x06D3: true
        default: false
        }
    }

    private static func tooLong(_ field: String, _ limit: Int) -> SijilError {
        SijilError(
            .badData, "The text is longer than \(limit) bytes.",
            hint: "Shorten it, or split it over several fields or records.", place: field)
    }

    /// What is taken out wherever it stands.
    static func isInvisibleControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x01...0x08, 0x0B, 0x0C, 0x0E...0x1F, 0x7F...0x9F, 0x202A...0x202E, 0x2066...0x2069,
            0x200E, 0x200F, 0x061C:
            true
        default: false
        }
    }
}

import Foundation
import SijilCore

/// Text as a person or a file gave it, made fit to be kept: NFC, without the invisible controls that turn
/// text around, without white space at its ends, lines ended by U+000A.
///
/// The joiners U+200C and U+200D stay: Persian, Sinhala and others are written with them.
struct EnteredText {
    /// May be empty.
    let text: String
    /// Whether a bidirectional control was taken out. In a name it is a mistake of copying or a forgery, so
    /// somebody should be told.
    let isCleaned: Bool

    /// - Throws: `badData` for control characters other than tab and newline, and for a text beyond
    ///   `limit` bytes.
    init(
        _ raw: String, field: String, limit: Int = Limits.valueBytes
    ) throws(SijilError) {
        // Composing may shorten a text, never to less than a third; beyond that it is not looked at.
        guard raw.utf8.count <= 3 * limit + 16 else { throw Self.tooLong(field, limit) }
        if raw.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) {
            text = raw
            isCleaned = false
        } else {
            var kept = String.UnicodeScalarView()
            var cleaned = false
            var previousWasReturn = false
            for scalar in raw.unicodeScalars {
                defer { previousWasReturn = scalar == "\r" }
                if Self.isBidirectionalControl(scalar) {
                    cleaned = true
                } else if scalar == "\r" {
                    kept.append("\n")
                } else if scalar == "\n", previousWasReturn {
                    continue
                } else if scalar.properties.generalCategory == .control, scalar != "\n",
                    scalar != "\t"
                {
                    throw SijilError(
                        .badData, "The text holds a control character.",
                        hint: "Only tabs and new lines are allowed.", place: field)
                } else {
                    kept.append(scalar)
                }
            }
            text = String(kept).precomposedStringWithCanonicalMapping
                .trimmingCharacters(in: .whitespacesAndNewlines)
            isCleaned = cleaned
        }
        guard text.utf8.count <= limit else { throw Self.tooLong(field, limit) }
    }

    private static func tooLong(_ field: String, _ limit: Int) -> SijilError {
        SijilError(
            .badData, "The text is longer than \(limit) bytes.",
            hint: "Shorten it, or split it over several fields or records.", place: field)
    }

    private static func isBidirectionalControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x202A...0x202E, 0x2066...0x2069, 0x200E, 0x200F, 0x061C: true
        default: false
        }
    }
}

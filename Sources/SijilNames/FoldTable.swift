import Foundation
import Synchronization

/// What each character folds to.
///
/// An entry of the table holds up to seven bytes of UTF-8 above a low byte with their number, or one of the codes
/// below there. It is made when its character is first met, from the same rules that fold any other: a process
/// that reads names in two scripts makes a hundred of 2,368. Whoever makes one at the same time makes the same.
struct FoldTable: ~Copyable, Sendable {
    static let separator: UInt64 = 0xFD
    static let apostrophe: UInt64 = 0xFE
    /// Look at the whole text.
    static let other: UInt64 = 0xFF
    /// Not made yet.
    private static let unmade: UInt64 = 0xFC

    static let shared = FoldTable()

    /// U+0000…U+07FF: Latin, Greek, Cyrillic, Hebrew, Arabic, N'Ko.
    private let low = InlineArray<0x800, Atomic<UInt64>> { _ in Atomic(unmade) }
    /// U+1E00…U+1EFF and U+2000…U+203F: transliterations; dashes, quotes, bidi marks.
    private let latin = InlineArray<0x100, Atomic<UInt64>> { _ in Atomic(unmade) }
    private let punctuation = InlineArray<0x40, Atomic<UInt64>> { _ in Atomic(unmade) }

    /// What the character that begins at `index` folds to, and where the next begins.
    @inline(__always)
    func entry(in text: Span<UInt8>, at index: Int) -> (UInt64, Int) {
        let first = text[index]
        if first < 0x80 { return (made(low[Int(first)], Int(first)), index + 1) }
        if first < 0xE0 {
            guard index + 1 < text.count else { return (Self.separator, text.count) }
            let place = Int(first & 0x1F) << 6 | Int(text[index + 1] & 0x3F)
            return (made(low[place], place), index + 2)
        }
        guard index + 2 < text.count else { return (Self.other, text.count) }
        switch (first, text[index + 1]) {
        case (0xE1, 0xB8...0xBB):
            let place = Int(text[index + 1] - 0xB8) << 6 | Int(text[index + 2] & 0x3F)
            return (made(latin[place], 0x1E00 + place), index + 3)
        case (0xE2, 0x80):
            let place = Int(text[index + 2] & 0x3F)
            return (made(punctuation[place], 0x2000 + place), index + 3)
        // Tifinagh has neither case nor marks; its modifier letter U+2D6F and its separator U+2D70 are looked up.
        case (0xE2, 0xB4), (0xE2, 0xB5):
            guard text[index + 1] == 0xB4 ? text[index + 2] >= 0xB0 : text[index + 2] < 0xA8
            else { return (Self.other, index + 3) }
            let bytes = UInt64(first) | UInt64(text[index + 1]) << 8 | UInt64(text[index + 2]) << 16
            return (bytes << 8 | 3, index + 3)
        default: return (Self.other, index + 3)
        }
    }

    /// What the table holds of the character `value`, made now if need be.
    @inline(__always)
    private func made(_ entry: borrowing Atomic<UInt64>, _ value: Int) -> UInt64 {
        let known = entry.load(ordering: .relaxed)
        if known != Self.unmade { return known }
        let new = Self.entry(of: value)
        entry.store(new, ordering: .relaxed)
        return new
    }

    @inline(__always)
    static func append(_ entry: UInt64, to bytes: inout [UInt8]) {
        var rest = entry >> 8
        for _ in 0..<(entry & 0xFF) {
            bytes.append(UInt8(truncatingIfNeeded: rest))
            rest >>= 8
        }
    }

    private static func entry(of value: Int) -> UInt64 {
        guard let scalar = Unicode.Scalar(UInt32(value)) else { return separator }
        let found = parts(of: String(scalar))
        guard !found.isEmpty else { return 0 }
        // Marks that stay might have to change places with others.
        let isMark = scalar.properties.canonicalCombiningClass != .notReordered
        guard found.count == 1 else { return other }
        switch found[0] {
        case .separator: return separator
        case .apostrophe: return apostrophe
        case .letters(let letters):
            guard letters.utf8.count < 8, !isMark || letters.isEmpty else { return other }
            return letters.utf8.reversed().reduce(0) { $0 << 8 | UInt64($1) } << 8
                | UInt64(letters.utf8.count)
        }
    }

    // MARK: The rules

    enum Part {
        case separator
        case apostrophe
        case letters(String)
    }

    /// What a text is made of, folded.
    static func parts(of text: String) -> [Part] {
        var parts: [Part] = []
        var letters = ""
        func close() {
            if !letters.isEmpty { parts.append(.letters(letters)) }
            letters = ""
        }
        func take(_ scalar: Unicode.Scalar) {
            switch kind(of: scalar) {
            case .dropped: break
            case .separator:
                close()
                parts.append(.separator)
            case .letter(let folded): letters += folded
            }
        }
        // Apostrophes first: decomposed, some of them are a space and an accent.
        let pieces = text.unicodeScalars.split(
            omittingEmptySubsequences: false, whereSeparator: isApostrophe)
        for (number, piece) in pieces.enumerated() {
            if number > 0 {
                close()
                parts.append(.apostrophe)
            }
            for scalar in decomposed(String(piece)).unicodeScalars {
                let lower = scalar.properties.lowercaseMapping
                if lower.unicodeScalars.count == 1, lower.unicodeScalars.first == scalar {
                    take(scalar)
                } else {
                    decomposed(lower).unicodeScalars.forEach(take)
                }
            }
        }
        close()
        return parts
    }

    private static func decomposed(_ text: String) -> String {
        text.utf8.allSatisfy { $0 < 0x80 } ? text : text.decomposedStringWithCompatibilityMapping
    }

    private static func isApostrophe(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x27, 0x60, 0xB4, 0x2B9, 0x2BB...0x2BF, 0x2C8, 0x2018...0x201B, 0x2032, 0x2035, 0xA78B,
            0xA78C, 0xFF07, 0xFF40:
            true
        default: false
        }
    }

    private enum Kind {
        case dropped
        case separator
        case letter(String)
    }

    private static func kind(of scalar: Unicode.Scalar) -> Kind {
        // Decomposed, a letter may have one: ŉ.
        if isApostrophe(scalar) { return .dropped }
        if let one = substitute(for: scalar) { return one.isEmpty ? .dropped : .letter(one) }
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
            .letterNumber, .otherNumber, .spacingMark:
            return .letter(String(scalar))
        case .decimalNumber:
            return .letter(scalar.properties.numericValue.map { String(Int($0)) } ?? String(scalar))
        // What is younger than our tables is most often a letter.
        case .unassigned: return scalar.isNoncharacter ? .separator : .letter(String(scalar))
        case .nonspacingMark, .enclosingMark:
            return isDropped(mark: scalar.value) ? .dropped : .letter(String(scalar))
        case .format: return .dropped
        default: return .separator
        }
    }

    /// Accents and vowel marks of scripts whose readers do without them; in others they are letters.
    private static func isDropped(mark value: UInt32) -> Bool {
        switch value {
        case 0x300...0x36F, 0x483...0x489, 0x591...0x5C7, 0x610...0x61A, 0x64B...0x65F, 0x670,
            0x6D6...0x6ED, 0x898...0x89F, 0x8CA...0x8FF, 0x1AB0...0x1AFF, 0x1DC0...0x1DFF,
            0x20D0...0x20FF, 0xFE00...0xFE0F, 0xFE20...0xFE2F, 0xE0100...0xE01EF:
            true
        default: false
        }
    }

    /// Letters that are written for each other; `""` for those that may be left out.
    private static func substitute(for scalar: Unicode.Scalar) -> String? {
        switch scalar.value {
        // Hamza by itself; tatweel.
        case 0x621, 0x674, 0x640, 0x7FA: ""
        case 0x671...0x673, 0x675: "ا"
        case 0x649, 0x6CC, 0x6CD, 0x6CE, 0x6D0, 0x6D2: "ي"
        case 0x6C4...0x6C7, 0x6CA, 0x6CB, 0x6CF: "و"
        case 0x629, 0x6BE, 0x6C1, 0x6C3, 0x6D5: "ه"
        case 0x6A9...0x6AD, 0x6AF...0x6B4, 0x763...0x764: "ك"
        case 0x67E: "ب"
        case 0x6A2...0x6A5: "ف"
        case 0x6A7: "ق"
        case 0xE6: "ae"
        case 0x153: "oe"
        case 0xF8, 0x254: "o"
        case 0x142: "l"
        case 0x111, 0xF0, 0x256, 0x257: "d"
        case 0x131: "i"
        case 0xDF: "ss"
        case 0xFE: "th"
        case 0x127: "h"
        case 0x253: "b"
        case 0x199: "k"
        case 0x1B4: "y"
        case 0x25B: "e"
        case 0x14B, 0x272: "n"
        case 0x1DD, 0x259: "e"
        case 0x3C2: "σ"
        default: nil
        }
    }
}

extension Unicode.Scalar {
    fileprivate var isNoncharacter: Bool { properties.isNoncharacterCodePoint }
}

/// What the search index holds for one record: folded texts, a line each, and a last line of tokens that only queries
/// name.
///
/// Every token is a run of bytes between spaces or line ends: ASCII letters and digits and whatever is not ASCII, as
/// FTS5's tokenizer `ascii` cuts. A token that begins with a ``Mark`` is no word of a person.
///
///     nadia amziane tifaouine <squash>nadiaamzianetifaouine
///     <key>nd <key>mzn <key>tfn
package struct SearchEntry {
    /// Raised when the same record would get another entry.
    package static let version = 1

    /// Characters of the Private Use Area; folded texts have none.
    enum Mark: UInt8 {
        /// The whole name without spaces.
        case squash = 0x80
        /// A consonant key of a part of the name, or a number of ``KnownWords``.
        case key
        /// The same of a name that has but one part.
        case wholeKey
        /// The digits of a number from the last to the first: what a number ends with, this begins with.
        case digits

        func write(to bytes: inout [UInt8]) {
            bytes.append(0xEE)
            bytes.append(0x80)
            bytes.append(rawValue)
        }
    }

    private var lines: [UInt8] = []
    private var tokens: [UInt8] = []
    private var hashes: [UInt64] = []
    /// The same once they are many: few are found sooner in a row.
    private var manyHashes: Set<UInt64> = []
    private static let few = 64

    package init() {}

    package var isEmpty: Bool { lines.isEmpty }

    /// The entry as one text.
    package var bytes: [UInt8] {
        tokens.isEmpty ? lines : lines + [UInt8(ascii: "\n")] + tokens
    }

    // MARK: Adding texts

    /// Adds what a person or a place is called.
    package mutating func addName(_ text: Span<UInt8>) {
        let folded = Fold.folded(text)
        guard !folded.bytes.isEmpty else { return }
        addLine(folded, isWhole: true)
        let words = folded.words
        addShortened(folded, words)
        let units = NameUnit.units(of: folded, words: words)
        let parts = units.count { $0.role != .particle }
        for unit in units where unit.role != .particle {
            for key in unit.keys { addToken(parts == 1 ? .wholeKey : .key, key) }
            if let group = unit.group {
                addToken(parts == 1 ? .wholeKey : .key, Array(String(group).utf8))
            }
            if let tail = unit.tail, let key = ConsonantKey.keys(of: tail[...]).first {
                addToken(.key, key)
            }
        }
    }

    /// Adds sentences.
    package mutating func addWords(_ text: Span<UInt8>) {
        let folded = Fold.folded(text)
        guard !folded.bytes.isEmpty else { return }
        addLine(folded, isWhole: false)
        addShortened(folded, folded.words)
    }

    /// Adds a telephone number or a code.
    package mutating func addNumber(_ text: Span<UInt8>) {
        let folded = Fold.folded(text)
        guard !folded.bytes.isEmpty else { return }
        addLine(folded, isWhole: true)
        guard let digits = Digits(text, folded) else { return }
        addToken(nil, digits.digits)
        if let national = digits.national { addToken(nil, national) }
        addToken(.digits, digits.digits.reversed())
    }

    private mutating func addLine(_ folded: FoldedText, isWhole: Bool) {
        if !lines.isEmpty { lines.append(UInt8(ascii: "\n")) }
        lines += folded.bytes
        guard isWhole else { return }
        lines.append(Fold.space)
        Mark.squash.write(to: &lines)
        for byte in folded.bytes where byte != Fold.space { lines.append(byte) }
    }

    /// Words without their articles.
    private mutating func addShortened(_ folded: FoldedText, _ words: [Range<Int>]) {
        folded.forEachShortened(of: words) { addToken(nil, $0) }
    }

    private mutating func addToken(_ mark: Mark?, _ token: [UInt8]) {
        let hash = FNV.hash(token.span, seed: UInt64(mark?.rawValue ?? 0))
        guard isNew(hash) else { return }
        if !tokens.isEmpty { tokens.append(Fold.space) }
        if let mark { mark.write(to: &tokens) }
        tokens += token
    }

    private mutating func isNew(_ hash: UInt64) -> Bool {
        guard hashes.count >= Self.few else {
            if hashes.contains(hash) { return false }
            hashes.append(hash)
            return true
        }
        if manyHashes.isEmpty { manyHashes.formUnion(hashes) }
        return manyHashes.insert(hash).inserted
    }
}

extension FoldedText {
    /// Calls `body` with each word that has an article, without it: of `الوزاني` `وزاني`, of `l'Espoir` `espoir`.
    func forEachShortened(of words: [Range<Int>], _ body: ([UInt8]) -> Void) {
        for word in words where word.count >= 8 {
            let start = word.lowerBound
            let isArabic =
                bytes[start] == 0xD8 && bytes[start + 1] == 0xA7 && bytes[start + 2] == 0xD9
                && bytes[start + 3] == 0x84
            if isArabic { body(Array(bytes[word.dropFirst(4)])) }
        }
        for joint in joints {
            guard let word = words.first(where: { $0.contains(joint) }),
                joint - word.lowerBound <= 2, word.upperBound - joint >= 3
            else { continue }
            body(Array(bytes[joint..<word.upperBound]))
        }
    }
}

/// The digits of a telephone number or a code.
struct Digits {
    /// At least ``minimum``.
    var digits: [UInt8]
    /// With a zero in place of the country's code, for a number that has one.
    var national: [UInt8]?

    static let minimum = 4

    init?(_ text: Span<UInt8>, _ folded: FoldedText) {
        digits = folded.bytes.filter { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
        var isInternational = false
        var index = 0
        while index < text.count, text[index] != UInt8(ascii: "+"), text[index] <= 0x20 {
            index += 1
        }
        if index < text.count, text[index] == UInt8(ascii: "+") { isInternational = true }
        let zero = UInt8(ascii: "0")
        if digits.starts(with: [zero, zero]) {
            isInternational = true
            digits.removeFirst(2)
        }
        guard digits.count >= Self.minimum else { return nil }
        guard isInternational else { return }
        let code = Self.countryCodeLength(digits)
        if digits.count > code + Self.minimum { national = [zero] + digits[code...] }
    }

    /// ITU-T E.164: codes of one and two digits; all others have three.
    private static func countryCodeLength(_ digits: [UInt8]) -> Int {
        let first = digits[0] - UInt8(ascii: "0")
        let second = digits[1] - UInt8(ascii: "0")
        switch (first, second) {
        case (1, _), (7, _): return 1
        case (2, 0), (2, 7), (3, 0...4), (3, 6), (3, 9), (4, 0), (4, 1), (4, 3...9), (5, 1...8),
            (6, 0...6), (8, 1), (8, 2), (8, 4), (8, 6), (9, 0...5), (9, 8):
            return 2
        default: return 3
        }
    }
}

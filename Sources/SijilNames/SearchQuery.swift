/// What a person looks for, as expressions for the search index and as a measure of what they give.
///
/// Two steps: the index names candidates, step by step from the narrowest ``expressions`` on; ``match(_:_:)`` then says
/// of each candidate's entry how well it fits.
package struct SearchQuery {
    /// How the index was asked.
    package enum Step: Int, Comparable {
        case whole
        case number
        case words
        case beginnings
        case wholeKey
        case keys
        case someKeys

        /// The score that no candidate of this step exceeds, if no step before has given it.
        package var best: Double {
            switch self {
            case .whole: 1
            case .number, .words: 0.9
            case .beginnings: 0.7
            case .wholeKey, .keys: 0.55
            case .someKeys: 0.2
            }
        }

        package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
    }

    /// How a candidate fits.
    package struct Match {
        package var why: SearchReason
        /// Higher is better, within one reason and between them: 1 for the whole name as it is written.
        package var score: Double
    }

    /// Expressions of FTS5, the narrowest first; none for a query without a word.
    package private(set) var expressions: [(step: Step, expression: String)] = []
    let folded: FoldedText
    private let squash: [UInt8]
    private let units: [NameUnit]

    /// - Parameter text: of which only the first words count if there are many.
    package init(_ text: String) {
        var folded = Fold.folded(text.utf8Span.span)
        if folded.words.count > Self.maximalWords {
            folded.bytes.removeSubrange(folded.words[Self.maximalWords - 1].upperBound...)
        }
        self.folded = folded
        squash = folded.bytes.filter { $0 != Fold.space }
        let isNumber = folded.bytes.allSatisfy { $0 <= UInt8(ascii: "9") }
        let units = isNumber ? [] : NameUnit.units(of: folded)
        self.units = units
        guard !folded.bytes.isEmpty else { return }
        expressions.append((.whole, Self.token(.squash, squash)))
        if isNumber, let digits = Digits(text.utf8Span.span, folded) {
            expressions.append((.number, Self.number(digits)))
        }
        let words = folded.words
        var shortened: [[UInt8]] = []
        folded.forEachShortened(of: words) { shortened.append($0) }
        let alternatives = words.map { range in
            let word = Array(folded.bytes[range])
            return [word]
                + shortened.filter { word.count > $0.count && word.suffix($0.count) == $0[...] }
        }
        expressions.append((.words, Self.all(alternatives.map { $0.map { Self.token(nil, $0) } })))
        let beginnings = Self.all(alternatives.map { $0.map { Self.token(nil, $0) + "*" } })
        expressions.append(
            (.beginnings, "\(Self.token(.squash, squash))* OR (\(beginnings))"))
        guard !isNumber else { return }
        addKeys()
    }

    /// Nobody looks for more, and SQLite's expressions have a limit.
    private static let maximalWords = 16

    private mutating func addKeys() {
        let named = units.filter { $0.role == .name && !$0.spellings.isEmpty }
        guard !named.isEmpty else { return }
        func tokens(_ mark: SearchEntry.Mark, _ unit: NameUnit) -> [String] {
            var tokens = unit.keys.map { Self.token(mark, $0) }
            if let group = unit.group { tokens.append(Self.token(mark, Array(String(group).utf8))) }
            return tokens
        }
        if named.count == 1 {
            expressions.append((.wholeKey, Self.all([tokens(.wholeKey, named[0])])))
        }
        // Whatever has no key must be there as it is written.
        let required = units.filter { $0.role == .name }
        let each = required.map { unit -> [String] in
            let bare = Array(folded.bytes[unit.bare])
            let isOneWord = !unit.isServant && !bare.contains(Fold.space)
            let word = isOneWord ? [Self.token(nil, bare) + "*"] : []
            return unit.spellings.isEmpty ? word : tokens(.key, unit) + word
        }
        let keys = Self.all(each)
        if !keys.isEmpty { expressions.append((.keys, keys)) }
        guard each.count > 2 else { return }
        let some = each.indices.compactMap { left -> String? in
            let rest = Self.all(each.indices.filter { $0 != left }.map { each[$0] })
            return rest.isEmpty ? nil : "(\(rest))"
        }
        expressions.append((.someKeys, some.joined(separator: " OR ")))
    }

    // MARK: Expressions

    static func token(_ mark: SearchEntry.Mark?, _ bytes: [UInt8]) -> String {
        // The index knows no phrases.
        precondition(!bytes.contains(Fold.space), "A token has no space.")
        var token: [UInt8] = []
        mark?.write(to: &token)
        return "\"\(String(decoding: token + bytes, as: UTF8.self))\""
    }

    private static func all(_ alternatives: [[String]]) -> String {
        alternatives.filter { !$0.isEmpty }.map { "(\($0.joined(separator: " OR ")))" }
            .joined(separator: " AND ")
    }

    /// A number that begins or ends so; a national one also where the index has the country's code.
    private static func number(_ digits: Digits) -> String {
        var tokens = [
            token(.digits, digits.digits.reversed()) + "*", token(nil, digits.digits) + "*",
        ]
        if digits.digits[0] == UInt8(ascii: "0"), digits.digits.count > Digits.minimum {
            tokens.append(token(.digits, digits.digits.dropFirst().reversed()) + "*")
        }
        if let national = digits.national {
            tokens.append(token(nil, national))
        }
        return tokens.joined(separator: " OR ")
    }

    // MARK: Measuring

    /// How a candidate fits that the index gave in this step.
    ///
    /// - Parameter entry: the bytes of a ``SearchEntry``.
    package func match(_ entry: [UInt8], _ step: Step) -> Match {
        var best = Match(step)
        if step == .number {
            let lengths = Self.names(in: entry)
                .map { name in
                    name.count { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
                }
            let length = lengths.filter { $0 >= squash.count }.min() ?? squash.count
            best.score += 0.15 * Double(squash.count) / Double(length)
            return best
        }
        for name in Self.names(in: entry) {
            if name == folded.bytes[...] { return Match(why: .exact, score: 1) }
            if name.lazy.filter({ $0 != Fold.space }).elementsEqual(squash) {
                best = Match(why: .squash, score: 0.95)
            } else if best.why != .squash, let match = match(FoldedText(name), step),
                match.score > best.score
            {
                best = match
            }
        }
        return best
    }

    /// The lines of an entry that are names, numbers or codes.
    static func names(in entry: [UInt8]) -> [ArraySlice<UInt8>] {
        entry.split(separator: UInt8(ascii: "\n"))
            .compactMap { line in
                // Where the squashed name begins; the line of tokens has no words before the first mark that is one.
                guard let mark = line.firstIndex(of: 0xEE), mark > line.startIndex,
                    line[mark + 2] == SearchEntry.Mark.squash.rawValue
                else { return nil }
                return line[..<(mark - 1)]
            }
    }

    private func match(_ name: FoldedText, _ step: Step) -> Match? {
        // What only sounds alike is worth less than what these steps say already.
        let others = NameUnit.units(of: name, sounding: step > .beginnings)
        var taken = [Bool](repeating: false, count: others.count)
        var (sum, count, found) = (0.0, 0, 0)
        var level = UnitMatch.Level.same
        for unit in units where unit.role != .particle {
            var best: (index: Int, match: UnitMatch)?
            for (index, other) in others.enumerated() where !taken[index] && other.role != .particle
            {
                let match = UnitMatch(unit, folded, other, name)
                if let match, match.value > best?.match.value ?? 0 { best = (index, match) }
            }
            if let best {
                taken[best.index] = true
                found += 1
                if unit.role == .name { level = max(level, best.match.level) }
            }
            guard unit.role == .name else { continue }
            count += 1
            sum += best?.match.value ?? 0
            if best == nil { level = .different }
        }
        guard count > 0 else { return nil }
        let coverage = Double(found) / Double(max(found, others.count { $0.role != .particle }))
        let mean = sum / Double(count)
        switch level {
        case .same: return Match(why: .word, score: 0.8 + 0.1 * coverage)
        case .beginning: return Match(why: .prefix, score: 0.6 + 0.1 * coverage)
        case .alike:
            let value = 0.75 * mean + 0.25 * coverage
            return mean >= 0.72
                ? Match(why: .spelling, score: 0.4 + 0.15 * value)
                : Match(why: .key, score: 0.2 + 0.15 * value)
        // Below all that the index found whole.
        case .different: return mean > 0.5 ? Match(why: .key, score: 0.05 + 0.1 * mean) : nil
        }
    }
}

/// Why a record was found; see ``code``.
package enum SearchReason: String {
    /// The whole name, but for case, accents and vowel marks.
    case exact
    /// The whole name, but for spaces.
    case squash
    /// Each word of the query is one of the record's.
    case word
    /// A number or a code begins or ends so.
    case number
    /// Words of the record begin like those of the query.
    case prefix
    /// The names have the same consonants and sound alike.
    case spelling = "key+spelling"
    /// The names have the same consonants.
    case key
}

extension SearchQuery.Match {
    /// What the step alone says.
    init(_ step: SearchQuery.Step) {
        switch step {
        case .whole: self.init(why: .squash, score: 0.95)
        case .number: self.init(why: .number, score: 0.75)
        case .words: self.init(why: .word, score: 0.8)
        case .beginnings: self.init(why: .prefix, score: 0.6)
        case .wholeKey: self.init(why: .key, score: 0.2)
        case .keys: self.init(why: .key, score: 0.1)
        case .someKeys: self.init(why: .key, score: 0.05)
        }
    }
}

/// How one part of a name fits another.
struct UnitMatch {
    enum Level: Int, Comparable {
        case same
        case beginning
        case alike
        case different

        static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
    }

    var level: Level
    var value: Double

    init?(_ unit: NameUnit, _ text: FoldedText, _ other: NameUnit, _ otherText: FoldedText) {
        let (bytes, others) = (text.bytes[unit.bare], otherText.bytes[other.bare])
        if unit.isServant == other.isServant, bytes == others {
            self.init(level: .same, value: 1)
        } else if text.bytes[unit.range] == otherText.bytes[other.range] {
            self.init(level: .same, value: 1)
        } else if unit.isServant == other.isServant, others.starts(with: bytes) {
            self.init(level: .beginning, value: 0.95)
        } else if otherText.bytes[other.range].starts(with: text.bytes[unit.range]) {
            self.init(level: .beginning, value: 0.95)
        } else {
            var value = 0.0
            for spelling in unit.spellings {
                for otherSpelling in other.spellings {
                    value = max(
                        value,
                        Resemblance.of(
                            spelling, otherSpelling,
                            bothHaveVowels: unit.hasVowels && other.hasVowels))
                }
            }
            // Moumouni for Abd al-Mu'min.
            for (tail, name) in [(unit.tail, other), (other.tail, unit)] {
                guard let tail else { continue }
                for spelling in name.spellings {
                    let isSpelled = unit.hasVowels && other.hasVowels
                    value = max(
                        value, 0.9 * Resemblance.of(tail, spelling, bothHaveVowels: isSpelled))
                }
            }
            if let group = unit.group, group == other.group { value = max(value, 0.95) }
            guard value > 0.4 else { return nil }
            self.init(level: .alike, value: 0.9 * value)
        }
    }

    private init(level: Level, value: Double) {
        self.level = level
        self.value = value
    }

    /// From 0 to 1, however it was found.
    var resemblance: Double { level == .alike ? value / 0.9 : value }
}

extension FoldedText {
    init(_ bytes: ArraySlice<UInt8>) {
        self.init()
        self.bytes = Array(bytes)
    }
}

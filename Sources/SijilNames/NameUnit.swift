/// A part of a name that belongs together: a word with its article, or `عبد` with what it is the servant of.
///
/// `Abd al-Qadir`, `Abdelkader`, `عبد القادر` and `عبدالقادر` are one unit each; `Ben` and `al` are none.
struct NameUnit {
    enum Role {
        case name
        /// May be left out: a title, or `Abdou` before another name.
        case title
        case particle
    }

    /// Where the unit lies in the folded bytes, with its article.
    var range: Range<Int>
    /// Where its last word lies, without its article or `abd`.
    var bare: Range<Int>
    /// Whether `abd` stands before it.
    var isServant = false
    var role: Role
    /// What it sounds like, in each way that it can be taken; empty in a script without sounds.
    var spellings: [[UInt8]]
    var hasVowels: Bool
    var group: Int?
    /// Where the second word stands for a name of its own: `قادر` in `عبد القادر`.
    var tail: [UInt8]?

    /// The consonant keys, the likeliest first.
    var keys: [[UInt8]] { knownKeys ?? madeKeys }

    /// What ``keys`` is, where that was found before.
    var knownKeys: [[UInt8]]?

    private var madeKeys: [[UInt8]] {
        if spellings.count == 1 { return ConsonantKey.keys(of: spellings[0][...]) }
        var keys: [[UInt8]] = []
        for spelling in spellings {
            for key in ConsonantKey.keys(of: spelling[...])
            where keys.count < Self.maximalKeys && !keys.contains(key) {
                keys.append(key)
            }
        }
        return keys
    }

    private static let maximalKeys = 6

    /// The units of a folded name.
    ///
    /// - Parameter sounding: without it all ``spellings`` are empty, which costs a third.
    static func units(of folded: FoldedText, sounding: Bool = true) -> [NameUnit] {
        units(of: folded, words: folded.words, sounding: sounding)
    }

    /// The same, where the words have been told apart already.
    static func units(
        of folded: FoldedText, words: [Range<Int>], sounding: Bool = true
    ) -> [NameUnit] {
        Reader(folded: folded, words: words, isSounding: sounding).units()
    }
}

extension NameUnit {
    /// The unit that a word makes when it stands alone.
    init(alone word: ArraySlice<UInt8>, sounding: Bool) {
        self = Reader(
            folded: FoldedText(word), words: [0..<word.count], isSounding: sounding
        )
        .alone()
        if sounding { knownKeys = madeKeys }
    }

    fileprivate mutating func move(by distance: Int) {
        range = range.lowerBound + distance..<range.upperBound + distance
        bare = bare.lowerBound + distance..<bare.upperBound + distance
    }
}

/// Goes through the words of a name.
private struct Reader {
    let folded: FoldedText
    let words: [Range<Int>]
    let isSounding: Bool

    func units() -> [NameUnit] {
        var units: [NameUnit] = []
        units.reserveCapacity(words.count)
        var index = 0
        while index < words.count {
            var last = index
            if isServant(words[index]), index + 1 < words.count {
                last = index + 1
                if last + 1 < words.count, isArticle(last) { last += 1 }
            }
            if last > index {
                units.append(servant(index, last))
            } else if let end = endOfCompound(index) {
                last = end
                units.append(compound(index, end))
            } else {
                units.append(unit(index))
            }
            index = last + 1
        }
        // A name of titles and particles alone is called by them.
        if !units.contains(where: { $0.role == .name }) {
            for index in units.indices { units[index].role = .name }
        }
        return units
    }

    private func has(_ text: StaticString, at index: Int, in range: Range<Int>) -> Bool {
        guard index + text.utf8CodeUnitCount <= range.upperBound else { return false }
        return unsafe folded.bytes[index..<index + text.utf8CodeUnitCount]
            .elementsEqual(
                UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// What a part of the name sounds like, if that is asked for.
    private func heard(_ range: Range<Int>) -> Sounds? {
        isSounding ? Sounds(folded.bytes.span.extracting(range)) : nil
    }

    private func isVowel(_ index: Int) -> Bool {
        switch folded.bytes[index] {
        case UInt8(ascii: "a"), UInt8(ascii: "e"), UInt8(ascii: "i"), UInt8(ascii: "o"),
            UInt8(ascii: "u"), UInt8(ascii: "y"):
            true
        default: false
        }
    }

    // MARK: Words

    private func unit(_ index: Int) -> NameUnit {
        let range = words[index]
        var unit = WordMemory.shared.unit(of: folded.bytes[range], sounding: isSounding)
        unit.move(by: range.lowerBound)
        if isArticle(index) { unit.role = .particle }
        // Abdou Kader is also Abdelkader.
        if index + 1 < words.count, range.count == 5, has("abdou", at: range.lowerBound, in: range)
        {
            unit.role = .title
        }
        return unit
    }

    /// What the only word is, whatever stands beside it elsewhere.
    func alone() -> NameUnit {
        let range = words[0]
        var unit = NameUnit(
            range: range, bare: range, role: .name, spellings: [], hasVowels: false)
        if let known = KnownWords.entry(of: folded.bytes.span.extracting(range)) {
            unit.group = known.group
            switch known.role {
            case .particle?: unit.role = .particle
            case .title?: unit.role = .title
            case nil: break
            }
        }
        let (rest, isServant) = afterServant(range)
        if isServant {
            let root = Array("abd".utf8)
            unit.hasVowels = folded.bytes[range.lowerBound] < 0x80
            unit.isServant = true
            unit.bare = rest[0]..<range.upperBound
            for start in rest {
                guard let sounds = heard(start..<range.upperBound)
                else { continue }
                unit.spellings.append(joined(root, sounds.codes))
            }
            return unit
        }
        unit.bare = withoutArticle(range)
        if unit.group == nil, unit.bare != range {
            unit.group = KnownWords.entry(of: folded.bytes.span.extracting(unit.bare))?.group
        }
        if let sounds = heard(unit.bare) {
            unit.spellings = [sounds.codes]
            unit.hasVowels = sounds.hasVowels
            if unit.bare != range, let whole = heard(range) {
                unit.spellings.append(whole.codes)
            } else if let start = afterPrefix(range),
                let short = heard(start..<range.upperBound)
            {
                unit.spellings.append(short.codes)
            }
        }
        return unit
    }

    private func joined(_ first: [UInt8], _ second: [UInt8]) -> [UInt8] {
        first + (first.last == second.first ? second.dropFirst() : second[...])
    }

    /// A word that is pronounced with the next one: `al`, or `ar` before `Rahman`.
    private func isArticle(_ index: Int) -> Bool {
        guard index + 1 < words.count else { return false }
        let range = words[index]
        guard range.count >= 2, range.count <= 4, folded.bytes[range.lowerBound] < 0x80,
            isVowel(range.lowerBound)
        else { return has("ال", at: range.lowerBound, in: range) && range.count == 4 }
        var start = range.lowerBound + 1
        if start < range.upperBound, isVowel(start) { start += 1 }
        guard start < range.upperBound, !isVowel(start) else { return false }
        if folded.bytes[start] == UInt8(ascii: "l") { return start + 1 == range.upperBound }
        let next = words[index + 1]
        return folded.bytes[start..<range.upperBound]
            .elementsEqual(
                folded.bytes[
                    next
                        .lowerBound..<min(
                            next.upperBound, next.lowerBound + range.upperBound - start)])
    }

    private func withoutArticle(_ range: Range<Int>) -> Range<Int> {
        // Two more letters at least.
        has("ال", at: range.lowerBound, in: range) && range.count >= 8
            ? range.lowerBound + 4..<range.upperBound : range
    }

    /// Where a word goes on after what may be an article or `ben`: Elouazzani, Larbi, Bensaid, لعروسي, بنسعيد.
    private func afterPrefix(_ range: Range<Int>) -> Int? {
        let start = range.lowerBound
        if folded.bytes[start] < 0x80 {
            guard range.count >= 5 else { return nil }
            if folded.bytes[start] == UInt8(ascii: "l") {
                return isVowel(start + 1) ? start + 1 : nil
            }
            guard range.count >= 6 else { return nil }
            if isVowel(start) {
                return folded.bytes[start + 1] == UInt8(ascii: "l") ? start + 2 : nil
            }
            return has("ben", at: start, in: range) || has("bin", at: start, in: range)
                ? start + 3 : nil
        }
        if range.count >= 8, has("ل", at: start, in: range) { return start + 2 }
        return range.count >= 10 && has("بن", at: start, in: range) ? start + 4 : nil
    }

    // MARK: Compounds

    /// Where a name ends that goes on with `ad-Din` or `Allah`: نور الدين is one name as Noureddine is.
    private func endOfCompound(_ index: Int) -> Int? {
        guard index + 1 < words.count, !isArticle(index) else { return nil }
        let next = words[index + 1]
        // Latin vowels and ا.
        guard isVowel(next.lowerBound) || folded.bytes[next.lowerBound] == 0xD8 else { return nil }
        if has("الدين", at: next.lowerBound, in: next) && next.count == 10
            || has("الله", at: next.lowerBound, in: next) && next.count == 8
        {
            return index + 1
        }
        let isWritten = Self.dins.contains { has($0, at: next.lowerBound, in: next) }
        if isWritten, next.count <= 6 { return index + 1 }
        guard isArticle(index + 1), index + 2 < words.count else { return nil }
        let last = words[index + 2]
        return has("din", at: last.lowerBound, in: last) && last.count <= 4
            || has("deen", at: last.lowerBound, in: last) && last.count == 4
            ? index + 2 : nil
    }

    private static let dins: [StaticString] = ["eddin", "uddin", "addin", "aldin", "eldin"]

    private func compound(_ first: Int, _ last: Int) -> NameUnit {
        var unit = unit(first)
        let (head, tail) = (
            heard(withoutArticle(words[first])),
            heard(withoutArticle(words[last]))
        )
        unit.range = words[first].lowerBound..<words[last].upperBound
        unit.role = .name
        unit.bare = unit.range
        unit.group = nil
        unit.knownKeys = nil
        guard let head, let tail else { return unit }
        unit.spellings = [joined(head.codes, tail.codes)]
        return unit
    }

    // MARK: Servants

    /// Whether the word is `abd`, with an article or without, and another name must follow.
    private func isServant(_ range: Range<Int>) -> Bool {
        if has("عبد", at: range.lowerBound, in: range) { return range.count == 6 }
        guard has("abd", at: range.lowerBound, in: range), range.count <= 7 else { return false }
        var index = range.lowerBound + 3
        while index < range.upperBound, isVowel(index) { index += 1 }
        // abdou alone is a name.
        if index == range.upperBound { return range.count == 3 }
        return index + 1 == range.upperBound
    }

    /// `abd` in a word of its own, with the name behind it.
    private func servant(_ first: Int, _ last: Int) -> NameUnit {
        let range = words[first].lowerBound..<words[last].upperBound
        let bare = withoutArticle(words[last])
        var unit = NameUnit(
            range: range, bare: range, role: .name, spellings: [], hasVowels: false)
        unit.isServant = true
        var whole: [UInt8] = []
        for byte in folded.bytes[range] where byte != Fold.space { whole.append(byte) }
        unit.group = KnownWords.entry(of: whole.span)?.group
        if let sounds = heard(bare) {
            unit.spellings = [joined(Array("abd".utf8), sounds.codes)]
            unit.hasVowels = sounds.hasVowels
            unit.tail = sounds.codes
        }
        return unit
    }

    /// Where the name behind an `abd` that begins a word may begin.
    private func afterServant(_ range: Range<Int>) -> (starts: [Int], isServant: Bool) {
        if has("عبد", at: range.lowerBound, in: range) {
            let rest = range.lowerBound + 6..<range.upperBound
            guard rest.count >= 4 else { return ([], false) }
            return ([withoutArticle(rest).lowerBound], true)
        }
        guard has("abd", at: range.lowerBound, in: range) else { return ([], false) }
        var index = range.lowerBound + 3
        while index < range.upperBound, isVowel(index) { index += 1 }
        guard range.upperBound - index >= 3 else { return ([], false) }
        guard folded.bytes[index] == UInt8(ascii: "l") else { return ([index], true) }
        // Abdelkader has an article, Abdoulaye has none; Abdelaziz cannot be told from it.
        return (isVowel(index + 1) ? [index + 1, index] : [index + 1], true)
    }
}

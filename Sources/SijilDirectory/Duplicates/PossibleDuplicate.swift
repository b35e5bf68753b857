import SijilCore
import SijilNames
public import SijilStore

/// Two persons of whom something says that they may be one.
public struct PossibleDuplicate: Sendable {
    public enum Reason: String, Sendable, CaseIterable {
        case samePhone = "same_phone"
        case sharedEmail = "shared_email"
        /// The same office, or one of its kind in the same place.
        case sameOffice = "same_office"
        case sameCommunity = "same_community"
        case sameArea = "same_area"
        /// A name of two parts or more that is written alike but for what folding takes away.
        case nameExact = "name_exact"
        /// It sounds alike, in whatever script.
        case nameKey = "name_key"
    }

    /// The one with the smaller id first.
    public var first: RecordView
    public var second: RecordView
    /// Above 0, at most 1.
    public var score: Double
    public var reasons: [Reason]

    /// From here on a pair is suggested: of what is suggested at least four in five are duplicates.
    public static let suggested = 0.6
    /// From here on a person who adds a record is told: they know at once whom they mean.
    public static let mentioned = 0.45

    /// `nil` when nothing says that they are one, or their names say that they are not.
    ///
    /// Names alone are never enough to be ``suggested``, nor are a name and a place, where many have the
    /// name. A name of one part, or of few consonants, counts for less.
    init?(_ one: PersonTraits, _ other: PersonTraits) {
        let (one, other) = one.id < other.id ? (one, other) : (other, one)
        guard one.id != other.id, let likeness = Likeness(one.names, other.names) else {
            return nil
        }
        var score = likeness.score
        reasons = []
        switch likeness.kind {
        case .exact: reasons.append(.nameExact)
        case .alike: reasons.append(.nameKey)
        case .partly: break
        }
        let numbers = Set(one.numbers.keys).intersection(other.numbers.keys)
        if !numbers.isEmpty {
            reasons.append(.samePhone)
            let isOwn = numbers.contains { one.numbers[$0] == true && other.numbers[$0] == true }
            score += isOwn ? 0.35 : 0.15
        }
        if !one.emails.isDisjoint(with: other.emails) {
            reasons.append(.sharedEmail)
            score += 0.35
        }
        let offices = one.offices.intersection(other.offices)
        let seats = Set(one.seats.keys).intersection(other.seats.keys)
        if !offices.isEmpty || !seats.isEmpty {
            reasons.append(.sameOffice)
            // Councillors of one council are many.
            let isSingle =
                !offices.isSubset(of: one.councils) || seats.contains { one.seats[$0] == true }
            score += isSingle ? 0.25 : 0.08
        }
        if !one.communities.isDisjoint(with: other.communities) { reasons.append(.sameCommunity) }
        if !one.areas.isDisjoint(with: other.areas) { reasons.append(.sameArea) }
        // A community lies in its area, and as many have a name there: one says no more than the other.
        if reasons.contains(.sameCommunity) || reasons.contains(.sameArea) { score += 0.08 }
        if Set(["f", "m"]) == [one.gender, other.gender] || likeness.isOfTwoGenders {
            score -= 0.3
        }
        if one.birthYear != .none, other.birthYear != .none, one.birthYear != other.birthYear {
            score -= 0.3
        }
        guard score > 0, !reasons.isEmpty else { return nil }
        first = one.record
        second = other.record
        self.score = (min(score, 1) * 100).rounded() / 100
        reasons.sort { Self.rank($0) < Self.rank($1) }
    }

    /// Whether their names allow that they are one.
    static func areAlike(_ one: PersonTraits, _ other: PersonTraits) -> Bool {
        Likeness(one.names, other.names) != nil
    }

    private static func rank(_ reason: Reason) -> Int { Reason.allCases.firstIndex(of: reason)! }
}

/// How much alike the names of two persons are.
private struct Likeness {
    enum Kind { case partly, alike, exact }

    var kind: Kind
    var score: Double
    /// Whether they are a man's and a woman's name: Karim and Karima.
    var isOfTwoGenders: Bool

    /// Below it, names are of two people although their consonants are the same: Hussein and Hassan.
    private static let alike = 0.9

    /// `nil` when no part of any name is alike.
    init?(_ names: [SpokenName], _ others: [SpokenName]) {
        var best: (kind: Kind, score: Double, names: (SpokenName, SpokenName))?
        for name in names {
            for other in others {
                guard let found = Self.likeness(name, other), found.score > best?.score ?? 0 else {
                    continue
                }
                best = (found.kind, found.score, (name, other))
            }
        }
        guard let best else { return nil }
        (kind, score) = (best.kind, best.score)
        isOfTwoGenders = kind == .alike && best.names.0.isOtherGender(than: best.names.1)
    }

    private static func likeness(
        _ name: SpokenName, _ other: SpokenName
    ) -> (kind: Kind, score: Double)? {
        let parts = min(name.keys.count, other.keys.count)
        let isShort = parts < 2 || name.isWeak || other.isWeak
        if name.folded == other.folded { return (.exact, isShort ? 0.35 : 0.5) }
        let shared = name.sharedParts(with: other)
        guard shared > 0 else { return nil }
        // Of the parts that both have: people leave out names.
        let left = Double(max(name.keys.count, other.keys.count) - parts)
        let resemblance =
            name.resemblance(to: other) * (Double(parts) + 0.2 * left) / Double(parts)
        guard resemblance >= alike, shared == parts, !name.isOfChild(of: other),
            !other.isOfChild(of: name)
        else { return (.partly, 0.05) }
        return (.alike, (isShort ? 0.2 : 0.35) + (resemblance - alike))
    }
}

extension SpokenName {
    /// Whether this is a name of one's own before all of the other: a child's, with the father's name after it.
    ///
    /// People leave out names from the middle and the end; with the first one it is another person's.
    fileprivate func isOfChild(of other: SpokenName) -> Bool {
        guard keys.count > other.keys.count, let own = keys.first else { return false }
        return !other.keys.contains { !Set($0).isDisjoint(with: own) }
    }

    /// Whether some part of the one name is the feminine of a part of the other.
    fileprivate func isOtherGender(than other: SpokenName) -> Bool {
        let others = other.folded.split(separator: " ")
        return folded.split(separator: " ")
            .contains { word in
                others.contains {
                    Self.isFeminine(word, of: $0) || Self.isFeminine($0, of: word)
                }
            }
    }

    /// Whether a word is another's with the ending of women's names, as far as both scripts write it.
    private static func isFeminine(_ word: Substring, of other: Substring) -> Bool {
        guard let ending = word.last, let last = other.last else { return false }
        switch (ending, isArabic(other)) {
        // Of one script: a letter more.
        case ("a", false), ("\u{647}", true): return word.dropLast() == other
        case ("\u{647}", false) where "aeiouyht".contains(last): return false
        case ("a", true) where "اىيهوءآ".contains(last): return false
        case ("a", true), ("\u{647}", false): break
        default: return false
        }
        let (keys, others) = (SpokenName(String(word)).keys, SpokenName(String(other)).keys)
        guard keys.count == 1, others.count == 1 else { return false }
        let shared = Set(keys[0]).intersection(others[0])
        // Names that are known to be one are written with and without it: إبراهيم, Ibrahima.
        return !shared.isEmpty && !shared.contains { $0.allSatisfy(\.isNumber) }
    }

    private static func isArabic(_ word: Substring) -> Bool {
        word.unicodeScalars.contains { (0x600...0x6FF).contains($0.value) }
    }
}

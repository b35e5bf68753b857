/// The place of an item in a list that several people put in order without seeing each other.
///
/// An index is a fraction between 0 and 1, written with the digits `0…9A…Za…z` after an unwritten point and
/// compared as bytes: between any two there is another, so that nothing is ever renumbered, and an item
/// that is moved writes nothing but its own index. The order of a list is that of the indices, then of the
/// records' identifiers: two who put an item at the same place may choose the same index, and every replica
/// shows theirs in the same order.
///
/// ```swift
/// FractionalIndex.between(nil, nil)   // "V"
/// FractionalIndex.between("V", nil)   // "W"
/// FractionalIndex.between("V", "W")   // "VV"
/// ```
///
/// After *Implementing Fractional Indexing* (D. Greenspan, 2020), without its integer part: an index grows by
/// one digit in some sixty items that are put at one end, and in five that are put into one gap.
public enum FractionalIndex {
    private static let digits = Array(
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)
    private static let values = Dictionary(
        uniqueKeysWithValues: digits.enumerated().map { ($1, $0) })

    /// Whether a text is an index: there is room before it and after it.
    ///
    /// One that ends with `0` is none: nothing lies between `V` and `V0`.
    public static func isValid(_ text: String) -> Bool {
        guard let last = text.utf8.last, last != digits[0] else { return false }
        return text.utf8.allSatisfy { values[$0] != nil }
    }

    /// An index strictly between two others; `nil` stands for the end of the list on that side.
    ///
    /// - Returns: `nil` when there is no such index, because one of them is not valid or they are not in
    ///   order.
    public static func between(_ lower: String?, _ upper: String?) -> String? {
        guard lower.map(isValid) ?? true, upper.map(isValid) ?? true else { return nil }
        let below = (lower ?? "").utf8.map { values[$0]! }
        let above = upper.map { $0.utf8.map { values[$0]! } }
        if let above, !below.lexicographicallyPrecedes(above) { return nil }
        let middle = above.map { midpoint(below, $0, isFirst: lower == nil) } ?? after(below)
        return String(decoding: middle.map { digits[$0] }, as: UTF8.self)
    }

    /// The shortest way up: the first digit that has a next one gets it.
    private static func after(_ below: [Int]) -> [Int] {
        if below.isEmpty { return [digits.count / 2] }
        let place = below.firstIndex { $0 < digits.count - 1 }
        guard let place else { return below + [1] }
        return below[..<place] + [below[place] + 1]
    }

    /// - Parameter isFirst: nothing is below; the result is then as near to `above` as it is short.
    private static func midpoint(_ below: [Int], _ above: [Int], isFirst: Bool) -> [Int] {
        var result: [Int] = []
        // Whether the result so far is a beginning of `above`: only then does that bound it.
        var isBounded = true
        for place in 0... {
            let low = place < below.count ? below[place] : 0
            let high = isBounded && place < above.count ? above[place] : digits.count
            if high - low > 1 {
                return result + [isFirst ? high - 1 : (low + high) / 2]
            }
            result.append(low)
            if low < high { isBounded = false }
        }
        preconditionFailure("There is always a place with room.")
    }
}

extension FractionalIndex {
    /// What is to be written so that an item stands at a place of a list.
    public struct Insertion: Hashable, Sendable {
        /// Of the item that comes.
        public var index: String
        /// Of items that were there, by their place in the list: only those that share an index with the
        /// one before the new item, or that have none, so that nothing fits between.
        public var others: [Int: String]
    }

    /// Puts an item before the one that stands at `place`, or at the end.
    ///
    /// - Parameters:
    ///   - place: from 0 to the length of the list.
    ///   - list: the indices of the items that are there, in ``precedes(_:_:)``'s order.
    public static func inserting(at place: Int, in list: [String]) -> Insertion {
        precondition((0...list.count).contains(place), "The place must be in the list.")
        // Items without an index stand at the end: those before the new one need one as well.
        let start = min(place, list.firstIndex { !isValid($0) } ?? place)
        let lower = start > 0 ? list[start - 1] : nil
        var end = place
        if start == place { while end < list.count, list[end] == lower { end += 1 } }
        let upper = end < list.count && isValid(list[end]) ? list[end] : nil
        var insertion = Insertion(index: "", others: [:])
        var previous = lower
        // The places of the new list that need an index.
        for position in start...end {
            guard let index = between(previous, upper) else {
                preconditionFailure("The list must be in order.")
            }
            if position == place {
                insertion.index = index
            } else {
                insertion.others[position < place ? position : position - 1] = index
            }
            previous = index
        }
        return insertion
    }

    /// Whether an item with the first index comes before one with the second; what is no index comes last.
    public static func precedes(_ first: String, _ second: String) -> Bool {
        let (isFirst, isSecond) = (isValid(first), isValid(second))
        guard isFirst == isSecond else { return isFirst }
        return first.utf8.lexicographicallyPrecedes(second.utf8)
    }
}

extension SpokenName {
    /// What asks the search index for records with a name that may be this one: two parts alike, or the only one.
    ///
    /// `nil` for a name without a key.
    package var candidates: String? {
        let parts = keys.filter { !$0.isEmpty }.prefix(Self.maximalParts)
        func any(_ marks: [SearchEntry.Mark], _ keys: [String]) -> String {
            let tokens = marks.flatMap { mark in
                keys.map { SearchQuery.token(mark, Array($0.utf8)) }
            }
            return "(\(tokens.joined(separator: " OR ")))"
        }
        guard let first = parts.first else { return nil }
        guard parts.count > 1 else { return any([.wholeKey, .key], first) }
        var pairs: [String] = []
        for (index, left) in parts.enumerated() {
            for right in parts.dropFirst(index + 1) {
                pairs.append("(\(any([.key], left)) AND \(any([.key], right)))")
            }
        }
        return pairs.joined(separator: " OR ")
    }

    /// There is a pair of each two.
    private static let maximalParts = 6

    /// The names that an entry of the search index holds.
    package static func names(in entry: [UInt8]) -> [SpokenName] {
        SearchQuery.names(in: entry).map { SpokenName(String(decoding: $0, as: UTF8.self)) }
    }
}

/// What asks the search index for records with a telephone number.
package enum NumberQuery {
    /// An expression for those whose last digits are this number's; `nil` for one of few digits.
    package static func expression(_ number: String) -> String? {
        let text = number.utf8Span.span
        guard let digits = Digits(text, Fold.folded(text)) else { return nil }
        let last = Array(digits.digits.reversed().prefix(compared))
        return SearchQuery.token(.digits, last) + (last.count < compared ? "" : "*")
    }

    /// How many of the last digits tell one number from another, whether or not the country's code is there.
    private static let compared = 8
}

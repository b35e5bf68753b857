import Synchronization

/// What words were found to be lately: people share names, and to read one costs more than to look it up.
///
/// A table of fixed size in which a word takes the place of another with the same hash.
final class WordMemory: Sendable {
    static let shared = WordMemory()

    private struct Place {
        var word: [UInt8]
        var unit: NameUnit
    }

    private static let count = 4096
    private let places = Mutex([Place?](repeating: nil, count: count))

    /// The unit that a word makes when it stands alone, from 0 on.
    ///
    /// - Parameter sounding: whether ``NameUnit/spellings`` are wanted.
    func unit(of word: ArraySlice<UInt8>, sounding: Bool) -> NameUnit {
        // Longer ones are no names, and would make the table large.
        guard word.count <= Sounds.maximalBytes else {
            return NameUnit(alone: word, sounding: sounding)
        }
        let place = Int(FNV.hash(word.span) % UInt64(Self.count))
        let known = places.withLock { places in
            places[place].flatMap { $0.word[...] == word ? $0.unit : nil }
        }
        if var known {
            // Whatever was known before, the same is answered.
            if !sounding { (known.spellings, known.knownKeys) = ([], nil) }
            return known
        }
        let unit = NameUnit(alone: word, sounding: sounding)
        if sounding { places.withLock { $0[place] = Place(word: Array(word), unit: unit) } }
        return unit
    }
}

/// The hash FNV-1a, http://www.isthe.com/chongo/tech/comp/fnv.
enum FNV {
    static func hash(_ bytes: Span<UInt8>, seed: UInt64 = 0) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325 ^ seed
        for index in bytes.indices { hash = (hash ^ UInt64(bytes[index])) &* 0x100_0000_01B3 }
        return hash
    }
}

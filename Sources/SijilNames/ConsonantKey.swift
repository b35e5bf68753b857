/// The consonants of a word, spelled as every writer of it would.
///
/// Vowels, `w` and `y` are gone, doubles are one, letters that writers of another script mix up are the same. Where
/// they mix up what others keep apart, a word has several keys: two words are alike when they share one.
///
/// `محمد`, `Mohammed`, `Mouhamed`: `mhmd`. `حياة` and `Hayat`: `ht`, and `hayah`: `h`.
enum ConsonantKey {
    /// At most so many for one word.
    static let maximum = 4

    /// The keys of a word, the likeliest first.
    ///
    /// - Parameter codes: those of a word's ``Sounds``, or of several words said as one.
    static func keys(of codes: ArraySlice<UInt8>) -> [[UInt8]] {
        var keys: [[UInt8]] = [[]]
        for index in codes.indices {
            let code = codes[index]
            guard !Sounds.isVowel(code) else { continue }
            let isLast = index == codes.endIndex - 1
            switch code {
            case UInt8(ascii: "b"), UInt8(ascii: "p"): append(letter: "b", to: &keys)
            case UInt8(ascii: "f"): append(letter: "f", to: &keys)
            // In Sinhala and Tamil w, which is not heard here.
            case UInt8(ascii: "v"): append("f", or: "", to: &keys)
            case UInt8(ascii: "k"), UInt8(ascii: "q"), Sounds.Code.kh, Sounds.Code.gh:
                append(letter: "k", to: &keys)
            case UInt8(ascii: "g"): append("k", or: "j", to: &keys)
            case Sounds.Code.rh: append("k", or: "r", to: &keys)
            case Sounds.Code.kha, Sounds.Code.tamilK: append("k", or: "h", to: &keys)
            case Sounds.Code.shin: append(letter: "c", to: &keys)
            case Sounds.Code.sh: append("c", or: "sh", to: &keys)
            case Sounds.Code.th: append("t", or: "th", "s", to: &keys)
            case Sounds.Code.tha: append("t", or: "s", to: &keys)
            case Sounds.Code.dh: append("d", or: "z", "dh", to: &keys)
            case Sounds.Code.dad: append("d", or: "z", to: &keys)
            case Sounds.Code.bh: append("b", or: "bh", to: &keys)
            case Sounds.Code.tamilP: append("b", or: "f", to: &keys)
            case Sounds.Code.di: append("d", or: "j", to: &keys)
            case Sounds.Code.tamilJ: append("j", or: "z", to: &keys)
            case Sounds.Code.tamilS: append("s", or: "c", to: &keys)
            case Sounds.Code.tamilT: append("t", or: "d", to: &keys)
            // A final h is heard or not, a final ة is read as t or not.
            case Sounds.Code.finalHa:
                if isLast {
                    append("", or: "t", "h", to: &keys)
                } else {
                    append(letter: "h", to: &keys)
                }
            case UInt8(ascii: "h"): if !isLast { append(letter: "h", to: &keys) }
            default: for index in keys.indices { append(code, to: &keys[index]) }
            }
        }
        return keys
    }

    private static func append(_ code: UInt8, to key: inout [UInt8]) {
        if key.last != code { key.append(code) }
    }

    private static func append(letter code: Unicode.Scalar, to keys: inout [[UInt8]]) {
        for index in keys.indices { append(UInt8(ascii: code), to: &keys[index]) }
    }

    /// Each key goes on with the first, and as long as there is room also with each of the others.
    private static func append(_ first: String, or others: String..., to keys: inout [[UInt8]]) {
        let stems = keys
        for index in keys.indices { for code in first.utf8 { append(code, to: &keys[index]) } }
        for other in others {
            for stem in stems where keys.count < maximum {
                var key = stem
                for code in other.utf8 { append(code, to: &key) }
                if !keys.contains(key) { keys.append(key) }
            }
        }
    }
}

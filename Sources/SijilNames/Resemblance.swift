/// How much alike two words sound.
enum Resemblance {
    /// From 0, nothing in common, to 1, no difference that a reader would hear.
    ///
    /// An edit distance in which a vowel costs less than a consonant, and next to nothing where one of the two scripts
    /// does not write it; consonants that writers mix up cost less than others.
    static func of(_ left: [UInt8], _ right: [UInt8], bothHaveVowels: Bool) -> Double {
        guard left != right else { return 1 }
        let longer = max(left.count, right.count)
        guard longer > 0 else { return 1 }
        let vowel = bothHaveVowels ? 4 : 2
        var row = [Int](repeating: 0, count: right.count + 1)
        for index in right.indices { row[index + 1] = row[index] + cost(of: right[index], vowel) }
        for code in left {
            var diagonal = row[0]
            let left = cost(of: code, vowel)
            row[0] += left
            for index in right.indices {
                let above = row[index + 1]
                row[index + 1] = min(
                    diagonal + cost(of: code, for: right[index]), above + left,
                    row[index] + cost(of: right[index], vowel))
                diagonal = above
            }
        }
        return max(0, 1 - Double(row[right.count]) / (6 * Double(longer)))
    }

    private static func cost(of code: UInt8, _ vowel: Int) -> Int {
        switch code {
        // Short and silent more often than others.
        case Sounds.Code.a, Sounds.Code.e: vowel / 2
        case Sounds.Code.i, Sounds.Code.u: vowel
        case Sounds.Code.finalHa: 2
        case UInt8(ascii: "h"): 5
        default: 10
        }
    }

    private static func cost(of left: UInt8, for right: UInt8) -> Int {
        if left == right { return 0 }
        switch (Sounds.isVowel(left), Sounds.isVowel(right)) {
        case (true, true):
            return left == Sounds.Code.e || right == Sounds.Code.e ? 1 : 3
        case (false, false):
            return isOneLetter(left, right) ? 1 : family(left) == family(right) ? 3 : 10
        // ة is heard as a.
        default: return left == Sounds.Code.finalHa || right == Sounds.Code.finalHa ? 1 : 12
        }
    }

    /// Whether two scripts write one letter so.
    private static func isOneLetter(_ left: UInt8, _ right: UInt8) -> Bool {
        switch (min(left, right), max(left, right)) {
        case (Sounds.Code.kha, Sounds.Code.kh), (Sounds.Code.sh, Sounds.Code.shin),
            (Sounds.Code.tha, Sounds.Code.th), (Sounds.Code.dh, Sounds.Code.dad),
            (Sounds.Code.gh, Sounds.Code.rh), (UInt8(ascii: "d"), Sounds.Code.dad),
            (Sounds.Code.dad, UInt8(ascii: "d")), (Sounds.Code.tamilK, UInt8(ascii: "k")),
            (Sounds.Code.tamilT, UInt8(ascii: "t")), (Sounds.Code.tamilT, UInt8(ascii: "d")),
            (Sounds.Code.tamilS, UInt8(ascii: "s")), (Sounds.Code.finalHa, UInt8(ascii: "h")),
            (Sounds.Code.bh, UInt8(ascii: "b")), (Sounds.Code.tamilJ, UInt8(ascii: "j")),
            (Sounds.Code.tamilJ, UInt8(ascii: "z")), (UInt8(ascii: "k"), UInt8(ascii: "q")):
            true
        default: false
        }
    }

    private static func family(_ code: UInt8) -> UInt8 {
        switch code {
        case UInt8(ascii: "b"), UInt8(ascii: "p"), Sounds.Code.bh, Sounds.Code.tamilP: 1
        case UInt8(ascii: "f"), UInt8(ascii: "v"): 2
        case UInt8(ascii: "d"), Sounds.Code.dh, Sounds.Code.dad, Sounds.Code.di, UInt8(ascii: "z"):
            3
        case UInt8(ascii: "t"), Sounds.Code.th, Sounds.Code.tha, Sounds.Code.tamilT: 4
        case UInt8(ascii: "k"), UInt8(ascii: "q"), UInt8(ascii: "g"), Sounds.Code.kh,
            Sounds.Code.kha, Sounds.Code.gh, Sounds.Code.rh, Sounds.Code.tamilK:
            5
        case UInt8(ascii: "s"), Sounds.Code.sh, Sounds.Code.shin, Sounds.Code.tamilS: 6
        case UInt8(ascii: "h"), Sounds.Code.finalHa: 7
        case UInt8(ascii: "j"), Sounds.Code.tamilJ: 8
        default: code
        }
    }
}

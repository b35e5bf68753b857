/// What a folded word sounds like, letter by letter, in one alphabet for all scripts.
///
/// The alphabet keeps apart what one script keeps apart; ``ConsonantKey`` brings together what writers mix up.
/// Scripts: Latin (French, English, arabizi), Arabic, Tifinagh, N'Ko, Adlam, Sinhala, Tamil.
struct Sounds: Hashable {
    /// Codes of ``Code``, none twice in a row.
    var codes: [UInt8] = []
    /// Whether short vowels are written.
    var hasVowels = false

    /// The letters of the common alphabet.
    enum Code {
        static let a = UInt8(ascii: "a")
        static let e = UInt8(ascii: "e")
        static let i = UInt8(ascii: "i")
        static let u = UInt8(ascii: "u")
        /// Latin `th`; Arabic ث.
        static let th = UInt8(ascii: "T")
        static let tha = UInt8(ascii: "O")
        /// Latin `dh`; Arabic ذ ض ظ.
        static let dh = UInt8(ascii: "D")
        static let dad = UInt8(ascii: "Z")
        /// Latin `sh`; `ch` and ش.
        static let sh = UInt8(ascii: "Y")
        static let shin = UInt8(ascii: "c")
        /// Latin `kh`; Arabic خ.
        static let kh = UInt8(ascii: "x")
        static let kha = UInt8(ascii: "X")
        static let gh = UInt8(ascii: "G")
        /// Latin `rh` at the beginning, Moroccan for غ.
        static let rh = UInt8(ascii: "R")
        /// Arabic ه at the end, which may be ة.
        static let finalHa = UInt8(ascii: "H")
        /// Tamil க, ச, ட and த, each one letter for two sounds.
        static let tamilK = UInt8(ascii: "K")
        static let tamilS = UInt8(ascii: "E")
        static let tamilT = UInt8(ascii: "W")
        /// Tamil ஜ, also for z.
        static let tamilJ = UInt8(ascii: "J")
        /// Tamil ப, also for f.
        static let tamilP = UInt8(ascii: "P")
        /// Latin `di` before a vowel: Diallo is also Jallo.
        static let di = UInt8(ascii: "Q")
        /// Latin `bh`, one letter in India's scripts and two in Arabic.
        static let bh = UInt8(ascii: "B")
        /// A letter that is not heard.
        static let silent = UInt8(ascii: "-")
    }

    static func isVowel(_ code: UInt8) -> Bool {
        code == Code.a || code == Code.e || code == Code.i || code == Code.u
    }

    /// - Parameter word: a folded word.
    /// - Returns: `nil` for a word with a letter that has no sound here, or of digits alone.
    init?(_ word: Span<UInt8>) {
        guard word.count > 0, word.count <= Self.maximalBytes else { return nil }
        codes.reserveCapacity(word.count)
        if word[0] < 0x80 {
            hasVowels = true
            guard readLatin(word) else { return nil }
        } else if word[0] >= 0xD8, word[0] <= 0xDB {
            guard readArabic(word) else { return nil }
        } else {
            guard readOther(word) else { return nil }
        }
    }

    /// Longer words are no names.
    static let maximalBytes = 96

    private mutating func add(_ code: UInt8) {
        if code != Code.silent, code != codes.last { codes.append(code) }
    }

    // MARK: Latin

    private mutating func readLatin(_ word: Span<UInt8>) -> Bool {
        var index = 0
        var hasLetter = false
        func at(_ place: Int) -> UInt8 { place < word.count ? word[place] : 0 }
        while index < word.count {
            let letter = word[index]
            let next = at(index + 1)
            index += 1
            hasLetter = hasLetter || letter > UInt8(ascii: "9")
            let hasH = next == UInt8(ascii: "h")
            switch letter {
            case UInt8(ascii: "a"): add(Code.a)
            case UInt8(ascii: "e"): add(Code.e)
            case UInt8(ascii: "i"), UInt8(ascii: "y"): add(Code.i)
            case UInt8(ascii: "o"), UInt8(ascii: "u"), UInt8(ascii: "w"):
                // `ou` is one sound.
                add(Code.u)
            case UInt8(ascii: "s"):
                if hasH {
                    add(Code.sh)
                    index += 1
                } else if next == UInt8(ascii: "c"), at(index + 1) == UInt8(ascii: "h") {
                    add(Code.shin)
                    index += 2
                } else {
                    add(letter)
                }
            case UInt8(ascii: "c"):
                switch next {
                case UInt8(ascii: "h"):
                    add(Code.shin)
                    index += 1
                case UInt8(ascii: "k"): break
                case UInt8(ascii: "e"), UInt8(ascii: "i"), UInt8(ascii: "y"): add(UInt8(ascii: "s"))
                default: add(UInt8(ascii: "k"))
                }
            case UInt8(ascii: "k") where hasH:
                add(Code.kh)
                index += 1
            case UInt8(ascii: "g"):
                if hasH {
                    add(Code.gh)
                    index += 1
                } else if next == UInt8(ascii: "u"),
                    at(index + 1) == UInt8(ascii: "e")
                        || at(index + 1) == UInt8(ascii: "i")
                {
                    add(letter)
                    index += 1
                } else {
                    add(letter)
                }
            case UInt8(ascii: "t"):
                if hasH {
                    add(Code.th)
                    index += 1
                } else if next == UInt8(ascii: "c"), at(index + 1) == UInt8(ascii: "h") {
                    add(Code.shin)
                    index += 2
                } else {
                    add(letter)
                }
            case UInt8(ascii: "d"):
                if hasH {
                    add(Code.dh)
                    index += 1
                } else if next == UInt8(ascii: "i"),
                    Self.isVowel(at(index + 1)) || at(index + 1) == UInt8(ascii: "o")
                {
                    add(Code.di)
                } else if next != UInt8(ascii: "j") {
                    add(letter)
                }
            case UInt8(ascii: "b") where hasH:
                add(Code.bh)
                index += 1
            case UInt8(ascii: "p") where hasH:
                add(UInt8(ascii: "f"))
                index += 1
            case UInt8(ascii: "r") where hasH && index == 1:
                add(Code.rh)
                index += 1
            case UInt8(ascii: "q"):
                add(letter)
                if next == UInt8(ascii: "u") { index += 1 }
            case UInt8(ascii: "x"):
                add(UInt8(ascii: "k"))
                add(UInt8(ascii: "s"))
            // Arabizi.
            case UInt8(ascii: "2"), UInt8(ascii: "3"): break
            case UInt8(ascii: "5"): add(Code.kh)
            case UInt8(ascii: "6"): add(UInt8(ascii: "t"))
            case UInt8(ascii: "7"): add(UInt8(ascii: "h"))
            case UInt8(ascii: "8"): add(Code.gh)
            case UInt8(ascii: "9"): add(UInt8(ascii: "q"))
            case UInt8(ascii: "a")...UInt8(ascii: "z"): add(letter)
            default: return false
            }
        }
        return hasLetter
    }

    // MARK: Arabic

    private mutating func readArabic(_ word: Span<UInt8>) -> Bool {
        var index = 0
        while index < word.count {
            guard word[index] >= 0xD8, word[index] <= 0xDB, index + 1 < word.count else {
                return false
            }
            let value = Int(word[index] & 0x1F) << 6 | Int(word[index + 1] & 0x3F)
            index += 2
            let code = Self.arabic[value - 0x600]
            guard code != 0 else { return false }
            let isFinalHa = value == 0x647 && index == word.count
            add(isFinalHa ? Code.finalHa : code)
        }
        return true
    }

    /// From U+0600; 0 where there is no sound.
    private static let arabic: [UInt8] = {
        var table = [UInt8](repeating: 0, count: 0x100)
        for (letters, code) in [
            ("ا", "a"), ("ع", "-"), ("ي", "i"), ("و", "u"), ("ب", "b"), ("ف", "f"), ("ت", "t"),
            ("ط", "t"), ("ٹ", "t"), ("ث", "O"), ("ج", "j"), ("ژ", "j"), ("ح", "h"), ("ه", "h"),
            ("خ", "X"), ("د", "d"), ("ڈ", "d"), ("ذ", "Z"), ("ض", "Z"), ("ظ", "Z"), ("ر", "r"),
            ("ڑ", "r"), ("ز", "z"), ("س", "s"), ("ص", "s"), ("ش", "c"), ("چ", "c"), ("غ", "G"),
            ("ق", "q"), ("ڨ", "q"), ("ك", "k"), ("ل", "l"), ("ڵ", "l"), ("م", "m"), ("ن", "n"),
            ("ں", "n"),
        ] {
            table[Int(letters.unicodeScalars.first!.value) - 0x600] = code.utf8.first!
        }
        return table
    }()

    // MARK: Other scripts

    private mutating func readOther(_ word: Span<UInt8>) -> Bool {
        var index = 0
        while index < word.count {
            let first = word[index]
            let count = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
            guard index + count <= word.count else { return false }
            var value = UInt32(first) & (count == 1 ? 0x7F : 0xFF >> (UInt32(count) + 1))
            for place in 1..<max(count, 1) {
                value = value << 6 | UInt32(word[index + place] & 0x3F)
            }
            index += count
            guard let code = Self.others[value] else { return false }
            hasVowels = hasVowels || !(0xB80...0xDFF).contains(value)
            add(code)
        }
        return true
    }

    private static let others: [UInt32: UInt8] = {
        var table: [UInt32: UInt8] = [:]
        func add(_ letters: String, _ codes: String) {
            precondition(letters.unicodeScalars.count == codes.utf8.count, "A code is missing.")
            for (letter, code) in zip(letters.unicodeScalars, codes.utf8) {
                table[letter.value] = code
            }
        }
        // Tifinagh, as IRCAM orders it, with letters of other Amazigh languages.
        add("ⴰⴱⴳⴷⴹⴻⴼⴽⵀⵃⵄⵅⵇⵉⵊⵍⵎⵏⵓⵔⵕⵖⵙⵚⵛⵜⵟⵡⵢⵣⵥⵯ", "abqdZefkhh-Xqijlmnurr" + "Gsscttuizz-")
        add("ⴲⴴⴵⴸⴺⴾⴿⵁⵆⵈⵋⵌⵐⵑⵒⵗⵞⵝⵠⵤ", "bGjdZkkhXqjjnnpGctfz")
        // N'Ko.
        add("ߊߋߌߍߎߏߐߒߓߔߕߖߗߘߙߚߛߜߝߞߟߠߡߢߣߤߥߦ", "aeieuuunbptjcdrrsbfklnmnnhui")
        add("߲߫߬߭߮߯߰߱߳", "n--------")
        // Adlam.
        add("𞤢𞤣𞤤𞤥𞤦𞤧𞤨𞤩𞤪𞤫𞤬𞤭𞤮𞤯𞤰𞤱𞤲𞤳𞤴𞤵𞤶𞤷𞤸𞤹𞤺𞤻𞤼𞤽", "adlmbspbrefiudiunkiujchqqntn")
        add("𞥊𞥄𞥅𞥆𞥇𞥈𞥉𞥋", "--------")
        // Sinhala.
        add("අආඇඈඉඊඋඌඑඒඔඕඖඓ", "aaeeiiuueeuuai")
        add(
            "කඛගඝඞඟචඡජඣඤඥඦටඨඩඪණඬතථදධනඳපඵබභමඹයරලවශෂසහළෆ", "kkqqnqccjjnnjttddndttddndpfbbmbirluccshlf"
        )
        add("්ාැෑිීුූෘෙේෛොෝෞෟංඃෲ", "-aeeiiuureeiuuuunhr")
        // Tamil.
        add("அஆஇஈஉஊஎஏஐஒஓஔ", "aaiiuueeiuuu")
        add("கஙசஜஞடணதநனபமயரறலளழவஶஷஸஹஃ", "KnEJnWnWnnPmirrlllfccsh-")
        add("ாிீுூெேைொோௌ்ௗ", "aiiuueeiuuu-u")
        return table
    }()
}

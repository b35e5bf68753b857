/// How texts that people wrote are put between our own words.
///
/// On a terminal each is isolated, so that an Arabic name does not reorder the line around it, and what
/// could steer the terminal or disguise a name is taken out (Unicode Standard Annex 9). In pipes and files
/// the text stays as it is, but for control characters.
struct TerminalText {
    private let isolates: Bool

    /// - Parameters:
    ///   - isTerminal: whether standard output is one.
    ///   - isPlain: whether the person asked for one without marks (`NO_COLOR`).
    init(isTerminal: Bool, isPlain: Bool) { isolates = isTerminal && !isPlain }

    /// Text that has its own direction: a name, a title, a note.
    func own(_ text: String) -> String {
        guard isolates else { return Self.neutralised(text) }
        return "\u{2068}\(Self.withoutDirection(Self.neutralised(text)))\u{2069}"
    }

    /// What is read from left to right wherever it stands: a phone number, an id, a date.
    func code(_ text: String) -> String {
        guard isolates else { return Self.neutralised(text) }
        return "\u{2066}\(Self.withoutDirection(Self.neutralised(text)))\u{2069}"
    }

    /// Without control characters: white space becomes a space, the others are made visible as U+FFFD.
    static func neutralised(_ text: String, keepsLines: Bool = false) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n" where keepsLines: result.append(scalar)
            case "\t", "\n", "\r", "\u{0B}", "\u{0C}", "\u{85}", "\u{2028}", "\u{2029}":
                result.append(" ")
            case _ where scalar.properties.generalCategory == .control:
                result.append("\u{FFFD}")
            default: result.append(scalar)
            }
        }
        return String(result)
    }

    private static func withoutDirection(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.filter { !$0.steersDirection }))
    }
}

extension String {
    /// The number of terminal cells that the text takes: marks and format characters none, East Asian wide
    /// characters two.
    var displayWidth: Int { unicodeScalars.reduce(0) { $0 + $1.displayWidth } }
}

extension Unicode.Scalar {
    fileprivate var steersDirection: Bool {
        switch value {
        case 0x200E, 0x200F, 0x061C, 0x202A...0x202E, 0x2066...0x2069: true
        default: false
        }
    }

    fileprivate var displayWidth: Int {
        switch properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format, .control: 0
        default: isWide ? 2 : 1
        }
    }

    /// The blocks that `EastAsianWidth.txt` gives as wide or fullwidth, roughly.
    private var isWide: Bool {
        switch value {
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF,
            0x4E00...0x9FFF, 0xA000...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3,
            0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6,
            0x1F300...0x1F64F, 0x1F680...0x1F6FF, 0x1F900...0x1F9FF, 0x20000...0x3FFFD:
            true
        default: false
        }
    }
}

/// What the program says, in every language that it speaks.
///
/// The compiler sees to it that none is missing. A verb declares its own in an extension beside it:
///
/// ```swift
/// extension Phrase {
///     static let leaderAdded = Phrase(
///         ar: "أُضيف إلى {0}", fr: "ajouté à {0}", en: "added to {0}")
/// }
/// console.message(Phrase.leaderAdded(console.text.own(name)))
/// ```
struct Phrase: Sendable {
    let ar: String
    let fr: String
    let en: String

    init(ar: String, fr: String, en: String) {
        self.ar = ar
        self.fr = fr
        self.en = en
    }

    func text(in language: InterfaceLanguage) -> String {
        switch language {
        case .arabic: ar
        case .french: fr
        case .english: en
        }
    }

    /// In the language of this run.
    var here: String { text(in: .current) }

    /// In the language of this run, with what belongs at `{0}`, `{1}`, ….
    func callAsFunction(_ parts: String...) -> String { here.filled(with: parts) }

    /// The same with what belongs at `{0}`, `{1}`, … in every language.
    func filled(_ parts: String...) -> Phrase {
        Phrase(
            ar: ar.filled(with: parts), fr: fr.filled(with: parts), en: en.filled(with: parts))
    }
}

extension Phrase {
    /// A label and what belongs to it: French has a space before the colon.
    static let labelled = Phrase(ar: "{0}: {1}", fr: "{0} : {1}", en: "{0}: {1}")
    /// A label above what belongs to it.
    static let heading = Phrase(ar: "{0}:", fr: "{0} :", en: "{0}:")
}

/// What the program says of a number of things.
///
/// Arabic has six forms: none, one, two, 3…10, 11…99, and 100 with what else there is, by the last two
/// digits (Unicode CLDR, *Language Plural Rules*). French has one for 0 and 1.
struct CountedPhrase: Sendable {
    let ar: (zero: String, one: String, two: String, few: String, many: String, other: String)
    let fr: (one: String, other: String)
    let en: (one: String, other: String)

    func text(for count: Int, in language: InterfaceLanguage) -> String {
        let form =
            switch language {
            case .english: count == 1 ? en.one : en.other
            case .french: count < 2 ? fr.one : fr.other
            case .arabic:
                switch (count, count % 100) {
                case (0, _): ar.zero
                case (1, _): ar.one
                case (2, _): ar.two
                case (_, 3...10): ar.few
                case (_, 11...99): ar.many
                default: ar.other
                }
            }
        return form.filled(with: [String(count)])
    }

    /// In the language of this run; the number stands at `{0}`.
    func callAsFunction(_ count: Int) -> String { text(for: count, in: .current) }
}

extension String {
    fileprivate func filled(with parts: [String]) -> String {
        var result = ""
        var rest = self[...]
        while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
            let place = Int(rest[rest.index(after: open)..<close])
            result += rest[..<open]
            result +=
                place.flatMap { parts.indices.contains($0) ? parts[$0] : nil }
                ?? String(rest[open...close])
            rest = rest[rest.index(after: close)...]
        }
        return result + rest
    }
}

public import SijilStore

/// A text that exists in several languages, in the one that was asked for or else in another.
///
/// Each language has its own status, so a text is never without that of its own language: what is official
/// in French may be a working translation in English.
public struct Wording: Hashable, Sendable {
    /// `nil` when there is none in any language.
    public var text: String?
    /// The tag of the language in which the text is, or in which there is none.
    public var language: String
    /// `official`, `working`, `machine` or `text-pending`; `nil` when nobody said.
    ///
    /// Whoever did not say, did not say that it is official either.
    public var status: String?
    /// Whether another language stands in for the one that was asked for.
    public var isSubstitute: Bool
}

extension RecordView {
    /// A keyed text with its status in the best language there is.
    ///
    /// - Parameters:
    ///   - field: the text, keyed by language; its status is in another keyed field.
    ///   - statusField: by default the text's name with `_status` after it.
    ///   - languages: tags, the wanted one first; then every other that has a text.
    public func wording(
        _ field: String, status statusField: String? = nil, in languages: [String]
    ) -> Wording {
        let texts = byLanguage(field)
        let statuses = byLanguage(statusField ?? "\(field)_status")
        let wanted = languages.first ?? ""
        let order = languages + texts.map(\.language).filter { !languages.contains($0) }
        for language in order {
            let found =
                texts.first { $0.language == language }
                ?? texts.first { primary($0.language) == language }
            guard let found else { continue }
            return Wording(
                text: found.text, language: found.language,
                status: statuses.first { $0.language == found.language }?.text,
                isSubstitute: primary(found.language) != primary(wanted))
        }
        return Wording(
            text: nil, language: wanted, status: statuses.first { $0.language == wanted }?.text,
            isSubstitute: false)
    }

    /// The languages in which any of the fields says something, in the order of their bytes.
    public func languages(of fields: String...) -> [String] {
        Set(fields.flatMap { byLanguage($0).map(\.language) })
            .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    private func primary(_ tag: String) -> String { String(tag.prefix { $0 != "-" }) }

    private func byLanguage(_ field: String) -> [(language: String, text: String)] {
        keyed(field).map { ($0.key.keyText, $0.value.plainText) }
    }
}

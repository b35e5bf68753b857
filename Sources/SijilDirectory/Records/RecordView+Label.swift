import SijilCore
public import SijilStore

extension RecordView {
    /// Whether nothing is left of it to be shown.
    var isGone: Bool { isDeleted || isErased }

    /// All values of a single field: several where rivals wrote it.
    func siblings(_ field: String) -> [Value] {
        cells[CellName(field)]?.siblings.map(\.value) ?? []
    }

    /// A short text by which a person knows the record: a name, a number, a title; its abbreviated
    /// identifier when it has none.
    ///
    /// - Parameter languages: tags, the preferred first. A tag's language alone is good enough when the tag
    ///   itself is missing; then any language is.
    public func label(preferring languages: [String] = []) -> String {
        let text =
            switch type {
            case "person", "community": inLanguage("name", languages)
            case "area": inLanguage("name", languages) ?? plain("code")
            case "office": inLanguage("title", languages) ?? plain("type")
            case "library": inLanguage("title", languages) ?? plain("code")
            case "channel": plain("value") ?? plain("label")
            case "practice": joined([plain("number"), inLanguage("title", languages)])
            case "checklist": inLanguage("title", languages)
            case "checklist_item", "fact", "lesson": inLanguage("text", languages)
            case "case_study": inLanguage("title", languages) ?? plain("code")
            case "tenure": joined([plain("mode"), period])
            case "membership": joined([plain("role"), period])
            case "verification": joined([plain("level"), plain("on")])
            case "consent": joined([plain("act"), plain("what"), plain("on")])
            case "distinction": plain("reason")
            case "disclosure": joined([plain("recipient"), plain("on")])
            case "review": joined([plain("verdict"), plain("on")])
            default: String?.none
            }
        return text ?? id.abbreviated
    }

    /// `2021-03-01–2026`; open at the side that is not known.
    private var period: String? {
        let (from, to) = (plain("from"), plain("to"))
        return from == nil && to == nil ? nil : "\(from ?? "")–\(to ?? "")"
    }

    private func joined(_ parts: [String?]) -> String? {
        let present = parts.compactMap(\.self)
        return present.isEmpty ? nil : present.joined(separator: " ")
    }

    private func plain(_ field: String) -> String? {
        let text = self[field].plainText
        return text.isEmpty ? nil : text
    }

    /// What a keyed field shows in the best language there is.
    public func inLanguage(_ field: String, _ languages: [String]) -> String? {
        let present = keyed(field).map { ($0.key.keyText, $0.value.plainText) }
        for language in languages {
            if let exact = present.first(where: { $0.0 == language }) { return exact.1 }
            let primary = language.prefix { $0 != "-" }
            let near = present.first { $0.0.prefix { $0 != "-" } == primary }
            if let near { return near.1 }
        }
        return present.first?.1
    }
}

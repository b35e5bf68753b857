import SijilCore

/// A tag of the Humanitarian Exchange Language: what a column holds, in a row below the header.
///
/// `#contact+name+i_ar` is a name in Arabic, `#adm+code` the code of an area. Attributes have no order, capitals
/// and spaces count for nothing (HXL 1.1).
struct HXLTag: Hashable, Sendable {
    /// With its `#`.
    private let hashtag: String
    private let attributes: Set<String>

    /// `nil` for what is no tag.
    init?(_ text: String) {
        guard text.utf8.count <= 512 else { return nil }
        let parts = text.lowercased().filter { !$0.isWhitespace }
            .split(separator: "+", omittingEmptySubsequences: false).map(String.init)
        guard parts[0].hasPrefix("#"), Self.isWord(parts[0].dropFirst()),
            parts.dropFirst().allSatisfy(Self.isWord)
        else { return nil }
        hashtag = parts[0]
        attributes = Set(parts.dropFirst())
    }

    private init(_ hashtag: String, _ attributes: Set<String>) {
        self.hashtag = hashtag
        self.attributes = attributes
    }

    private static func isWord(_ text: some StringProtocol) -> Bool {
        guard let first = text.utf8.first, (0x61...0x7A).contains(first) else { return false }
        return text.utf8.allSatisfy {
            (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "_")
        }
    }

    /// Whether a row is one of tags: it has some, and nothing else.
    static func isRow(_ cells: [String]) -> Bool {
        let filled = cells.filter { !$0.allSatisfy(\.isWhitespace) }
        return !filled.isEmpty && filled.allSatisfy { HXLTag($0) != nil }
    }

    // MARK: Our columns

    /// The hashtags of the vocabulary that suit a record type; a type that it does not know has an attribute.
    private static func base(_ type: String) -> HXLTag {
        switch type {
        case "person", "channel": HXLTag("#contact", [])
        case "office", "tenure", "membership", "consent", "verification":
            HXLTag("#contact", [type])
        case "community": HXLTag("#org", [type])
        case "area": HXLTag("#adm", [])
        default: HXLTag("#meta", [type])
        }
    }

    /// The tag of a column; its language is not in it.
    private static func column(_ field: String, of type: String) -> HXLTag {
        let base = base(type)
        let attribute = type == "channel" && field == "value" ? "phone" : field
        return HXLTag(base.hashtag, base.attributes.union([attribute]))
    }

    /// The tag that an export writes over a column: `id`, a field, or `FIELD.KEY`.
    ///
    /// `nil` for a key that no tag can hold.
    static func text(_ column: String, of type: String) -> String? {
        let parts = column.split(separator: ".", maxSplits: 1).map(String.init)
        let tag = Self.column(parts[0], of: type)
        let base = base(type)
        var text = tag.hashtag
        for attribute in base.attributes.sorted() + tag.attributes.subtracting(base.attributes) {
            text += "+" + attribute
        }
        guard parts.count == 2 else { return text }
        let language = parts[1].lowercased().replacing("-", with: "_")
        return isWord(language) ? text + "+i_" + language : nil
    }

    /// The column of a type that a tag means, as a plain header names it; `nil` when it has none.
    func column(of type: RecordType) -> String? {
        let languages = attributes.filter { $0.hasPrefix("i_") }
        guard languages.count <= 1 else { return nil }
        let plain = HXLTag(hashtag, attributes.subtracting(languages))
        if plain == Self.column("id", of: type.name) { return "id" }
        guard let field = type.fields.first(where: { Self.column($0.name, of: type.name) == plain })
        else { return nil }
        guard field.shape == .keyed else { return languages.isEmpty ? field.name : nil }
        let key = languages.first.map { $0.dropFirst(2).replacing("_", with: "-") }
        return field.name + "." + (key.map { String($0) } ?? CardLanguage.unknown)
    }
}

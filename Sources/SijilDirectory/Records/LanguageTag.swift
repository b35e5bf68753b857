import SijilCore

/// A tag of BCP 47: a language, with its script where that is not the usual one.
enum LanguageTag {
    /// Brings the key of a keyed field to its usual form: `AR_latn` becomes `ar-Latn`.
    ///
    /// - Throws: `badData` for what cannot be a tag; its place is the field.
    static func read(_ text: String, field: String) throws(SijilError) -> String {
        if let tag = wellFormed(text) { return tag }
        throw SijilError(
            .badData, "The field has a value per language; this key is not a language tag.",
            hint: "For example \(field).ar, \(field).fr or \(field).ar-Latn.", place: field)
    }

    /// The same for a value.
    static func read(_ text: String, in field: String) throws(SijilError) -> String {
        if let tag = wellFormed(text) { return tag }
        throw SijilError(
            .badData, "This is not a language tag.", hint: "For example ar, fr or zgh-Tfng.",
            place: field)
    }

    /// The tag in the usual capitals; `nil` for what is not well formed (RFC 5646, section 2.1).
    ///
    /// Languages of four letters and more are left out: the grammar has room for them, the registry has none,
    /// and what people mean by `arabic` is `ar`.
    private static func wellFormed(_ text: String) -> String? {
        guard text.utf8.count <= Limits.nameBytes else { return nil }
        let parts = text.split(
            omittingEmptySubsequences: false, whereSeparator: { $0 == "-" || $0 == "_" })
        guard parts.allSatisfy(isSubtag) else { return nil }
        var rest = parts[...]
        guard let language = rest.popFirst() else { return nil }
        if language.lowercased() == "x" {
            return rest.isEmpty ? nil : parts.map { $0.lowercased() }.joined(separator: "-")
        }
        guard (2...3).contains(language.utf8.count), language.utf8.allSatisfy(isLetter) else {
            return nil
        }
        var tag = [language.lowercased()]
        for _ in 0..<3 where rest.first.map({ $0.utf8.count == 3 && isLetters($0) }) == true {
            tag.append(rest.removeFirst().lowercased())
        }
        if let script = rest.first, script.utf8.count == 4, isLetters(script) {
            tag.append(script.prefix(1).uppercased() + script.dropFirst().lowercased())
            rest.removeFirst()
        }
        if let region = rest.first, isRegion(region) {
            tag.append(region.uppercased())
            rest.removeFirst()
        }
        while let variant = rest.first, isVariant(variant) {
            tag.append(variant.lowercased())
            rest.removeFirst()
        }
        // Extensions, each a single letter or digit and what it says, and private use at the end.
        while let singleton = rest.popFirst() {
            guard singleton.utf8.count == 1, let next = rest.first else { return nil }
            let isPrivate = singleton.lowercased() == "x"
            guard isPrivate || next.utf8.count >= 2 else { return nil }
            tag.append(singleton.lowercased())
            while let part = rest.first, isPrivate || part.utf8.count >= 2 {
                tag.append(part.lowercased())
                rest.removeFirst()
            }
        }
        return tag.joined(separator: "-")
    }

    private static func isSubtag(_ part: Substring) -> Bool {
        (1...8).contains(part.utf8.count)
            && part.utf8.allSatisfy { isLetter($0) || isDigit($0) }
    }

    private static func isRegion(_ part: Substring) -> Bool {
        part.utf8.count == 2 && isLetters(part)
            || part.utf8.count == 3 && part.utf8.allSatisfy(isDigit)
    }

    private static func isVariant(_ part: Substring) -> Bool {
        part.utf8.count >= 5 || part.utf8.count == 4 && part.utf8.first.map(isDigit) == true
    }

    private static func isLetters(_ part: Substring) -> Bool { part.utf8.allSatisfy(isLetter) }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}

import Foundation

/// The phrases of the program, read from its sources: every text that is given in the three languages.
///
/// That none is missing, the compiler sees to. What it cannot see is read here.
struct PhraseSource {
    /// Where it stands, `Find.swift:41`.
    let place: String
    /// The forms by language: one of a `Phrase`, several of a `CountedPhrase`.
    let forms: [String: [String]]

    /// Every phrase below a folder of Swift sources.
    static func all(below folder: URL) throws -> [PhraseSource] {
        let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
        return try (files?.allObjects ?? []).compactMap { $0 as? URL }
            .filter { $0.pathExtension == "swift" }.sorted { $0.path < $1.path }
            .flatMap { file in
                try all(
                    in: String(contentsOf: file, encoding: .utf8), name: file.lastPathComponent)
            }
    }

    static func all(in source: String, name: String) throws -> [PhraseSource] {
        var phrases: [PhraseSource] = []
        var scanner = SwiftScanner(source)
        while !scanner.isAtEnd {
            if scanner.skipLiteralOrComment() { continue }
            let isWord = scanner.previousIsPartOfName
            if !isWord, scanner.take("CountedPhrase(") || scanner.take("Phrase(") {
                let line = scanner.line
                if let forms = scanner.forms() {
                    phrases.append(PhraseSource(place: "\(name):\(line)", forms: forms))
                }
            } else {
                scanner.advance()
            }
        }
        return phrases
    }
}

/// As much of Swift's lexical structure as finds string literals between labels.
private struct SwiftScanner {
    private let source: [Character]
    private var place = 0

    init(_ source: String) { self.source = Array(source) }

    var isAtEnd: Bool { place >= source.count }
    var line: Int { source[..<min(place, source.count)].count { $0.isNewline } + 1 }

    var previousIsPartOfName: Bool {
        place > 0
            && (source[place - 1].isLetter || source[place - 1].isNumber
                || source[place - 1] == "_")
    }

    mutating func advance() { place += 1 }

    private func starts(_ text: String) -> Bool {
        let text = Array(text)
        return place + text.count <= source.count
            && source[place..<place + text.count].elementsEqual(text)
    }

    mutating func take(_ text: String) -> Bool {
        guard starts(text) else { return false }
        place += text.count
        return true
    }

    mutating func skipLiteralOrComment() -> Bool {
        if starts("//") {
            while !isAtEnd, !source[place].isNewline { place += 1 }
            return true
        }
        return literal() != nil
    }

    /// The text of a literal that begins here, as the compiler would read it; what is interpolated
    /// stays as it is written.
    private mutating func literal() -> String? {
        guard take("\"\"\"") else {
            guard take("\"") else { return nil }
            return content(until: "\"")
        }
        let raw = content(until: "\"\"\"")
        let lines = raw.split(separator: "\n", omittingEmptySubsequences: false).dropFirst()
        let indent = lines.last?.count ?? 0
        return lines.dropLast().map { $0.dropFirst(indent) }.joined(separator: "\n")
            .replacing("\\\n", with: "")
    }

    private mutating func content(until end: String) -> String {
        var text = ""
        while !isAtEnd, !take(end) {
            if starts("\\"), place + 1 < source.count {
                let next = source[place + 1]
                place += 2
                switch next {
                case "\"", "\\": text.append(next)
                case "n": text += "\n"
                case "(": text += interpolation()
                default: text += "\\\(next)"
                }
                continue
            }
            text.append(source[place])
            place += 1
        }
        return text
    }

    private mutating func interpolation() -> String {
        var text = "\\("
        var depth = 1
        while !isAtEnd, depth > 0 {
            let character = source[place]
            depth += character == "(" ? 1 : character == ")" ? -1 : 0
            text.append(character)
            place += 1
        }
        return text
    }

    /// What stands under the labels `ar:`, `fr:` and `en:` up to the parenthesis that closes; `nil` when
    /// these are no literals, as in the type's own declaration.
    mutating func forms() -> [String: [String]]? {
        var forms: [String: [String]] = [:]
        var language: String?
        var continues = false
        var depth = 1
        while !isAtEnd, depth > 0 {
            if let text = literal() {
                guard let language else { return nil }
                if continues, let last = forms[language]?.popLast() {
                    forms[language]?.append(last + text)
                } else {
                    forms[language, default: []].append(text)
                }
                continues = false
                continue
            }
            if skipLiteralOrComment() { continue }
            if !previousIsPartOfName {
                if let label = ["ar", "fr", "en"].first(where: { starts($0 + ":") }) {
                    language = label
                    place += 3
                    continue
                }
            }
            switch source[place] {
            case "(": depth += 1
            case ")": depth -= 1
            case "+": continues = true
            default: break
            }
            place += 1
        }
        return forms.isEmpty ? nil : forms
    }
}

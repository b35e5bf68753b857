/// The escapes of a vCard's values.
///
/// Works on scalars: a mark that follows a backslash or a semicolon would otherwise hide it.
enum CardText {
    /// A text as a value: RFC 6350, section 3.4.
    static func escaped(_ text: String) -> String {
        var escaped = String.UnicodeScalarView()
        var previousWasReturn = false
        for scalar in text.unicodeScalars {
            defer { previousWasReturn = scalar == "\r" }
            switch scalar {
            case "\\", ",", ";":
                escaped.append("\\")
                escaped.append(scalar)
            case "\n" where previousWasReturn: continue
            case "\n", "\r": escaped.append(contentsOf: "\\n".unicodeScalars)
            default: escaped.append(scalar)
            }
        }
        return String(escaped)
    }

    /// What ``escaped(_:)`` was given; a backslash before anything else stands for itself.
    static func plain(_ value: String) -> String { parts(value, at: nil)[0] }

    /// The value cut at the separators that no backslash protects, and each part as a text.
    static func parts(_ value: String, at separator: Unicode.Scalar?) -> [String] {
        raw(value, at: separator)
            .map { part in
                var plain = String.UnicodeScalarView()
                var isEscaped = false
                for scalar in part {
                    guard isEscaped else {
                        if scalar == "\\" { isEscaped = true } else { plain.append(scalar) }
                        continue
                    }
                    isEscaped = false
                    switch scalar {
                    case "n", "N": plain.append("\n")
                    case "\\", ",", ";", ":": plain.append(scalar)
                    default:
                        plain.append("\\")
                        plain.append(scalar)
                    }
                }
                if isEscaped { plain.append("\\") }
                return String(plain)
            }
    }

    /// The components of a structured value such as `N` or `ADR`, each a list.
    static func components(_ value: String) -> [[String]] {
        raw(value, at: ";").map { parts(String($0), at: ",").filter { !$0.isEmpty } }
    }

    /// The components as a value.
    static func structured(_ components: [[String]]) -> String {
        components.map { $0.map(escaped).joined(separator: ",") }.joined(separator: ";")
    }

    private static func raw(
        _ value: String, at separator: Unicode.Scalar?
    ) -> [String.UnicodeScalarView] {
        var parts: [String.UnicodeScalarView] = []
        var part = String.UnicodeScalarView()
        var isEscaped = false
        for scalar in value.unicodeScalars {
            if scalar == separator, !isEscaped {
                parts.append(part)
                part = String.UnicodeScalarView()
                continue
            }
            isEscaped = scalar == "\\" && !isEscaped
            part.append(scalar)
        }
        return parts + [part]
    }

    /// Without what a line cannot hold; a tab stays.
    static func withoutControls(_ text: String, keepsLines: Bool = false) -> String {
        func isKept(_ scalar: Unicode.Scalar) -> Bool {
            switch scalar.value {
            case 0x0A: keepsLines
            case 0x09: true
            case 0..<0x20, 0x7F: false
            default: true
            }
        }
        guard !text.unicodeScalars.allSatisfy(isKept) else { return text }
        return String(String.UnicodeScalarView(text.unicodeScalars.filter(isKept)))
    }
}

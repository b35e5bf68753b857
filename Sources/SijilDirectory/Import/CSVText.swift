/// How values that a cell of a CSV cannot hold plainly are written, and read back as they were.
///
/// Works on scalars: a mark that follows a quote or a semicolon would otherwise hide it.
enum CSVText {
    // MARK: Sets

    /// Joined by `;`; a semicolon or a backslash in a member has a backslash before it.
    static func joined(_ members: [String]) -> String {
        var text = String.UnicodeScalarView()
        for (index, member) in members.enumerated() {
            if index > 0 { text.append(";") }
            for scalar in member.unicodeScalars {
                if scalar == ";" || scalar == "\\" { text.append("\\") }
                text.append(scalar)
            }
        }
        return String(text)
    }

    /// What ``joined(_:)`` joined; empty members and those of white space are dropped.
    static func members(_ text: String) -> [String] {
        var members: [String] = []
        var member = String.UnicodeScalarView()
        var isEscaped = false
        for scalar in text.unicodeScalars {
            if isEscaped {
                if scalar != ";" && scalar != "\\" { member.append("\\") }
                member.append(scalar)
                isEscaped = false
            } else if scalar == "\\" {
                isEscaped = true
            } else if scalar == ";" {
                members.append(String(member))
                member = String.UnicodeScalarView()
            } else {
                member.append(scalar)
            }
        }
        if isEscaped { member.append("\\") }
        members.append(String(member))
        return members.filter { !isBlank($0) }
    }

    /// Whether nothing that is kept of a text is in a cell: spreadsheets leave marks of direction in empty ones.
    static func isBlank(_ cell: String) -> Bool {
        cell.unicodeScalars.allSatisfy {
            $0.properties.isWhitespace || EnteredText.isInvisibleControl($0)
        }
    }

    // MARK: Formulas

    /// Puts an apostrophe before what a spreadsheet would compute: `=`, `+`, `-`, `@`, also in their wide
    /// forms, a tab or an end of line at the beginning.
    ///
    /// A phone number (`+` and then digits, spaces, hyphens, dots and parentheses) stays as it is.
    static func guarded(_ text: String) -> String {
        isFormula(text) && !isPhoneNumber(text) ? "'" + text : text
    }

    /// What ``guarded(_:)`` was given.
    static func unguarded(_ text: String) -> String {
        guard text.unicodeScalars.first == "'", isFormula(text) else { return text }
        return String(String.UnicodeScalarView(text.unicodeScalars.dropFirst()))
    }

    /// Apostrophes before it count with it, so that one more can be taken away again.
    private static func isFormula(_ text: String) -> Bool {
        guard let first = text.unicodeScalars.first(where: { $0 != "'" }) else { return false }
        return [
            "=", "+", "-", "@", "\t", "\r", "\n", "\u{FF1D}", "\u{FF0B}", "\u{FF0D}", "\u{FF20}",
        ]
        .contains(first)
    }

    private static func isPhoneNumber(_ text: String) -> Bool {
        let scalars = text.unicodeScalars
        return scalars.first == "+" && scalars.count { $0.properties.numericType == .decimal } >= 3
            && scalars.dropFirst()
                .allSatisfy {
                    $0.properties.numericType == .decimal || [" ", "-", ".", "(", ")"].contains($0)
                }
    }

    // MARK: Cells

    /// The cell, in quotes when it needs them.
    static func cell(_ text: String) -> String {
        let special: [Unicode.Scalar] = [",", ";", "|", "\t", "\"", "\r", "\n"]
        let needsQuotes =
            text.unicodeScalars.contains(where: special.contains)
            || text.unicodeScalars.first?.properties.isWhitespace == true
            || text.unicodeScalars.last?.properties.isWhitespace == true
        guard needsQuotes else { return text }
        var quoted = String.UnicodeScalarView("\"".unicodeScalars)
        for scalar in text.unicodeScalars {
            if scalar == "\"" { quoted.append(scalar) }
            quoted.append(scalar)
        }
        quoted.append("\"")
        return String(quoted)
    }
}

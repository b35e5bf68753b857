extension CardProperty {
    /// The line without its end, not folded.
    var line: String { header + ":" + value }

    /// All before the colon.
    var header: String {
        var header = (group.map { $0 + "." } ?? "") + name
        for parameter in parameters {
            header +=
                ";" + parameter.name + "="
                + parameter.values.map(Self.encoded).joined(separator: ",")
        }
        return header
    }

    /// RFC 6868, in quotes where the value would end early.
    private static func encoded(_ value: String) -> String {
        var encoded = String.UnicodeScalarView()
        var needsQuotes = value.isEmpty
        for scalar in value.unicodeScalars {
            switch scalar {
            case "^": encoded.append(contentsOf: "^^".unicodeScalars)
            case "\"": encoded.append(contentsOf: "^'".unicodeScalars)
            case "\n": encoded.append(contentsOf: "^n".unicodeScalars)
            default:
                if scalar == "," || scalar == ";" || scalar == ":" { needsQuotes = true }
                encoded.append(scalar)
            }
        }
        return needsQuotes ? "\"" + String(encoded) + "\"" : String(encoded)
    }

    /// A line has at most 75 bytes, the end not counted: RFC 6350, section 3.2.
    private static let lineBytes = 75

    /// Appends the line, folded between characters of UTF-8, with its end.
    func write(to bytes: inout [UInt8]) {
        var count = 0
        for scalar in line.unicodeScalars {
            let width = UTF8.width(scalar)
            if count + width > Self.lineBytes {
                bytes += "\r\n ".utf8
                count = 1
            }
            bytes += String(scalar).utf8
            count += width
        }
        bytes += "\r\n".utf8
    }
}

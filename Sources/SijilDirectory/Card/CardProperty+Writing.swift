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
        let line = Array(line.utf8)
        var start = 0
        while line.count - start > Self.lineBytes - (start > 0 ? 1 : 0) {
            var end = start + Self.lineBytes - (start > 0 ? 1 : 0)
            // Not within a character.
            while line[end] & 0xC0 == 0x80 { end -= 1 }
            bytes += line[start..<end]
            bytes += "\r\n ".utf8
            start = end
        }
        bytes += line[start...]
        bytes += "\r\n".utf8
    }
}

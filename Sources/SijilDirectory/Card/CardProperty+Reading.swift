import SijilCore

extension CardProperty {
    /// Why a line is no property, and where: counted in bytes from 1.
    struct Malformed: Error {
        var column: Int
        var reason: String
    }

    /// Reads an unfolded line.
    ///
    /// - A parameter without a name is a `TYPE` or an encoding, as in vCard 2.1.
    /// - Quoted-printable values are decoded, and those that name a `CHARSET` are brought to Unicode.
    /// - `^n`, `^'` and `^^` in parameters are resolved as RFC 6868 has it.
    init(parsing line: some Collection<UInt8>) throws(Malformed) {
        let bytes = Array(line)
        guard let colon = Self.colon(in: bytes) else {
            throw Malformed(column: 1, reason: "The line has no colon: it is not a property.")
        }
        try self.init(header: bytes[..<colon])
        try readValue(bytes[(colon + 1)...], column: colon + 2)
    }

    /// Whether an `=` at the end of a line that begins so says that the value goes on in the next; `nil` as long
    /// as the value has not begun.
    static func isQuotedPrintable(_ bytes: [UInt8]) -> Bool? {
        let longest = 4096
        guard let colon = colon(in: bytes.prefix(longest)) else {
            return bytes.count < longest ? nil : false
        }
        return (try? CardProperty(header: bytes[..<colon]))?.encoding == "QUOTED-PRINTABLE"
    }

    /// Reads what stands before the colon.
    private init(header: ArraySlice<UInt8>) throws(Malformed) {
        guard let header = String(validating: header, as: UTF8.self) else {
            throw Malformed(column: 1, reason: "The line is not text in UTF-8.")
        }
        var rest = header.unicodeScalars[...]
        let path = String(rest.prefix { $0 != ";" })
        rest = rest.dropFirst(path.unicodeScalars.count)
        let names = path.split(separator: ".", omittingEmptySubsequences: false)
        guard names.count <= 2, names.allSatisfy({ Self.isName($0) }) else {
            throw Malformed(column: 1, reason: "The line does not begin with a property's name.")
        }
        self.init(names.last!.uppercased(), value: "")
        group = names.count == 2 ? String(names[0]) : nil
        var count = 0
        while !rest.isEmpty {
            rest = rest.dropFirst()
            count += 1
            guard count <= ImportLimits.parametersPerCardLine else {
                throw Malformed(column: 1, reason: "The line has too many parameters.")
            }
            try readParameter(&rest, column: header.utf8.count - String(rest).utf8.count + 1)
        }
    }

    /// The first colon that is not within quotes.
    private static func colon(in bytes: some Collection<UInt8>) -> Int? {
        var isQuoted = false
        for (index, byte) in bytes.enumerated() {
            if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
            if byte == UInt8(ascii: ":"), !isQuoted { return index }
        }
        return nil
    }

    private static func isName(_ text: some StringProtocol) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy {
                switch $0 {
                case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                    true
                default: false
                }
            }
    }

    // MARK: Parameters

    private mutating func readParameter(
        _ rest: inout Substring.UnicodeScalarView, column: Int
    ) throws(Malformed) {
        let head = String(rest.prefix { $0 != "=" && $0 != ";" && $0 != "\"" && $0 != "," })
        let afterHead = rest.dropFirst(head.unicodeScalars.count)
        guard afterHead.first == "=" else {
            let values = Self.values(&rest)
            for value in values where !value.isEmpty {
                let isEncoding = ["QUOTED-PRINTABLE", "BASE64", "8BIT", "7BIT"]
                    .contains(value.uppercased())
                self[isEncoding ? "ENCODING" : "TYPE"] += [value]
            }
            return
        }
        let name = head.filter { $0 != " " && $0 != "\t" }
        guard Self.isName(name) else {
            throw Malformed(column: column, reason: "A parameter has no name.")
        }
        rest = afterHead.dropFirst()
        self[name.uppercased()] += Self.values(&rest)
    }

    /// The values up to the next semicolon outside of quotes.
    private static func values(_ rest: inout Substring.UnicodeScalarView) -> [String] {
        var values: [String] = []
        var value = String.UnicodeScalarView()
        var isQuoted = false
        while let scalar = rest.first, isQuoted || scalar != ";" {
            rest = rest.dropFirst()
            switch scalar {
            case "\"": isQuoted.toggle()
            case "," where !isQuoted:
                values.append(decoded(value))
                value = String.UnicodeScalarView()
            default: value.append(scalar)
            }
        }
        return values + [decoded(value)]
    }

    /// RFC 6868.
    private static func decoded(_ value: String.UnicodeScalarView) -> String {
        guard value.contains("^") else { return String(value) }
        var decoded = String.UnicodeScalarView()
        var hasCaret = false
        for scalar in value {
            switch (hasCaret, scalar) {
            case (false, "^"):
                hasCaret = true
                continue
            case (true, "n"): decoded.append("\n")
            case (true, "'"): decoded.append("\"")
            case (true, "^"): decoded.append("^")
            case (true, _):
                decoded.append("^")
                decoded.append(scalar)
            case (false, _): decoded.append(scalar)
            }
            hasCaret = false
        }
        if hasCaret { decoded.append("^") }
        return String(decoded)
    }

    // MARK: Value

    private var encoding: String? { self["ENCODING"].last?.uppercased() }

    private mutating func readValue(
        _ raw: ArraySlice<UInt8>, column: Int
    ) throws(Malformed) {
        var bytes = Array(raw)
        let encoding = encoding
        if encoding == "QUOTED-PRINTABLE" {
            bytes = Self.quotedPrintable(bytes)
            self["ENCODING"] = []
        } else if encoding == "8BIT" || encoding == "7BIT" {
            self["ENCODING"] = []
        }
        let charset = self["CHARSET"].last
        self["CHARSET"] = []
        if let charset, charset.uppercased() != "UTF-8" {
            guard let encoding = TextEncoding(charset) else {
                throw Malformed(column: column, reason: "The line's CHARSET is not known.")
            }
            bytes = encoding.utf8(of: bytes)
        }
        guard let text = String(validating: bytes, as: UTF8.self), !bytes.contains(0) else {
            throw Malformed(
                column: column,
                reason: charset == nil
                    ? "The value is not text in UTF-8."
                    : "The value is not text in the CHARSET that the line names.")
        }
        value = CardText.withoutControls(CardText.withLineEscapes(text))
    }

    private static func quotedPrintable(_ bytes: [UInt8]) -> [UInt8] {
        func digit(_ byte: UInt8) -> UInt8? {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
            case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
            case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
            default: nil
            }
        }
        var decoded: [UInt8] = []
        var index = 0
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "="), index + 2 < bytes.count,
                let high = digit(bytes[index + 1]), let low = digit(bytes[index + 2])
            {
                decoded.append(high << 4 | low)
                index += 3
            } else {
                decoded.append(bytes[index])
                index += 1
            }
        }
        return decoded
    }
}

extension CardText {
    /// With the line ends that quoted-printable may hold written as escapes.
    fileprivate static func withLineEscapes(_ text: String) -> String {
        guard text.utf8.contains(where: { $0 == 0x0A || $0 == 0x0D }) else { return text }
        return text.replacing("\r\n", with: "\\n").replacing("\n", with: "\\n")
            .replacing("\r", with: "\\n")
    }
}

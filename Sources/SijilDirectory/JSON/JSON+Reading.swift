public import SijilCore

extension JSON {
    /// Deeper nesting is refused: no file of ours has any, and a reader must not run out of stack.
    public static let maximumDepth = 32

    /// Where a document stops being JSON.
    ///
    /// Names the place, never the content.
    struct SyntaxError: Error {
        /// Counted from 1.
        var line: Int
        /// In Unicode scalars, counted from 1.
        var column: Int
        var reason: String
    }

    /// Reads one document, strictly as RFC 8259 has it.
    ///
    /// - Throws: `badData` with line and column for anything else: also for a key that an object has twice,
    ///   half of a surrogate pair, bytes that are not UTF-8, nesting beyond ``maximumDepth``, an integer
    ///   beyond 64 bits and a number that is not finite.
    public init(parsing bytes: [UInt8]) throws(SijilError) {
        do {
            self = try Self.parse(bytes)
        } catch {
            throw SijilError(
                .badData, error.reason, place: "line \(error.line), column \(error.column)")
        }
    }

    static func parse(_ bytes: [UInt8]) throws(SyntaxError) -> JSON {
        var parser = Parser(bytes: bytes)
        return try parser.document()
    }
}

private struct Parser {
    let bytes: [UInt8]
    var position = 0

    mutating func document() throws(JSON.SyntaxError) -> JSON {
        let value = try value(depth: 0)
        skipSpace()
        guard position == bytes.count else { throw error("There is something after the value.") }
        return value
    }

    func error(_ reason: String, at offset: Int? = nil) -> JSON.SyntaxError {
        let before = bytes[..<min(offset ?? position, bytes.count)]
        let newline = UInt8(ascii: "\n")
        let lineStart = before.lastIndex(of: newline).map { $0 + 1 } ?? 0
        return JSON.SyntaxError(
            line: before.count { $0 == newline } + 1,
            column: before[lineStart...].count { $0 & 0xC0 != 0x80 } + 1, reason: reason)
    }

    mutating func skipSpace() {
        while position < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[position]) {
            position += 1
        }
    }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard position < bytes.count, bytes[position] == UInt8(ascii: character) else {
            return false
        }
        position += 1
        return true
    }

    mutating func value(depth: Int) throws(JSON.SyntaxError) -> JSON {
        guard depth <= JSON.maximumDepth else {
            throw error("The nesting is deeper than \(JSON.maximumDepth).")
        }
        skipSpace()
        guard position < bytes.count else { throw error("The document ends too early.") }
        switch bytes[position] {
        case UInt8(ascii: "{"): return try object(depth)
        case UInt8(ascii: "["): return try array(depth)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return try number()
        }
    }

    mutating func word(_ word: String, _ value: JSON) throws(JSON.SyntaxError) -> JSON {
        guard bytes[position...].starts(with: word.utf8) else {
            throw error("A value is expected here.")
        }
        position += word.utf8.count
        return value
    }

    mutating func array(_ depth: Int) throws(JSON.SyntaxError) -> JSON {
        position += 1
        var elements: [JSON] = []
        skipSpace()
        if take("]") { return .array(elements) }
        while true {
            elements.append(try value(depth: depth + 1))
            skipSpace()
            if take("]") { return .array(elements) }
            guard take(",") else { throw error("A comma or ] is expected here.") }
        }
    }

    mutating func object(_ depth: Int) throws(JSON.SyntaxError) -> JSON {
        position += 1
        var members: [JSON.Member] = []
        var keys = Set<[UInt8]>()
        skipSpace()
        if take("}") { return .object(members) }
        while true {
            skipSpace()
            let start = position
            guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
                throw error("A key in quotes is expected here.")
            }
            let key = try string()
            guard keys.insert(Array(key.utf8)).inserted else {
                throw error("The object has this key twice.", at: start)
            }
            skipSpace()
            guard take(":") else { throw error("A colon is expected here.") }
            members.append(JSON.Member(key, try value(depth: depth + 1)))
            skipSpace()
            if take("}") { return .object(members) }
            guard take(",") else { throw error("A comma or } is expected here.") }
        }
    }

    mutating func string() throws(JSON.SyntaxError) -> String {
        let start = position
        position += 1
        var content: [UInt8] = []
        while true {
            guard position < bytes.count else {
                throw error("The text is never closed.", at: start)
            }
            let byte = bytes[position]
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                guard let text = String(validating: content, as: UTF8.self) else {
                    throw error("The text is not UTF-8.", at: start)
                }
                return text
            case UInt8(ascii: "\\"): try escape(into: &content)
            case 0..<0x20: throw error("A control character must be escaped.")
            default:
                content.append(byte)
                position += 1
            }
        }
    }

    mutating func escape(into content: inout [UInt8]) throws(JSON.SyntaxError) {
        let start = position
        position += 1
        guard position < bytes.count else { throw error("The document ends too early.") }
        let byte = bytes[position]
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): content.append(byte)
        case UInt8(ascii: "b"): content.append(0x08)
        case UInt8(ascii: "f"): content.append(0x0C)
        case UInt8(ascii: "n"): content.append(0x0A)
        case UInt8(ascii: "r"): content.append(0x0D)
        case UInt8(ascii: "t"): content.append(0x09)
        case UInt8(ascii: "u"):
            var code = try hexadecimal(start)
            if (0xD800..<0xDC00).contains(code), take("\\"), take("u") {
                let low = try hexadecimal(start)
                guard (0xDC00..<0xE000).contains(low) else {
                    throw error("Half of a surrogate pair is missing.", at: start)
                }
                code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
            }
            guard let scalar = Unicode.Scalar(code) else {
                throw error("Half of a surrogate pair is missing.", at: start)
            }
            content += String(Character(scalar)).utf8
        default: throw error("There is no such escape.", at: start)
        }
    }

    private mutating func hexadecimal(_ start: Int) throws(JSON.SyntaxError) -> UInt32 {
        var code: UInt32 = 0
        for _ in 0..<4 {
            guard position < bytes.count,
                let digit = Character(Unicode.Scalar(bytes[position])).hexDigitValue
            else { throw error("Four hexadecimal digits are expected.", at: start) }
            code = code << 4 | UInt32(digit)
            position += 1
        }
        return code
    }

    mutating func number() throws(JSON.SyntaxError) -> JSON {
        let start = position
        _ = take("-")
        let whole = digits()
        guard whole > 0 else { throw error("A value is expected here.", at: start) }
        let first = position - whole
        guard whole == 1 || bytes[first] != UInt8(ascii: "0") else {
            throw error("A number must not begin with 0.", at: start)
        }
        var isReal = false
        if take(".") {
            isReal = true
            guard digits() > 0 else { throw error("A digit is expected here.") }
        }
        if take("e") || take("E") {
            isReal = true
            _ = take("+") || take("-")
            guard digits() > 0 else { throw error("A digit is expected here.") }
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if !isReal, let integer = Int64(text) { return .integer(integer) }
        guard isReal, let real = Double(text), real.isFinite else {
            throw error("The number is too large.", at: start)
        }
        return .real(real)
    }

    private mutating func digits() -> Int {
        let start = position
        while position < bytes.count,
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[position])
        {
            position += 1
        }
        return position - start
    }
}

/// Reads what a ``ByteWriter`` wrote, from bytes that a stranger may have made.
///
/// Every step is bounded by the bytes that are there: a length or a count that promises more than remains
/// is refused before anything is allocated for it. All errors are ``SijilError`` with `badData`.
public struct ByteReader: Sendable {
    private let bytes: ArraySlice<UInt8>
    public private(set) var position: Int

    public init(_ bytes: [UInt8]) { self.init(bytes[...]) }

    public init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        position = bytes.startIndex
    }

    public var remaining: Int { bytes.endIndex - position }
    public var isAtEnd: Bool { position == bytes.endIndex }

    public mutating func byte() throws(SijilError) -> UInt8 {
        guard position < bytes.endIndex else { throw Self.truncated }
        defer { position += 1 }
        return bytes[position]
    }

    public mutating func raw(_ count: Int) throws(SijilError) -> ArraySlice<UInt8> {
        guard count >= 0, count <= remaining else { throw Self.truncated }
        defer { position += count }
        return bytes[position..<position + count]
    }

    /// Refuses a number that does not fit 64 bits, and one written longer than need be: every number has
    /// one byte form, so that equal contents have equal hashes.
    public mutating func varint() throws(SijilError) -> UInt64 {
        var result: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let next = try byte()
            guard shift < 63 || (shift == 63 && next <= 1) else {
                throw SijilError(.badData, "A number does not fit 64 bits.")
            }
            result |= UInt64(next & 0x7F) << shift
            if next & 0x80 == 0 {
                guard next != 0 || shift == 0 else {
                    throw SijilError(.badData, "A number is written longer than it need be.")
                }
                return result
            }
            shift += 7
        }
    }

    public mutating func signed() throws(SijilError) -> Int64 {
        let number = try varint()
        return Int64(bitPattern: (number >> 1)) ^ -Int64(bitPattern: number & 1)
    }

    /// A number of things that follow, each at least `minimumBytes` long.
    public mutating func count(minimumBytes: Int = 1) throws(SijilError) -> Int {
        let number = try varint()
        guard number <= UInt64(remaining / max(1, minimumBytes)) else { throw Self.truncated }
        return Int(number)
    }

    public mutating func fixed() throws(SijilError) -> UInt64 {
        var result: UInt64 = 0
        for byte in try raw(8).reversed() { result = result << 8 | UInt64(byte) }
        return result
    }

    public mutating func identifier() throws(SijilError) -> Identifier {
        var value: UInt128 = 0
        for byte in try raw(Identifier.byteCount) { value = value << 8 | UInt128(byte) }
        return Identifier(value)
    }

    public mutating func counted() throws(SijilError) -> ArraySlice<UInt8> {
        let length = try count()
        return try raw(length)
    }

    public mutating func text() throws(SijilError) -> String {
        guard let text = String(validating: try counted(), as: UTF8.self) else {
            throw SijilError(.badData, "A text is not UTF-8.")
        }
        return text
    }

    /// Goes past a text.
    ///
    /// - Returns: where its bytes are, without the length.
    mutating func textRange() throws(SijilError) -> Range<Int> {
        let content = try counted()
        guard (try? UTF8Span(validating: content.span)) != nil else {
            throw SijilError(.badData, "A text is not UTF-8.")
        }
        return content.startIndex..<content.endIndex
    }

    /// The text that ``textRange()`` went past.
    func text(in range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

    func hasZeroByte(in range: Range<Int>) -> Bool { unsafe bytes[range].span.bytes.hasZero }

    /// Refuses bytes after the end of what was to be read.
    public func expectEnd() throws(SijilError) {
        guard isAtEnd else { throw SijilError(.badData, "There are bytes after the end.") }
    }

    static var truncated: SijilError { SijilError(.badData, "The bytes end too early.") }
}

/// Builds the byte form of something: fixed numbers little-endian, identifiers as their 16 bytes, everything else a varint or a length.
public struct ByteWriter: Sendable {
    public private(set) var bytes: [UInt8] = []

    public init(reservingCapacity capacity: Int = 0) {
        if capacity > 0 { bytes.reserveCapacity(capacity) }
    }

    public var count: Int { bytes.count }

    /// Empties the writer and keeps its memory.
    public mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

    /// Takes back what was written after the first `count` bytes.
    public mutating func cut(to count: Int) { bytes.removeLast(bytes.count - count) }

    public mutating func byte(_ byte: UInt8) { bytes.append(byte) }

    /// Bytes as they are, without a length.
    public mutating func raw(_ content: some Sequence<UInt8>) { bytes.append(contentsOf: content) }

    /// LEB128: seven bits a byte, least significant first, the top bit set on all but the last.
    public mutating func varint(_ number: UInt64) {
        var rest = number
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    public mutating func varint(_ number: Int) { varint(UInt64(number)) }

    /// A signed number, zigzag: 0, −1, 1, −2 and so on become 0, 1, 2, 3.
    public mutating func signed(_ number: Int64) {
        varint(UInt64(bitPattern: (number << 1) ^ (number >> 63)))
    }

    public mutating func fixed(_ number: UInt64) {
        var rest = number
        for _ in 0..<8 {
            bytes.append(UInt8(truncatingIfNeeded: rest))
            rest >>= 8
        }
    }

    /// 16 bytes, most significant first.
    public mutating func identifier(_ id: Identifier) {
        let bigEndian = id.rawValue.bigEndian
        unsafe withUnsafeBytes(of: bigEndian) { unsafe bytes.append(contentsOf: $0) }
    }

    /// A length, then the bytes.
    public mutating func counted(_ content: some Collection<UInt8>) {
        varint(content.count)
        bytes.append(contentsOf: content)
    }

    public mutating func text(_ text: String) {
        var text = text
        text.withUTF8 { utf8 in
            varint(utf8.count)
            unsafe bytes.append(contentsOf: utf8)
        }
    }

    /// The same, unless the text is longer than `limit` bytes or one of them is zero.
    ///
    /// - Returns: whether it was written.
    mutating func text(_ text: String, atMost limit: Int) -> Bool {
        var text = text
        return text.withUTF8 { utf8 in
            guard utf8.count <= limit, unsafe !Span(_unsafeElements: utf8).bytes.hasZero else {
                return false
            }
            varint(utf8.count)
            unsafe bytes.append(contentsOf: utf8)
            return true
        }
    }
}

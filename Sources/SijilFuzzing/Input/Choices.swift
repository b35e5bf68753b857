import SijilCore

/// Reads a fuzzer's bytes as a list of choices, so that every input stands for something well-formed.
///
/// At its end it goes on for ever with zeros.
struct Choices {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { position >= bytes.count }

    mutating func byte() -> UInt8 {
        guard position < bytes.count else { return 0 }
        defer { position += 1 }
        return bytes[position]
    }

    /// 0 and more, below `limit`.
    mutating func number(below limit: Int) -> Int { Int(byte()) % limit }

    mutating func flag(oneIn count: Int = 2) -> Bool { number(below: count) == 1 }

    mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[number(below: elements.count)]
    }

    mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in byte() } }

    mutating func uint64() -> UInt64 { bytes(8).reduce(0) { $0 << 8 | UInt64($1) } }

    mutating func identifier() -> Identifier { Identifier(bytes: bytes(16))! }

    /// All that is left.
    mutating func rest() -> [UInt8] {
        defer { position = bytes.count }
        return Array(bytes[min(position, bytes.count)...])
    }
}

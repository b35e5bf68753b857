/// Chance that follows from its seed: for seeds that stand for choices, and for mutations.
///
/// xorshift64*: Vigna, "An experimental exploration of Marsaglia's xorshift generators, scrambled" (2016).
public struct SeededBytes: Sendable {
    private var state: UInt64

    public init(seed: UInt64) { state = seed &* 2 &+ 1 }

    mutating func next() -> UInt64 {
        state ^= state >> 12
        state ^= state << 25
        state ^= state >> 27
        return state &* 0x2545_F491_4F6C_DD1D
    }

    mutating func number(below limit: Int) -> Int { Int((next() >> 33) % UInt64(limit)) }

    mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8(truncatingIfNeeded: next() >> 56) }
    }

    /// Inputs for targets that read choices.
    static func lists(_ count: Int, ofBytes length: Int) -> [[UInt8]] {
        (0..<count)
            .map {
                var chance = SeededBytes(seed: UInt64($0))
                return chance.bytes(length)
            }
    }

    /// `bytes` with one to six small damages, as a poor line or a poor programmer makes them.
    public mutating func mutated(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        for _ in 0...number(below: 6) { damage(&bytes) }
        return bytes
    }

    private static let telling: [UInt8] = [0x00, 0x01, 0x7F, 0x80, 0xFF, 0x0A, 0x0D, 0x22, 0x3B]

    private mutating func damage(_ bytes: inout [UInt8]) {
        guard !bytes.isEmpty else {
            bytes = self.bytes(number(below: 8))
            return
        }
        let place = number(below: bytes.count)
        let end = min(bytes.count, place + 1 + number(below: 8))
        switch number(below: 7) {
        case 0: bytes[place] ^= 1 << UInt8(number(below: 8))
        case 1: bytes[place] = Self.telling[number(below: Self.telling.count)]
        case 2: bytes[place] &+= number(below: 2) == 0 ? 1 : 255
        case 3: bytes.removeSubrange(place..<end)
        case 4: bytes.insert(contentsOf: bytes[place..<end], at: number(below: bytes.count))
        case 5: bytes.insert(Self.telling[number(below: Self.telling.count)], at: place)
        default: bytes.removeLast(bytes.count - place)
        }
    }
}

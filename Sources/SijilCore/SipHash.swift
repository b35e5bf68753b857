/// SipHash-2-4 with a 128-bit result (Aumasson and Bernstein, 2012, and its 128-bit extension): a keyed
/// function whose outputs tell nothing about the key.
///
/// Two uses: the salts of a change (keyed by the change's secret), and the items of a state digest (under
/// the zero key, where it only has to spread well).
public struct SipHash: Sendable {
    private let key0: UInt64
    private let key1: UInt64

    public init(key0: UInt64, key1: UInt64) {
        self.key0 = key0
        self.key1 = key1
    }

    /// The key is 16 bytes, two little-endian numbers.
    public init(key: some Collection<UInt8>) {
        precondition(key.count == 16, "A SipHash key is 16 bytes.")
        var halves: (UInt64, UInt64) = (0, 0)
        for (index, byte) in key.enumerated() {
            if index < 8 {
                halves.0 |= UInt64(byte) << UInt64(8 * index)
            } else {
                halves.1 |= UInt64(byte) << UInt64(8 * (index - 8))
            }
        }
        self.init(key0: halves.0, key1: halves.1)
    }

    /// The result as one number: the first eight bytes of the usual output are its low half.
    public func hash(_ message: [UInt8]) -> UInt128 { unsafe hash(message.span.bytes) }

    func hash(_ message: RawSpan) -> UInt128 {
        var state = State(
            v0: key0 ^ 0x736f_6d65_7073_6575, v1: key1 ^ 0x646f_7261_6e64_6f6d ^ 0xEE,
            v2: key0 ^ 0x6c79_6765_6e65_7261, v3: key1 ^ 0x7465_6462_7974_6573)
        let count = message.byteCount
        let whole = count & ~7
        var index = 0
        while index < whole {
            let word = unsafe message.unsafeLoadUnaligned(
                fromUncheckedByteOffset: index, as: UInt64.self)
            state.absorb(UInt64(littleEndian: word))
            index += 8
        }
        var last = UInt64(truncatingIfNeeded: count) << 56
        var shift: UInt64 = 0
        while index < count {
            let byte = unsafe message.unsafeLoad(fromUncheckedByteOffset: index, as: UInt8.self)
            last |= UInt64(byte) << shift
            shift += 8
            index += 1
        }
        state.absorb(last)
        state.v2 ^= 0xEE
        for _ in 0..<4 { state.round() }
        let low = state.result
        state.v1 ^= 0xDD
        for _ in 0..<4 { state.round() }
        return UInt128(state.result) << 64 | UInt128(low)
    }

    private struct State {
        var v0: UInt64
        var v1: UInt64
        var v2: UInt64
        var v3: UInt64

        var result: UInt64 { v0 ^ v1 ^ v2 ^ v3 }

        @inline(__always)
        mutating func absorb(_ word: UInt64) {
            v3 ^= word
            round()
            round()
            v0 ^= word
        }

        @inline(__always)
        mutating func round() {
            v0 &+= v1
            v1 = v1 << 13 | v1 >> 51
            v1 ^= v0
            v0 = v0 << 32 | v0 >> 32
            v2 &+= v3
            v3 = v3 << 16 | v3 >> 48
            v3 ^= v2
            v0 &+= v3
            v3 = v3 << 21 | v3 >> 43
            v3 ^= v0
            v2 &+= v1
            v1 = v1 << 17 | v1 >> 47
            v1 ^= v2
            v2 = v2 << 32 | v2 >> 32
        }
    }
}

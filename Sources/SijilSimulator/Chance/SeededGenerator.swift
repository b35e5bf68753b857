/// A generator whose every draw follows from its seed, the same on every platform.
///
/// SplitMix64: Steele, Lea and Flood, "Fast splittable pseudorandom number generators" (2014).
public struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    public init(seed: UInt64) { state = seed }

    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    public mutating func int(_ range: Range<Int>) -> Int {
        range.lowerBound + Int(next() % UInt64(range.count))
    }

    public mutating func pick<Element>(_ choices: [Element]) -> Element {
        choices[int(0..<choices.count)]
    }

    /// True in `part` of `whole` draws, on average.
    public mutating func chance(_ part: Int, of whole: Int) -> Bool { int(0..<whole) < part }

    /// True once in `count` draws, on average.
    public mutating func oneIn(_ count: Int) -> Bool { chance(1, of: count) }

    public mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) }
    }

    public mutating func uint128() -> UInt128 { UInt128(next()) << 64 | UInt128(next()) }
}

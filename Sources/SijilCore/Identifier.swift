/// Names a record, a replica or a collection: 128 bits, made offline by whoever needs one.
///
/// A record's identifier is time-ordered (see ``init(milliseconds:random:)``) so that records made together
/// lie together on disk and cost little in a change; nothing else is ever read from its time. A replica's
/// identifier is taken from its public key, so nobody can claim another's.
///
/// The text form is 32 lower-case hexadecimal digits, the same as SQLite's `lower(hex(id))`.
///
/// ```swift
/// let id = Identifier("0198c0de0000700080000000000000ff")!
/// print(id)  // 0198c0de0000700080000000000000ff
/// ```
public struct Identifier: Hashable, Comparable, Sendable, CustomStringConvertible {
    public static let byteCount = 16
    public static let zero = Identifier(0)

    public var rawValue: UInt128

    @inlinable
    public init(_ rawValue: UInt128) { self.rawValue = rawValue }

    /// A time-ordered identifier: 48 bits of milliseconds since 1970, then 80 random bits.
    ///
    /// A clock before 1970 or past the year 10889 gives an identifier too; only the order suffers.
    public init(milliseconds: Int64, random: UInt128) {
        let time = UInt128(UInt64(bitPattern: milliseconds) & 0xFFFF_FFFF_FFFF) << 80
        rawValue = time | (random & ((1 << 80) - 1))
    }

    /// Reads 16 bytes, most significant first; `nil` for any other length.
    @inlinable
    public init?(bytes: some Collection<UInt8>) {
        guard bytes.count == Self.byteCount else { return nil }
        var value: UInt128 = 0
        for byte in bytes { value = value << 8 | UInt128(byte) }
        rawValue = value
    }

    /// Reads 32 hexadecimal digits of either case; `nil` for anything else.
    public init?(_ text: some StringProtocol) {
        guard text.utf8.count == 32 else { return nil }
        var value: UInt128 = 0
        for character in text.utf8 {
            let digit: UInt8
            switch character {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = character - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = character - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = character - UInt8(ascii: "A") + 10
            default: return nil
            }
            value = value << 4 | UInt128(digit)
        }
        rawValue = value
    }

    /// The 16 bytes, most significant first.
    public var bytes: [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: Self.byteCount) { buffer, count in
            var value = rawValue
            for index in (0..<Self.byteCount).reversed() {
                unsafe buffer[index] = UInt8(truncatingIfNeeded: value)
                value >>= 8
            }
            count = Self.byteCount
        }
    }

    public var description: String {
        let digits = Array("0123456789abcdef".utf8)
        return unsafe String(unsafeUninitializedCapacity: 32) { buffer in
            var value = rawValue
            for index in (0..<32).reversed() {
                unsafe buffer[index] = digits[Int(value & 0xF)]
                value >>= 4
            }
            return 32
        }
    }

    /// The first eight digits, enough for a person to tell replicas apart on a screen.
    public var abbreviated: String { String(description.prefix(8)) }

    @inlinable
    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

public typealias RecordID = Identifier
public typealias ReplicaID = Identifier
public typealias CollectionID = Identifier

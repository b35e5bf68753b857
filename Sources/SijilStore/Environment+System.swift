import Foundation

extension Environment {
    /// The machine's clock and the operating system's randomness.
    public static var system: Environment {
        Environment(now: { systemMilliseconds() }, randomBytes: { systemRandomBytes($0) })
    }
}

/// Milliseconds since 1970 by the machine's clock, however wrong it is.
package func systemMilliseconds() -> Int64 {
    let milliseconds = Date().timeIntervalSince1970 * 1000
    return Int64(exactly: milliseconds.rounded(.down)) ?? 0
}

/// Unpredictable bytes, fit for keys.
package func systemRandomBytes(_ count: Int) -> [UInt8] {
    var generator = SystemRandomNumberGenerator()
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count + 8)
    while bytes.count < count {
        unsafe withUnsafeBytes(of: generator.next()) { unsafe bytes.append(contentsOf: $0) }
    }
    return Array(bytes.prefix(count))
}

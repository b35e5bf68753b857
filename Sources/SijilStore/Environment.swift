import Foundation
public import SijilCore

/// Where a replica gets its time, its chance and its file from: the real ones in the executables, seeded
/// ones in the simulator and in tests.
public struct Environment {
    /// Milliseconds since 1970, by a clock that may be wrong.
    public var now: () -> Int64
    /// Unpredictable bytes, as many as asked for.
    public var randomBytes: (Int) -> [UInt8]
    /// Whether there is a file at a path, on the disk where SQLite will open it.
    public var fileExists: (String) -> Bool

    /// - Parameter fileExists: `nil` for the machine's own disk.
    public init(
        now: @escaping () -> Int64, randomBytes: @escaping (Int) -> [UInt8],
        fileExists: ((String) -> Bool)? = nil
    ) {
        self.now = now
        self.randomBytes = randomBytes
        self.fileExists = fileExists ?? { FileManager.default.fileExists(atPath: $0) }
    }

    /// A new time-ordered identifier.
    public func newIdentifier() -> Identifier {
        Identifier(
            milliseconds: now(),
            random: Identifier(bytes: randomBytes(Identifier.byteCount))!.rawValue)
    }
}

import Synchronization

/// A seeded source of chance that several parts of a world share.
public final class Chance: Sendable {
    private let generator: Mutex<SeededGenerator>

    public init(seed: UInt64) { generator = Mutex(SeededGenerator(seed: seed)) }

    public func bytes(_ count: Int) -> [UInt8] { generator.withLock { $0.bytes(count) } }
    public func oneIn(_ count: Int) -> Bool { generator.withLock { $0.oneIn(count) } }
    public func int(_ range: Range<Int>) -> Int { generator.withLock { $0.int(range) } }
}

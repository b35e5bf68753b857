/// What has been seen of each replica's changes, without gaps: replica → highest sequence.
///
/// Merging is commutative, associative and idempotent.
///
/// ```swift
/// var seen: VersionVector = [alice: 3]
/// seen.merge([alice: 2, bob: 5])
/// seen.contains(Dot(replica: alice, sequence: 3))  // true
/// ```
public struct VersionVector: Hashable, Sendable, ExpressibleByDictionaryLiteral {
    /// Only sequences above zero are kept.
    public private(set) var entries: [ReplicaID: UInt64]

    public init() { entries = [:] }

    public init(dictionaryLiteral elements: (ReplicaID, UInt64)...) {
        entries = [:]
        for (replica, sequence) in elements { self[replica] = sequence }
    }

    @inlinable
    public subscript(replica: ReplicaID) -> UInt64 {
        get { entries[replica] ?? 0 }
        set { set(replica, newValue) }
    }

    @usableFromInline
    mutating func set(_ replica: ReplicaID, _ sequence: UInt64) {
        entries[replica] = sequence == 0 ? nil : sequence
    }

    @inlinable
    public func contains(_ dot: Dot) -> Bool { self[dot.replica] >= dot.sequence }

    /// Whether everything in `other` is in this one.
    public func covers(_ other: VersionVector) -> Bool {
        other.entries.allSatisfy { self[$0.key] >= $0.value }
    }

    public mutating func merge(_ other: VersionVector) {
        for (replica, sequence) in other.entries where sequence > self[replica] {
            entries[replica] = sequence
        }
    }

    /// The entries of this vector that are above `earlier`.
    public func advanced(since earlier: VersionVector) -> VersionVector {
        var result = VersionVector()
        for (replica, sequence) in entries where sequence > earlier[replica] {
            result[replica] = sequence
        }
        return result
    }

    public var isEmpty: Bool { entries.isEmpty }

    /// The entries in the order of their replicas: the order of the byte form.
    public var sorted: [Dot] {
        entries.map { Dot(replica: $0.key, sequence: $0.value) }.sorted()
    }
}

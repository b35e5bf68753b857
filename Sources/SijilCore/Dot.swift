/// Names a change within its collection: who wrote it, and which of theirs it is, counted from 1.
public struct Dot: Hashable, Comparable, Sendable {
    public var replica: ReplicaID
    public var sequence: UInt64

    @inlinable
    public init(replica: ReplicaID, sequence: UInt64) {
        self.replica = replica
        self.sequence = sequence
    }

    @inlinable
    public static func < (left: Self, right: Self) -> Bool {
        left.replica == right.replica
            ? left.sequence < right.sequence : left.replica < right.replica
    }
}

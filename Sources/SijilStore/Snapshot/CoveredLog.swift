import SijilCore

/// Checks what a journal holds of the changes that a snapshot covers: it is history, and nothing follows from it any more.
///
/// As far as such changes follow one another from an author's first, their chain is checked, and that it ends where the
/// snapshot says. After a gap, where an earlier snapshot had been, nothing ties them.
struct CoveredLog {
    private struct Head {
        var sequence: UInt64 = 0
        /// `nil` after a gap.
        var hash: ChainHash? = .start
    }

    let vector: VersionVector
    private let ends: [ReplicaID: ChainHash]
    private var heads: [ReplicaID: Head] = [:]

    init(_ manifest: SnapshotManifest) {
        vector = manifest.vector
        ends = Dictionary(uniqueKeysWithValues: manifest.authors.map { ($0.replica, $0.hash) })
    }

    /// Looks at an author's next change.
    ///
    /// - Returns: its hash, when something ties it.
    /// - Throws: `notAuthentic` when it does not lead to what the snapshot says.
    mutating func add(
        _ bytes: ChangeBytes, _ dot: Dot, in collection: CollectionID
    ) throws(SijilError) -> ChainHash? {
        let head = heads[dot.replica] ?? Head()
        var hash: ChainHash?
        if let previous = head.hash, dot.sequence == head.sequence + 1 {
            hash = bytes.hash(
                in: ChainPlace(collection: collection, dot: dot, previous: previous), using: sha256)
        }
        heads[dot.replica] = Head(sequence: dot.sequence, hash: hash)
        if let hash, dot.sequence == vector[dot.replica], hash != ends[dot.replica] {
            throw SijilError(.notAuthentic, "The change is not the one that the snapshot has.")
        }
        return hash
    }
}

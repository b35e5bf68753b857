/// One of several values that a cell holds because their authors had not seen each other.
public struct Sibling: Hashable, Sendable {
    public var dot: Dot
    public var value: Value
    /// When it was written by the server's clock as far as known, milliseconds.
    ///
    /// Breaks ties in what is shown, nothing else.
    public var at: Int64

    public init(dot: Dot, value: Value, at: Int64) {
        self.dot = dot
        self.value = value
        self.at = at
    }
}

/// The siblings of a cell, and the one rule that changes them.
public struct Cell: Hashable, Sendable {
    /// In the order of their dots, so that equal cells are equal values.
    public private(set) var siblings: [Sibling]

    public init(_ siblings: [Sibling] = []) {
        self.siblings = siblings.sorted { $0.dot < $1.dot }
    }

    /// Applies one operation of a change: drops every sibling that its author had seen, then adds the value.
    ///
    /// Commutative for concurrent changes. `seen` is the author's whole vector at that change, including
    /// their own earlier changes.
    ///
    /// - Returns: the siblings that were replaced.
    @discardableResult
    public mutating func apply(
        _ effect: CellOperation.Effect, dot: Dot, at: Int64, seen: VersionVector
    ) -> [Sibling] {
        var replaced: [Sibling] = []
        siblings.removeAll { sibling in
            guard seen.contains(sibling.dot) else { return false }
            replaced.append(sibling)
            return true
        }
        if case .put(let value) = effect {
            let place = siblings.firstIndex { dot < $0.dot } ?? siblings.endIndex
            siblings.insert(Sibling(dot: dot, value: value, at: at), at: place)
        }
        return replaced
    }

    /// Whether the siblings hold more than one value.
    ///
    /// Equal values never conflict.
    public var isContested: Bool {
        guard let first = siblings.first else { return false }
        return siblings.dropFirst().contains { $0.value != first.value }
    }
}

public import SijilCore
public import SijilStore

/// Which persons somebody has looked at and found to be two.
///
/// Records like all others: they reach every replica, and `sijil remove` takes one back. Noted of a merged
/// record, it counts for the whole person.
public struct Distinctions: Sendable {
    /// Two persons, in the order of their ids.
    struct Pair: Hashable {
        let first: RecordID
        let second: RecordID

        init(_ one: RecordID, _ other: RecordID) {
            first = min(one, other)
            second = max(one, other)
        }
    }

    private let people: MergedPeople
    private let pairs: Set<Pair>

    /// Costs a pass over the distinctions, of which there are few.
    public init(_ replica: Replica, _ people: MergedPeople) throws {
        var pairs: Set<Pair> = []
        try replica.forEachRecord(RecordQuery(type: "distinction")) { record in
            guard case .reference(let first) = record["first"],
                case .reference(let second) = record["second"]
            else { return }
            let pair = Pair(people.canonical(first), people.canonical(second))
            if pair.first != pair.second { pairs.insert(pair) }
        }
        self.people = people
        self.pairs = pairs
    }

    /// Whether it is noted that these are two people.
    public func areTwo(_ one: RecordID, _ other: RecordID) -> Bool {
        pairs.contains(Pair(people.canonical(one), people.canonical(other)))
    }
}

extension RecordEdit {
    /// The edit that notes that two persons are two.
    ///
    /// Its record's id is made from theirs, so that two devices that note the same make one record.
    ///
    /// - Parameter collection: where it will be written.
    public init(
        distinguishing one: RecordID, _ other: RecordID, because reason: String?,
        in collection: CollectionID
    ) {
        let pair = Distinctions.Pair(one, other)
        var operations = [
            CellOperation(CellName("first"), .put(.reference(pair.first))),
            CellOperation(CellName("second"), .put(.reference(pair.second))),
        ]
        if let reason { operations.append(CellOperation(CellName("reason"), .put(.text(reason)))) }
        self.init(
            record: RecordID(
                foreign: "\(pair.first) \(pair.second)", type: "distinction", in: collection),
            type: "distinction", operations: operations)
    }
}

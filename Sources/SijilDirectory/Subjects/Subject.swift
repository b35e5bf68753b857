public import SijilCore
public import SijilStore

/// A person with everything that is held because of them: what they may ask to see, and to have erased.
///
/// Their own records are those that were merged into one person, and those that exist only because of one of
/// these: channels that it owns, tenures, memberships, consents, verifications about any of these, and notes that
/// two records are not one person. A record that an unsettled conflict gives to somebody else too is not theirs
/// alone: it only refers to them.
///
/// ```swift
/// let subject = try Subject(id, on: replica)
/// subject.records     // theirs, the named person first
/// subject.references  // what else names one of them
/// ```
public struct Subject: Sendable {
    /// A record of theirs.
    public struct Record: Hashable, Sendable {
        public var id: RecordID
        public var type: String
        public var collection: CollectionID
        /// Whether it was erased already.
        public var isErased: Bool
    }

    /// The person named first; then by collection and id.
    public let records: [Record]
    /// Where other records name one of theirs, by collection.
    public let references: [(collection: CollectionID, reference: RecordReference)]

    /// Fields that say because of whom a record exists.
    private static let owners: [String: Set<String>] = [
        "person": ["merged_into"], "channel": ["owner"], "tenure": ["person"],
        "membership": ["person"], "consent": ["person"], "verification": ["about"],
        "distinction": ["first", "second"],
    ]

    /// - Throws: `notFound` when no collection of this replica has the record, `badData` when it is no person.
    public init(_ id: RecordID, on replica: Replica) throws {
        let person = try replica.record(id)
        guard person.type == "person" else {
            throw SijilError(
                .badData, "That record is not a person.",
                hint: "'sijil show ID' says what it is.")
        }
        var found: [RecordID: Record] = [:]
        func add(_ record: RecordView) {
            found[record.id] = Record(
                id: record.id, type: record.type, collection: record.collection,
                isErased: record.isErased)
        }
        add(person)
        for member in try MergedPeople(replica).members(of: id) where member != id {
            add(try replica.record(member))
        }
        var references: Set<Place> = []
        var fresh = Set(found.keys)
        let collections = try replica.collections().map(\.grant.id)
        while !fresh.isEmpty {
            let targets = fresh
            fresh = []
            for collection in collections {
                for reference in try replica.references(to: targets, in: collection) {
                    references.insert(Place(collection: collection, reference: reference))
                    guard found[reference.record] == nil,
                        Self.owners[reference.type]?.contains(reference.field) == true
                    else { continue }
                    let record = try replica.record(reference.record)
                    let names = record.cells[CellName(reference.field)]?.siblings ?? []
                    let isTheirs = names.allSatisfy { sibling in
                        guard case .reference(let target) = sibling.value else { return false }
                        return found[target] != nil
                    }
                    guard isTheirs else { continue }
                    add(record)
                    fresh.insert(record.id)
                }
            }
        }
        let others = found.values.filter { $0.id != id }
            .sorted { ($0.collection, $0.id) < ($1.collection, $1.id) }
        records = [found[id]!] + others
        self.references = references.filter { found[$0.reference.record] == nil }
            .sorted {
                ($0.collection, $0.reference.record, $0.reference.field, $0.reference.target)
                    < ($1.collection, $1.reference.record, $1.reference.field, $1.reference.target)
            }
            .map { ($0.collection, $0.reference) }
    }

    private struct Place: Hashable {
        var collection: CollectionID
        var reference: RecordReference
    }

    // MARK: Erasing

    /// What erases all that is theirs: one change for each collection, mostly one.
    public var erasures: [(collection: CollectionID, edits: [RecordEdit])] {
        var edits: [CollectionID: [RecordEdit]] = [:]
        for record in records where !record.isErased {
            edits[record.collection, default: []]
                .append(RecordEdit(erasing: record.id, type: record.type))
        }
        return edits.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }
}

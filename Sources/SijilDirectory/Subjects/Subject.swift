public import SijilCore
public import SijilStore

/// A person with everything that is held because of them: what they may ask to see, and to have erased.
///
/// Their own records are those that were merged into one person, and those that exist only because of one of
/// these: channels that it owns, tenures, memberships, consents, verifications about any of these, and notes that
/// two records are not one person. Each is theirs in every collection that has a copy of it, and those that they
/// were merged with are theirs when these are deleted, too. A record that was itself deleted says no more of
/// somebody who lives here: they are not erased with it. A record that an unsettled conflict gives to somebody
/// else too is not theirs alone: it only refers to them.
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

    /// The person named first, in every collection that has them; then by collection and id.
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
        // Says that there is none; of several copies it is the one that everybody else is shown.
        let shown = try replica.record(id)
        var search = Search(replica: replica)
        try search.addPersons(id)
        guard !search.found.isEmpty else {
            throw SijilError(
                .badData, "That record is not a person.",
                hint: "'sijil show ID' says what it is.")
        }
        for member in try Self.members(of: id, on: replica) { try search.addPersons(member) }
        try search.follow()
        func isNamed(_ record: Record) -> Bool {
            record.id == id && record.type == "person" && record.collection == shown.collection
        }
        let found = search.found.values.sorted {
            ($0.collection, $0.id, $0.type) < ($1.collection, $1.id, $1.type)
        }
        let first = found.filter(isNamed)
        let copies = found.filter { $0.id == id && $0.type == "person" && !isNamed($0) }
        records = first + copies + found.filter { $0.id != id || $0.type != "person" }
        references = search.references
            .filter { search.found[$0.source] == nil }
            .sorted {
                ($0.collection, $0.reference.record, $0.reference.field, $0.reference.target)
                    < ($1.collection, $1.reference.record, $1.reference.field, $1.reference.target)
            }
            .map { ($0.collection, $0.reference) }
    }

    /// The records that are merged with one, as far as nobody disputes into whom.
    private static func members(of id: RecordID, on replica: Replica) throws -> [RecordID] {
        let members = try MergedPeople(replica).members(of: id)
        let disputed = try members.filter { member in
            let copies = try replica.copies(of: member).filter { $0.type == "person" && !$0.isGone }
            return copies.contains { Set($0.siblings("merged_into")).count > 1 }
        }
        guard !disputed.isEmpty else { return members }
        let links = try replica.links(of: "person", through: "merged_into")
        return MergedPeople(links.filter { !disputed.contains($0.record) }).members(of: id)
    }

    /// Whether what some collections have of them says that they are not to be called, named or told of, so that
    /// a copy elsewhere must not outlive it.
    public func isProtected(
        in collections: Set<CollectionID>, on replica: Replica
    ) throws -> Bool {
        try records.contains { theirs in
            guard collections.contains(theirs.collection), !theirs.isErased,
                let record = try replica.copies(of: theirs.id)
                    .first(where: {
                        $0.collection == theirs.collection && $0.type == theirs.type
                    })
            else { return false }
            func says(_ field: String, but harmless: Set<String>) -> Bool {
                record.siblings(field)
                    .contains { $0 != .none && !harmless.contains($0.plainText) }
            }
            switch theirs.type {
            case "person":
                return says("contact_rule", but: ["none"])
                    || says("sensitivity", but: ["public", "internal"])
            case "consent": return says("act", but: ["grant"])
            default: return false
            }
        }
    }

    /// What names a record: an identifier alone does not, because two collections can have one.
    private struct Name: Hashable {
        var id: RecordID
        var type: String
        var collection: CollectionID
    }

    private struct Place: Hashable {
        var collection: CollectionID
        var reference: RecordReference

        var source: Name {
            Name(id: reference.record, type: reference.type, collection: collection)
        }
    }

    /// Goes from the records that are theirs to those that are because of them, until there are no more.
    private struct Search {
        let replica: Replica
        private(set) var found: [Name: Record] = [:]
        private(set) var references: Set<Place> = []
        private var ids: Set<RecordID> = []
        /// What was found and not looked at yet.
        private var fresh: [RecordView] = []

        init(replica: Replica) { self.replica = replica }

        private mutating func add(_ record: RecordView) {
            let name = Name(id: record.id, type: record.type, collection: record.collection)
            guard found[name] == nil else { return }
            found[name] = Record(
                id: record.id, type: record.type, collection: record.collection,
                isErased: record.isErased)
            ids.insert(record.id)
            fresh.append(record)
        }

        /// The person with this identifier, in every collection that has them.
        mutating func addPersons(_ id: RecordID) throws {
            for copy in try replica.copies(of: id) where copy.type == "person" { add(copy) }
        }

        mutating func follow() throws {
            let collections = try replica.collections().map(\.grant.id)
            while !fresh.isEmpty {
                let records = fresh
                fresh = []
                for record in records where record.type == "person" {
                    // Also when that record was deleted since: then it is shown as nobody's, and is theirs all the same.
                    let targets = Set(record.siblings("merged_into"))
                    guard targets.count == 1, case .reference(let target) = targets.first else {
                        continue
                    }
                    let isTheirs =
                        try !record.isGone
                        || replica.copies(of: target)
                            .allSatisfy { $0.type != "person" || $0.isGone }
                    if isTheirs { try addPersons(target) }
                }
                let targets = Set(records.map(\.id))
                for collection in collections {
                    for reference in try replica.references(to: targets, in: collection) {
                        try add(Place(collection: collection, reference: reference))
                    }
                }
            }
        }

        private mutating func add(_ place: Place) throws {
            let reference = place.reference
            references.insert(place)
            guard found[place.source] == nil,
                Subject.owners[reference.type]?.contains(reference.field) == true
            else { return }
            let copies = try replica.copies(of: reference.record)
            guard
                let record = copies.first(where: {
                    $0.type == reference.type && $0.collection == place.collection
                })
            else { return }
            let names = record.cells[CellName(reference.field)]?.siblings ?? []
            let isTheirs = names.allSatisfy { sibling in
                guard case .reference(let target) = sibling.value else { return false }
                return ids.contains(target)
            }
            if isTheirs { add(record) }
        }
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

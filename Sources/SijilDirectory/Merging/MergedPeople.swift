public import SijilCore
public import SijilStore

/// Which person records are one person.
///
/// A merge is a pointer, `person.merged_into`, and moves nothing: whoever follows it sees one person, and
/// whoever takes it back has two again, with all that was edited meanwhile. Ids of merged records keep
/// their meaning: ``canonical(_:)`` takes any.
///
/// A function of what the records show, so that equal replicas agree, in whatever order merges arrived.
/// Rival merges can make a ring (A into B here, B into C there, C into A elsewhere): its record with the
/// smallest id is the canonical one then.
///
/// ```swift
/// let people = try MergedPeople(replica)
/// people.canonical(imam)                          // as whom they are known
/// people.members(of: imam)                        // that record first, then what is merged into it
/// try people.view(of: imam, on: replica)          // one record with what all of them say
/// ```
///
/// Costs a pass over merged persons, however many others there are, and memory for these; every question costs a
/// look into a dictionary.
public struct MergedPeople: Sendable {
    /// The canonical record of every one that is in a group of several.
    private let canonicalIDs: [RecordID: RecordID]
    /// The pointers that count.
    private let targets: [RecordID: RecordID]
    private let membersByCanonicalID: [RecordID: [RecordID]]
    /// Pointers to what is not a living person here: deleted, erased, or in a collection that this replica
    /// does not hold.
    ///
    /// They have no effect until it is.
    public let looseEnds: [RecordLink]

    /// As the replica shows it now.
    ///
    /// - Parameter includesRemoved: whether records that were removed count as if they lived.
    public init(_ replica: Replica, includesRemoved: Bool = false) throws {
        self.init(
            try replica.links(
                of: "person", through: "merged_into", includesDeleted: includesRemoved))
    }

    /// - Parameter pointers: at most one per record.
    public init(_ pointers: some Sequence<RecordLink>) {
        var targets: [RecordID: RecordID] = [:]
        var looseEnds: [RecordLink] = []
        for pointer in pointers where pointer.record != pointer.target {
            if pointer.isTargetHere {
                targets[pointer.record] = pointer.target
            } else {
                looseEnds.append(pointer)
            }
        }
        var roots: [RecordID: RecordID] = [:]
        for start in targets.keys { Self.follow(start, targets, &roots) }
        var members: [RecordID: [RecordID]] = [:]
        for (member, root) in roots where member != root {
            members[root, default: []].append(member)
        }
        canonicalIDs = roots
        self.targets = targets
        membersByCanonicalID = members.reduce(into: [:]) {
            $0[$1.key] = [$1.key] + $1.value.sorted()
        }
        self.looseEnds = looseEnds.sorted { $0.record < $1.record }
    }

    /// Finds the root of a record and of all on the way: the end of the path, or the smallest of the ring in
    /// which it ends.
    private static func follow(
        _ start: RecordID, _ targets: [RecordID: RecordID], _ roots: inout [RecordID: RecordID]
    ) {
        var path: [RecordID] = []
        var places: [RecordID: Int] = [:]
        var present = start
        var root: RecordID?
        while root == nil {
            if let known = roots[present] {
                root = known
            } else if let place = places[present] {
                root = path[place...].min()
            } else if let target = targets[present] {
                places[present] = path.count
                path.append(present)
                present = target
            } else {
                root = present
                path.append(present)
            }
        }
        for record in path { roots[record] = root }
    }

    /// The record as which this one is known: itself, when it is not merged into another.
    public func canonical(_ id: RecordID) -> RecordID { canonicalIDs[id] ?? id }

    /// All records of this person: the canonical one, then the others by id.
    public func members(of id: RecordID) -> [RecordID] {
        membersByCanonicalID[canonical(id)] ?? [id]
    }

    /// Whether the record is shown under another's id.
    public func isMerged(_ id: RecordID) -> Bool { canonical(id) != id }

    /// The records whose pointers have to go so that this one stands on its own again, with what was merged
    /// into it; `nil` when none has.
    ///
    /// A canonical record is left by what points at it. In a ring, what points at the record lets go too.
    ///
    /// - Throws: `usage` for a canonical record at which several point: then one of those is to be named.
    public func pointersHolding(_ id: RecordID) throws(SijilError) -> [RecordID]? {
        if looseEnds.contains(where: { $0.record == id }) { return [id] }
        guard let target = targets[id] else {
            let sources = targets.filter { $0.value == id }.keys.sorted()
            guard sources.count > 1 else { return sources.isEmpty ? nil : sources }
            throw SijilError(
                .usage, "Several records are merged into that one: name the one to take out.",
                hint: sources.map(\.description).joined(separator: " "))
        }
        var present = target
        var visited: Set<RecordID> = []
        while present != id, visited.insert(present).inserted, let next = targets[present] {
            if next == id { return [id, present] }
            present = next
        }
        return [id]
    }

    /// Every group of several records, by canonical id; each as ``members(of:)`` has it.
    public var groups: [[RecordID]] {
        membersByCanonicalID.sorted { $0.key < $1.key }.map(\.value)
    }

    /// The person as all of their records together describe them, under the canonical id.
    ///
    /// A record that is not merged, or not a person, comes as it is stored. See ``MergedView``.
    ///
    /// - Throws: `notFound` when no collection of this replica has the record.
    public func view(of id: RecordID, on replica: Replica) throws -> RecordView {
        let members = members(of: id)
        guard members.count > 1 else { return try replica.record(id) }
        return MergedView.of(try members.map { try replica.record($0) })
    }

    /// As ``view(of:on:)``, for a record that has been read: costs nothing when it is not merged.
    ///
    /// Not from within `forEachRecord`, where a replica can be asked nothing else: ``views(on:)`` is read
    /// before.
    public func view(of record: RecordView, on replica: Replica) throws -> RecordView {
        guard record.type == "person", members(of: record.id).count > 1 else { return record }
        return try view(of: record.id, on: replica)
    }

    /// What ``view(of:on:)`` gives for every person with several records, by canonical id.
    public func views(on replica: Replica) throws -> [RecordID: RecordView] {
        var views: [RecordID: RecordView] = [:]
        for id in membersByCanonicalID.keys { views[id] = try view(of: id, on: replica) }
        return views
    }

    /// As ``SijilStore/Replica/find(_:type:near:limit:)``, with each person once, at the place of the best of
    /// their records.
    public func find(
        _ query: String, type: String?, near areas: Set<RecordID>, limit: Int, on replica: Replica
    ) throws -> [SearchHit] {
        var asked = limit
        while true {
            let hits = try replica.find(query, type: type, near: areas, limit: asked)
            var met: Set<RecordID> = []
            let persons = hits.filter { hit in
                hit.record.type != "person" || met.insert(canonical(hit.record.id)).inserted
            }
            // Those that were merged must not take the places of others.
            guard persons.count < limit, hits.count == asked else {
                return try persons.prefix(limit)
                    .map { hit in
                        guard hit.record.type == "person", members(of: hit.record.id).count > 1
                        else {
                            return hit
                        }
                        var hit = hit
                        hit.record = try view(of: hit.record.id, on: replica)
                        return hit
                    }
            }
            asked *= 2
        }
    }

    /// Calls `body` with every living person once, as ``view(of:on:)`` has them, in a fixed order.
    ///
    /// - Parameter collection: where the canonical record lies; `nil` for all.
    public func forEachPerson(
        on replica: Replica, in collection: CollectionID? = nil, _ body: (RecordView) throws -> Void
    ) throws {
        let views = try views(on: replica)
        try replica.forEachRecord(RecordQuery(type: "person", collection: collection)) { record in
            guard !isMerged(record.id) else { return }
            try body(views[record.id] ?? record)
        }
    }
}

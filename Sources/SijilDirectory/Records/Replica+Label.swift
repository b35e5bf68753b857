public import SijilCore
public import SijilStore

extension Replica {
    /// The record's label, and whose it is if it is about others, like a channel or a tenure.
    ///
    /// ```
    /// +999550003001 · عبد الرحمن الوزاني
    /// ```
    ///
    /// What is not here has no name here: then the label is as short as ``RecordView/label(preferring:)``.
    public func fullLabel(
        of record: RecordView, preferring languages: [String] = []
    ) throws -> String {
        var parts = [record.label(preferring: languages)]
        for field in Self.owners[record.type] ?? [] {
            guard case .reference(let id) = record[field], try hasRecord(id) else { continue }
            let owner = try self.record(id)
            if !owner.isDeleted { parts.append(owner.label(preferring: languages)) }
        }
        return parts.joined(separator: " · ")
    }

    /// The records of which a person thinks when they see one of these types.
    private static let owners = [
        "channel": ["owner"], "tenure": ["person", "office"],
        "membership": ["person", "community"],
        "checklist": ["practice"], "checklist_item": ["checklist"], "fact": ["case_study"],
        "lesson": ["practice"],
    ]

    /// An area with everything that lies in it.
    ///
    /// - Throws: `notFound` for what is no area here.
    public func areas(in area: RecordID) throws -> Set<RecordID> {
        guard try record(area).type == "area" else {
            throw SijilError(
                .notFound, "There is no area with that id here.", hint: "See 'sijil list area'.")
        }
        var parts: [RecordID: [RecordID]] = [:]
        try forEachRecord(RecordQuery(type: "area")) { record in
            if case .reference(let parent) = record["parent"] {
                parts[parent, default: []].append(record.id)
            }
        }
        var found: Set<RecordID> = [area]
        var open = [area]
        while let next = open.popLast() {
            // Two areas that are said to lie in each other are no loop.
            for part in parts[next] ?? [] where found.insert(part).inserted { open.append(part) }
        }
        return found
    }
}

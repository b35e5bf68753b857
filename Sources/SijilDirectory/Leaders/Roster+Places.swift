public import SijilCore

extension Roster {
    /// The area with an id or a code.
    ///
    /// - Throws: `notFound` for none, `usage` when several have the code.
    public func area(named text: String) throws(SijilError) -> RecordID {
        if let id = RecordID(text), areas[id] != nil { return id }
        let found = areas.values.filter { $0.code == text }.map(\.id).sorted()
        guard let first = found.first else {
            throw SijilError(
                .notFound, "No area here has that id or code.",
                hint: "'sijil list area' shows them.", place: "--area")
        }
        guard found.count == 1 else {
            throw SijilError(
                .usage, "Several areas have that code.", hint: "Give the area's id.",
                place: "--area")
        }
        return first
    }

    /// An area and all that lie in it.
    public func areas(within area: RecordID) -> Set<RecordID> {
        var inside: Set<RecordID> = [area]
        var children: [RecordID: [RecordID]] = [:]
        for (area, parent) in parents { children[parent, default: []].append(area) }
        var rest = [area]
        while let next = rest.popLast() {
            for child in children[next] ?? [] where inside.insert(child).inserted {
                rest.append(child)
            }
        }
        return inside
    }

    /// Where an office is: its own area, else that of its community.
    public func area(of office: Office) -> RecordID? {
        office.area ?? office.community.flatMap { communities[$0]?.area }
    }

    /// The time zone of an area, else of what it lies in.
    func timeZone(of area: RecordID?) -> String? {
        var seen: Set<RecordID> = []
        var next = area
        while let id = next, seen.insert(id).inserted {
            if let zone = areas[id]?.timeZone { return zone }
            next = parents[id]
        }
        return nil
    }
}

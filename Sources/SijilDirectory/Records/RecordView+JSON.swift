public import SijilCore
public import SijilStore

extension RecordView {
    /// The record as `sijil show --json` prints it: what every cell shows, and every value of the cells that
    /// wait for a person.
    ///
    /// ```json
    /// {"id":"…","type":"person","collection":"…","deleted":false,
    ///  "fields":{"languages":["ar","fr"],"name":{"ar":"نادية أمزيان-تيفاوين"}},
    ///  "conflicts":[{"field":"notes","key":null,
    ///                "values":[{"value":"…","replica":"…","replica_name":"tab-07","at":"…"}]}]}
    /// ```
    ///
    /// `flags` is there only when there is something to look at, such as a number that could not be read.
    ///
    /// - Parameter replicaNames: what people here call the replicas, from ``Replica/replicaNames()``.
    public func json(replicaNames: [ReplicaID: String]) -> JSON {
        var members = [
            JSON.Member("id", .string(id.description)), JSON.Member("type", .string(type)),
            JSON.Member("collection", .string(collection.description)),
            JSON.Member("deleted", .bool(isDeleted)), JSON.Member("fields", fieldsJSON),
            JSON.Member(
                "conflicts",
                .array(conflicts.map { conflictJSON($0, replicaNames: replicaNames) })),
        ]
        if let erasure = cells[.erasure] {
            let erased = erasure.siblings.map { sibling -> JSON in
                [
                    "replica": .string(sibling.dot.replica.description),
                    "replica_name": .string(
                        replicaNames[sibling.dot.replica] ?? sibling.dot.replica.abbreviated),
                    "at": .string(Timestamp.text(milliseconds: sibling.at)),
                ]
            }
            members.append(JSON.Member("erased", .array(erased)))
        }
        let flags = flags
        if !flags.isEmpty { members.append(JSON.Member("flags", .array(flags.map(\.json)))) }
        return .object(members)
    }

    /// As ``json(replicaNames:)``, of a person with other records: their ids are `merged`.
    public func json(replicaNames: [ReplicaID: String], merged: [RecordID]) -> JSON {
        let json = json(replicaNames: replicaNames)
        guard !merged.isEmpty, let members = json.members else { return json }
        let ids = merged.map { JSON.string($0.description) }
        return .object(members + [JSON.Member("merged", .array(ids))])
    }

    /// The record as a line of an export: nothing in it depends on who looks, so replicas that hold
    /// the same write the same bytes.
    ///
    /// `deleted` and `conflicts` are there only when there is something to say.
    public var canonicalJSON: JSON {
        var members = [
            JSON.Member("type", .string(type)), JSON.Member("id", .string(id.description)),
            JSON.Member("collection", .string(collection.description)),
        ]
        if isDeleted { members.append(JSON.Member("deleted", true)) }
        members.append(JSON.Member("fields", fieldsJSON))
        let conflicts = conflicts
        if !conflicts.isEmpty {
            members.append(
                JSON.Member(
                    "conflicts",
                    .array(conflicts.map { conflictJSON($0, replicaNames: nil) })))
        }
        return .object(members)
    }

    /// What the cells show, by field in the order of the names' bytes: keyed fields are objects, sets are
    /// arrays, both in the order of their bytes.
    public var fieldsJSON: JSON {
        // A field is looked for among its own cells: others may have written as many fields as they like.
        let cellsByField = cells.reduce(into: [CellName: [CellName: Cell]]()) {
            $0[CellName($1.key.field), default: [:]][$1.key] = $1.value
        }
        return .object(
            fields.map { field in
                var part = self
                part.cells = cellsByField[CellName(field)] ?? [:]
                return JSON.Member(field, part.fieldJSON(field))
            })
    }

    /// What one field shows; null for one that holds nothing.
    public func fieldJSON(_ field: String) -> JSON {
        switch shape(of: field) {
        case .set: return .array(members(field).map(\.json))
        case .single:
            let value = self[field]
            // A single field of ours may be a keyed one of a later version.
            if value != .none || keyed(field).isEmpty { return value.json }
            fallthrough
        case .keyed:
            return .object(keyed(field).map { JSON.Member($0.key.keyText, $0.value.json) })
        }
    }

    /// A cell in conflict with all its values, as `sijil show` and `sijil conflicts` print it.
    ///
    /// The contested life of a record is the field `deleted`.
    ///
    /// - Parameter replicaNames: `nil` leaves names out.
    public func conflictJSON(_ cell: CellName, replicaNames: [ReplicaID: String]?) -> JSON {
        let values = (cells[cell]?.siblings ?? [])
            .map { sibling in
                var members = [
                    JSON.Member("value", sibling.value.json),
                    JSON.Member("replica", .string(sibling.dot.replica.description)),
                ]
                if let replicaNames {
                    let name = replicaNames[sibling.dot.replica] ?? sibling.dot.replica.abbreviated
                    members.append(JSON.Member("replica_name", .string(name)))
                }
                members.append(JSON.Member("at", .string(Timestamp.text(milliseconds: sibling.at))))
                return JSON.object(members)
            }
        return [
            "field": .string(cell == .liveness ? "deleted" : cell.field),
            "key": cell.key == .none ? .null : .string(cell.key.keyText),
            "values": .array(values),
        ]
    }
}

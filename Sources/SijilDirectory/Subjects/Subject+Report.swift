public import SijilCore
public import SijilStore

/// Everything that is held on a person, read at one go: see ``Subject``.
public struct SubjectReport: Sendable {
    /// Their records with all that was written to each.
    public var parts: [RecordCopy] = []
    /// Other records that name one of theirs.
    public var references: [(record: RecordView, reference: RecordReference)] = []
    /// What says that records of these collections were given to somebody outside.
    public var disclosures: [RecordView] = []
    public var replicaNames: [ReplicaID: String]

    public init(_ subject: Subject, on replica: Replica) throws {
        replicaNames = try replica.replicaNames()
        parts = try subject.records.map {
            try replica.copy(of: $0.id, type: $0.type, in: $0.collection)
        }
        references = try subject.references.map { collection, reference in
            let copies = try replica.copies(of: reference.record)
            let record = copies.first {
                $0.collection == collection && $0.type == reference.type
            }
            return (try record ?? replica.record(reference.record), reference)
        }
        for collection in Set(subject.records.map(\.collection)).sorted() {
            let query = RecordQuery(type: "disclosure", collection: collection)
            var found: [RecordView] = []
            try replica.forEachRecord(query) { found.append($0) }
            disclosures += found
        }
    }

    /// As `sijil person report --json` prints it.
    public var json: JSON {
        [
            "id": .string(parts[0].record.id.description),
            "records": .array(parts.map(json)),
            "references": .array(
                references.map { record, reference in
                    [
                        "id": .string(record.id.description), "type": .string(record.type),
                        "field": .string(reference.field),
                        "target": .string(reference.target.description),
                    ]
                }),
            "disclosures": .array(
                disclosures.map { record in
                    ["id": .string(record.id.description), "fields": record.fieldsJSON]
                }),
        ]
    }

    private func json(_ part: RecordCopy) -> JSON {
        let record = part.record
        let cells = record.cells.sorted { $0.key.precedes($1.key) }
        let members =
            (record.json(replicaNames: replicaNames).members ?? [])
            .filter {
                $0.key != "conflicts"
            } + [
                JSON.Member(
                    "cells",
                    .array(
                        cells.filter { $0.key != .erasure }
                            .map { record.conflictJSON($0.key, replicaNames: replicaNames) })),
                JSON.Member("history", .array(part.history.map(json))),
            ]
        return .object(members)
    }

    private func json(_ entry: HistoryEntry) -> JSON {
        let isLife = entry.cell == .liveness || entry.cell == .erasure
        return [
            "at": .string(Timestamp.text(milliseconds: entry.at)),
            "replica": .string(entry.dot.replica.description),
            "replica_name": .string(
                replicaNames[entry.dot.replica] ?? entry.dot.replica.abbreviated),
            "field": .string(
                entry.cell == .liveness
                    ? "deleted" : entry.cell == .erasure ? "erased" : entry.cell.field),
            "key": isLife || entry.cell.key == .none ? .null : .string(entry.cell.key.keyText),
            "value": entry.value?.json ?? .null,
            "replaced": .array(entry.replaced.map(\.json)),
            "note": entry.note.map { .string($0) } ?? .null,
        ]
    }
}

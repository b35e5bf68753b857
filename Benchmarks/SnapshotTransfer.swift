import Foundation
import SijilCore
import SijilStore

/// A snapshot in memory: made from a replica whose changes have positions.
struct SnapshotTransfer {
    let head: SnapshotHead
    let pieces: [[UInt8]]

    var byteCount: Int { head.bytes.count + pieces.reduce(0) { $0 + $1.count } }

    init(of replica: Replica, in collection: CollectionID) throws {
        var pieces: [[UInt8]] = []
        head = try replica.exportSnapshot(of: collection, emit: { pieces.append($0) })
        self.pieces = pieces
    }

    func load(into replica: Replica) throws {
        var rest = pieces[...]
        try replica.loadSnapshot(head, pieces: { rest.popFirst() })
    }

    /// A replica that has these records as a server would have sent them, 250 a change.
    static func holder(_ edits: [RecordEdit], _ schema: Schema, _ scratch: Scratch) throws
        -> Replica
    {
        let author = try scratch.newReplica(schema)
        for start in stride(from: 0, to: edits.count, by: 250) {
            try author.write(
                Array(edits[start..<min(start + 250, edits.count)]), in: scratch.collection)
        }
        let runs = try author.pendingRuns(in: scratch.collection, byteLimit: .max).runs
        let holder = try scratch.newReplica(schema)
        try scratch.introduce(author, to: holder)
        var position: UInt64 = 1
        for run in runs {
            let last = position + UInt64(run.changes.count) - 1
            try holder.receive(
                [Delivery(position: position, .run(run))], in: scratch.collection, cursor: last)
            position = last + 1
        }
        return holder
    }
}

extension SijilBenchmark {
    func addSnapshots(
        _ workload: Workload, _ scratch: Scratch, _ measurement: inout Measurement
    ) throws {
        var edits = workload.edits(0..<workload.rows.count)
        var schemas = [Workload.schema(searched: false), Workload.schema(searched: true)]
        if let roster {
            edits = try Roster.edits(roster)
            schemas = [Roster.schema(searched: false), Roster.schema(searched: true)]
        }
        let count = edits.count
        let holder = try SnapshotTransfer.holder(edits, schemas[0], scratch)
        let transfer = try SnapshotTransfer(of: holder, in: scratch.collection)
        let plain = transfer.head.manifest.pieces.reduce(0) { $0 + $1.byteCount }
        print(
            "snapshot: \(transfer.pieces.count) pieces,",
            Double(transfer.byteCount) / Double(count),
            "bytes a record,", Double(plain) / Double(count), "before compression")
        measurement.variants.append(
            .init(name: "snapshot, export", baseline: nil) { _ in
                (count, { _ = try SnapshotTransfer(of: holder, in: scratch.collection) })
            })
        for (schema, suffix) in zip(schemas, ["", ", searched"]) {
            measurement.variants.append(
                .init(
                    name: "snapshot, load\(suffix)",
                    baseline: "raw SQLite, 1,000 a transaction\(suffix)"
                ) { _ in
                    let replica = try scratch.newReplica(schema)
                    try scratch.introduce(holder, to: replica)
                    return (count, { try transfer.load(into: replica) })
                })
        }
    }
}

/// The roster of 16 fields that other systems are measured with: fields ended by 0x1F, records by 0x1E.
enum Roster {
    static let fields = [
        "name_ar", "name_lat", "role", "org", "community", "admin_code", "phone1", "phone2",
        "email",
        "languages", "notes", "verified", "sensitivity", "lat", "lon",
    ]

    static func schema(searched: Bool) -> Schema {
        Schema([
            RecordType(
                "person",
                fields.map { field in
                    switch field {
                    case "sensitivity": Field(field, .integer)
                    case "lat", "lon": Field(field, .real)
                    case "verified": Field(field, .date)
                    case "name_ar", "name_lat", "org", "community":
                        Field(field, .text, searched: searched)
                    default: Field(field, .text)
                    }
                })
        ])
    }

    static func edits(_ path: String) throws -> [RecordEdit] {
        let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
        return bytes.split(separator: 0x1E)
            .map { line in
                let parts = line.split(separator: 0x1F, omittingEmptySubsequences: false)
                    .map { String(decoding: $0, as: UTF8.self) }
                let id = Identifier(parts[0].filter { $0 != "-" })!
                var operations: [CellOperation] = []
                for (field, text) in zip(fields, parts.dropFirst()) where !text.isEmpty {
                    let value: Value =
                        switch field {
                        case "sensitivity": .integer(Int64(text)!)
                        case "lat", "lon": .real(Double(text)!)
                        case "verified": .date(PartialDate(text)!)
                        default: .text(text)
                        }
                    operations.append(CellOperation(CellName(field), .put(value)))
                }
                return RecordEdit(record: id, type: "person", operations: operations)
            }
    }
}

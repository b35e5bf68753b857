import ArgumentParser
import SijilCore
import SijilDirectory
import SijilStore

struct History: Verb {
    static let configuration = CommandConfiguration(
        abstract: "Show who changed what of a record, when, and what it replaced.",
        discussion: """
            Examples:
              sijil history ID
              sijil history ID --json

            Of a person the history of every record that is merged with it follows; --stored leaves them out.
            """)

    @Argument(help: "The record's id.")
    var id: String

    @Flag(help: "Of the record that is named alone.")
    var stored = false

    @OptionGroup var common: CommonOptions

    func run(_ console: Console) async throws {
        let replica = try openReplica()
        let record = try Arguments.recordID(id)
        try show(record, nil, replica, console)
        if !stored, try replica.record(record).type == "person" {
            for other in try MergedPeople(replica).members(of: record) where other != record {
                try show(other, other, replica, console)
            }
        }
        let collection = try replica.record(record).collection
        if let origin = try replica.snapshotOrigin(of: collection) {
            console.message(
                "what was changed up to position \(origin.position) came in a snapshot; of it this device shows "
                    + "only what it had seen itself")
        }
    }

    /// - Parameter merged: the record, when it is not the one that was asked for.
    private func show(
        _ record: RecordID, _ merged: RecordID?, _ replica: Replica, _ console: Console
    ) throws {
        let entries = try replica.history(of: record)
        let names = try replica.replicaNames()
        if let merged, !console.isJSON {
            try console.print()
            try console.print("of the same person: \(console.text.code(merged.description))")
        }
        var last: Dot?
        for entry in entries {
            let name = names[entry.dot.replica] ?? entry.dot.replica.abbreviated
            if console.isJSON {
                try console.emit(entry.json(name, merged))
                continue
            }
            if last != entry.dot {
                let note = entry.note.map { ": \(console.text.own($0))" } ?? ""
                try console.print(
                    "\(console.text.code(Timestamp.text(milliseconds: entry.at)))  "
                        + "\(console.text.own(name))\(note)")
            }
            last = entry.dot
            try console.print("  " + entry.line(console.text))
        }
    }
}

extension HistoryEntry {
    /// - Parameter merged: the record, when it is not the one that was asked for.
    fileprivate func json(_ replicaName: String, _ merged: RecordID?) -> JSON {
        let json: JSON = [
            "replica": .string(dot.replica.description), "replica_name": .string(replicaName),
            "sequence": .integer(Int64(dot.sequence)),
            "at": .string(Timestamp.text(milliseconds: at)), "field": cell.fieldJSON,
            "key": cell.keyJSON, "value": value?.json ?? .null,
            "replaced": .array(replaced.map(\.json)), "note": note.json,
        ]
        guard let merged, let members = json.members else { return json }
        return .object(members + [JSON.Member("record", .string(merged.description))])
    }

    fileprivate func line(_ text: TerminalText) -> String {
        if cell == .erasure { return "erased" }
        if cell == .liveness {
            return value == .boolean(true) ? "deleted" : replaced.isEmpty ? "made" : "restored"
        }
        let path = text.own(cell.path)
        let before = replaced.map(text.value).joined(separator: " | ")
        switch (value, replaced.isEmpty) {
        case (.some(let value), true): return "\(path): \(text.value(value))"
        case (.some(let value), false): return "\(path): \(text.value(value))  (was \(before))"
        case (nil, _): return "\(path): taken out"
        }
    }
}

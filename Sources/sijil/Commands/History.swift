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
            """)

    @Argument(help: "The record's id.")
    var id: String

    @OptionGroup var common: CommonOptions

    func run(_ console: Console) async throws {
        let replica = try openReplica()
        let entries = try replica.history(of: try Arguments.recordID(id))
        let names = try replica.replicaNames()
        var last: Dot?
        for entry in entries {
            let name = names[entry.dot.replica] ?? entry.dot.replica.abbreviated
            if console.isJSON {
                try console.emit(entry.json(name))
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
        let collection = try replica.record(Arguments.recordID(id)).collection
        if let origin = try replica.snapshotOrigin(of: collection) {
            console.message(
                "what was changed up to position \(origin.position) came in a snapshot; of it this device shows "
                    + "only what it had seen itself")
        }
    }
}

extension HistoryEntry {
    fileprivate func json(_ replicaName: String) -> JSON {
        [
            "replica": .string(dot.replica.description), "replica_name": .string(replicaName),
            "sequence": .integer(Int64(dot.sequence)),
            "at": .string(Timestamp.text(milliseconds: at)), "field": cell.fieldJSON,
            "key": cell.keyJSON, "value": value?.json ?? .null,
            "replaced": .array(replaced.map(\.json)), "note": note.json,
        ]
    }

    fileprivate func line(_ text: TerminalText) -> String {
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

import ArgumentParser
import SijilCore
import SijilStore

/// W4: two replicas write without seeing each other, then take in each other's changes.
///
/// `value` is milliseconds of taking in, both directions.
struct MergeTrace: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "merge")

    @OptionGroup var folders: Folders

    @Option(help: "Operations a change, at most; a record that comes again begins a new one.")
    var batch = 250

    func run() throws {
        let one = try folders.stage.copy(.author, from: folders.data)
        let two = try folders.stage.copy(.receiver, from: folders.data)
        let position = try one.collections()[0].cursor
        let started = ContinuousClock.now
        try write("A", to: one)
        try write("B", to: two)
        let written = (ContinuousClock.now - started) / .milliseconds(1)
        let runs = try [one, two]
            .map {
                try $0.pendingRuns(in: Stage.collection, byteLimit: .max).runs.map(\.bytes)
            }
        let seconds = try MeasuredPart.time {
            try ReceiveLog.receive(runs[0], in: two, after: position)
            try ReceiveLog.receive(runs[1], in: one, after: position)
        }
        let summaries = try [one, two].map { try $0.collections()[0] }
        let conflicts = try [one, two].map { try $0.conflictCount() }
        for replica in [one, two] { try replica.close() }
        let hashes = try [Stage.Device.author, .receiver]
            .map { try RowHash(ofRowsIn: folders.stage.path($0)).description }
        try Measurement(
            seconds * 1000,
            [
                "write": .number(written), "conflicts": .number(Double(conflicts[0])),
                "converged": .truth(
                    summaries[0].digest == summaries[1].digest && hashes[0] == hashes[1]
                        && conflicts[0] == conflicts[1]),
                "hash": .text(hashes[0]),
            ]
        )
        .print()
    }

    private func write(_ writer: String, to replica: Replica) throws {
        var edits: [RecordID: RecordEdit] = [:]
        var order: [RecordID] = []
        func flush() throws {
            guard !order.isEmpty else { return }
            try replica.write(order.map { edits[$0]! }, in: Stage.collection)
            (edits, order) = ([:], [])
        }
        try DataFile.forEachRow("trace", in: folders.data) { cells in
            guard cells[4].elementsEqual(writer.utf8) else { return }
            let edit = RosterRecord.edit(cells: cells)
            if edits[edit.record] != nil || order.count == batch { try flush() }
            edits[edit.record] = edit
            order.append(edit.record)
        }
        try flush()
    }
}

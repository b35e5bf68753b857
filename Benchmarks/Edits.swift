import ArgumentParser
import Foundation
import SijilCore
import SijilStore

/// W3: edits of one field each are written, collected to be sent, and applied in another replica.
///
/// `value` is milliseconds of applying.
struct EditRecords: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "edit")

    @OptionGroup var folders: Folders

    @Option(help: "Edits.")
    var edits = 1000

    @Option(help: "Edits a change.")
    var batch = 1000

    @Option(help: "What the instruction counts are of.")
    var counted = Part.apply

    enum Part: String, ExpressibleByArgument {
        case write, apply
    }

    func run() throws {
        var edits: [RecordEdit] = []
        try DataFile.forEachRow("edits", in: folders.data) { cells in
            guard edits.count <= self.edits else { return }
            edits.append(RosterRecord.edit(cells: cells))
        }
        let author = try folders.stage.copy(.author, from: folders.data)
        let receiver = try folders.stage.copy(.receiver, from: folders.data)
        try warm(author, receiver, by: edits.removeFirst())
        let (all, batch) = (edits, batch)
        let before = try author.collections()[0].cursor
        let write = {
            for start in stride(from: 0, to: all.count, by: batch) {
                let edits = Array(all[start..<min(start + batch, all.count)])
                try author.write(edits, in: Stage.collection)
            }
        }
        let written = try time(write, is: .write)
        let started = ContinuousClock.now
        let runs = try author.pendingRuns(in: Stage.collection, byteLimit: .max).runs
            .map(\.bytes)
        let collected = (ContinuousClock.now - started) / .milliseconds(1)
        let applied = try time(
            { try ReceiveLog.receive(runs, in: receiver, after: before) }, is: .apply)
        guard try author.collections()[0].digest == receiver.collections()[0].digest else {
            throw SijilError(.badData, "The replicas differ.")
        }
        let file = folders.at + "/edits.runs"
        try RunFile.write(runs, to: file)
        for replica in [author, receiver] { try replica.close() }
        try Measurement(
            applied * 1000,
            [
                "write": .number(written * 1000), "collect": .number(collected),
                "bytes": .number(Double(runs.reduce(0) { $0 + $1.count })), "runs": .text(file),
                "edits": .number(Double(all.count)),
                "hash": .text(try RowHash(ofRowsIn: folders.stage.path(.receiver)).description),
            ]
        )
        .print()
    }

    /// Makes one edit first, as the peers do: statements are prepared and pages are read by then.
    private func warm(_ author: Replica, _ receiver: Replica, by edit: RecordEdit) throws {
        let bytes = try Data(contentsOf: URL(fileURLWithPath: folders.data + "/log.hash"))
        let before = try author.collections()[0].cursor
        var dispatch = Dispatch(after: before, hash: ChainHash(bytes)!)
        try author.write([edit], in: Stage.collection)
        try dispatch.takeAll(from: author)
        try ReceiveLog.receive(dispatch.runs.map(\.bytes), in: receiver, after: before)
    }

    /// Only one of the parts is under the name whose instructions are counted.
    private func time(_ body: @escaping () throws -> Void, is part: Part) throws -> Double {
        if part == counted { return try MeasuredPart.time(body) }
        let started = ContinuousClock.now
        try body()
        return (ContinuousClock.now - started) / .seconds(1)
    }
}

extension RosterRecord {
    static func edit(cells: [ArraySlice<UInt8>]) -> RecordEdit {
        edit(
            RecordID(bytes: cells[0])!, field: Int(String(decoding: cells[1], as: UTF8.self))!,
            text: String(decoding: cells[2], as: UTF8.self))
    }
}

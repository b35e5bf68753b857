import ArgumentParser
import SijilCore
import SijilStore

/// W2: a new replica takes in the whole log of signed changes, in the pieces in which a sync brings it.
///
/// `value` is records a second, reading the bytes of the runs included.
struct ReceiveLog: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "receive")

    @OptionGroup var folders: Folders

    @Flag(help: "Index the two names.")
    var search = false

    func run() throws {
        let runs = try RunFile.read(folders.data + "/log.runs")
        let replica = try folders.stage.create(.receiver, searched: search)
        let seconds = try MeasuredPart.time { try Self.receive(runs, in: replica) }
        let records = try replica.collections()[0].records
        try replica.close()
        try Measurement(
            Double(records) / seconds,
            [
                "bytes_per_record": .number(
                    Double(runs.reduce(0) { $0 + $1.count }) / Double(records)),
                "hash": .text(try RowHash(ofRowsIn: folders.stage.path(.receiver)).description),
            ]
        )
        .print()
    }

    /// - Parameter position: of the last change that the replica has.
    static func receive(
        _ runs: [[UInt8]], in replica: Replica, after position: UInt64 = 0
    ) throws {
        var position = position
        for bytes in runs {
            var reader = ByteReader(bytes)
            let run = try SignedRun(from: &reader)
            let first = position + 1
            position += UInt64(run.changes.count)
            try replica.receive(
                [Delivery(position: first, .run(run))], in: Stage.collection, cursor: position)
        }
    }
}

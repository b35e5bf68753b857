import ArgumentParser
import SijilCore
import SijilStore

/// W1, the baseline: plain rows.
///
/// `value` is records a second.
struct WriteRaw: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "raw")

    @OptionGroup var folders: Folders

    @Option(help: "Records a transaction.")
    var batch = 1000

    @Option(help: "Only so many records.")
    var limit = Int.max

    @Flag(help: "Index the two names with FTS5.")
    var search = false

    @Flag(help: "Index with FTS5 what Sijil would index; made before the clock starts.")
    var entries = false

    func run() throws {
        var records = Array(try RosterRecord.all(in: folders.data).prefix(limit))
        let path = folders.at + "/raw.sqlite"
        if entries { for index in records.indices { records[index].makeEntry() } }
        let (batch, rows) = (batch, records)
        Stage.removeDatabase(path)
        let database = try RawDatabase(
            path: path, search: entries ? .entries : search ? .texts : nil)
        let seconds = try MeasuredPart.time { try database.write(rows, perTransaction: batch) }
        let bytes = try RawDatabase.fileBytes(path)
        try Measurement(
            Double(records.count) / seconds,
            [
                "bytes_per_record": .number(Double(bytes) / Double(records.count)),
                "hash": .text(try RowHash(ofRowsIn: path).description),
            ]
        )
        .print()
    }
}

/// W1: the same records into a replica.
///
/// `value` is records a second.
struct WriteRecords: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "write")

    /// Records a change: as many as fit one with room to spare (``Limits/changeBytes``).
    static let perChange = 250

    @OptionGroup var folders: Folders

    @Option(help: "Records a change.")
    var batch = perChange

    @Option(help: "Only so many records.")
    var limit = Int.max

    @Flag(help: "Index the two names.")
    var search = false

    func run() throws {
        let records = Array(try RosterRecord.all(in: folders.data).prefix(limit))
        let replica = try folders.stage.create(.author, searched: search)
        let batch = batch
        let seconds = try MeasuredPart.time { try replica.write(records, perChange: batch) }
        let journal = try replica.pendingRuns(in: Stage.collection, byteLimit: .max).runs
            .flatMap(\.changes)
            .reduce(0) { $0 + $1.count }
        try replica.close()
        let path = folders.stage.path(.author)
        let count = Double(records.count)
        try Measurement(
            count / seconds,
            [
                "bytes_per_record": .number(Double(try RawDatabase.fileBytes(path)) / count),
                "journal_bytes_per_record": .number(Double(journal) / count),
                "hash": .text(try RowHash(ofRowsIn: path).description),
            ]
        )
        .print()
    }
}

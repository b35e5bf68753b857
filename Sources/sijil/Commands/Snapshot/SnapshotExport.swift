import ArgumentParser
import Foundation
import SijilCore
import SijilDirectory
import SijilStore

struct SnapshotExport: Verb {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write the state of a collection to a file.",
        discussion: """
            Examples:
              sijil snapshot export xm01.snapshot --in roster-xm01
              sijil snapshot export xm01.snapshot --in roster-xm01 --force --json

            Sync first: a snapshot holds what the server has confirmed. The file is written whole or not at all, \
            for its owner's eyes only: it holds everything about the people in the collection.
            """)

    @Argument(help: "The file to make.")
    var file: String

    @Option(
        name: .customLong("in"),
        help: ArgumentHelp("The collection: name or id.", valueName: "collection"))
    var collection: String

    @Flag(help: "Replace a file that is there.")
    var force = false

    @OptionGroup var common: CommonOptions

    func run(_ console: Console) async throws {
        let replica = try openReplica()
        let target = try replica.collection(named: collection)
        guard force || !FileManager.default.fileExists(atPath: file) else {
            throw SijilError(
                .cannotCreate, "There is a file already.", hint: "Give --force to replace it.",
                place: file)
        }
        Interruption.shared.listen()
        defer { console.endProgress() }
        let (head, byteCount) = try write(replica, target.grant.id, console)
        console.endProgress()
        if console.isJSON {
            try console.emit(.object(head.members(byteCount: byteCount)))
        } else {
            console.message(
                "wrote \(count(Int(clamping: head.manifest.records), "record")) at position "
                    + "\(head.manifest.position) to \(file), \(count(byteCount, "byte"))")
        }
    }

    /// The pieces are made first and stand last: they wait in a file without a name.
    private func write(
        _ replica: Replica, _ collection: CollectionID, _ console: Console
    ) throws -> (SnapshotHead, byteCount: Int) {
        let scratch = try PrivateFile.scratch(beside: file)
        let started = ContinuousClock.now
        var byteCount = 0
        do {
            let head = try replica.exportSnapshot(
                of: collection,
                emit: { piece in
                    var writer = ByteWriter(reservingCapacity: piece.count + 4)
                    writer.counted(piece)
                    byteCount += writer.count
                    try scratch.write(contentsOf: Data(writer.bytes))
                },
                progress: { records in
                    try Task.checkCancellation()
                    guard ContinuousClock.now - started > .seconds(1) else { return }
                    console.progress("wrote \(records) records …")
                })
            byteCount += head.bytes.count
            try scratch.seek(toOffset: 0)
            try PrivateFile.replace(file) { append in
                try append(head.bytes)
                while let data = try scratch.read(upToCount: 1 << 20), !data.isEmpty {
                    try Task.checkCancellation()
                    try append(Array(data))
                }
            }
            return (head, byteCount)
        } catch let error as CocoaError {
            throw SijilError(
                .inputOutput, "The file could not be written.", place: file, underlying: error)
        }
    }
}

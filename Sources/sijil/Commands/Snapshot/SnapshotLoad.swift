import ArgumentParser
import Foundation
import SijilCore
import SijilDirectory
import SijilStore

struct SnapshotLoad: Verb {
    static let configuration = CommandConfiguration(
        commandName: "load",
        abstract: "Take in a collection's state from a file.",
        discussion: """
            Examples:
              sijil join https://sync.example.org --code 7K3QX-…
              sijil snapshot load xm01.snapshot
              sijil sync

            The device must have joined and been granted the collection: that says whom to believe. A file that is \
            damaged, or from another server, changes nothing. What is on the device and not in the file stays.
            """)

    @Argument(help: "The file.")
    var file: String

    @OptionGroup var common: CommonOptions

    func run(_ console: Console) async throws {
        let replica = try openReplica()
        guard let handle = FileHandle(forReadingAtPath: file) else {
            throw SijilError(.notFound, "The file cannot be read.", place: file)
        }
        Interruption.shared.listen()
        let started = ContinuousClock.now
        var byteCount = 0
        var stream = SnapshotStream { count in
            let data: Data?
            do {
                data = try handle.read(upToCount: count)
            } catch {
                throw SijilError(
                    .inputOutput, "The file cannot be read.", place: file, underlying: error)
            }
            byteCount += data?.count ?? 0
            return Array(data ?? Data())
        }
        let head = try stream.head()
        defer { console.endProgress() }
        let report = try replica.loadSnapshot(
            head, pieces: { try stream.next() },
            progress: { records in
                try Task.checkCancellation()
                guard ContinuousClock.now - started > .seconds(1) else { return }
                console.progress("loaded \(records) of \(head.manifest.records) records …")
            })
        console.endProgress()
        try tell(report, head, byteCount, console)
    }

    private func tell(
        _ report: SnapshotReport, _ head: SnapshotHead, _ byteCount: Int, _ console: Console
    ) throws {
        guard !console.isJSON else {
            return try console.emit(
                .object(
                    head.members(byteCount: byteCount) + [
                        JSON.Member("known", .bool(report.isKnown)),
                        JSON.Member("reapplied", .integer(Int64(report.reapplied))),
                        JSON.Member("released", .integer(Int64(report.released))),
                    ]))
        }
        guard !report.isKnown else {
            return console.message("all of it is here already; nothing was changed")
        }
        console.message(
            "loaded \(count(Int(clamping: report.records), "record")) at position "
                + "\(head.manifest.position)")
        if report.reapplied > 0 {
            console.message(
                "kept \(count(report.reapplied, "change")) that the snapshot does not have")
        }
        console.message("next: sijil sync")
    }
}

import ArgumentParser
import Foundation
import SijilCore
import SijilStore

/// W2: a new replica begins with a snapshot.
///
/// `value` is records a second, unpacking and checking included.
struct LoadSnapshot: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "load")

    @OptionGroup var folders: Folders

    @Flag(help: "Index the two names.")
    var search = false

    func run() throws {
        let path = folders.data + "/roster.snapshot"
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        let replica = try folders.stage.create(.receiver, searched: search)
        let seconds = try MeasuredPart.time { try Self.load(bytes, into: replica) }
        let records = Double(try replica.collections()[0].records)
        try replica.close()
        try Measurement(
            records / seconds,
            [
                "bytes_per_record": .number(Double(bytes.count) / records),
                "hash": .text(try RowHash(ofRowsIn: folders.stage.path(.receiver)).description),
            ]
        )
        .print()
    }

    private static func load(_ bytes: [UInt8], into replica: Replica) throws {
        var at = 0
        var stream = SnapshotStream { count in
            let end = min(at + count, bytes.count)
            defer { at = end }
            return Array(bytes[at..<end])
        }
        try replica.loadSnapshot(stream.head(), pieces: { try stream.next() })
    }
}

/// W2: the snapshot of a replica's collection.
///
/// `value` is records a second.
struct ExportSnapshot: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "export")

    @OptionGroup var folders: Folders

    func run() throws {
        let replica = try folders.stage.copy(.author, from: folders.data)
        let seconds = try MeasuredPart.time { _ = try Self.bytes(of: replica) }
        try Measurement(Double(try replica.collections()[0].records) / seconds).print()
    }

    static func bytes(of replica: Replica) throws -> [UInt8] {
        var pieces = ByteWriter()
        let head = try replica.exportSnapshot(
            of: Stage.collection, emit: { pieces.counted($0) })
        return head.bytes + pieces.bytes
    }
}

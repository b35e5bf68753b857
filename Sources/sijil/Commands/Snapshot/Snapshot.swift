import ArgumentParser
import SijilCore
import SijilDirectory
import SijilStore

struct Snapshot: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Carry the whole state of a collection to a new device in one file.",
        discussion: """
            Examples:
              sijil snapshot export xm01.snapshot --in roster-xm01
              sijil snapshot load xm01.snapshot

            A snapshot is what everybody has at one position of the server. Loading one is a merge: nothing that is \
            on the device is lost, and the next sync fetches what came after.
            """,
        subcommands: [SnapshotExport.self, SnapshotLoad.self])
}

extension SnapshotHead {
    /// What programs are told of a snapshot.
    ///
    /// - Parameter byteCount: of the whole file.
    func members(byteCount: Int) -> [JSON.Member] {
        [
            JSON.Member("collection", .string(manifest.collection.description)),
            JSON.Member("position", .integer(Int64(clamping: manifest.position))),
            JSON.Member("records", .integer(Int64(clamping: manifest.records))),
            JSON.Member("authors", .integer(Int64(manifest.authors.count))),
            JSON.Member("pieces", .integer(Int64(manifest.pieces.count))),
            JSON.Member("bytes", .integer(Int64(byteCount))),
            JSON.Member("root", .string(hexadecimal(root))),
            JSON.Member("digest", .string(manifest.digest.description)),
        ]
    }
}

private func hexadecimal(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}

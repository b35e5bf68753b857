import ArgumentParser
import SijilCore
import SijilDirectory
import SijilStore

struct Digest: Verb {
    static let configuration = CommandConfiguration(
        abstract: "Show the state digest of each collection.",
        discussion: """
            Examples:
              sijil digest

            Replicas that have received the same changes show the same digests.
            """)

    @OptionGroup var common: CommonOptions

    func run(_ console: Console) async throws {
        var table = Table("DIGEST", "RECORDS", "CHANGES", "NAME")
        for collection in try openReplica().collections() {
            if console.isJSON {
                try console.emit([
                    "collection": .string(collection.grant.id.description),
                    "name": .string(collection.grant.name),
                    "digest": .string(collection.digest.description),
                    "records": .integer(Int64(collection.records)),
                    "changes": .integer(Int64(collection.changes)),
                ])
            } else {
                table.add(
                    console.text.code(collection.digest.description),
                    String(collection.records), String(collection.changes),
                    console.text.own(collection.grant.name))
            }
        }
        if !console.isJSON { try console.print(table, whenEmpty: "No collection yet.") }
    }
}

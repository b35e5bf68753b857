import ArgumentParser
import SijilCore
import SijilDirectory
import SijilStore

struct Collections: Verb {
    static let configuration = CommandConfiguration(
        abstract: "List what this replica holds.",
        discussion: """
            Examples:
              sijil collections
              sijil collections --json
            """)

    @OptionGroup var common: CommonOptions

    func run(_ console: Console) async throws {
        let collections = try openReplica().collections()
        if console.isJSON {
            for collection in collections { try console.emit(collection.json) }
            return
        }
        var table = Table("ID", "KIND", "ROLE", "RECORDS", "TO SEND", "HELD", "NAME")
        for collection in collections {
            table.add(
                console.text.code(collection.grant.id.description),
                console.text.own(collection.grant.kind),
                console.text.own(collection.grant.role.rawValue), String(collection.records),
                String(collection.pending), String(collection.held),
                console.text.own(collection.grant.name))
        }
        try console.print(
            table,
            whenEmpty: "No collection yet. Join a server with 'sijil join', then 'sijil sync'.")
    }
}

extension CollectionSummary {
    fileprivate var json: JSON {
        [
            "id": .string(grant.id.description), "name": .string(grant.name),
            "kind": .string(grant.kind), "role": .string(grant.role.rawValue),
            "cursor": .integer(Int64(cursor)), "records": .integer(Int64(records)),
            "pending": .integer(Int64(pending)), "held": .integer(Int64(held)),
        ]
    }
}

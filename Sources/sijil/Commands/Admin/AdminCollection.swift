import ArgumentParser
import SijilCore
import SijilDirectory
import SijilStore
import SijilSync

struct AdminCollection: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "collection", abstract: "Make and list the server's collections.",
        discussion: """
            Examples:
              sijil admin collection create roster-xm01 --kind roster
              sijil admin collection list
            """,
        subcommands: [Create.self, List.self])

    struct Create: Verb {
        static let configuration = CommandConfiguration(
            abstract: "Make a collection on the server.",
            discussion: """
                Examples:
                  sijil admin collection create roster-xm01 --kind roster
                  sijil admin collection create rabat-washington-2018 --kind practices
                """)

        @Argument(help: "Its name.")
        var name: String

        @Option(help: "roster or practices.")
        var kind: String

        @OptionGroup var common: CommonOptions

        func run(_ console: Console) async throws {
            let replica = try openReplica()
            let connection = try Server.joined(by: replica).connection(of: replica)
            let made: Exchange.Collection = try await connection.call(
                "POST", Exchange.collectionsPath,
                Exchange.NewCollection(name: name, kind: kind))
            // The new collection can be written to at once, before the next sync.
            try replica.setGrants(try await connection.grants())
            if console.isJSON {
                try console.emit(made.json)
            } else {
                try console.print(console.text.code(made.id))
                console.message("made \(console.text.own(made.name)); next: sijil admin invite")
            }
        }
    }

    struct List: Verb {
        static let configuration = CommandConfiguration(
            abstract: "List the collections of the server that this replica may use.",
            discussion: """
                Examples:
                  sijil admin collection list
                """)

        @OptionGroup var common: CommonOptions

        func run(_ console: Console) async throws {
            let replica = try openReplica()
            let connection = try Server.joined(by: replica).connection(of: replica)
            var table = Table("ID", "KIND", "ROLE", "NAME")
            for collection in try await connection.collections() {
                if console.isJSON {
                    try console.emit(collection.json)
                } else {
                    table.add(
                        console.text.code(collection.id), console.text.own(collection.kind),
                        console.text.own(collection.role), console.text.own(collection.name))
                }
            }
            if !console.isJSON { try console.print(table, whenEmpty: "There is none yet.") }
        }
    }
}

extension Exchange.Collection {
    fileprivate var json: JSON {
        [
            "id": .string(id), "name": .string(name), "kind": .string(kind),
            "role": .string(role),
        ]
    }
}

extension ServerConnection {
    func collections() async throws -> [Exchange.Collection] {
        let answer: Exchange.Collections = try await call(
            "GET", Exchange.collectionsPath, String?.none)
        return answer.collections.sorted { ($0.name, $0.id) < ($1.name, $1.id) }
    }

    /// What the server grants this device now.
    fileprivate func grants() async throws -> [CollectionGrant] {
        try await collections()
            .map { collection in
                guard let id = CollectionID(collection.id) else {
                    throw SijilError(.protocolMismatch, "The server's answer cannot be read.")
                }
                return CollectionGrant(
                    id: id, name: collection.name, kind: collection.kind,
                    role: Role(rawValue: collection.role) ?? .reader)
            }
    }

    /// The id of the server's collection with this id or name; an id that the server does not list is taken as it is.
    ///
    /// - Throws: `notFound` for none, `usage` when several are called so.
    func collectionID(named text: String) async throws -> String {
        let all = try await collections()
        if let exact = all.first(where: { $0.id == text.lowercased() }) { return exact.id }
        let found = all.filter { $0.name == text }
        guard let first = found.first else {
            // A founder may name a coordinator where nobody is one: what this device has no role in is not listed.
            if let id = CollectionID(text) { return id.description }
            throw SijilError(
                .notFound, "The server has no such collection for this replica.",
                hint: "'sijil admin collection list' lists them.", place: "collection")
        }
        guard found.count == 1 else {
            throw SijilError(
                .usage, "Several collections are called so.", hint: "Use the collection's id.",
                place: "collection")
        }
        return first.id
    }
}

import ArgumentParser
import Foundation
import SijilCore
import SijilDirectory
import SijilStore

struct Find: Verb {
    static let configuration = CommandConfiguration(
        abstract: "Search names, titles, numbers and codes.",
        discussion: """
            Examples:
              sijil find tazarini
              sijil find عبد الرحمن --type person
              sijil find +9995500 --type channel

            A word finds itself and what begins with it.
            """)

    @Argument(help: ArgumentHelp("The words to look for.", valueName: "query"))
    var words: [String]

    @Option(help: "Only records of this type.")
    var type: String?

    @Option(help: ArgumentHelp("At most so many.", valueName: "n"))
    var limit = 20

    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard limit > 0 else { throw ValidationError("--limit is 1 or more.") }
    }

    func run(_ console: Console) async throws {
        let type = try type.map { try Schema.directory.type(named: $0).name }
        let replica = try openReplica()
        let query = words.joined(separator: " ").precomposedStringWithCanonicalMapping
        let hits = try replica.find(query, type: type, limit: limit)
        if console.isJSON {
            for hit in hits { try console.emit(hit.json) }
            return
        }
        var table = Table("ID", "TYPE", "LABEL")
        for hit in hits {
            table.add(
                console.text.code(hit.record.id.description), hit.record.type,
                console.text.own(hit.record.label))
        }
        try console.print(table, whenEmpty: "Nothing was found.")
    }
}

extension SearchHit {
    fileprivate var json: JSON {
        [
            "id": .string(record.id.description), "type": .string(record.type),
            "score": .real(score), "why": .string(why), "label": .string(record.label),
        ]
    }
}

import ArgumentParser
import Foundation
import SijilCore
import SijilDirectory
import SijilStore

struct Find: Verb {
    static let configuration = CommandConfiguration(
        abstract: "Search names, titles, numbers, codes and texts, in every script and spelling.",
        discussion: """
            Examples:
              sijil find tazarini
              sijil find عبد الرحمن --type person
              sijil find ouazzani --type person --area 019a2c3d4e5f60718293a4b5c6d7e8f9
              sijil find 3001

            Best first: the whole name (WHY is exact; squash where only spaces differ), all words (word), beginnings of words
            (prefix), then names that have the same consonants in any script and sound alike (key+spelling) or do not (key).
            Four digits or more find numbers that begin or end so (number).
            """)

    @Argument(help: ArgumentHelp("The words to look for.", valueName: "query"))
    var words: [String]

    @Option(help: "Only records of this type.")
    var type: String?

    @Option(help: ArgumentHelp("At most so many.", valueName: "n"))
    var limit = 20

    @Option(
        help: ArgumentHelp(
            "Of what fits as well, first what belongs to this area or one in it.", valueName: "id"))
    var area: String?

    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard limit > 0 else { throw ValidationError("--limit is 1 or more.") }
    }

    func run(_ console: Console) async throws {
        let type = try type.map { try Schema.directory.type(named: $0).name }
        let replica = try openReplica()
        let query = words.joined(separator: " ").precomposedStringWithCanonicalMapping
        let areas = try area.map { try replica.areas(in: Arguments.recordID($0)) } ?? []
        let hits = try MergedPeople(replica)
            .find(query, type: type, near: areas, limit: limit, on: replica)
        if console.isJSON {
            for hit in hits {
                try console.emit(
                    hit.json(
                        label: replica.fullLabel(
                            of: hit.record, preferring: Languages.preferred)))
            }
            return
        }
        var table = Table("ID", "TYPE", "WHY", "LABEL")
        for hit in hits {
            table.add(
                console.text.code(hit.record.id.description), hit.record.type, hit.why,
                console.text.own(
                    try replica.fullLabel(
                        of: hit.record, preferring: Languages.preferred)))
        }
        try console.print(table, whenEmpty: "Nothing was found.")
    }
}

extension SearchHit {
    fileprivate func json(label: String) -> JSON {
        [
            "id": .string(record.id.description), "type": .string(record.type),
            "score": .real(score), "why": .string(why), "label": .string(label),
        ]
    }
}

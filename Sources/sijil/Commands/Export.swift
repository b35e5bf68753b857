import ArgumentParser
import SijilCore
import SijilDirectory
import SijilStore

struct Export: Verb {
    static let configuration = CommandConfiguration(
        abstract: "Write records out.",
        discussion: """
            Examples:
              sijil export --in roster-xm01 --output roster.jsonl
              sijil export --type person --format csv --output people.csv
              sijil export --in roster-xm01 --format vcard --output people.vcf
              sijil export | sha256sum

            JSON Lines lose nothing: replicas that hold the same export the same bytes. A vCard file \
            holds persons, offices and communities, each with its channels, and persons with the \
            offices that they hold; areas and practices are in no card. A file is written whole or not \
            at all, for its owner's eyes only.
            """)

    @Option(
        name: .customLong("in"),
        help: ArgumentHelp("Only this collection: name or id.", valueName: "collection"))
    var collection: String?

    @Option(help: "Only records of this type; a CSV needs one.")
    var type: String?

    @Option(help: "The form of the output.")
    var format: FileFormat = .jsonl

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Where to. Default: standard output.", valueName: "file"))
    var output: String?

    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard format != .csv || type != nil else {
            throw ValidationError("A CSV holds one kind of record: give --type.")
        }
    }

    func run(_ console: Console) async throws {
        let type = try type.map { try Schema.directory.type(named: $0).name }
        let replica = try openReplica()
        let id = try collection.map { try replica.collection(named: $0).grant.id }
        guard let output, output != "-" else {
            try write(replica, id, type) { try console.append($0) }
            return
        }
        var records = 0
        try PrivateFile.replace(output) { append in
            records = try write(replica, id, type, to: append)
        }
        console.message("wrote \(count(records, "record")) to \(output)")
    }

    @discardableResult
    private func write(
        _ replica: Replica, _ collection: CollectionID?, _ type: String?, to sink: Exporter.Sink
    ) throws -> Int {
        let exporter = Exporter(replica)
        switch (format, type) {
        case (.csv, let type?):
            return try exporter.writeCSV(type: type, in: collection, to: sink)
        case (.vcard, _):
            return try exporter.writeCards(type: type, in: collection, to: sink)
        case (.csv, nil), (.jsonl, _):
            return try exporter.writeJSONLines(in: collection, type: type, to: sink)
        }
    }
}

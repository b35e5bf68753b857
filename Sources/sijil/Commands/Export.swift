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
              sijil export --type area --format csv --hxl --bom --output areas.csv
              sijil export --in roster-xm01 --format vcard --output people.vcf
              sijil export --in roster-xm01 --format vcard --output people.vcf \
                  --for "Prefecture XM01" --purpose "flood drill of 12 March"
              sijil export | sha256sum

            JSON Lines lose nothing: replicas that hold the same export the same bytes. A vCard file \
            holds persons, offices and communities, each with its channels, and persons with the \
            offices that they hold; areas and practices are in no card. A file is written whole or not \
            at all, for its owner's eyes only.

            With --for, records go to somebody outside: who is restricted or protected, or took back the \
            consent to be shared, stays here; who may not be called goes out without channels, who did \
            not consent to be named without a name; coordinates are rounded. That it was done is then \
            recorded in each collection, and synced. Without --for nothing is written.
            """)

    @Option(
        name: .customLong("in"),
        help: ArgumentHelp("Only this collection: name or id.", valueName: "collection"))
    var collection: String?

    @Option(help: "Only records of this type; a CSV needs one.")
    var type: String?

    @Option(help: "The form of the output.")
    var format: FileFormat = .jsonl

    @Flag(help: "A second row in a CSV with HXL tags: #contact+name+i_ar, #adm+code.")
    var hxl = false

    @Flag(help: "A byte order mark at the beginning of a CSV, for Excel.")
    var bom = false

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Where to. Default: standard output.", valueName: "file"))
    var output: String?

    @Option(
        name: .customLong("for"),
        help: ArgumentHelp(
            "Who outside will get it: protects people, and records the disclosure.",
            valueName: "recipient"))
    var recipient: String?

    @Option(help: ArgumentHelp("What they need it for; with --for.", valueName: "text"))
    var purpose: String?

    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard format != .csv || type != nil else {
            throw ValidationError("A CSV holds one kind of record: give --type.")
        }
        guard format == .csv || (!hxl && !bom) else {
            throw ValidationError("--hxl and --bom are for CSV: give --format csv.")
        }
        guard (recipient == nil) == (purpose == nil) else {
            throw ValidationError("Who gets it and for what go together: --for and --purpose.")
        }
    }

    func run(_ console: Console) async throws {
        let type = try type.map { try Schema.directory.type(named: $0).name }
        let replica = try openReplica()
        let target = try collection.map { try replica.collection(named: $0).grant }
        let disclosure = try openDisclosure(replica, target)
        let exporter = Exporter(replica, disclosure)
        guard let output, output != "-" else {
            try write(exporter, target?.id, type) { try console.append($0) }
            try console.flush()
            try finish(disclosure, replica, type, console)
            return
        }
        var records = 0
        Interruption.shared.listen()
        defer { console.endProgress() }
        try PrivateFile.replace(output) { append in
            var (bytes, shown) = (0, 0)
            records = try write(exporter, target?.id, type) { piece in
                try append(piece)
                bytes += piece.count
                guard bytes / 1_000_000 > shown else { return }
                shown = bytes / 1_000_000
                console.progress("wrote \(shown) MB …")
            }
        }
        console.endProgress()
        console.message("wrote \(count(records, "record")) to \(output)")
        try finish(disclosure, replica, type, console)
    }

    private func openDisclosure(
        _ replica: Replica, _ target: CollectionGrant?
    ) throws -> Disclosure? {
        guard let recipient, let purpose else { return nil }
        try Disclosure.check(try target.map { [$0] } ?? replica.collections().map(\.grant))
        return try Disclosure(to: recipient, for: purpose, from: replica)
    }

    private func finish(
        _ disclosure: Disclosure?, _ replica: Replica, _ type: String?, _ console: Console
    ) throws {
        guard let disclosure else { return }
        let made = try disclosure.record(on: replica, format: format.rawValue, type: type)
        // Standard output is for the data, when it goes there.
        if console.isJSON, let output, output != "-" { try console.emit(disclosure.json) }
        for notice in disclosure.notices { console.message(notice) }
        if !made.isEmpty {
            console.message(
                "the disclosure is recorded: \(made.map(\.description).joined(separator: " "))")
            console.message("next: sijil sync")
        }
    }

    @discardableResult
    private func write(
        _ exporter: Exporter, _ collection: CollectionID?, _ type: String?,
        to sink: Exporter.Sink
    ) throws -> Int {
        switch (format, type) {
        case (.csv, let type?):
            return try exporter.writeCSV(
                type: type, in: collection, hasTags: hxl, hasMark: bom, to: sink)
        case (.vcard, _):
            return try exporter.writeCards(type: type, in: collection, to: sink)
        case (.csv, nil), (.jsonl, _):
            return try exporter.writeJSONLines(in: collection, type: type, to: sink)
        }
    }
}

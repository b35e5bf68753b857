import ArgumentParser
import Foundation
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
            offices that they hold; areas and practices are in no card. An --output file is written \
            whole or not at all, for its owner's eyes only.

            With --for, records go to somebody outside. Who is restricted or protected, or took back the \
            consent to be kept, called or shared, stays here, and so does what is about them or about a \
            record that was removed or is not on this device. Who died, or may be called through another \
            or never, goes out without channels. Who took back the consent to be named, or gave consents \
            and not that one, goes out without a name; consents that rest on something else, such as a \
            public office, do not ask for that. Coordinates are rounded; what this version does not know \
            stays here.

            What goes out is first recorded in each collection, and synced: what cannot be recorded does \
            not go out. When the output fails then, the record stays. Without --for nothing is recorded.
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
        guard let output, output != "-" else {
            let (_, made) = try give(target?.id, type, disclosure, replica) {
                try console.append($0)
            }
            try console.flush()
            if let disclosure { tell(disclosure, made, console) }
            return
        }
        var (records, made): (Int, [RecordID]) = (0, [])
        Interruption.shared.listen()
        defer { console.endProgress() }
        try PrivateFile.replace(output) { append in
            var (bytes, shown) = (0, 0)
            (records, made) = try give(target?.id, type, disclosure, replica) { piece in
                try append(piece)
                bytes += piece.count
                guard bytes / 1_000_000 > shown else { return }
                shown = bytes / 1_000_000
                console.progress("wrote \(shown) MB …")
            }
        }
        console.endProgress()
        console.message("wrote \(count(records, "record")) to \(output)")
        guard let disclosure else { return }
        // Standard output is for the data, when it goes there.
        if console.isJSON { try console.emit(disclosure.json) }
        tell(disclosure, made, console)
    }

    private func openDisclosure(
        _ replica: Replica, _ target: CollectionGrant?
    ) throws -> Disclosure? {
        guard let recipient, let purpose else { return nil }
        try Disclosure.check(try target.map { [$0] } ?? replica.collections().map(\.grant))
        return try Disclosure(to: recipient, for: purpose)
    }

    private func tell(_ disclosure: Disclosure, _ made: [RecordID], _ console: Console) {
        for notice in disclosure.notices { console.message(notice) }
        if !made.isEmpty {
            console.message(
                "the disclosure is recorded: \(made.map(\.description).joined(separator: " "))")
            console.message("next: sijil sync")
        }
    }

    /// Hands on what goes out; what goes to somebody outside after it was recorded, and not a byte before.
    ///
    /// - Returns: the number of records, and what records the disclosure.
    private func give(
        _ collection: CollectionID?, _ type: String?, _ disclosure: Disclosure?,
        _ replica: Replica, to sink: Exporter.Sink
    ) throws -> (records: Int, made: [RecordID]) {
        let exporter = Exporter(replica, disclosure)
        guard let disclosure else {
            return (try write(exporter, collection, type, to: sink), [])
        }
        let staged = try Staged(beside: home.database)
        let records = try write(exporter, collection, type) { try staged.append($0) }
        let made = try disclosure.record(on: replica, format: format.rawValue, type: type)
        try staged.forEachPiece(sink)
        return (records, made)
    }

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

/// What goes outside, until it is recorded: in a file without a name, gone with the process.
private struct Staged {
    private static let pieceBytes = 1 << 20

    private let file: FileHandle

    init(beside path: String) throws { file = try PrivateFile.scratch(beside: path) }

    func append(_ bytes: [UInt8]) throws {
        try Task.checkCancellation()
        do { try file.write(contentsOf: Data(bytes)) } catch { throw Self.failed }
    }

    func forEachPiece(_ body: ([UInt8]) throws -> Void) throws {
        try rewind()
        while let piece = try next() { try body(piece) }
    }

    private func rewind() throws(SijilError) {
        do { try file.seek(toOffset: 0) } catch { throw Self.failed }
    }

    private func next() throws(SijilError) -> [UInt8]? {
        do {
            let data = try file.read(upToCount: Self.pieceBytes) ?? Data()
            return data.isEmpty ? nil : Array(data)
        } catch { throw Self.failed }
    }

    private static var failed: SijilError {
        SijilError(
            .inputOutput, "What was to go out could not be kept until it was recorded.",
            hint: "Is there room on the disk? Nothing went out.")
    }
}

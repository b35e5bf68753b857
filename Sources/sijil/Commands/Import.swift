import ArgumentParser
import Foundation
import SijilCore
import SijilDirectory
import SijilStore

struct Import: Verb {
    static let configuration = CommandConfiguration(
        abstract: "Read records from a file into a collection.",
        discussion: """
            Examples:
              sijil import leaders.csv --in roster-xm01 --mapping map.json --dry-run
              sijil import leaders.csv --in roster-xm01 --mapping map.json
              sijil import export.jsonl --in roster-xm01
              sijil import contacts.vcf --in roster-xm01
              sijil import old-list.csv --in roster-xm01 --type person --encoding windows-1256
              gunzip -c big.jsonl.gz | sijil import - --format jsonl --in roster-xm01

            Rows that cannot be read go to the reject file and do not stop the rest. Importing the same \
            file again changes nothing; stopped half way, run it again.

            A card becomes a person, its telephone numbers and addresses channels of that person, its \
            title and organisation an office that the person holds. It adds and corrects, and takes \
            nothing away. Lines that mean nothing to Sijil are kept and written out again.
            """)

    @Argument(help: "The file; '-' is standard input.")
    var file: String

    @Option(
        name: .customLong("in"),
        help: ArgumentHelp("Its collection: name or id.", valueName: "collection"))
    var collection: String

    @Option(help: "Default: what the file's name says.")
    var format: FileFormat?

    @Option(
        help: ArgumentHelp(
            "What the file's bytes are, e.g. windows-1256, windows-1252, utf-16. "
                + "Default: what they look like.", valueName: "name"))
    var encoding: String?

    @Option(
        help: ArgumentHelp(
            "JSON file that says which column of a CSV is which field.", valueName: "file"))
    var mapping: String?

    @Option(help: "What the rows of a CSV without a mapping are.")
    var type: String?

    @Option(
        help: ArgumentHelp(
            "Where rows go that cannot be read. Default: FILE.rejected.jsonl.", valueName: "file"))
    var rejects: String?

    @Option(help: ArgumentHelp("Why, for whoever reads the history.", valueName: "text"))
    var note: String?

    @Flag(name: .customLong("dry-run"), help: "Only say what would be done.")
    var dryRun = false

    @OptionGroup var region: RegionOptions

    @OptionGroup var common: CommonOptions

    func run(_ console: Console) async throws {
        let replica = try openReplica()
        let target = try replica.collection(named: collection)
        let options = ImportOptions(
            format: try chosenFormat(), mapping: try readMapping(),
            type: type, encoding: try chosenEncoding(), isDryRun: dryRun,
            rejectFile: rejects ?? (file == "-" ? "rejected.jsonl" : file + ".rejected.jsonl"),
            note: note, rules: try region.rules(for: replica))
        if let rejectFile = options.rejectFile { try checkIsOther(rejectFile) }
        Interruption.shared.listen()
        let report: ImportReport
        do {
            report = try Importer(replica, into: target.grant.id)
                .run(
                    file == "-" ? .standardInput : .file(file), options
                ) { progress in
                    console.progress(progress.line)
                    try Task.checkCancellation()
                }
            console.endProgress()
        } catch {
            console.endProgress()
            throw error
        }
        try tell(report, target.grant.name, console)
        if report.isFruitless {
            try console.flush()
            throw SijilError(
                .badData, "No row of the file could be imported.",
                hint: "The reject file gives the reason for each row.")
        }
    }

    /// The reject file replaces what is there: never what is being read.
    private func checkIsOther(_ rejectFile: String) throws(SijilError) {
        let read = [file == "-" ? "/dev/stdin" : file, mapping].compactMap(\.self)
        let known = Set(read.flatMap { [FileName(of: $0), FileName(behind: $0)] })
        guard let name = FileName(of: rejectFile), known.contains(name) else { return }
        throw SijilError(
            .usage, "The refused rows would replace a file that is read.",
            hint: "Give another name with --rejects.", place: "--rejects")
    }

    private func chosenFormat() throws(SijilError) -> ImportFormat {
        if let format { return format.importFormat }
        if let format = ImportFormat(path: file) { return format }
        throw SijilError(
            .usage, "The file's name does not say what it is.",
            hint: "Give --format csv, --format jsonl or --format vcard.")
    }

    private func chosenEncoding() throws(SijilError) -> TextEncoding? {
        guard let encoding else { return nil }
        if let known = TextEncoding(encoding) { return known }
        throw SijilError(
            .usage, "There is no such encoding.",
            hint: "For example utf-8, utf-16le, windows-1256, windows-1252 or iso-8859-6.",
            place: "--encoding")
    }

    private func readMapping() throws(SijilError) -> CSVMapping? {
        guard let mapping else { return nil }
        let mostBytes = 1024 * 1024
        guard let handle = FileHandle(forReadingAtPath: mapping),
            let data = try? handle.read(upToCount: mostBytes)
        else {
            throw SijilError(.notFound, "The mapping file cannot be read.", place: "--mapping")
        }
        return try CSVMapping(parsing: Array(data), schema: .directory)
    }

    private func tell(
        _ report: ImportReport, _ collection: String, _ console: Console
    ) throws {
        guard !console.isJSON else { return try console.emit(report.json) }
        for notice in report.notices { console.warning(notice) }
        for rejection in report.rejections.prefix(5) {
            let place = rejection.error.place.map { ", \($0)" } ?? ""
            console.warning("line \(rejection.line)\(place): \(rejection.error.message)")
        }
        if report.rejected > 0 {
            let file = report.rejectFile.map { "; they are in \($0)" } ?? ""
            console.warning("\(count(report.rejected, "row")) refused\(file)")
        }
        guard !console.isQuiet else { return }
        try console.print(
            (dryRun ? "would be " : "") + "created \(report.created), updated \(report.updated), "
                + "unchanged \(report.unchanged), rejected \(report.rejected)")
        if !dryRun, report.created + report.updated > 0 { console.message("next: sijil sync") }
    }
}

/// The forms of files that go in and out.
enum FileFormat: String, CaseIterable, ExpressibleByArgument {
    case jsonl, csv, vcard

    var importFormat: ImportFormat {
        switch self {
        case .jsonl: .jsonl
        case .csv: .csv
        case .vcard: .vcard
        }
    }
}

/// What tells a file from all others, whatever path leads to it.
private struct FileName: Hashable {
    private let device: UInt64
    private let number: UInt64

    /// Of a link it is the link's own; `nil` when there is nothing.
    init?(of path: String) {
        var information = stat()
        guard unsafe lstat(path, &information) == 0 else { return nil }
        self.init(information)
    }

    /// What links lead to.
    init?(behind path: String) {
        var information = stat()
        guard unsafe stat(path, &information) == 0 else { return nil }
        self.init(information)
    }

    private init(_ information: stat) {
        device = UInt64(truncatingIfNeeded: information.st_dev)
        number = UInt64(truncatingIfNeeded: information.st_ino)
    }
}

extension ImportReport {
    /// Whether there were rows and none was of any use.
    fileprivate var isFruitless: Bool {
        rejected > 0 && created + updated + unchanged == 0
    }
}

extension ImportProgress {
    fileprivate var line: String {
        guard let totalBytes, totalBytes > 0 else { return "imported \(rows) rows …" }
        let percent = min(100, bytes * 100 / totalBytes)
        let filled = percent / 5
        let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: 20 - filled)
        return "importing [\(bar)] \(percent) %, \(rows) rows"
    }
}

public import SijilCore
public import SijilStore

/// The forms of a file to import.
public enum ImportFormat: String, Sendable, CaseIterable {
    case csv, jsonl, vcard

    /// What a file's name says; `nil` when it says nothing.
    public init?(path: String) {
        let name = path.lowercased()
        if [".csv", ".tsv"].contains(where: name.hasSuffix) {
            self = .csv
        } else if [".jsonl", ".ndjson"].contains(where: name.hasSuffix) {
            self = .jsonl
        } else if [".vcf", ".vcard"].contains(where: name.hasSuffix) {
            self = .vcard
        } else {
            return nil
        }
    }
}

/// What to import and how.
public struct ImportOptions: Sendable {
    public var format: ImportFormat
    /// For a CSV that is not ours.
    public var mapping: CSVMapping?
    /// The type of the records of a CSV without a mapping; `nil` for the only type that suits its header.
    public var type: String?
    /// What the file's bytes are; `nil` to tell it from its beginning.
    ///
    /// JSON Lines are in UTF-8 when nothing is said.
    public var encoding: TextEncoding?
    /// Whether to count only.
    ///
    /// Nothing is written, no reject file either.
    public var isDryRun: Bool
    /// Where to put the rows that are refused; `nil` to count them only.
    public var rejectFile: String?
    /// Why, for whoever reads the history.
    public var note: String?
    /// What values must be; with the region of numbers that have no code of a country.
    public var rules: EntryRules

    public init(
        format: ImportFormat, mapping: CSVMapping? = nil, type: String? = nil,
        encoding: TextEncoding? = nil, isDryRun: Bool = false, rejectFile: String? = nil,
        note: String? = nil, rules: EntryRules = EntryRules()
    ) {
        self.format = format
        self.mapping = mapping
        self.type = type
        self.encoding = encoding
        self.isDryRun = isDryRun
        self.rejectFile = rejectFile
        self.note = note
        self.rules = rules
        self.rules.keepsDoubtful = true
        // A row that would make something milder is kept from it, whoever reads it; it is no reason to stop.
        self.rules.coordinated = nil
    }
}

/// Reads files into a collection, row by row, in any size.
///
/// Rows are written in batches, each one change. A row that is refused is set aside with its reason, and
/// the rest goes on; a row is taken whole or not at all. Reading the same file again changes nothing, and an
/// import that broke is finished by running it again.
///
/// ```swift
/// let mapping = try CSVMapping(parsing: bytes, schema: replica.schema)
/// let report = try Importer(replica, into: roster)
///     .run(.file("mayors.csv"), ImportOptions(format: .csv, mapping: mapping))
/// ```
public struct Importer {
    private let replica: Replica
    private let collection: CollectionID

    public init(_ replica: Replica, into collection: CollectionID) {
        self.replica = replica
        self.collection = collection
    }

    /// Imports a file.
    ///
    /// - Parameter progress: called after every batch; what it throws ends the import, and the batches
    ///   written until then stay.
    /// - Throws: `notFound` for the file or the collection, `notPermitted` for a reader, `badData` or
    ///   `configuration` for a header or a mapping that is not right: then nothing was written. A dry run
    ///   throws the same.
    public func run(
        _ source: ImportSource, _ options: ImportOptions,
        progress: (ImportProgress) throws -> Void = { _ in }
    ) throws -> ImportReport {
        let summary = try replica.collection(named: collection.description)
        guard summary.grant.role.mayWrite else {
            throw SijilError(
                .notPermitted, "This replica may read that collection, not change it.",
                hint: "Ask a coordinator for the role of editor.")
        }
        let input = try InputBuffer(source)
        var reader: any RowReader
        switch options.format {
        case .jsonl:
            try input.decode(as: options.encoding ?? .utf8)
            reader = try JSONLinesReader(input, into: collection, schema: replica.schema)
        case .vcard:
            reader = try CardReader(
                input, into: collection, encoding: options.encoding, schema: replica.schema)
        case .csv:
            reader = try CSVRowReader(
                input, into: collection, encoding: options.encoding, mapping: options.mapping,
                type: options.type, schema: replica.schema)
        }
        let run = ImportRun(replica, collection, options)
        while let row = try reader.next() {
            if try run.take(row) || run.report.rows % 1000 == 0 {
                try progress(
                    ImportProgress(
                        rows: run.report.rows, bytes: input.passed, totalBytes: input.total))
            }
        }
        try run.finish()
        try progress(
            ImportProgress(rows: run.report.rows, bytes: input.passed, totalBytes: input.total))
        return run.report
    }
}

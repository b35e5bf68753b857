import SijilCore

/// Reads records from a CSV: by a mapping, or with the names of a type's fields as its header.
///
/// A row of HXL tags below the header, or in its place, names columns too: by ``HXLTag`` a column is found
/// whatever its header says, a mapping may name it by its tag, and a column without a tag that is no field is
/// passed over.
///
/// Without a mapping a column is `id`, a single field, `FIELD.KEY` of a keyed field, or a set with its
/// members joined by `;`. An empty cell leaves the field as it is. An `id` is one of ours (32 hexadecimal
/// digits) or another system's; without one the row's content tells the record.
struct CSVRowReader: RowReader {
    private enum Plan {
        case mapping(CSVMapping)
        case plain(RecordType, [Column])
    }

    private enum Column {
        case ignored
        case id
        case field(CSVTarget)
    }

    private var reader: CSVReader
    private let collection: CollectionID
    private let columns: CSVColumns
    private let plan: Plan
    /// Read to look for tags, and a row like others.
    private var ahead: CSVReader.Row?

    /// Reads the header.
    ///
    /// - Throws: `badData` for a header that is not one, `configuration` when the mapping does not fit it.
    init(
        _ input: InputBuffer, into collection: CollectionID, encoding: TextEncoding?,
        mapping: CSVMapping?, type: String?, schema: Schema
    ) throws {
        try input.decode(as: encoding)
        reader = try CSVReader(input)
        self.collection = collection
        guard let header = try reader.next() else {
            throw SijilError(.badData, "The file is empty.")
        }
        let second = try reader.next()
        let tags = (try? second?.cells.get()).flatMap { HXLTag.isRow($0) ? $0 : nil }
        if tags == nil { ahead = second }
        do {
            let cells = try header.cells.get()
            // Tags alone are a header as well.
            columns = try CSVColumns(
                header: cells, tags: HXLTag.isRow(cells) ? cells : tags ?? [])
        } catch let failure as RowFailure {
            var error = failure.error
            error.place = "line \(header.line), column \(failure.column ?? 1)"
            throw error
        }
        if let mapping {
            try mapping.check(columns)
            plan = .mapping(mapping)
        } else {
            let type = try Self.type(type, columns, schema)
            plan = .plain(type, try Self.targets(columns, type))
        }
    }

    /// The type that was named, or the only one that has all these fields.
    private static func type(
        _ name: String?, _ columns: CSVColumns, _ schema: Schema
    ) throws(SijilError) -> RecordType {
        if let name { return try schema.type(named: name) }
        let fitting = schema.types.filter { (try? targets(columns, $0)) != nil }
        guard let type = fitting.first, fitting.count == 1 else {
            throw SijilError(
                .usage,
                fitting.isEmpty
                    ? "The header is not that of a record type."
                    : "The header suits several record types.",
                hint: "Name the type, or give a mapping.", place: "line 1")
        }
        return type
    }

    private static func targets(
        _ columns: CSVColumns, _ type: RecordType
    ) throws(SijilError) -> [Column] {
        var targets: [Column] = []
        for (place, header) in columns.names.enumerated() {
            let tag = place < columns.tags.count ? columns.tags[place] : nil
            let name = tag?.column(of: type) ?? header
            if name == "id" {
                targets.append(.id)
                continue
            }
            do {
                targets.append(.field(try CSVTarget(name, in: type)))
            } catch {
                if !columns.tags.isEmpty, tag == nil {
                    targets.append(.ignored)
                    continue
                }
                var error = error
                error.place = "line 1, column \(place + 1)"
                throw error
            }
        }
        return targets
    }

    mutating func next() throws -> SourceRow? {
        while let row = try takeRow() {
            let content = row.cells.flatMap { cells in
                Result { () throws(RowFailure) in try records(cells) }
            }
            if case .success(let records) = content, records.isEmpty { continue }
            return SourceRow(line: row.line, raw: row.raw, content: content)
        }
        return nil
    }

    private mutating func takeRow() throws -> CSVReader.Row? {
        guard let ahead else { return try reader.next() }
        self.ahead = nil
        return ahead
    }

    private func records(_ cells: [String]) throws(RowFailure) -> [ImportedRecord] {
        // Spreadsheets add empty cells at the end of rows; what is there is not dropped.
        let surplus = cells.dropFirst(columns.names.count)
        guard cells.count >= columns.names.count,
            surplus.allSatisfy(CSVText.isBlank)
        else {
            throw RowFailure(
                column: min(cells.count, columns.names.count) + 1,
                error: SijilError(
                    .badData,
                    "The row has \(cells.count) cells, the header \(columns.names.count)."))
        }
        if cells.allSatisfy(CSVText.isBlank) { return [] }
        do {
            let row = CSVColumns.Row(columns: columns, cells: cells)
            switch plan {
            case .mapping(let mapping):
                return try mapping.records(of: row, into: collection)
            case .plain(let type, let targets):
                return [try record(row, type, targets)]
            }
        } catch {
            throw RowFailure(error: error)
        }
    }

    private func record(
        _ row: CSVColumns.Row, _ type: RecordType, _ targets: [Column]
    ) throws(SijilError) -> ImportedRecord {
        var record = ImportedRecord(
            type: type.name, id: .zero, identity: .content, life: .untold, fields: [])
        for (place, target) in targets.enumerated() {
            let cell = row.cells[place]
            if CSVText.isBlank(cell) { continue }
            switch target {
            case .ignored: break
            case .id:
                let id = try RowIdentifier.clean(cell)
                record.id = RowIdentifier.record(id, type: type.name, in: collection)
                record.identity = .named
            case .field(let target):
                let text = CSVText.unguarded(cell)
                if target.field.shape == .set {
                    record.add(CSVText.members(text), to: target.field.name)
                } else {
                    record.fields.append(
                        ImportedField(
                            name: target.field.name, content: .text(text, key: target.key)))
                }
            }
        }
        if record.identity == .content {
            let content = zip(columns.names, row.cells).map { JSON.Member($0, .string($1)) }
            record.id = RecordID(content: .object(content), type: type.name, in: collection)
        }
        return record
    }
}

extension ImportedRecord {
    /// Adds what one column says of a set: several columns of one set are one set.
    fileprivate mutating func add(_ members: [String], to field: String) {
        var members = members
        if let index = fields.firstIndex(where: { $0.name == field }),
            case .members(let earlier, _) = fields[index].content
        {
            members = earlier + members
            fields.remove(at: index)
        }
        fields.append(ImportedField(name: field, content: .members(members, replaces: true)))
    }
}

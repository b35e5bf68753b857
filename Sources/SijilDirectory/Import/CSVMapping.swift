public import SijilCore

/// How the rows of somebody else's CSV become records: which, with what identifiers and fields.
///
/// A mapping is a JSON file. One row may make several records, which refer to each other by the identifiers
/// of the other system:
///
/// ```json
/// {"records": [
///     {"type": "person", "id": "{id}",
///      "fields": {"name.en": "{name}", "languages": "en;{language}"}},
///     {"type": "channel", "id": "{id}/voice", "when": "voice",
///      "fields": {"owner": {"reference": "person", "id": "{id}"},
///                 "kind": "landline", "value": "{voice}"}}
/// ]}
/// ```
///
/// - `{column}` stands for the cell of that column; `{{` and `}}` for braces.
/// - `id` is required: it is what lets the same file be read again without changing anything. It is always an
///   identifier of the other system, and counts per record type and collection.
/// - `when` names a column; the record is made only of rows that have something there.
/// - A field whose columns are all empty is left as it is, on a new record and on one that exists.
/// - `FIELD.KEY` is one key of a keyed field. The text of a set is split at semicolons, and its members are
///   added: those that people added by hand stay.
/// - A reference is `{"reference": TYPE, "id": TEMPLATE}`, or a template for an identifier of ours.
/// - A record that somebody deleted stays deleted.
public struct CSVMapping: Sendable {
    struct RecordTemplate: Sendable {
        var type: RecordType
        var id: CSVTemplate
        var when: String?
        var fields: [FieldTemplate]
    }

    struct FieldTemplate: Sendable {
        var field: Field
        var key: String?
        var text: CSVTemplate
        /// The type that the text identifies a record of; `nil` when the text is the value.
        var reference: String?
    }

    let records: [RecordTemplate]

    /// Reads a mapping and checks it against the schema, constant values included.
    ///
    /// - Throws: `configuration`, naming the place in the mapping; also for an unknown type or field.
    public init(parsing bytes: [UInt8], schema: Schema) throws(SijilError) {
        guard bytes.count <= ImportLimits.mappingBytes else {
            throw SijilError(.configuration, "The mapping is larger than allowed.")
        }
        do throws(SijilError) {
            let json = try JSON(parsing: bytes)
            try Self.checkKeys(json, ["records", "comment"], place: "mapping")
            guard let templates = json["records"]?.array, !templates.isEmpty else {
                throw Self.malformed("It has no records.", place: "records")
            }
            guard templates.count <= ImportLimits.recordsPerRow else {
                throw Self.malformed("It makes too many records of a row.", place: "records")
            }
            var records: [RecordTemplate] = []
            for (index, template) in templates.enumerated() {
                records.append(
                    try Self.record(template, schema, place: "records[\(index)]"))
            }
            self.records = records
        } catch {
            var error = error
            error.code = .configuration
            throw error
        }
    }

    private static func malformed(_ reason: String, place: String) -> SijilError {
        SijilError(.configuration, "The mapping is not right: \(reason)", place: place)
    }

    private static func checkKeys(
        _ json: JSON, _ known: [String], place: String
    ) throws(SijilError) {
        guard let members = json.members else {
            throw malformed("An object is expected.", place: place)
        }
        guard members.allSatisfy({ known.contains($0.key) }) else {
            throw malformed(
                "It has a key other than \(known.joined(separator: ", ")).", place: place)
        }
    }

    private static func record(
        _ json: JSON, _ schema: Schema, place: String
    ) throws(SijilError) -> RecordTemplate {
        try checkKeys(json, ["type", "id", "when", "fields", "comment"], place: place)
        guard let type = json["type"]?.string else {
            throw malformed("The type is missing.", place: place)
        }
        guard let id = json["id"]?.string, !id.isEmpty else {
            throw malformed("The id is missing.", place: place)
        }
        guard let fields = json["fields"]?.members else {
            throw malformed("The fields are missing.", place: place)
        }
        var when: String?
        if let json = json["when"] {
            guard let column = json.string else {
                throw malformed("A column's name is expected.", place: "\(place).when")
            }
            when = column
        }
        let recordType = try schema.type(named: type)
        var templates: [FieldTemplate] = []
        for member in fields {
            templates.append(
                try field(
                    member.key, member.value, recordType, schema,
                    place: "\(place).fields.\(member.key)"))
        }
        return RecordTemplate(
            type: recordType, id: try CSVTemplate(id, place: "\(place).id"), when: when,
            fields: templates)
    }

    private static func field(
        _ path: String, _ json: JSON, _ type: RecordType, _ schema: Schema, place: String
    ) throws(SijilError) -> FieldTemplate {
        let target = try CSVTarget(path, in: type)
        var template = FieldTemplate(
            field: target.field, key: target.key, text: try CSVTemplate("", place: place))
        if let text = json.string {
            template.text = try CSVTemplate(text, place: place)
            // What does not depend on a row is checked now, not at every row.
            if template.text.columns.isEmpty, target.field.shape != .set {
                _ = try target.field.read(text)
            }
            return template
        }
        try checkKeys(json, ["reference", "id"], place: place)
        guard let reference = json["reference"]?.string, let id = json["id"]?.string,
            target.field.kind == .reference
        else { throw malformed("A text or a reference is expected.", place: place) }
        template.reference = try schema.type(named: reference).name
        template.text = try CSVTemplate(id, place: place)
        return template
    }

    /// - Throws: `configuration` when the mapping names a column that the file does not have.
    func check(_ columns: CSVColumns) throws(SijilError) {
        for (index, record) in records.enumerated() {
            let named =
                record.id.columns + [record.when].compactMap(\.self)
                + record.fields.flatMap(\.text.columns)
            if let missing = named.first(where: { !columns.contains($0) }) {
                throw SijilError(
                    .configuration, "The mapping names a column that the file does not have.",
                    hint: "Look for '\(missing)' in the first line of the file.",
                    place: "records[\(index)]")
            }
        }
    }

    /// What a row says.
    func records(
        of row: CSVColumns.Row, into collection: CollectionID
    ) throws(SijilError) -> [ImportedRecord] {
        var imported: [ImportedRecord] = []
        for template in records {
            if let when = template.when, row[when].isEmpty { continue }
            let id = try RowIdentifier.clean(template.id.text(row))
            guard !id.isEmpty else {
                throw SijilError(
                    .badData, "The row has nothing to make a record's id of.",
                    place: template.type.name)
            }
            let record = ImportedRecord(
                type: template.type.name,
                id: RecordID(foreign: id, type: template.type.name, in: collection),
                identity: .named, life: .untold,
                fields: try fields(of: template, row, collection))
            if let earlier = imported.first(where: { $0.id == record.id }) {
                guard earlier == record else {
                    throw SijilError(
                        .badData, "The row makes one record twice, in different ways.",
                        place: template.type.name)
                }
                continue
            }
            imported.append(record)
        }
        return imported
    }

    private func fields(
        of template: RecordTemplate, _ row: CSVColumns.Row, _ collection: CollectionID
    ) throws(SijilError) -> [ImportedField] {
        var fields: [ImportedField] = []
        for field in template.fields {
            let text = field.text.text(row)
            guard !text.isEmpty else { continue }
            let content: ImportedField.Content
            if let type = field.reference {
                let foreign = try RowIdentifier.clean(text)
                let id = RecordID(foreign: foreign, type: type, in: collection)
                content =
                    field.field.shape == .set
                    ? .members([id.description], replaces: false) : .reference(id, key: field.key)
            } else if field.field.shape == .set {
                content = .members(CSVText.members(text), replaces: false)
            } else {
                content = .text(text, key: field.key)
            }
            fields.append(ImportedField(name: field.field.name, content: content))
        }
        return fields
    }
}

/// The field, or the key of a keyed field, that a column or a template fills: `notes`, `name.ar`.
struct CSVTarget: Hashable, Sendable {
    let field: Field
    let key: String?

    init(_ path: String, in type: RecordType) throws(SijilError) {
        let parts = path.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        field = try type.field(named: parts.first.map(String.init) ?? "")
        let key = parts.count > 1 ? String(parts[1]) : nil
        guard (key != nil) == (field.shape == .keyed) else {
            throw SijilError(
                .badData,
                field.shape == .keyed
                    ? "The field has a value per language: name one." : "The field has no keys.",
                hint: field.shape == .keyed ? "For example \(field.name).ar." : nil,
                place: field.name)
        }
        self.key = key
    }
}

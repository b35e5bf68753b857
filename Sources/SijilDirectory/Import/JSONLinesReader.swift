import SijilCore

/// Reads a record a line: `{"type":"person","id":"…","fields":{"name":{"ar":"…"},"languages":["ar"]}}`.
///
/// - `id`: 32 hexadecimal digits of ours, or any text of another system; without it the line's content
///   tells the record.
/// - `fields`: null or "" clears a field; a keyed field is an object, whose keys that are not named stay; a
///   set is an array of all its members; a reference is an identifier of ours or
///   `{"type":"person","id":"the other system's"}`.
/// - `deleted`: true deletes the record; a line without it says that the record lives.
/// - `conflicts` is passed over, and `collection` unless there and here both have the record, so that an export
///   can be read back.
struct JSONLinesReader: RowReader {
    private let input: InputBuffer
    private let collection: CollectionID
    private let schema: Schema
    private var line = 0

    init(_ input: InputBuffer, into collection: CollectionID, schema: Schema) throws {
        self.input = input
        self.collection = collection
        self.schema = schema
    }

    mutating func next() throws -> SourceRow? {
        while let (raw, isWhole) = try nextLine() {
            line += 1
            if raw.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) { continue }
            guard isWhole else {
                let error = SijilError(.badData, "The line is longer than allowed.")
                return SourceRow(
                    line: line, raw: raw, content: .failure(RowFailure(error: error)))
            }
            return SourceRow(
                line: line, raw: raw,
                content: Result { () throws(RowFailure) in [try record(raw)] })
        }
        return nil
    }

    private func nextLine() throws -> (raw: [UInt8], isWhole: Bool)? {
        var searched = 0
        while true {
            let rest = input.bytes[(input.start + searched)...]
            if let newline = rest.firstIndex(of: UInt8(ascii: "\n")) {
                let raw = Array(input.bytes[input.start..<newline])
                input.pass(raw.count + 1)
                return (raw, true)
            }
            searched = input.available
            if searched > ImportLimits.rowBytes { return (try input.passLongLine(), false) }
            guard try input.fill() else { break }
        }
        guard input.available > 0 else { return nil }
        let raw = Array(input.bytes[input.start...])
        input.pass(raw.count)
        return (raw, true)
    }

    private func record(_ raw: [UInt8]) throws(RowFailure) -> ImportedRecord {
        let json: JSON
        do {
            json = try JSON.parse(raw)
        } catch {
            throw RowFailure(column: error.column, error: SijilError(.badData, error.reason))
        }
        do {
            return try record(json)
        } catch {
            throw RowFailure(error: error)
        }
    }

    private func record(_ json: JSON) throws(SijilError) -> ImportedRecord {
        guard let members = json.members else {
            throw SijilError(.badData, "The line is not a JSON object.", hint: Self.example)
        }
        for member in members {
            guard Self.keys.contains(member.key) else {
                throw SijilError(
                    .unknownField, "The line has a key that an import does not know.",
                    hint: "The keys are: \(Self.keys.joined(separator: ", ")).")
            }
        }
        guard let type = json["type"]?.string, !type.isEmpty else {
            throw SijilError(.badData, "The record's type is missing.", hint: Self.example)
        }
        let isDeleted: Bool
        switch json["deleted"] {
        case nil: isDeleted = false
        case .bool(let bool): isDeleted = bool
        default: throw SijilError(.badData, "It must be true or false.", place: "deleted")
        }
        let fields = json["fields"] ?? (isDeleted ? [:] : .null)
        guard let content = fields.members else {
            throw SijilError(.badData, "The record's fields are missing.", hint: Self.example)
        }
        var record = ImportedRecord(
            type: type, id: .zero, identity: .named, life: isDeleted ? .deleted : .living,
            fields: content.map { ImportedField(name: $0.key, content: .json($0.value)) })
        record.rivals = Self.rivals(in: json["conflicts"])
        record.origin = json["collection"]?.string.flatMap { Identifier($0) }
        let id = try identifier(json["id"])
        guard !id.isEmpty else {
            guard !isDeleted else {
                throw SijilError(.badData, "A deletion needs the record's id.", place: "id")
            }
            record.identity = .content
            record.id = RecordID(content: fields, type: type, in: collection)
            return record
        }
        record.id = RowIdentifier.record(id, type: type, in: collection)
        return record
    }

    /// Of fields in conflict all values; of a record's life none.
    private static func rivals(in conflicts: JSON?) -> [ImportedRecord.Rival] {
        (conflicts?.array ?? [])
            .flatMap { conflict -> [ImportedRecord.Rival] in
                guard let field = conflict["field"]?.string, field != "deleted" else { return [] }
                let key = conflict["key"]?.string
                let cell = CellName(field, key: key.map { .text($0) } ?? .none)
                return (conflict["values"]?.array ?? []).compactMap { $0["value"] }
                    .map { ImportedRecord.Rival(cell: cell, value: $0) }
            }
    }

    private func identifier(_ json: JSON?) throws(SijilError) -> String {
        switch json {
        case nil, .null: return ""
        case .string(let text): return try RowIdentifier.clean(text)
        case .integer(let integer): return String(integer)
        default: throw SijilError(.badData, "An id is a text or a whole number.", place: "id")
        }
    }

    private static let keys = ["type", "id", "fields", "deleted", "collection", "conflicts"]
    private static let example =
        #"For example {"type":"person","id":"A-17","fields":{"languages":["fr"]}}."#
}

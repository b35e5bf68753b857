import SijilCore
import SijilNames

/// A record as an app holds it: texts, numbers, and nothing that Sijil or SQLite would want prepared.
struct RosterRecord {
    var id: RecordID
    /// The first twelve of ``RosterGenerator/columns``; an empty one is absent.
    var texts: [String]
    var verified: PartialDate
    var sensitivity: Int64
    var latitude: Double
    var longitude: Double
    /// What Sijil's search index holds of it, where that was asked for.
    var entry = ""

    /// Makes what the search index holds.
    mutating func makeEntry() {
        var entry = SearchEntry()
        for text in texts[..<2] { entry.addName(text.utf8Span.span) }
        self.entry = String(decoding: entry.bytes, as: UTF8.self)
    }

    static func all(in folder: String) throws -> [RosterRecord] {
        var records: [RosterRecord] = []
        try DataFile.forEachRow("roster", in: folder) { cells in
            let texts = cells.dropFirst().map { String(decoding: $0, as: UTF8.self) }
            records.append(
                RosterRecord(
                    id: RecordID(bytes: cells[0])!, texts: Array(texts[..<12]),
                    verified: PartialDate(texts[11])!, sensitivity: Int64(texts[12])!,
                    latitude: Double(texts[13])!, longitude: Double(texts[14])!))
        }
        return records
    }

    // MARK: In Sijil

    static let type = "roster"
    private static let cells = RosterGenerator.columns.map { CellName($0) }

    /// - Parameter searched: whether the two names are indexed.
    static func schema(searched: Bool) -> Schema {
        Schema([
            RecordType(
                type,
                RosterGenerator.columns.enumerated()
                    .map { Field($1, kind(of: $0), searched: searched && $0 < 2 ? .names : nil) })
        ])
    }

    private static func kind(of field: Int) -> Field.Kind {
        switch field {
        case ..<11: .text
        case 11: .date
        case 12: .integer
        default: .real
        }
    }

    var edit: RecordEdit {
        var operations: [CellOperation] = []
        operations.reserveCapacity(Self.cells.count)
        for index in 0..<11 where !texts[index].isEmpty {
            operations.append(CellOperation(Self.cells[index], .put(.text(texts[index]))))
        }
        operations.append(CellOperation(Self.cells[11], .put(.date(verified))))
        operations.append(CellOperation(Self.cells[12], .put(.integer(sensitivity))))
        operations.append(CellOperation(Self.cells[13], .put(.real(latitude))))
        operations.append(CellOperation(Self.cells[14], .put(.real(longitude))))
        return RecordEdit(record: id, type: Self.type, operations: operations)
    }

    /// An edit of one field as the generated files have it, from 1 for the first field after the id; 0
    /// deletes.
    static func edit(_ id: RecordID, field: Int, text: String) -> RecordEdit {
        guard field > 0 else { return RecordEdit(record: id, type: type, deletes: true) }
        let value: Value =
            switch kind(of: field - 1) {
            case .date: .date(PartialDate(text)!)
            case .integer: .integer(Int64(text)!)
            default: .text(text)
            }
        return RecordEdit(
            record: id, type: type, operations: [CellOperation(cells[field - 1], .put(value))])
    }
}

public import SijilCore
public import SijilStore

/// Writes records out: as JSON Lines, which lose nothing, or as a CSV for a spreadsheet.
///
/// ```swift
/// try Exporter(replica).writeJSONLines(in: roster) { try file.write(contentsOf: $0) }
/// ```
public struct Exporter {
    let replica: Replica
    private let disclosure: Disclosure?

    /// - Parameter disclosure: when records go to somebody outside; it holds back what must not go there.
    public init(_ replica: Replica, _ disclosure: Disclosure? = nil) {
        self.replica = replica
        self.disclosure = disclosure
    }

    /// Where the bytes go, some ten thousand at a time.
    ///
    /// It must not use the replica: a read is under way.
    public typealias Sink = (_ bytes: [UInt8]) throws -> Void

    /// Reads all of one moment: who is protected, and what goes out.
    func reading(_ body: (RecordReading) throws -> Void) throws {
        let today = CalendarDay(milliseconds: try replica.now)
        try replica.reading { reading in
            try disclosure?.begin(reading, on: today, replica.schema)
            try body(reading)
        }
    }

    /// The records that go out, one by one.
    private func records(
        _ query: RecordQuery, _ reading: RecordReading, _ body: (RecordView) throws -> Void
    ) throws {
        var query = query
        // What was deleted is nobody's business outside.
        if disclosure != nil { query.includesDeleted = false }
        try reading.forEachRecord(query) { record in
            if let shared = shared(record) { try body(shared) }
        }
    }

    /// What of a record goes out; `nil` for nothing.
    func shared(_ record: RecordView) -> RecordView? {
        (disclosure.map { $0.shared(record) } ?? record)?.withCountingEnd
    }

    /// To be told of every record that is written.
    func wrote(_ record: RecordView) { disclosure?.wrote(record) }

    /// Writes a record a line, by collection, type and identifier: replicas that hold the same
    /// write the same bytes.
    ///
    /// See ``RecordView/canonicalJSON`` for a line, and import it to read it back.
    ///
    /// - Parameters:
    ///   - collection: `nil` for all.
    ///   - type: `nil` for all, those included that this version does not know.
    ///   - includesDeleted: also what is deleted, marked so: without it the export is not the whole state.
    /// - Returns: the number of records.
    @discardableResult
    public func writeJSONLines(
        in collection: CollectionID? = nil, type: String? = nil, includesDeleted: Bool = true,
        to sink: Sink
    ) throws -> Int {
        var output = Output()
        let query = RecordQuery(
            type: type, collection: collection, includesDeleted: includesDeleted)
        try reading { reading in
            try records(query, reading) { record in
                // There is nothing of it that could be written.
                guard !record.isErased else { return }
                try output.add(to: sink) { bytes in
                    record.canonicalJSON.write(to: &bytes)
                    bytes.append(0x0A)
                }
                wrote(record)
            }
        }
        try output.finish(sink)
        return output.rows
    }

    /// Writes the living records of one type as an RFC 4180 CSV in UTF-8: `id`, then the fields; a keyed
    /// field has a column per key that occurs (`name.ar`), the members of a set are joined by `;`.
    ///
    /// A cell that a spreadsheet would compute gets an apostrophe before it; a phone number does not. What
    /// this version's schema does not have is left out, and of a conflict only what is shown: lossless is
    /// ``writeJSONLines(in:type:includesDeleted:to:)``. Without a mapping an import reads the file back.
    ///
    /// - Parameters:
    ///   - hasTags: whether a row of HXL tags follows the header.
    ///   - hasMark: whether a byte order mark begins the file: without one Excel takes it for another encoding.
    /// - Returns: the number of records.
    /// - Throws: `unknownType`.
    @discardableResult
    public func writeCSV(
        type name: String, in collection: CollectionID? = nil, hasTags: Bool = false,
        hasMark: Bool = false, to sink: Sink
    ) throws -> Int {
        let type = try replica.schema.type(named: name)
        let query = RecordQuery(type: name, collection: collection)
        var output = Output()
        try reading { reading in
            let columns = try columns(of: type, query, reading)
            let header = ["id"] + columns.map(\.name)
            try output.add(to: sink) { bytes in
                if hasMark { bytes += [0xEF, 0xBB, 0xBF] }
                Self.write(header, to: &bytes)
                guard hasTags else { return }
                Self.write(header.map { HXLTag.text($0, of: name) ?? "" }, to: &bytes)
            }
            try records(query, reading) { record in
                let cells = [record.id.description] + columns.map { $0.text(record) }
                try output.add(to: sink) { Self.write(cells, to: &$0) }
                wrote(record)
            }
        }
        try output.finish(sink)
        return output.rows - 1
    }

    private static func write(_ cells: [String], to bytes: inout [UInt8]) {
        for (index, cell) in cells.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            bytes += CSVText.cell(cell).utf8
        }
        bytes += "\r\n".utf8
    }

    private struct Column {
        var field: Field
        var key: Value

        var name: String { key == .none ? field.name : "\(field.name).\(key.keyText)" }

        func text(_ record: RecordView) -> String {
            // A number that begins with a minus is a number. What a value is, it says itself: a program of
            // another version may have written a text into a field of numbers.
            guard field.shape == .set else {
                let value = record.shown(CellName(field.name, key: key))
                return value.isText ? CSVText.guarded(value.plainText) : value.plainText
            }
            let members = record.members(field.name)
            let text = CSVText.joined(members.map(\.plainText))
            return members.contains(where: \.isText) ? CSVText.guarded(text) : text
        }
    }

    /// What a card brought is in no table: every card would have columns of its own.
    private static func isKeyedColumn(_ field: Field) -> Bool {
        field.shape == .keyed && field.name != "card_properties"
    }

    /// The columns after `id`: of keyed fields those that some record has.
    private func columns(
        of type: RecordType, _ query: RecordQuery, _ reading: RecordReading
    ) throws -> [Column] {
        let keyed = type.fields.filter(Self.isKeyedColumn)
        var keys: [String: Set<Value>] = [:]
        if !keyed.isEmpty {
            try records(query, reading) { record in
                for field in keyed {
                    keys[field.name, default: []]
                        .formUnion(record.keyed(field.name).map(\.key))
                }
            }
        }
        return type.fields.filter { $0.name != "card_properties" }
            .flatMap { field in
                field.shape == .keyed
                    ? (keys[field.name] ?? []).sorted { $0.precedes($1) }
                        .map { Column(field: field, key: $0) }
                    : [Column(field: field, key: .none)]
            }
    }
}

/// Collects rows into pieces worth a system call.
struct Output {
    private static let pieceBytes = 64 * 1024

    private var bytes: [UInt8] = []
    private(set) var rows = 0

    mutating func add(to sink: Exporter.Sink, _ write: (inout [UInt8]) -> Void) throws {
        write(&bytes)
        rows += 1
        if bytes.count >= Self.pieceBytes { try finish(sink) }
    }

    mutating func finish(_ sink: Exporter.Sink) throws {
        guard !bytes.isEmpty else { return }
        try sink(bytes)
        bytes.removeAll(keepingCapacity: true)
    }
}

extension Value {
    fileprivate var isText: Bool {
        if case .text = self { true } else { false }
    }
}

import SijilCore

/// Reads vCards of versions 4.0, 3.0 and 2.1, one after another.
///
/// A card that cannot be read is refused with the line that is to blame, and reading goes on at the next
/// `BEGIN:VCARD`, also when the card before it was never closed. Holds no more than a card at a time.
struct CardReader: RowReader {
    fileprivate struct Line {
        var number: Int
        var bytes: [UInt8]
    }

    private let input: InputBuffer
    private let collection: CollectionID
    private let schema: Schema
    private var lineNumber = 0
    /// Read and not used yet.
    private var ahead: Line?

    init(
        _ input: InputBuffer, into collection: CollectionID, encoding: TextEncoding?,
        schema: Schema
    ) throws {
        self.input = input
        self.collection = collection
        self.schema = schema
        try input.decode(as: encoding)
    }

    mutating func next() throws -> SourceRow? {
        while let line = try takeLine() {
            if line.isBlank { continue }
            guard line.is("BEGIN:VCARD") else { return try refuseStray(line) }
            return try card(from: line)
        }
        return nil
    }

    /// All lines up to the next card.
    private mutating func refuseStray(_ first: Line) throws -> SourceRow {
        var raw = first.bytes
        while let line = try takeLine() {
            if line.is("BEGIN:VCARD") {
                ahead = line
                break
            }
            Self.add(line, to: &raw)
        }
        return SourceRow(
            line: first.number, raw: raw,
            content: .failure(
                RowFailure(
                    column: 1,
                    error: SijilError(
                        .badData, "Here a card begins: BEGIN:VCARD is expected.",
                        hint: "Is the file a vCard?"))))
    }

    private static func add(_ line: Line, to raw: inout [UInt8]) {
        // Beyond this the reject file keeps nothing.
        guard raw.count <= ImportLimits.rejectedRowBytes else { return }
        raw.append(0x0A)
        raw += line.bytes
    }

    // MARK: One card

    private mutating func card(from begin: Line) throws -> SourceRow {
        var raw = begin.bytes
        var bytes = 0
        var properties: [CardProperty] = []
        var failure: RowFailure?
        func fail(_ reason: String, column: Int = 1, at line: Int) {
            failure =
                failure
                ?? RowFailure(
                    line: line, column: column, error: SijilError(.badData, reason))
        }
        while true {
            guard let first = try takeLine() else {
                fail("The card is not closed: END:VCARD is missing.", at: begin.number)
                break
            }
            if first.is("BEGIN:VCARD") {
                ahead = first
                fail("The card is not closed: another one begins within it.", at: first.number)
                break
            }
            Self.add(first, to: &raw)
            if first.is("END:VCARD") { break }
            if first.isBlank { continue }
            var line = first
            try unfold(&line, &raw)
            bytes += line.bytes.count
            // Of a card that is refused anyway nothing more is kept.
            guard failure == nil else { continue }
            guard bytes <= ImportLimits.rowBytes else {
                fail("The card is longer than allowed.", at: line.number)
                properties = []
                continue
            }
            guard properties.count < ImportLimits.linesPerCard else {
                fail("The card has more lines than allowed.", at: line.number)
                properties = []
                continue
            }
            do throws(CardProperty.Malformed) {
                properties.append(try CardProperty(parsing: line.bytes))
            } catch {
                fail(error.reason, column: error.column, at: line.number)
            }
        }
        if let failure {
            return SourceRow(line: begin.number, raw: raw, content: .failure(failure))
        }
        let content = Result { () throws(RowFailure) in
            do throws(SijilError) {
                return try CardRecords(properties, into: collection, schema: schema).records
            } catch {
                throw RowFailure(error: error)
            }
        }
        return SourceRow(line: begin.number, raw: raw, content: content)
    }

    /// Adds the lines that continue this one: those that begin with white space, and in quoted-printable
    /// what follows a `=` at the end.
    private mutating func unfold(_ line: inout Line, _ raw: inout [UInt8]) throws {
        var isQuotedPrintable: Bool?
        while let more = try takeLine() {
            let endsOpen = line.bytes.last == UInt8(ascii: "=")
            if endsOpen, isQuotedPrintable == nil {
                isQuotedPrintable = CardProperty.isQuotedPrintable(line.bytes)
            }
            if endsOpen, isQuotedPrintable == true {
                line.bytes.removeLast()
                line.bytes += more.bytes
            } else if let first = more.bytes.first, first == 0x20 || first == 0x09 {
                line.bytes += more.bytes.dropFirst()
            } else {
                ahead = more
                return
            }
            Self.add(more, to: &raw)
            // The card is refused; its lines are passed one by one.
            if line.bytes.count > ImportLimits.rowBytes { return }
        }
    }

    // MARK: Lines

    private mutating func takeLine() throws -> Line? {
        if let ahead {
            self.ahead = nil
            return ahead
        }
        var searched = 0
        while true {
            let rest = input.bytes[(input.start + searched)...]
            if let end = rest.firstIndex(where: { $0 == 0x0A || $0 == 0x0D }) {
                if input.bytes[end] == 0x0D, end + 1 == input.bytes.count, !input.isAtEnd {
                    searched = end - input.start
                    _ = try input.fill()
                    continue
                }
                let bytes = Array(input.bytes[input.start..<end])
                let isPair =
                    input.bytes[end] == 0x0D && end + 1 < input.bytes.count
                    && input.bytes[end + 1] == 0x0A
                input.pass(bytes.count + (isPair ? 2 : 1))
                lineNumber += 1
                return Line(number: lineNumber, bytes: bytes)
            }
            searched = input.available
            // Longer than a card may be: what is cut off is refused as a line of its own.
            if searched > ImportLimits.rowBytes { break }
            guard try input.fill() else { break }
        }
        guard input.available > 0 else { return nil }
        let bytes = Array(input.bytes[input.start...])
        input.pass(bytes.count)
        lineNumber += 1
        return Line(number: lineNumber, bytes: bytes)
    }
}

extension CardReader.Line {
    var isBlank: Bool { bytes.allSatisfy { $0 == 0x20 || $0 == 0x09 } }

    func `is`(_ text: String) -> Bool {
        guard bytes.count < text.utf8.count + 16 else { return false }
        return String(decoding: bytes, as: UTF8.self).uppercased()
            .filter { !$0.isWhitespace } == text
    }
}

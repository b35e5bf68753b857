import SijilCore

/// Reads the rows of a CSV as RFC 4180 has it: quotes, doubled quotes, lines within quotes, any end of line.
///
/// A row with bad quotes is given as a failure, and reading goes on at the next line of the file: what an
/// open quote would swallow is read after all.
struct CSVReader {
    struct Row {
        var line: Int
        var raw: [UInt8]
        var cells: Result<[String], RowFailure>
    }

    private enum Scan {
        case row(cells: [[UInt8]], bytes: Int, end: Int)
        case failure(cell: Int, reason: String)
        case incomplete
    }

    private let input: InputBuffer
    private(set) var delimiter = UInt8(ascii: ",")
    private var line = 1

    init(_ input: InputBuffer) throws {
        self.input = input
        try input.passByteOrderMark()
        while !input.bytes[input.start...].contains(UInt8(ascii: "\n")),
            input.available < ImportLimits.rowBytes, try input.fill()
        {}
        if let named = Self.namedDelimiter(input.bytes[input.start...]) {
            delimiter = named.delimiter
            input.pass(named.bytes)
            line += 1
        } else {
            delimiter = Self.delimiter(of: input.bytes[input.start...])
        }
    }

    /// What a first line such as `sep=;` says, which Excel writes and reads.
    private static func namedDelimiter(
        _ bytes: ArraySlice<UInt8>
    ) -> (delimiter: UInt8, bytes: Int)? {
        let beginning = Array(bytes.prefix(7))
        guard beginning.count >= 6, beginning.starts(with: "sep=".utf8),
            ",;\t|".utf8.contains(beginning[4])
        else { return nil }
        switch beginning[5] {
        case 0x0A: return (beginning[4], 6)
        case 0x0D: return (beginning[4], beginning.last == 0x0A ? 7 : 6)
        default: return nil
        }
    }

    /// The one of comma, semicolon, tab and bar that the first line has most often outside of quotes.
    private static func delimiter(of bytes: ArraySlice<UInt8>) -> UInt8 {
        let candidates = [
            UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "\t"), UInt8(ascii: "|"),
        ]
        var counts: [UInt8: Int] = [:]
        var isQuoted = false
        for byte in bytes {
            if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
            if isQuoted { continue }
            if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") { break }
            if candidates.contains(byte) { counts[byte, default: 0] += 1 }
        }
        return candidates.first { counts[$0] == counts.values.max() } ?? candidates[0]
    }

    /// The next row that is not an empty line.
    mutating func next() throws -> Row? {
        while true {
            switch try scanMore() {
            case nil: return nil
            case .row(let cells, let bytes, let end):
                let raw = Array(input.bytes[input.start..<input.start + bytes])
                let row = Row(line: line, raw: raw, cells: Self.texts(cells))
                line += Self.lineEnds(input.bytes[input.start..<input.start + end])
                input.pass(end)
                if raw.isEmpty { continue }
                return row
            case .failure(let cell, let reason):
                return try failure(cell, reason)
            case .incomplete:
                return try failure(1, "The row is longer than allowed.")
            }
        }
    }

    /// Scans until a row is whole or too long; `nil` at the end of the file.
    private func scanMore() throws -> Scan? {
        var wanted = 0
        while true {
            while input.available <= wanted, try input.fill() {}
            if input.available == 0 { return nil }
            let scan = scan(input.bytes[input.start...], isLast: input.isAtEnd)
            guard case .incomplete = scan else { return scan }
            if input.available > ImportLimits.rowBytes { return .incomplete }
            // Twice as much each time, so that a long row costs no more than twice its length.
            wanted = input.available * 2
        }
    }

    /// Refuses the line on which the row begins.
    private mutating func failure(_ cell: Int, _ reason: String) throws -> Row {
        let rest = input.bytes[input.start...]
        let end = rest.firstIndex { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }
        let failure = RowFailure(column: cell, error: SijilError(.badData, reason))
        defer { line += 1 }
        guard let end, end - input.start <= ImportLimits.rowBytes else {
            return Row(line: line, raw: try input.passLongLine(), cells: .failure(failure))
        }
        let raw = Array(rest[..<end])
        let isPair = rest[end] == UInt8(ascii: "\r") && rest.dropFirst(raw.count + 1).first == 0x0A
        input.pass(raw.count + (isPair ? 2 : 1))
        return Row(line: line, raw: raw, cells: .failure(failure))
    }

    private static func texts(_ cells: [[UInt8]]) -> Result<[String], RowFailure> {
        var texts: [String] = []
        for (index, cell) in cells.enumerated() {
            guard let text = String(validating: cell, as: UTF8.self), !cell.contains(0) else {
                return .failure(
                    RowFailure(
                        column: index + 1,
                        error: SijilError(
                            .badData, "The cell is not text in UTF-8.",
                            hint:
                                "Save the file as CSV in UTF-8, or name its encoding with --encoding."
                        )))
            }
            texts.append(text)
        }
        return .success(texts)
    }

    private static func lineEnds(_ bytes: ArraySlice<UInt8>) -> Int {
        var count = 0
        var previous: UInt8 = 0
        for byte in bytes {
            if byte == 0x0D || (byte == 0x0A && previous != 0x0D) { count += 1 }
            previous = byte
        }
        return count
    }

    private enum State { case begin, plain, quoted, closed }

    private func scan(_ bytes: ArraySlice<UInt8>, isLast: Bool) -> Scan {
        let quote = UInt8(ascii: "\"")
        var state = State.begin
        var cells: [[UInt8]] = []
        var cell: [UInt8] = []
        var index = bytes.startIndex
        while index < bytes.endIndex {
            let byte = bytes[index]
            switch (state, byte) {
            case (.quoted, quote): state = .closed
            case (.quoted, _): cell.append(byte)
            case (.closed, quote):
                state = .quoted
                cell.append(quote)
            case (.begin, quote): state = .quoted
            case (.plain, quote):
                return .failure(cell: cells.count + 1, reason: "A quote stands within a cell.")
            case (_, delimiter):
                cells.append(cell)
                guard cells.count < ImportLimits.columns else {
                    return .failure(cell: cells.count, reason: "The row has too many cells.")
                }
                cell = []
                state = .begin
            case (_, 0x0A), (_, 0x0D):
                let isReturn = byte == 0x0D
                if isReturn, index + 1 == bytes.endIndex, !isLast { return .incomplete }
                let isPair = isReturn && index + 1 < bytes.endIndex && bytes[index + 1] == 0x0A
                let count = index - bytes.startIndex
                return .row(
                    cells: cells + [cell], bytes: count, end: count + (isPair ? 2 : 1))
            case (.closed, _):
                return .failure(
                    cell: cells.count + 1, reason: "Something follows the quote that ends a cell.")
            default:
                cell.append(byte)
                state = .plain
            }
            index += 1
        }
        guard isLast else { return .incomplete }
        guard state != .quoted else {
            return .failure(cell: cells.count + 1, reason: "A quoted cell is never closed.")
        }
        return .row(cells: cells + [cell], bytes: bytes.count, end: bytes.count)
    }
}

import Foundation
import SijilCore

/// The generated data as flat files, so that programs in several languages read exactly the same.
///
/// `NAME.rows`: one byte says how many cells a row has; then the cells, row after row, each as its size in
/// bytes (two bytes, little-endian) and its bytes. Identifiers are 16 bytes, everything else is UTF-8 text,
/// numbers too; a cell of no bytes is absent.
struct DataFile {
    private var bytes: [UInt8]
    private let cellsPerRow: Int

    init(cellsPerRow: Int) {
        bytes = [UInt8(cellsPerRow)]
        self.cellsPerRow = cellsPerRow
    }

    mutating func add(_ id: RecordID? = nil, _ texts: [String]) {
        precondition(texts.count + (id == nil ? 0 : 1) == cellsPerRow)
        if let id { add(id.bytes) }
        for text in texts { add(Array(text.utf8)) }
    }

    private mutating func add(_ cell: [UInt8]) {
        bytes.append(UInt8(truncatingIfNeeded: cell.count))
        bytes.append(UInt8(cell.count >> 8))
        bytes += cell
    }

    func write(_ name: String, in folder: String) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: "\(folder)/\(name).rows"))
    }

    /// FNV-1a of the bytes.
    var hash: UInt64 {
        bytes.reduce(into: RowHash.start) { $0 = ($0 ^ UInt64($1)) &* RowHash.factor }
    }

    /// Reads a file row by row.
    static func forEachRow(
        _ name: String, in folder: String, _ body: ([ArraySlice<UInt8>]) throws -> Void
    ) throws {
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name).rows")))
        let cellsPerRow = Int(bytes[0])
        var at = 1
        var cells: [ArraySlice<UInt8>] = []
        while at < bytes.count {
            cells.removeAll(keepingCapacity: true)
            for _ in 0..<cellsPerRow {
                let start = at + 2
                at = start + Int(bytes[at]) + Int(bytes[at + 1]) << 8
                cells.append(bytes[start..<at])
            }
            try body(cells)
        }
    }
}

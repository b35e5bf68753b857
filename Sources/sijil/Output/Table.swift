/// Lines in columns, as wide as what is in them takes on a terminal.
///
/// Text that may run from right to left belongs into the last column, which is not padded.
struct Table {
    private var rows: [[String]]

    init(_ headings: String...) { rows = [headings] }

    mutating func add(_ cells: String...) { rows.append(cells) }

    var isEmpty: Bool { rows.count == 1 }

    var lines: [String] {
        let columns = rows[0].count
        let widths = (0..<columns)
            .map { column in
                rows.map { $0[column].displayWidth }.max() ?? 0
            }
        return rows.map { row in
            // A column with nothing in it takes no room.
            row.enumerated()
                .filter { widths[$0.offset] > 0 }
                .map { column, cell in
                    guard column < columns - 1 else { return cell }
                    return cell
                        + String(repeating: " ", count: widths[column] - cell.displayWidth + 2)
                }
                .joined()
        }
    }
}

extension Console {
    /// Prints a table, or a sentence when it is empty.
    func print(_ table: Table, whenEmpty sentence: String) throws {
        if table.isEmpty {
            message(sentence)
        } else {
            for line in table.lines { try print(line) }
        }
    }
}

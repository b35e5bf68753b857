/// A piece of a snapshot while records are put into it.
struct SnapshotPieceBuilder: Sendable {
    /// One cell name of one type: a column.
    struct Column: Sendable {
        var name: CellName
        /// The records that have the cell, by their number in the group.
        var cells: [Int] = []
        /// Cells with several siblings: the number among ``cells``, and how many they are.
        var contested: [(cell: Int, count: Int)] = []
        /// Of all cells one after another.
        var values: [Value] = []
        /// Values whose dot is not their record's: the number among ``values``.
        var exceptions: [(value: Int, dot: Dot)] = []
    }

    struct Group: Sendable {
        var type: String
        var ids: [RecordID] = []
        var bases: [Dot] = []
        var columns: [Column] = []
        var places: [CellName: Int] = [:]

        /// The place of a cell's column, looking first where it would be if this record were like the last.
        func place(of name: CellName, near hint: Int) -> Int? {
            if hint < columns.count, columns[hint].name == name { return hint }
            return places[name]
        }
    }

    /// Whether the one record in it goes on from the piece before.
    var continues = false
    private(set) var cost = 0
    private(set) var groups: [Group] = []
    private(set) var times: [Dot: Int64] = [:]

    var isEmpty: Bool { groups.isEmpty }

    /// What a record would add to ``cost``.
    func cost(of record: SnapshotRecord, _ base: Dot) -> Int {
        var cost = SnapshotCost.record
        var newDots: Set<Dot> = []
        if times[base] == nil { newDots.insert(base) }
        let group = groups.last.flatMap { $0.type.hasSameBytes(as: record.type) ? $0 : nil }
        if group == nil { cost += SnapshotCost.group + record.type.utf8.count }
        var hint = 0
        for cell in record.cells {
            if let place = group?.place(of: cell.name, near: hint) {
                hint = place + 1
            } else {
                cost +=
                    SnapshotCost.column + cell.name.field.utf8.count
                    + cell.name.key.bytes.count
            }
            if cell.siblings.count > 1 { cost += SnapshotCost.contested }
            for sibling in cell.siblings {
                cost += SnapshotCost.sibling + sibling.value.payloadCount
                guard sibling.dot != base else { continue }
                cost += SnapshotCost.exception
                if times[sibling.dot] == nil { newDots.insert(sibling.dot) }
            }
        }
        return cost + SnapshotCost.dot * newDots.count
    }

    mutating func add(_ record: SnapshotRecord, _ base: Dot) {
        cost += cost(of: record, base)
        if groups.last?.type.hasSameBytes(as: record.type) != true {
            groups.append(Group(type: record.type))
        }
        let last = groups.count - 1
        let number = groups[last].ids.count
        groups[last].ids.append(record.id)
        groups[last].bases.append(base)
        var hint = 0
        for cell in record.cells {
            let place =
                groups[last].place(of: cell.name, near: hint)
                ?? {
                    groups[last].columns.append(Column(name: cell.name))
                    groups[last].places[cell.name] = groups[last].columns.count - 1
                    return groups[last].columns.count - 1
                }()
            hint = place + 1
            if cell.siblings.count > 1 {
                groups[last].columns[place].contested
                    .append((groups[last].columns[place].cells.count, cell.siblings.count))
            }
            groups[last].columns[place].cells.append(number)
            for sibling in cell.siblings {
                if sibling.dot != base || times[base] == nil { times[sibling.dot] = sibling.at }
                if sibling.dot != base {
                    groups[last].columns[place].exceptions
                        .append((groups[last].columns[place].values.count, sibling.dot))
                }
                groups[last].columns[place].values.append(sibling.value)
            }
        }
    }
}

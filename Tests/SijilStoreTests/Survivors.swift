import SijilCore

@testable import SijilStore

/// What must be left of a set of changes, by the definition alone: a value is there unless a change
/// that had seen it wrote to its cell.
///
/// Plain sets of dots; nothing of the code under test but the decoder.
struct Survivors: Hashable {
    struct Item: Hashable {
        var record: RecordID
        var type: String
        var field: [UInt8]
        var key: [UInt8]
        var dot: Dot
        var value: [UInt8]

        var cell: [String] { [record.description, type, hex(field), hex(key)] }
    }

    var items: Set<Item> = []

    /// By definition, from the changes.
    init(of changes: [Dot: Change]) {
        var seen: [Dot: Set<Dot>] = [:]
        for dot in changes.keys.sorted() {
            var before: Set<Dot> = []
            if dot.sequence > 1 {
                let own = Dot(replica: dot.replica, sequence: dot.sequence - 1)
                before = seen[own]!
                before.insert(own)
            }
            for (replica, sequence) in changes[dot]!.seen.entries {
                for number in 1...sequence {
                    before.insert(Dot(replica: replica, sequence: number))
                }
            }
            seen[dot] = before
        }
        var written: [Item] = []
        var writers: [[String]: [Dot]] = [:]
        for (dot, change) in changes {
            for edit in change.edits {
                var effects: [(CellName, Value?)] = [(CellName(""), .boolean(edit.deletes))]
                for operation in edit.operations {
                    if case .put(let value) = operation.effect {
                        effects.append((operation.cell, value))
                    } else {
                        effects.append((operation.cell, nil))
                    }
                }
                for (cell, value) in effects {
                    let item = Item(
                        record: edit.record, type: edit.type, field: Array(cell.field.utf8),
                        key: cell.key.bytes, dot: dot, value: value?.bytes ?? [])
                    writers[item.cell, default: []].append(dot)
                    if value != nil { written.append(item) }
                }
            }
        }
        for item in written
        where !writers[item.cell]!.contains(where: { seen[$0]!.contains(item.dot) }) {
            items.insert(item)
        }
    }

    /// As a replica's records have it.
    init(in replica: Replica, _ collection: CollectionID = World.collection) throws {
        let query = RecordQuery(collection: collection, includesDeleted: true)
        try replica.forEachRecord(query) { record in
            for (cell, siblings) in record.cells {
                for sibling in siblings.siblings {
                    items.insert(
                        Item(
                            record: record.id, type: record.type, field: Array(cell.field.utf8),
                            key: cell.key.bytes, dot: sibling.dot, value: sibling.value.bytes))
                }
            }
        }
    }

    /// The cells with several values that a person must decide between.
    func conflicts(_ schema: Schema) -> Set<[String]> {
        var values: [[String]: Set<[UInt8]>] = [:]
        var unasked: Set<[String]> = []
        for item in items {
            values[item.cell, default: []].insert(item.value)
            guard let field = schema[item.type]?[String(decoding: item.field, as: UTF8.self)]
            else { continue }
            switch field.policy {
            case .member, .strictest: unasked.insert(item.cell)
            default: break
            }
        }
        return Set(values.filter { $0.value.count > 1 }.keys).subtracting(unasked)
    }
}

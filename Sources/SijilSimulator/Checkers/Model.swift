package import SijilCore
package import SijilStore

/// What must be left of a set of changes, by the definition alone: a value is there unless a change whose
/// author had seen it wrote to its cell; and of a record that was erased, only that it was.
///
/// Plain sets of dots, compared byte by byte. Nothing of the code under test is in here but the decoder of
/// changes.
package struct Model {
    package struct CellID: Hashable {
        var record: RecordID
        var type: String
        var field: [UInt8]
        var key: [UInt8]

        package init(_ record: RecordID, _ type: String, _ cell: CellName) {
            self.record = record
            self.type = type
            field = Array(cell.field.utf8)
            key = cell.key.bytes
        }

        var fieldName: String { String(decoding: field, as: UTF8.self) }
    }

    /// The values of each cell that has any, as bytes.
    package typealias Siblings = [CellID: [Dot: [UInt8]]]

    private struct Known {
        var seen: Set<Dot>
        var effects: [(cell: CellID, value: [UInt8]?)]
        var erased: Set<Record> = []
    }

    package struct Record: Hashable {
        var id: RecordID
        var type: [UInt8]

        package init(_ id: RecordID, _ type: String) {
            self.id = id
            self.type = Array(type.utf8)
        }

        init(of cell: CellID) { self.init(cell.record, cell.type) }
    }

    private var changes: [CollectionID: [Dot: Known]] = [:]

    init() {}

    /// A model of changes of which each tells what its author had seen.
    package init(_ changes: [Dot: Change], in collection: CollectionID) {
        for dot in changes.keys.sorted() { add(changes[dot]!, dot, in: collection) }
    }

    /// Adds a change that its author's earlier ones were added before.
    ///
    /// - Parameter seen: everything of others that the author had seen, where that is known from elsewhere;
    ///   `nil` to take the word of the change.
    mutating func add(
        _ change: Change, _ dot: Dot, seen: Set<Dot>? = nil, in collection: CollectionID
    ) {
        var known = Known(seen: seen ?? told(by: change, dot, in: collection), effects: [])
        for sequence in 1..<dot.sequence {
            known.seen.insert(Dot(replica: dot.replica, sequence: sequence))
        }
        for edit in change.edits where edit.erases {
            let record = Record(edit.record, edit.type)
            known.erased.insert(record)
            let cell = CellID(edit.record, edit.type, .erasure)
            known.effects.append((cell, Value.boolean(true).bytes))
        }
        for edit in change.edits where !edit.erases {
            var effects: [(CellName, Value?)] = [(.liveness, .boolean(edit.deletes))]
            for operation in edit.operations {
                if case .put(let value) = operation.effect {
                    effects.append((operation.cell, value))
                } else {
                    effects.append((operation.cell, nil))
                }
            }
            known.effects += effects.map { (CellID(edit.record, edit.type, $0), $1?.bytes) }
        }
        changes[collection, default: [:]][dot] = known
    }

    private func told(by change: Change, _ dot: Dot, in collection: CollectionID) -> Set<Dot> {
        var told = seen(
            by: Dot(replica: dot.replica, sequence: dot.sequence - 1), in: collection)
        for (replica, last) in change.seen.entries {
            for sequence in 1...last { told.insert(Dot(replica: replica, sequence: sequence)) }
        }
        return told
    }

    func knows(_ dot: Dot, in collection: CollectionID) -> Bool {
        changes[collection]?[dot] != nil
    }

    /// Everything that a change's author had seen, their own earlier changes included.
    func seen(by dot: Dot, in collection: CollectionID) -> Set<Dot> {
        changes[collection]?[dot]?.seen ?? []
    }

    /// The records that these changes erased; of all that are known, without any.
    package func erased(by dots: Set<Dot>? = nil, in collection: CollectionID) -> Set<Record> {
        (changes[collection] ?? [:])
            .reduce(into: []) { erased, change in
                guard !change.value.erased.isEmpty, dots?.contains(change.key) != false else {
                    return
                }
                erased.formUnion(change.value.erased)
            }
    }

    /// What is left in every cell after these changes, in whatever order they came.
    package func siblings(after dots: Set<Dot>, in collection: CollectionID) -> Siblings {
        let applied = (changes[collection] ?? [:]).filter { dots.contains($0.key) }
        let erased = erased(by: dots, in: collection)
        let erasure = CellID(.zero, "", .erasure)
        var writers: [CellID: [(dot: Dot, seen: Set<Dot>, value: [UInt8]?)]] = [:]
        for (dot, change) in applied {
            for effect in change.effects
            where effect.cell.key == erasure.key && effect.cell.field.isEmpty
                || !erased.contains(Record(of: effect.cell))
            {
                writers[effect.cell, default: []].append((dot, change.seen, effect.value))
            }
        }
        return
            writers.mapValues { writers in
                var left: [Dot: [UInt8]] = [:]
                for writer in writers
                where !writers.contains(where: { $0.seen.contains(writer.dot) }) {
                    left[writer.dot] = writer.value
                }
                return left
            }
            .filter { !$0.value.isEmpty }
    }

    /// What a replica's records have, to be compared with ``siblings(after:in:)``.
    package static func siblings(
        on replica: Replica, in collection: CollectionID
    ) throws -> Siblings {
        var found: Siblings = [:]
        let query = RecordQuery(collection: collection, includesDeleted: true)
        try replica.forEachRecord(query) { record in
            for (name, cell) in record.cells where !cell.siblings.isEmpty {
                let id = CellID(record.id, record.type, name)
                for sibling in cell.siblings {
                    found[id, default: [:]][sibling.dot] = sibling.value.bytes
                }
            }
        }
        return found
    }

    /// The cells with several values that a person must decide between.
    package static func questions(_ siblings: Siblings, _ schema: Schema) -> Set<CellID> {
        Set(
            siblings.filter { cell, values in
                guard Set(values.values).count > 1 else { return false }
                guard let field = schema[cell.type]?[cell.fieldName] else { return true }
                if case .strictest = field.policy { return false }
                return field.shape != .set
            }
            .keys)
    }
}

/// The names that a change uses, in the order of their bytes, and their numbers in the order in which the
/// encoder needs them: of each edit the type, then of each operation the field and a text key.
struct NameNumbers {
    let ordered: [String]
    let inOrderOfUse: [Int]

    init(_ change: Change) {
        var found: [String] = []
        var numbers: [Name: Int] = [:]
        var use: [Int] = []
        // The edits of a batch mostly name the same things in the same order, with some left out: a name is
        // first looked for where it would come next.
        var usual: [Int] = []
        var place = 0
        func number(_ name: String) -> Int {
            for ahead in place..<min(place + 4, usual.count)
            where found[usual[ahead]].hasSameBytes(as: name) {
                place = ahead + 1
                return usual[ahead]
            }
            let number =
                numbers[Name(name)]
                ?? {
                    found.append(name)
                    numbers[Name(name)] = found.count - 1
                    return found.count - 1
                }()
            if usual.count < 64 {
                usual.insert(number, at: place)
                place += 1
            }
            return number
        }
        for edit in change.edits {
            place = 0
            use.append(number(edit.type))
            for operation in edit.operations {
                use.append(number(operation.cell.field))
                if case .text(let key) = operation.cell.key { use.append(number(key)) }
            }
        }
        let order = found.indices.sorted {
            found[$0].utf8.lexicographicallyPrecedes(found[$1].utf8)
        }
        var rank = Array(repeating: 0, count: found.count)
        for (place, number) in order.enumerated() { rank[number] = place }
        ordered = order.map { found[$0] }
        inOrderOfUse = use.map { rank[$0] }
    }

    /// A name as its bytes: names that only Unicode calls equal are two.
    private struct Name: Hashable {
        let text: String

        init(_ text: String) { self.text = text }

        static func == (left: Self, right: Self) -> Bool { left.text.hasSameBytes(as: right.text) }

        func hash(into hasher: inout Hasher) { text.hashBytes(into: &hasher) }
    }
}

/// The cells that one edit has named so far; a second time is refused.
///
/// Single fields cost no hashing.
struct CellSet {
    private struct Keyed: Hashable {
        var field: Int
        var key: Value
    }

    private var edit = 0
    /// By the field's number, the edit that named it last.
    private var single: [Int]
    private var keyed = Set<Keyed>()

    init(names: Int) { single = Array(repeating: 0, count: names) }

    mutating func removeAll() {
        edit += 1
        if !keyed.isEmpty { keyed.removeAll(keepingCapacity: true) }
    }

    mutating func insert(field: Int, key: Value) throws(SijilError) {
        let isNew: Bool
        if case .none = key {
            isNew = single[field] != edit
            single[field] = edit
        } else {
            isNew = keyed.insert(Keyed(field: field, key: key)).inserted
        }
        guard isNew else { throw SijilError(.badData, "A change names a cell twice.") }
    }
}

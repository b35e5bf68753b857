/// The names that a change uses, in the order of their bytes, and their numbers in the order in which the
/// encoder needs them: of each edit the type, then of each operation the field and a text key.
struct NameNumbers {
    let ordered: [String]
    let inOrderOfUse: [Int]

    init(_ change: Change) {
        var names = NameList()
        var use: [Int] = []
        use.reserveCapacity(change.edits.reduce(0) { $0 + 1 + $1.operations.count })
        for edit in change.edits {
            names.beginEdit()
            use.append(names.number(edit.type))
            for operation in edit.operations {
                use.append(names.number(operation.cell.field))
                if !change.keysInLeaves, case .text(let key) = operation.cell.key {
                    use.append(names.number(key))
                }
            }
        }
        let (found, keys) = (names.found, names.keys)
        let order = found.indices.sorted {
            keys[$0] == keys[$1] ? found[$0].precedesInBytes(found[$1]) : keys[$0] < keys[$1]
        }
        var rank = Array(repeating: 0, count: found.count)
        for (place, number) in order.enumerated() { rank[number] = place }
        ordered = order.map { found[$0] }
        for index in use.indices { use[index] = rank[use[index]] }
        inOrderOfUse = use
    }
}

/// Numbers names as they occur.
private struct NameList {
    /// Up to here, looking at each is faster than hashing.
    private static let few = 32

    private(set) var found: [String] = []
    /// How each name begins: see ``String/firstBytes``.
    private(set) var keys: [UInt64] = []
    private var identities: [StringIdentity] = []
    private var numbers: [Name: Int] = [:]
    /// The order in which edits mostly name things, with some left out: a name is first looked for where it
    /// would come next.
    private var usual: [Int] = []
    private var place = 0

    mutating func beginEdit() { place = 0 }

    mutating func number(_ name: String) -> Int {
        let identity = name.identity
        for ahead in place..<min(place + 4, usual.count) where identities[usual[ahead]] == identity
        {
            place = ahead + 1
            return usual[ahead]
        }
        let key = name.firstBytes
        for ahead in place..<min(place + 4, usual.count) where has(usual[ahead], key, name) {
            place = ahead + 1
            return usual[ahead]
        }
        let number = self.number(of: name, key)
        if usual.count < 2 * Self.few {
            usual.insert(number, at: place)
            place += 1
        }
        return number
    }

    private func has(_ number: Int, _ key: UInt64, _ name: String) -> Bool {
        keys[number] == key && found[number].hasSameBytes(as: name)
    }

    private mutating func number(of name: String, _ key: UInt64) -> Int {
        let known =
            numbers.isEmpty ? found.indices.first { has($0, key, name) } : numbers[Name(name)]
        if let known { return known }
        found.append(name)
        keys.append(key)
        identities.append(name.identity)
        if found.count > Self.few {
            let new = numbers.isEmpty ? 0 : found.count - 1
            for number in new..<found.count { numbers[Name(found[number])] = number }
        }
        return found.count - 1
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

    /// The cell of a single field.
    mutating func insert(field: Int) throws(SijilError) {
        guard single[field] != edit else { throw Self.twice }
        single[field] = edit
    }

    mutating func insert(field: Int, key: Value) throws(SijilError) {
        guard keyed.insert(Keyed(field: field, key: key)).inserted else { throw Self.twice }
    }

    private static var twice: SijilError {
        SijilError(.badData, "A change names a cell twice.")
    }
}

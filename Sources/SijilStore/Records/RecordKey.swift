import SijilCore

/// What names a record within its collection.
///
/// Types are compared as bytes: those that only Unicode calls equal are two.
struct RecordKey: Hashable {
    let id: RecordID
    let type: String

    init(_ id: RecordID, _ type: String) {
        self.id = id
        self.type = type
    }

    static func == (left: Self, right: Self) -> Bool {
        left.id == right.id && left.type.hasSameBytes(as: right.type)
    }

    func hash(into hasher: inout Hasher) { hasher.combine(id) }
}

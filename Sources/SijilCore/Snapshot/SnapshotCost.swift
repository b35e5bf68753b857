/// Where a snapshot is cut: what each thing in a piece is counted with, in bytes.
///
/// Never less than it takes, whatever stands beside it, so that a piece whose cost is within ``limit`` has at
/// most ``Limits/snapshotPieceBytes``. Part of the format: where a snapshot is cut decides its hash.
enum SnapshotCost {
    /// What does not depend on the content is left aside: version, flags, three counts.
    static let limit = Limits.snapshotPieceBytes - 64
    /// Identifier (7 + 10) and the step to its dot.
    static let record = 20
    /// Besides its payload: the step to its record, and its tag.
    static let sibling = 4
    /// A sibling whose dot is not its record's.
    static let exception = 6
    /// A cell with several siblings.
    static let contested = 6
    /// A change that is the first of its kind in the piece: author, sequence, time.
    static let dot = 28
    /// Besides its names: a column that is the first of its kind in the piece.
    static let column = 20
    /// Besides its name: a type that is the first of its kind in the piece.
    static let group = 20
    /// A sibling of a record that is too large for one piece: whatever it may bring with it.
    static let siblingApart = sibling + exception + contested + dot + column
    /// A part of a record that is too large for one piece, besides its siblings and its type's name.
    static let part = record + group + dot
}

extension Value {
    /// The number of bytes of the payload.
    var payloadCount: Int {
        switch self {
        case .none, .boolean: 0
        case .text(let text): Self.countedCount(text.utf8.count)
        case .integer(let integer):
            Self.varintCount(UInt64(bitPattern: (integer << 1) ^ (integer >> 63)))
        case .real: 8
        case .date(let date): Self.varintCount(UInt64(date.year)) + 2
        case .reference: Identifier.byteCount
        case .unknown(_, let bytes): Self.countedCount(bytes.count)
        }
    }

    private static func countedCount(_ count: Int) -> Int { varintCount(UInt64(count)) + count }

    private static func varintCount(_ number: UInt64) -> Int {
        max(1, (UInt64.bitWidth - number.leadingZeroBitCount + 6) / 7)
    }
}

import SijilCore
import SijilStore

extension FuzzTarget {
    /// A change as it comes from anywhere.
    static let change = FuzzTarget(
        "change", fixtures: ["Format/v1/change-"],
        seeds: {
            try SeededBytes.lists(24, ofBytes: 200)
                .flatMap { list in
                    var choices = Choices(list)
                    let change = choices.change()
                    let written = try readable { try ChangeBytes(change, secret: secret) }
                    guard let written else { return [[UInt8]]() }
                    // Also without what it says of the first record, or of all.
                    let first = change.edits.first?.record
                    let reduced = [
                        written.erasing(using: sha256) { record, _ in record == first },
                        written.erasing(using: sha256) { _, _ in true },
                    ]
                    return [written.bytes] + reduced.compactMap { $0?.bytes }
                }
        },
        run: { try checkChange($0) })

    /// A change that a program of ours was asked to write: any that is not refused reads back as it was.
    static let writtenChange = FuzzTarget(
        "written-change", seeds: { SeededBytes.lists(24, ofBytes: 300) },
        run: { bytes in
            var choices = Choices(bytes)
            var seen = VersionVector()
            for _ in 0..<choices.number(below: 3) {
                seen[choices.identifier()] = UInt64(choices.byte())
            }
            let change = choices.change(seen: seen)
            let written = try readable { try ChangeBytes(change, secret: secret) }
            guard let written else { return }
            try expect(
                try ChangeBytes(written.bytes).change == change, "a change reads back as another")
            try checkChange(written.bytes)
        })

    private static let secret = [UInt8](repeating: 7, count: ChangeBytes.secretCount)
}

/// Checks that a change, if it can be read, has no other form, and no more in it than bytes.
func checkChange(_ bytes: [UInt8]) throws {
    let seen = try readable { try ChangeBytes.seen(in: bytes) }
    guard let decoded = try readable({ try ChangeBytes(bytes) }) else { return }
    let change = decoded.change
    try expect(seen == change.seen, "the head alone says something else than the whole change")
    let operations = change.edits.flatMap(\.operations)
    try expect(
        change.edits.count + operations.count + change.seen.entries.count <= bytes.count,
        "a change has more in it than bytes")
    let rewritten = try decoded.rewritten(using: sha256) ?? reencoded(change, as: bytes)
    try expect(bytes == rewritten, "a change has two forms in bytes")

    let place = ChainPlace(
        collection: .zero, dot: Dot(replica: .zero, sequence: 1), previous: .start)
    let hash = decoded.hash(in: place, using: sha256)
    try expect(
        try ChangeBytes(bytes).hash(in: place, using: sha256) == hash, "a hash is not repeatable")

    guard let reduced = decoded.erasing(using: sha256, where: { _, _ in true }) else { return }
    try expect(reduced.hash(in: place, using: sha256) == hash, "what is left has another hash")
    try expect(reduced.isSame(as: decoded, using: sha256), "what is left is another change")
    try expect(
        try ChangeBytes.touches(Set(reduced.erasedRecords), in: bytes),
        "an erased record was not in the change")
}

/// The change's bytes made anew, with the secret that `bytes` has: it stands where two secrets differ.
private func reencoded(_ change: Change, as bytes: [UInt8]) throws -> [UInt8]? {
    let forms = try [0x00, 0xFF]
        .map { byte in
            try ChangeBytes(change, secret: Array(repeating: byte, count: ChangeBytes.secretCount))
                .bytes
        }
    guard forms[0].count == bytes.count,
        let start = zip(forms[0], forms[1]).enumerated().first(where: { $1.0 != $1.1 })?.offset
    else { return nil }
    return try ChangeBytes(change, secret: Array(bytes[start..<start + ChangeBytes.secretCount]))
        .bytes
}

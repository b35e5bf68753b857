import SijilCore
import SijilStore

extension FuzzTarget {
    /// A piece of a snapshot before compression: columns that a stranger may have made.
    static let snapshotPiece = FuzzTarget(
        "snapshot-piece",
        seeds: {
            try SeededBytes.lists(6, ofBytes: 400)
                .flatMap { list in
                    try snapshotPieces(of: sampleRecords(list)).map(\.bytes)
                }
        },
        run: { bytes in
            let authors = snapshotAuthors
            guard let piece = try readable({ try SnapshotPiece(bytes, authors: authors.count) })
            else { return }
            let records = piece.records(authors: authors)
            let values = records.reduce(0) { sum, record in
                sum + record.cells.reduce(0) { $0 + $1.siblings.count }
            }
            try expect(
                values <= Limits.snapshotPieceBytes / 4,
                "a piece of a snapshot has more values than it may have")
            var digest = StateDigest()
            var hasher = StateDigest.Hasher()
            for record in records {
                for cell in record.cells {
                    for sibling in cell.siblings {
                        digest.add(
                            hasher.item(
                                record: record.id, type: record.type, cell: cell.name,
                                dot: sibling.dot, value: sibling.value))
                    }
                }
            }
            try expect(
                digest == piece.digest(authors: authors),
                "a piece's columns add up to another digest than its records")
            // A part of a record says in its first byte that it is one; alone it would not.
            guard !piece.continues else { return }
            try expect(
                try snapshotPieces(of: records).map(\.bytes) == [bytes],
                "a piece of a snapshot has two forms in bytes")
        })

    /// What a snapshot says of itself, and the head of its file.
    static let snapshotManifest = FuzzTarget(
        "snapshot-manifest",
        seeds: {
            let author = SnapshotManifest.Author(
                replica: snapshotAuthors[0], sequence: 3, hash: .start, seen: [:])
            let other = SnapshotManifest.Author(
                replica: snapshotAuthors[1], sequence: 300, hash: .start,
                seen: [snapshotAuthors[0]: 2])
            return [
                SnapshotManifest(
                    collection: Identifier(1), authors: [], records: 0, pieces: [],
                    digest: StateDigest()
                )
                .bytes,
                SnapshotManifest(
                    collection: Identifier(1), authors: [author, other], records: 9,
                    pieces: [.init(hash: sha256([1]), byteCount: 77)], digest: StateDigest(5)
                )
                .bytes,
            ]
        },
        run: { bytes in
            guard let manifest = try readable({ try SnapshotManifest(bytes) }) else { return }
            try expect(manifest.bytes == bytes, "a manifest has two forms in bytes")
            try expect(
                manifest.authors.count + manifest.pieces.count <= bytes.count,
                "a manifest has more in it than bytes")
            try expect(
                manifest.authors.allSatisfy { manifest.vector.covers($0.seen) },
                "a manifest's author has seen what is not in it")
        })

    /// A frame of Zstandard, which may say that it is as large as it likes.
    static let zstd = FuzzTarget(
        "zstd",
        seeds: {
            SeededBytes.lists(3, ofBytes: 300).map { Zstd.compress($0, seams: [100]) } + [
                Zstd.compress([UInt8](repeating: 0, count: 1_000_000))
            ]
        },
        run: { bytes in
            for count in [1, 300, 4096] {
                let plain = try readable { try Zstd.decompress(bytes, count: count) }
                try expect(
                    plain.map { $0.count == count } ?? true, "a frame gives other than asked")
            }
        })

    private static let snapshotAuthors = (1...4).map { Identifier(UInt128($0) << 100) }

    private static func snapshotPieces(
        of records: [SnapshotRecord]
    ) throws -> [SnapshotWriter.Piece] {
        var writer = SnapshotWriter(authors: snapshotAuthors)
        var pieces: [SnapshotWriter.Piece] = []
        for record in records { try writer.add(record) { pieces.append($0) } }
        try writer.finish { pieces.append($0) }
        return pieces
    }

    /// A few records, with siblings and keys of every kind.
    private static func sampleRecords(_ list: [UInt8]) -> [SnapshotRecord] {
        var choices = Choices(list)
        var records: [SnapshotRecord] = []
        while !choices.isAtEnd {
            let edit = choices.edit(choices.record(of: 9))
            func siblings(_ value: Value) -> [Sibling] {
                (0...(choices.flag(oneIn: 5) ? 1 : 0))
                    .map { number in
                        Sibling(
                            dot: Dot(replica: snapshotAuthors[number + 1], sequence: 3),
                            value: value, at: 1_800_000_000_000)
                    }
            }
            var cells = [SnapshotRecord.Cell(.liveness, siblings(.boolean(edit.deletes)))]
            for operation in edit.operations {
                guard case .put(let value) = operation.effect, isWritable(value),
                    isWritable(operation.cell.key), operation.cell.key != .text(""),
                    !cells.contains(where: { $0.name == operation.cell })
                else { continue }
                cells.append(SnapshotRecord.Cell(operation.cell, siblings(value)))
            }
            let record = SnapshotRecord(type: edit.type, id: edit.record, cells: cells)
            if records.allSatisfy({ $0.precedes(record) || record.precedes($0) }) {
                records.append(record)
            }
        }
        return records.sorted { $0.precedes($1) }
    }

    /// Whether a change could have it.
    private static func isWritable(_ value: Value) -> Bool {
        switch value {
        case .text(let text): !text.utf8.contains(0) && text.utf8.count <= Limits.nameBytes
        case .real(let real): real.isFinite && (real != 0 || real.sign == .plus)
        case .unknown(let tag, _): (8..<31).contains(tag)
        default: true
        }
    }
}

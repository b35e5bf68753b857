import SijilCore
import SijilSimulator
import Testing

/// The bytes of a snapshot's pieces and of its manifest.
struct SnapshotBytesTests {
    static let authors = (1...5).map { Identifier(UInt128($0) << 64 | 0xA0) }

    /// Records of every shape that the format allows, in order.
    static func records(seed: UInt64, count: Int) -> [SnapshotRecord] {
        var generator = ChangeGenerator(seed: seed)
        var records: [SnapshotRecord] = []
        for _ in 0..<count {
            let random = generator.random.uint128()
            let edit = generator.edit(
                Identifier(generator.random.oneIn(3) ? random : random >> 70 | 0x198c0de << 96))
            var cells = [
                SnapshotRecord.Cell(
                    .liveness, siblings(&generator.random) { .boolean($0.oneIn(6)) })
            ]
            for operation in edit.operations {
                guard case .put = operation.effect else { continue }
                let values = (0..<5).map { _ in generator.value() }
                cells.append(
                    SnapshotRecord.Cell(
                        operation.cell, siblings(&generator.random) { $0.pick(values) }))
            }
            records.append(SnapshotRecord(type: edit.type, id: edit.record, cells: cells))
        }
        records.sort { $0.precedes($1) }
        return records.indices.filter { $0 == 0 || records[$0 - 1].precedes(records[$0]) }
            .map { records[$0] }
    }

    private static func siblings(
        _ random: inout SeededGenerator, _ value: (inout SeededGenerator) -> Value
    ) -> [Sibling] {
        var dots: Set<Dot> = [dot(&random)]
        while random.oneIn(8) { dots.insert(dot(&random)) }
        return dots.sorted()
            .map { dot in
                // A change has one time.
                let at = Int64(bitPattern: dot.sequence &* 0x9E37_79B9_7F4A_7C15)
                return Sibling(dot: dot, value: value(&random), at: at)
            }
    }

    private static func dot(_ random: inout SeededGenerator) -> Dot {
        Dot(
            replica: random.oneIn(2) ? authors[2] : random.pick(authors),
            sequence: random.pick([1, 1, 1, 2, 7, 128, 1 << 40]))
    }

    static func pieces(of records: [SnapshotRecord]) throws -> [SnapshotWriter.Piece] {
        var writer = SnapshotWriter(authors: authors)
        var pieces: [SnapshotWriter.Piece] = []
        for record in records { try writer.add(record) { pieces.append($0) } }
        try writer.finish { pieces.append($0) }
        return pieces
    }

    @Test(arguments: UInt64(0)..<40)
    func `what is written is read, and written again it is the same`(seed: UInt64) throws {
        let records = Self.records(seed: seed, count: seed % 4 == 0 ? 900 : Int(seed))
        let pieces = try Self.pieces(of: records)
        var read: [SnapshotRecord] = []
        for piece in pieces {
            #expect(piece.bytes.count <= Limits.snapshotPieceBytes)
            read += try SnapshotPiece(piece.bytes, authors: Self.authors.count)
                .records(authors: Self.authors)
        }
        #expect(read == records, "seed \(seed)")
        #expect(try Self.pieces(of: read).map(\.bytes) == pieces.map(\.bytes), "seed \(seed)")
    }

    @Test(arguments: UInt64(0)..<12)
    func `a piece adds to the digest what its siblings do`(seed: UInt64) throws {
        let records = Self.records(seed: seed, count: 30)
        var expected = StateDigest()
        var hasher = StateDigest.Hasher()
        for record in records {
            for cell in record.cells {
                for sibling in cell.siblings {
                    expected.add(
                        hasher.item(
                            record: record.id, type: record.type, cell: cell.name,
                            dot: sibling.dot, value: sibling.value))
                }
            }
        }
        var digest = StateDigest()
        for piece in try Self.pieces(of: records) {
            digest.add(
                try SnapshotPiece(piece.bytes, authors: Self.authors.count)
                    .digest(authors: Self.authors).sum)
        }
        #expect(digest == expected)
    }

    @Test func `a record that is too large for a piece is cut and put together`() throws {
        let big = (0..<9)
            .map { number in
                Sibling(
                    dot: Dot(replica: Self.authors[number % 5], sequence: UInt64(number + 1)),
                    value: .text(String(repeating: "\(number)é", count: 21_000)), at: 0)
            }
            .sorted { $0.dot < $1.dot }
        let life = SnapshotRecord.Cell(
            .liveness, [Sibling(dot: big[0].dot, value: .boolean(false), at: 0)])
        var records = Self.records(seed: 3, count: 3)
        records.append(
            SnapshotRecord(
                type: "\u{10FFFF}", id: Identifier(5),
                cells: [life, .init(CellName("note"), big), .init(CellName("zone"), [big[1]])]))
        records.append(SnapshotRecord(type: "\u{10FFFF}", id: Identifier(6), cells: [life]))
        let pieces = try Self.pieces(of: records)
            .map { try SnapshotPiece($0.bytes, authors: Self.authors.count) }
        #expect(pieces.map(\.continues) == [false, false, true, true, false])
        let joined = try SnapshotPiece(joining: Array(pieces[1...3]), authors: Self.authors)
        #expect(joined.records(authors: Self.authors) == [records[records.count - 2]])
        #expect(
            refusal {
                _ = try SnapshotPiece(joining: [pieces[1], pieces[4]], authors: Self.authors)
            } == .badData)
        #expect(
            refusal {
                _ = try SnapshotPiece(joining: [pieces[2], pieces[2]], authors: Self.authors)
            } == .badData)
    }

    @Test(arguments: UInt64(0)..<20)
    func `a damaged piece is refused, or says one other thing in its only form`(
        seed: UInt64
    ) throws {
        var random = SeededGenerator(seed: seed)
        let piece = try Self.pieces(of: Self.records(seed: seed, count: 12))[0].bytes
        for _ in 0..<300 {
            var bytes = piece
            switch random.int(0..<3) {
            case 0: bytes[random.int(0..<bytes.count)] ^= 1 << UInt8(random.int(0..<8))
            case 1: bytes.removeLast(random.int(1..<bytes.count))
            default: bytes[random.int(0..<bytes.count)] = random.pick([0, 1, 0x7F, 0xFF])
            }
            guard
                let read = try? SnapshotPiece(bytes, authors: Self.authors.count),
                !read.continues
            else { continue }
            let again = try Self.pieces(of: read.records(authors: Self.authors))
            #expect(again.map(\.bytes) == [bytes], "seed \(seed)")
        }
    }

    @Test func `a manifest is read as it was written`() throws {
        let manifest = SnapshotManifest(
            collection: Identifier(7),
            authors: Self.authors.enumerated()
                .map { index, replica in
                    .init(
                        replica: replica, sequence: UInt64(index + 3),
                        hash: ChainHash([UInt8](repeating: UInt8(index), count: 32))!,
                        seen: index == 0
                            ? [:] : [Self.authors[0]: 3, Self.authors[(index + 1) % 5]: 2])
                }, records: 12,
            pieces: [.init(hash: [UInt8](repeating: 1, count: 32), byteCount: 77)],
            digest: StateDigest(99))
        let read = try SnapshotManifest(manifest.bytes)
        #expect(read == manifest)
        #expect(read.position == 3 + 4 + 5 + 6 + 7)
        for end in manifest.bytes.indices {
            #expect(refusal { _ = try SnapshotManifest(Array(manifest.bytes[..<end])) } == .badData)
        }
        #expect(refusal { _ = try SnapshotManifest(manifest.bytes + [0]) } == .badData)
        #expect(
            refusal { _ = try SnapshotManifest([2] + manifest.bytes.dropFirst()) } == .futureVersion
        )
    }

    @Test func `a manifest of very many authors is written in time`() throws {
        let count = 100_000
        let authors = (1...count)
            .map { number in
                SnapshotManifest.Author(
                    replica: Identifier(UInt128(number)), sequence: 3, hash: .start,
                    seen: number > 1 ? [Identifier(UInt128(number - 1)): 2] : [:])
            }
        let manifest = SnapshotManifest(
            collection: Identifier(7), authors: authors, records: 0, pieces: [],
            digest: StateDigest())
        #expect(try SnapshotManifest(manifest.bytes) == manifest)
    }

    @Test func `a manifest's authors have seen only what is in it`() throws {
        func manifest(seen: VersionVector) -> [UInt8] {
            SnapshotManifest(
                collection: Identifier(7),
                authors: [
                    .init(replica: Identifier(1), sequence: 2, hash: .start, seen: seen),
                    .init(replica: Identifier(2), sequence: 2, hash: .start, seen: [:]),
                ], records: 0, pieces: [], digest: StateDigest()
            )
            .bytes
        }
        #expect(refusal { _ = try SnapshotManifest(manifest(seen: [Identifier(2): 2])) } == nil)
        #expect(
            refusal { _ = try SnapshotManifest(manifest(seen: [Identifier(2): 3])) } == .badData)
        #expect(
            refusal { _ = try SnapshotManifest(manifest(seen: [Identifier(1): 1])) } == .badData)
    }

    private func refusal(_ body: () throws -> Void) -> SijilError.Code? {
        do {
            try body()
            return nil
        } catch {
            return (error as? SijilError)?.code
        }
    }
}

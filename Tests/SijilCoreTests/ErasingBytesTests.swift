import SijilSimulator
import Testing

@testable import SijilCore

/// A body from which something was erased: hash and chain hold as before, and nothing of it is left.
struct ErasingBytesTests {
    @Test(arguments: UInt64(0)..<200)
    func `what is left keeps the hash and has one byte form`(seed: UInt64) throws {
        var generator = ChangeGenerator(seed: 7_000 + seed)
        let whole = try ChangeBytes(
            generator.change(edits: 4), secret: generator.random.bytes(16))
        let hash = whole.hash(in: somePlace, using: sha256)
        var present = whole
        var gone: Set<RecordID> = []
        // One record after another, in any order.
        for edit in whole.change.edits.shuffled(using: &generator.random) {
            let next = present.erasing(using: sha256) { record, _ in record == edit.record }
            #expect((next == nil) == edit.erases)
            guard let next else { continue }
            gone.insert(edit.record)
            #expect(next.hash(in: somePlace, using: sha256) == hash)
            #expect(next.isSame(as: whole, using: sha256))
            #expect(next.note == nil)
            #expect(next.erasedRecords == gone.sorted())
            #expect(next.change.edits == whole.change.edits.filter { !gone.contains($0.record) })
            let read = try ChangeBytes(next.bytes)
            #expect(read.rewritten(using: sha256) == next.bytes)
            #expect(try ChangeBytes.seen(in: next.bytes) == whole.seen)
            for record in whole.change.edits.map(\.record) {
                #expect(try ChangeBytes.touches([record], in: next.bytes))
            }
            #expect(try !ChangeBytes.touches([Identifier(0xDEAD)], in: next.bytes))
            present = next
        }
        // All at once gives the same bytes.
        let atOnce = whole.erasing(using: sha256) { record, _ in gone.contains(record) }
        if !gone.isEmpty { #expect(atOnce?.bytes == present.bytes) }
    }

    @Test func `nothing of what was erased is left in the bytes, keys and note included`() throws {
        let marks = ["Moha Ougni", "+999550004001", "the nephew answers", "Si Moha"]
        let change = Change(
            writtenAt: 0, note: marks[2], keysInLeaves: true,
            edits: [
                RecordEdit(
                    record: Identifier(1), type: "person",
                    operations: [
                        CellOperation(CellName("name"), .put(.text(marks[0]))),
                        CellOperation(CellName("mobile"), .put(.text(marks[1]))),
                        CellOperation(
                            CellName("aliases", key: .text(marks[3])), .put(.boolean(true))),
                    ]),
                RecordEdit(
                    record: Identifier(2), type: "person",
                    operations: [CellOperation(CellName("name"), .put(.text("Nadia")))]),
            ])
        let whole = try ChangeBytes(change, secret: secret)
        let reduced = try #require(
            whole.erasing(using: sha256) { record, _ in record == Identifier(1) })
        func holds(_ bytes: [UInt8], _ text: String) -> Bool {
            String(decoding: bytes, as: UTF8.self).contains(text)
        }
        for mark in marks {
            #expect(holds(whole.bytes, mark))
            #expect(!holds(reduced.bytes, mark))
        }
        #expect(holds(reduced.bytes, "Nadia"))
        // With the secret, what was erased could be tried out.
        #expect(!holds(reduced.bytes, String(decoding: secret, as: UTF8.self)))
    }

    @Test func `a record of another type under the same identifier stays`() throws {
        let change = Change(
            writtenAt: 0, edits: [RecordEdit(record: Identifier(1), type: "badge")])
        let bytes = try ChangeBytes(change, secret: secret)
        #expect(bytes.erasing(using: sha256) { _, type in type == "person" } == nil)
    }

    @Test(arguments: UInt64(0)..<12)
    func `every cut and every flipped bit is refused or changes the hash`(seed: UInt64) throws {
        var generator = ChangeGenerator(seed: 8_000 + seed)
        let whole = try ChangeBytes(generator.change(edits: 3), secret: secret)
        let first = whole.change.edits.first { !$0.erases }?.record
        guard let reduced = whole.erasing(using: sha256, where: { record, _ in record == first })
        else { return }
        let hash = reduced.hash(in: somePlace, using: sha256)
        for count in 0..<reduced.bytes.count {
            #expect(
                code { () throws(SijilError) in
                    _ = try ChangeBytes(Array(reduced.bytes[..<count]))
                } == .badData)
        }
        for bit in 0..<reduced.bytes.count * 8 {
            var mutated = reduced.bytes
            mutated[bit / 8] ^= 1 << (bit % 8)
            guard let read = try? ChangeBytes(mutated) else { continue }
            #expect(read.rewritten(using: sha256) ?? mutated == mutated)
            // Which record a hash stands for is all that nothing proves.
            if read.erasedRecords == reduced.erasedRecords,
                read.change.edits.map(\.record)
                    == reduced.change.edits.map(\.record)
            {
                #expect(read.hash(in: somePlace, using: sha256) != hash, "bit \(bit)")
            }
        }
    }

    @Test func `a body that says that something was erased, and all is there, is refused`() throws {
        let whole = try ChangeBytes(smallChange(), secret: secret)
        var writer = ByteWriter()
        writer.raw(whole.bytes[..<whole.headEnd])
        writer.byte(BodyForm.partlyErased)
        writer.varint(1)
        ChangeBytes.writeStep(from: .zero, to: Identifier(1), &writer)
        writer.byte(1)
        writer.raw([UInt8](repeating: 3, count: 16))
        writer.counted(whole.bytes[whole.leaves[0].range])
        #expect(code { () throws(SijilError) in _ = try ChangeBytes(writer.bytes) } == .badData)
    }

    @Test func `an edit that erases says nothing else`() throws {
        var edit = RecordEdit(erasing: Identifier(1), type: "person")
        edit.deletes = true
        let both = Change(writtenAt: 0, edits: [edit])
        #expect(
            code { () throws(SijilError) in _ = try ChangeBytes(both, secret: secret) }
                == .badData)
        let erasing = try ChangeBytes(
            Change(writtenAt: 0, edits: [RecordEdit(erasing: Identifier(1), type: "person")]),
            secret: secret)
        var bytes = erasing.bytes
        bytes[erasing.leaves[0].range.lowerBound + 1] = 3
        #expect(code { () throws(SijilError) in _ = try ChangeBytes(bytes) } == .badData)
    }

    @Test func `the largest change can be erased from`() throws {
        let change = Change(
            writtenAt: 0,
            edits: (1...Limits.recordsPerChange)
                .map { RecordEdit(record: Identifier(UInt128($0)), type: "t") })
        let whole = try ChangeBytes(change, secret: secret)
        let all = try #require(whole.erasing(using: sha256) { _, _ in true })
        #expect(all.bytes.count <= Limits.erasedChangeBytes)
        #expect(try ChangeBytes(all.bytes).erasedRecords.count == Limits.recordsPerChange)
    }

    @Test func `a change that could not be erased from is refused when it is read`() throws {
        // Of record 1 the hash is left, of record 2 the least that can be, of record 3 what fills up.
        func change(of size: Int) -> [UInt8] {
            var filler = ByteWriter()
            filler.raw([0, 0, 6])
            for name in 1...6 {
                filler.raw([UInt8(name), ValueTag.text])
                filler.counted([UInt8](repeating: 0x61, count: name < 6 ? 65_000 : size))
            }
            var writer = ByteWriter()
            writer.raw([1, 0, 0, 0])
            writer.varint(7)
            for name in ["a", "b", "c", "d", "e", "f", "g"] { writer.counted(Array(name.utf8)) }
            writer.raw([BodyForm.partlyErased, 3])
            writer.raw([1, 1, 0] + [UInt8](repeating: 7, count: 32))
            writer.raw([1, 1, 1] + [UInt8](repeating: 3, count: 16) + [3, 0, 0, 0])
            writer.raw([1, 1, 1] + [UInt8](repeating: 5, count: 16))
            writer.counted(filler.bytes)
            return writer.bytes
        }
        let fixed = change(of: 1_000).count - 1_000
        for spare in [-1, 0, 1, 11, 12, 13, 40] {
            let bytes = change(of: Limits.erasedChangeBytes - spare - fixed)
            #expect(bytes.count == Limits.erasedChangeBytes - spare)
            // Record 2 takes 12 bytes more when it is erased.
            guard spare >= 12 else {
                #expect(code { () throws(SijilError) in _ = try ChangeBytes(bytes) } == .badData)
                continue
            }
            let read = try ChangeBytes(bytes)
            for gone: Set<RecordID> in [
                [Identifier(2)], [Identifier(3)], [Identifier(2), Identifier(3)],
            ] {
                let less = try #require(
                    read.erasing(using: sha256) { record, _ in gone.contains(record) })
                #expect(less.bytes.count <= Limits.erasedChangeBytes)
            }
        }
    }
}

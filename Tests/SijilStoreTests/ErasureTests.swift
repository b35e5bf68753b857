import Foundation
import GRDB
import SijilCore
import SijilSimulator
import Testing

@testable import SijilStore

/// What is erased is gone everywhere, in whatever order things come, and stays gone.
struct ErasureTests {
    static let perBlock: UInt64 = 6
    static let amghar = Identifier(0xA1)
    static let mayor = Identifier(0xA2)
    static let marks = [
        "Moha Ougni", "+999550004001", "the nephew answers", "Si Moha", "أوݣني", "asked by phone",
    ]

    static func amghar(_ more: CellOperation...) -> RecordEdit {
        RecordEdit(
            record: amghar, type: "person",
            operations: [
                .set("name", marks[0]), .set("note", marks[1]),
                .set("title", key: "fr", .text(marks[2])), .add("languages", .text(marks[3])),
                .set("later_field", marks[4]),
            ] + more)
    }

    /// Where a text is in a replica's files: their names.
    static func files(in folder: URL, holding mark: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .filter { try Data(contentsOf: $0).range(of: Data(mark.utf8)) != nil }
            .map(\.lastPathComponent)
    }

    static func folder() throws -> URL {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "sijil-erasure-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return folder
    }

    @Test(arguments: UInt64(0)..<12)
    func `edits and erasures apart, in any order, give one state and nothing of what was erased`(
        block: UInt64
    ) throws {
        for seed in block * Self.perBlock..<(block + 1) * Self.perBlock {
            let world = try World(seed: seed, sites: 3)
            try world.makeCoordinators()
            var generator = EditGenerator(seed: seed ^ 0xE4A5)
            for _ in 0..<30 {
                let number = world.random.int(0..<3)
                if world.random.chance(2, of: 5) {
                    for _ in 0..<3 {
                        if let run = world.randomRun() { try world.deliver([run], to: number) }
                    }
                    continue
                }
                var edits = generator.edits()
                if world.random.chance(1, of: 10) {
                    edits[0] = RecordEdit(erasing: edits[0].record, type: edits[0].type)
                }
                do {
                    try world.write(edits, at: number)
                } catch let error as SijilError {
                    #expect(error.code == .erased || error.place == "born", "seed \(seed)")
                }
            }
            try world.addSite()
            try world.settle()
            let model = Model(world.log.mapValues(\.change), in: World.collection)
            let expected = model.siblings(
                after: Set(world.log.keys), in: World.collection)
            for number in world.sites.indices {
                #expect(
                    try Model.siblings(on: world[number], in: World.collection) == expected,
                    "seed \(seed), site \(number)")
            }
            // Made by others from what they have: one that begins with it has the same.
            let shipment = try Shipment(of: world[3])
            try world.addSite()
            try shipment.load(into: world[4])
            #expect(try Shipment(of: world[4]).root == shipment.root, "seed \(seed)")
            try world.close()
        }
    }

    @Test func `after an erasure no file of any replica has a trace`() throws {
        let folders = try (0..<3).map { _ in try Self.folder() }
        defer { for folder in folders { try? FileManager.default.removeItem(at: folder) } }
        let world = try World(seed: 5, sites: 0)
        for folder in folders {
            try world.addSite(path: folder.appending(path: "replica.sqlite").path)
        }
        try world.makeCoordinators()
        // Among many others, some of them in the same change.
        for number in 0..<200 {
            let record = Identifier(UInt128(0x1000 + number))
            try world.write(.person(record, .set("name", "Nordkai \(number)")), at: number % 3)
        }
        try world.write(
            [Self.amghar(), .person(Self.mayor, .set("name", "Nadia Amziane"))], at: 0,
            note: Self.marks[5])
        try world.settle()
        // Two unseen corrections, and one that only one site has.
        try world.write(.person(Self.amghar, .set("note", Self.marks[1] + "7")), at: 1)
        try world.write(.person(Self.amghar, .set("note", Self.marks[1] + "8")), at: 2)
        for mark in Self.marks {
            #expect(try !Self.files(in: folders[0], holding: mark).isEmpty, "\(mark)")
        }
        try world.write([RecordEdit(erasing: Self.amghar, type: "person")], at: 0)
        try world.settle()
        for folder in folders {
            for mark in Self.marks {
                #expect(try Self.files(in: folder, holding: mark) == [], "\(mark)")
            }
            #expect(try Self.files(in: folder, holding: "Nadia Amziane") != [])
        }
        for number in 0..<3 {
            #expect(try world[number].find("moha", limit: 9).isEmpty)
            #expect(try world[number].conflictCount() == 0)
            let history = try world[number].history(of: Self.amghar)
            #expect(history.count == 1 && history[0].cell == .erasure && history[0].note == nil)
        }
        try world.close()
    }

    @Test func `an edit that comes after the erasure is not kept, also when it had to wait`() throws
    {
        let folder = try Self.folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let world = try World(seed: 6, sites: 2)
        try world.addSite(path: folder.appending(path: "replica.sqlite").path)
        try world.makeCoordinators()
        try world.write(.person(Self.amghar, .set("name", "old")), at: 0)
        try world.deliver(from: 0, to: 1)
        // The second had seen the first's; the erasure had not seen the second's.
        try world.write(.person(Self.mayor, .set("name", "Nadia")), at: 1)
        try world.write(Self.amghar(), at: 1)
        try world.write([RecordEdit(erasing: Self.amghar, type: "person")], at: 0)
        let (first, second) = (world.sites[0].id, world.sites[1].id)
        // The edit waits, then it is erased while it waits, then it is applied.
        try world.deliver([world.run(second, 2...2)], to: 2)
        #expect(try world[2].collections()[0].held == 1)
        try world.deliver([world.run(first, 1...2)], to: 2)
        for mark in Self.marks {
            #expect(try Self.files(in: folder, holding: mark) == [], "\(mark)")
        }
        try world.deliver([world.run(second, 2...2)], to: 2)
        try world.deliver([world.run(second, 1...2)], to: 2)
        #expect(try world[2].collections()[0].held == 0)
        for mark in Self.marks {
            #expect(try Self.files(in: folder, holding: mark) == [], "\(mark)")
        }
        // What is left of it is passed on, and taken.
        try world.settle()
        try world.close()
    }

    @Test func `an erasure takes what waits, also of a record that never was here`() throws {
        let folders = try (0..<2).map { _ in try Self.folder() }
        defer { for folder in folders { try? FileManager.default.removeItem(at: folder) } }
        let world = try World(seed: 11, sites: 2)
        for folder in folders {
            try world.addSite(path: folder.appending(path: "replica.sqlite").path)
        }
        try world.makeCoordinators()
        try world.write(.person(Self.mayor, .set("name", "Nadia")), at: 1)
        try world.write([Self.amghar()], at: 1, note: Self.marks[5])
        let second = world.sites[1].id
        for number in 2...3 {
            try world.deliver([world.run(second, 2...2)], to: number)
            #expect(try world[number].collections()[0].held == 1)
            #expect(try Self.files(in: folders[number - 2], holding: Self.marks[0]) != [])
        }
        // One erases it while it waits.
        let erasing = RecordEdit(erasing: Self.amghar, type: "person")
        try world.write([erasing], at: 2)
        for mark in Self.marks {
            #expect(try Self.files(in: folders[0], holding: mark) == [], "\(mark)")
        }
        // The other is given it as a server has it that erased it before; then the erasure.
        var reduced = world.run(second, 1...2)
        reduced.changes[1] = try #require(
            ChangeBytes(reduced.changes[1]).erasing(using: sha256) { _, _ in true }
        )
        .bytes
        try world.deliver([reduced], to: 3)
        #expect(try world[3].collections()[0].held == 0)
        try world.deliver(from: 2, to: 3)
        for mark in Self.marks {
            #expect(try Self.files(in: folders[1], holding: mark) == [], "\(mark)")
        }
        try world.settle()
        try world.close()
    }

    /// Nothing may be written anew below a reader, and a process can be killed before it is: the files as
    /// they are then are opened in another place.
    @Test func `what is left in free places goes when the file is opened next`() throws {
        let (folder, killed) = (try Self.folder(), try Self.folder())
        defer {
            for folder in [folder, killed] { try? FileManager.default.removeItem(at: folder) }
        }
        let file = folder.appending(path: "replica.sqlite").path
        let world = try World(seed: 8, sites: 0)
        try world.addSite(path: file)
        try world.makeCoordinators()
        try world.write(Self.amghar(), at: 0)
        try DatabaseQueue(path: file)
            .read { reader in
                #expect(try Int.fetchOne(reader, sql: "SELECT count(*) FROM journal") == 1)
                try world.write([RecordEdit(erasing: Self.amghar, type: "person")], at: 0)
                // The reader keeps the log from being emptied; the file is written anew into it only once.
                let log = folder.appending(path: "replica.sqlite-wal")
                let before = try Data(contentsOf: log).count
                for number in 0..<6 {
                    try world.write(
                        .person(Self.mayor, .set("age", .integer(Int64(number)))), at: 0)
                }
                #expect(try Data(contentsOf: log).count < before + before / 2)
                for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
                    try FileManager.default.copyItem(
                        at: folder.appending(path: name), to: killed.appending(path: name))
                }
            }
        #expect(try !Self.files(in: killed, holding: Self.marks[0]).isEmpty)
        let copy = killed.appending(path: "replica.sqlite").path
        try world.sites[0].reopen(at: copy, schema: TestSchema.whole)
        for mark in Self.marks {
            #expect(try Self.files(in: killed, holding: mark) == [], "\(mark)")
        }
        try world.close()
    }

    @Test func `what began with a snapshot loses it there too`() throws {
        let folder = try Self.folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let world = try World(seed: 7, sites: 2)
        try world.addSite(path: folder.appending(path: "replica.sqlite").path)
        try world.makeCoordinators()
        for number in 0..<50 {
            let record = Identifier(UInt128(0x1000 + number))
            try world.write(.person(record, .set("name", "Nordkai \(number)")), at: 1)
        }
        try world.write(Self.amghar(), at: 0)
        // So large that no piece has room for it.
        let large = Identifier(0xB0)
        for number in 0..<6 {
            let text = String(repeating: "Erg \(number) ", count: 8_000)
            try world.write(
                RecordEdit(
                    record: large, type: "report",
                    operations: [.set("page", key: "\(number)", .text(text))]), at: 0)
        }
        for number in 0..<2 { try world.deliver(from: 1 - number, to: number) }
        try Shipment(of: world[0]).load(into: world[2])
        try world.write(
            [
                RecordEdit(erasing: Self.amghar, type: "person"),
                RecordEdit(erasing: large, type: "report"),
            ], at: 0)
        try world.deliver([world.run(world.sites[0].id, 8...8)], to: 2)
        for mark in Self.marks + ["Erg 1 "] {
            #expect(try Self.files(in: folder, holding: mark) == [], "\(mark)")
        }
        #expect(try world[2].verify().problems.map(\.what) == [])
        #expect(try world[2].snapshotOrigin(of: World.collection) != nil)
        // Made anew from what is kept, it is the same.
        let before = try State(of: world[2])
        try world.sites[2]
            .reopen(
                at: folder.appending(path: "replica.sqlite").path, schema: TestSchema.older)
        try world.sites[2]
            .reopen(
                at: folder.appending(path: "replica.sqlite").path, schema: TestSchema.whole)
        #expect(try State(of: world[2]).dump.difference(from: before.dump) == nil)
        #expect(try State(of: world[2]).digest == before.digest)
        try world.deliver(from: 0, to: 1)
        #expect(try Shipment(of: world[2]).root == Shipment(of: world[1]).root)
        try world.close()
    }

    @Test func `a snapshot with an erasure erases what it is loaded over`() throws {
        let folder = try Self.folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let world = try World(seed: 8, sites: 1)
        try world.addSite(path: folder.appending(path: "replica.sqlite").path)
        try world.makeCoordinators()
        try world.write(Self.amghar(), at: 0)
        try world.deliver(from: 0, to: 1)
        // Not sent yet, and of another record in the same change.
        try world.write(
            [Self.amghar(.set("age", .integer(61))), .person(Self.mayor, .set("name", "Nadia"))],
            at: 1, note: Self.marks[5])
        try world.write([RecordEdit(erasing: Self.amghar, type: "person")], at: 0)
        try Shipment(of: world[0]).load(into: world[1])
        for mark in Self.marks {
            #expect(try Self.files(in: folder, holding: mark) == [], "\(mark)")
        }
        try world.deliver(from: 1, to: 0)
        #expect(try world[0].record(Self.mayor)["name"] == .text("Nadia"))
        try world.close()
    }

    @Test func `only a coordinator erases; erased once, nothing is written any more`() throws {
        let world = try World(seed: 9, sites: 1)
        try world.write(Self.amghar(), at: 0)
        #expect(
            code { try world.write([RecordEdit(erasing: Self.amghar, type: "person")], at: 0) }
                == .notPermitted)
        try world.makeCoordinators()
        let erasing = RecordEdit(erasing: Self.amghar, type: "person")
        #expect(try world.write([erasing], at: 0).dot != nil)
        #expect(try world.write([erasing], at: 0).dot == nil)
        for type in ["person", "place", "badge"] {
            let again = RecordEdit(
                record: Self.amghar, type: type, operations: [.set("name", "again")])
            #expect(code { try world.write(again, at: 0) } == .erased)
        }
        #expect(
            code { try world.write(RecordEdit(record: Self.amghar, type: "person"), at: 0) }
                == .erased)
        // One that never was here, so that an import cannot bring it.
        let foreign = Identifier(0xF0)
        #expect(
            try world.write([RecordEdit(erasing: foreign, type: "person")], at: 0).dot != nil)
        #expect(code { try world.write(.person(foreign, .set("name", "x")), at: 0) } == .erased)
        #expect(try world[0].collections()[0].records == 0)
        try world.close()
    }

    @Test func `what is left in a file is seen by verify`() throws {
        let world = try World(seed: 10, sites: 1)
        try world.makeCoordinators()
        try world.write(Self.amghar(), at: 0)
        let whole = try #require(world.log.values.first).bytes
        try world.write([RecordEdit(erasing: Self.amghar, type: "person")], at: 0)
        #expect(try world[0].verify().isSound)
        try world[0].database
            .write { db in
                try db.execute(
                    sql: "UPDATE journal SET bytes = ? WHERE sequence = 1", arguments: [Data(whole)]
                )
            }
        #expect(try !world[0].verify().isSound)
    }
}

import SijilCore
import SijilDirectory
import SijilStore

/// A person writes down what would be known again anywhere: of records that may be erased later.
enum Confide: Action {
    static let name = "confide"
    static let weight = 6

    static func perform(in world: World, _ random: inout SeededGenerator) async throws -> String {
        let device = random.pick(world.devices)
        let number = random.int(0..<world.collections.count)
        let collection = world.collections[number]
        let isInDirectory = world.versions.newer == .directory && random.oneIn(3)
        let record = random.pick(isInDirectory ? ErasePerson.persons(number) : Erase.records)
        let type = !isInDirectory && random.oneIn(6) ? "badge" : "person"
        let marks = (0..<5).map { _ in Mark.new(&random) }
        var operations: [CellOperation] = []
        if random.oneIn(2) { operations.append(.set("name", marks[0])) }
        if random.oneIn(2) { operations.append(.set("note", marks[1])) }
        if random.oneIn(3) { operations.append(.set("title", key: "fr", .text(marks[2]))) }
        if random.oneIn(3) { operations.append(.add("languages", .text(marks[3]))) }
        // A note is of the records that its change is about: one at least.
        if operations.isEmpty { operations.append(.set("note", marks[1])) }
        var edits = [RecordEdit(record: record, type: type, operations: operations)]
        if random.oneIn(3) {
            let other = Identifier(UInt128(random.int(1..<4)) << 100 | 0xE0)
            edits.append(.person(other, .set("age", .integer(Int64(random.int(0..<99))))))
        }
        // Before it is tried: a commit that fails may have happened all the same.
        world.marks[collection, default: [:]][Model.Record(record, type), default: []]
            .formUnion(marks)
        let note = random.oneIn(2) ? marks[4] : nil
        let written = edits
        let outcome = try await world.attempt(device, allowing: Write.refusals, &random) {
            try world.write(written, in: collection, on: device, note: note)
        }
        return "\(device.number): \(outcome)"
    }
}

/// A coordinator erases a record: one that something was confided of, or any.
enum Erase: Action {
    static let name = "erase"
    static let weight = 3

    static let records = (1...3).map { Identifier(UInt128($0) << 100 | 0xEA) }

    static func perform(in world: World, _ random: inout SeededGenerator) async throws -> String {
        let device = random.pick(world.devices)
        let collection = random.pick(world.collections)
        let any = Identifier(UInt128(random.int(1..<4)) << 100 | 0xE0)
        let record = random.oneIn(6) ? any : random.pick(records)
        let edit = RecordEdit(erasing: record, type: random.oneIn(6) ? "badge" : "person")
        return try await erase(edit, in: collection, on: device, in: world, &random)
    }

    static func erase(
        _ edit: RecordEdit, in collection: CollectionID, on device: SimulatedDevice,
        in world: World, _ random: inout SeededGenerator
    ) async throws -> String {
        let isCoordinator = try world.undisturbed {
            try device.replica.collections()
                .contains { $0.grant.id == collection && $0.grant.role == .coordinator }
        }
        if !isCoordinator, !random.oneIn(4) {
            try await world.grant(.coordinator, to: device, in: collection)
            let sync = try await world.attempt(device, &random) { try await world.sync(device) }
            try world.look(at: device)
            guard sync == "done" else { return "\(device.number): cannot hear of it, \(sync)" }
        }
        let outcome = try await world.attempt(device, allowing: Write.refusals, &random) {
            try world.write([edit], in: collection, on: device)
        }
        return "\(device.number): \(outcome)"
    }
}

/// A text that is nowhere by chance, and that a search index does not take apart: it shortens words by what they
/// begin with.
enum Mark {
    static let end = Array("zqx".utf8)
    /// The part of a mark that is looked for: its end, and so many letters before it.
    static let letters = 12

    static func new(_ random: inout SeededGenerator) -> String {
        let alphabet = Array("abcdefghijklmnoprstuvw".utf8)
        let text = random.bytes(letters + 4).map { alphabet[Int($0) % alphabet.count] }
        return String(decoding: text + end, as: UTF8.self)
    }

    /// What of a mark is looked for.
    static func tail(of mark: String) -> [UInt8] {
        Array(mark.utf8.dropLast(end.count).suffix(letters))
    }

    /// The tails of the marks in some bytes.
    static func tails(in bytes: [UInt8]) -> Set<[UInt8]> {
        var found: Set<[UInt8]> = []
        guard bytes.count > letters + end.count else { return found }
        for index in letters..<bytes.count - 2
        where bytes[index] == end[0] && bytes[index + 1] == end[1] && bytes[index + 2] == end[2] {
            found.insert(Array(bytes[index - letters..<index]))
        }
        return found
    }
}

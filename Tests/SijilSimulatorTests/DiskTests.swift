import SijilCore
import SijilStore
import Testing

@testable import SijilSimulator

/// The simulated disk: as hard as a real one, and no harder.
struct DiskTests {
    @Test func `what was synced survives every power cut, and of the rest any part may`() {
        var survivors: Set<[UInt8]> = []
        for seed in 0..<200 as Range<UInt64> {
            let disk = SimulatedDisk()
            let file = disk.open("file", creating: true)!
            file.isNameSafe = true
            #expect(disk.write([1, 1], at: 0, to: file) == .done)
            #expect(disk.sync(file, named: "file") == .done)
            #expect(disk.write([2], at: 1, to: file) == .done)
            #expect(disk.write([3], at: 2, to: file) == .done)
            var random = SeededGenerator(seed: seed)
            disk.restart(after: .powerCut, &random)
            survivors.insert(disk.files["file"]!.bytes)
        }
        // In any order: also the later write without the earlier.
        #expect(survivors == [[1, 1], [1, 2], [1, 1, 3], [1, 2, 3]])
    }

    @Test func `a killed process leaves all that it wrote`() {
        let disk = SimulatedDisk()
        let file = disk.open("file", creating: true)!
        disk.faults.crashAt = disk.operations + 2
        #expect(disk.write([1], at: 0, to: file) == .done)
        #expect(disk.write([2], at: 1, to: file) == .failed)
        #expect(disk.isDead)
        var random = SeededGenerator(seed: 1)
        disk.restart(after: .kill, &random)
        #expect(disk.files["file"]!.bytes == [1])
        // The write that the process did not live to make is not made later either.
        #expect(disk.sync(file, named: "file") == .done)
        disk.restart(after: .powerCut, &random)
        #expect(disk.files["file"]!.bytes == [1])
    }

    @Test func `sectors of one write may be torn`() {
        var isTorn = false
        for seed in 0..<200 as Range<UInt64> {
            let disk = SimulatedDisk()
            let file = disk.open("file", creating: true)!
            file.isNameSafe = true
            _ = disk.write(Array(repeating: 7, count: 1024), at: 0, to: file)
            var random = SeededGenerator(seed: seed)
            disk.restart(after: .powerCut, &random)
            let bytes = disk.files["file"]!.bytes
            isTorn = isTorn || (bytes.count == 1024 && bytes.first != bytes.last)
        }
        #expect(isTorn)
    }

    @Test func `a replica on a simulated disk is as one on a real disk`() async throws {
        var states: [String] = []
        for isSimulated in [true, false] {
            let world = try await World.begin(seed: 3, replicas: 2, schema: TestSchema.whole)
            let device = world.devices[0]
            var replica = device.replica
            if !isSimulated {
                let chance = Chance(seed: 77)
                replica = try Replica.create(
                    at: nil, name: "real", key: SigningKey(seed: chance.bytes(32)),
                    schema: TestSchema.whole,
                    environment: Environment(
                        now: { SimulatedClock.start }, randomBytes: { chance.bytes($0) }))
                try replica.setGrants([
                    CollectionGrant(
                        id: world.collection, name: "roster", kind: "roster", role: .editor)
                ])
            }
            var generator = EditGenerator(seed: 3)
            for _ in 0..<40 { _ = try? replica.write(generator.edits(), in: world.collection) }
            var shown: [String] = []
            try replica.forEachRecord { record in
                shown += record.cells.map {
                    "\(record.id) \($0.key) \($0.value.siblings.map(\.value))"
                }
            }
            states.append(shown.sorted().joined(separator: "\n"))
        }
        #expect(states[0] == states[1])
    }

    @Test func `two processes on one simulated file wait for each other`() async throws {
        let world = try await World.begin(seed: 4, replicas: 1, schema: TestSchema.whole)
        let device = world.devices[0]
        let other = try device.openAgain()
        let edit = RecordEdit.person(Identifier(1), .set("name", "Nadia Amziane"))
        try device.replica.write([edit], in: world.collection)
        #expect(try other.hasRecord(Identifier(1)))
        try other.write([.deletion(Identifier(1))], in: world.collection)
        #expect(try device.replica.record(Identifier(1)).isDeleted)
        try other.close()
        #expect(try device.replica.verify().isSound)
    }
}

import SijilCore
import SijilStore
import SijilSync
import Testing

@testable import SijilSimulator

/// A memory card rots: bytes of the file are others than those that were written.
struct DamageTests {
    /// Damage is found or harmless: no trap, no error that is not ours, and never a file that is called sound
    /// and says something else.
    @Test(arguments: 0..<6) func `damage is found or harmless`(block: UInt64) async throws {
        let world = try await World.begin(seed: block, replicas: 2, schema: TestSchema.whole)
        var generator = EditGenerator(seed: block)
        for _ in 0..<25 {
            for device in world.devices {
                _ = try? device.replica.write(generator.edits(), in: world.collection)
            }
        }
        try await world.syncUntilQuiet()
        let device = world.devices[0]
        let sound = try device.replica.dump()
        try device.replica.close()
        let file = try #require(device.disk.files["replica.sqlite"]).bytes

        var random = SeededGenerator(seed: block ^ 0xD0)
        for round in 0..<15 {
            var bytes = file
            for _ in 0..<random.pick([1, 1, 2, 8]) {
                let place = random.int(0..<bytes.count)
                bytes[place] = random.pick([0, 255, bytes[place] ^ 1, UInt8(random.int(0..<256))])
            }
            // Closing writes what is left of the round before to the file.
            try? device.replica.close()
            device.disk.files["replica.sqlite"]?.bytes = bytes
            device.disk.files["replica.sqlite-wal"] = nil
            let context: Comment = "seed \(block), round \(round)"
            do {
                try device.reopen()
                let verification = try device.replica.verify()
                let dump = try device.replica.dump()
                if verification.isSound { #expect(dump == sound, context) }
                _ = try device.replica.collections()
                _ = try device.replica.find("nadia", limit: 10)
                _ = try device.replica.conflictedRecords()
                for entry in try device.replica.log(in: nil, limit: 100) { _ = entry.dot }
                _ = try device.replica.write(generator.edits(), in: world.collection)
                try await world.sync(device)
            } catch {
                #expect(error is SijilError, context)
            }
        }
    }
}

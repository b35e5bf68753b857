import SijilCore
import SijilStore

/// Of what was erased nothing is left in any file of any device that syncs, nor in the server's.
final class ErasureChecker: Checker {
    private let model: ModelChecker

    init(_ model: ModelChecker) { self.model = model }

    func settled(_ world: World) async throws {
        var erased: Set<[UInt8]> = []
        for collection in world.collections {
            // What a device wrote that may not sync any more, nobody heard of.
            let log = Set(try await world.server.positions(in: collection).keys)
            for record in model.model.erased(by: log, in: collection) {
                for mark in world.marks[collection]?[record] ?? [] {
                    erased.insert(Mark.tail(of: mark))
                }
            }
        }
        guard !erased.isEmpty else { return }
        for device in world.active {
            for (name, file) in device.disk.files {
                try world.require(
                    erased.isDisjoint(with: Mark.tails(in: file.bytes)),
                    "erasure: replica \(device.number) still has something in \(name)")
            }
        }
        for (name, file) in world.server.disk.files {
            try world.require(
                erased.isDisjoint(with: Mark.tails(in: file.bytes)),
                "erasure: the server still has something in \(name)")
        }
    }
}

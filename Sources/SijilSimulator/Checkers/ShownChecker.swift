import SijilCore
import SijilStore

/// What a cell shows is what its field's policy says of its siblings' values and of the times in the log.
final class ShownChecker: Checker {
    private typealias Candidate = (value: Value, at: Int64, dot: Dot)

    func settled(_ world: World) async throws {
        for collection in world.collections {
            // Of what came in a snapshot only others have the log.
            var times: [Dot: Int64] = [:]
            for device in world.devices {
                for entry in try device.replica.journal(of: collection) {
                    let change = try ChangeBytes(entry.bytes).change
                    times[entry.dot] = change.writtenAt &+ (change.clockOffset ?? 0)
                }
            }
            for device in world.devices {
                let query = RecordQuery(collection: collection, includesDeleted: true)
                try device.replica.forEachRecord(query) { record in
                    for (name, cell) in record.cells where !cell.siblings.isEmpty {
                        let candidates = cell.siblings.map {
                            (value: $0.value, at: times[$0.dot] ?? 0, dot: $0.dot)
                        }
                        let expected = Self.shown(
                            candidates, of: name, in: world.versions.newer[record.type])
                        let found =
                            name == .liveness ? .boolean(record.isDeleted) : record.shown(name)
                        try world.require(
                            found == expected,
                            "shown: replica \(device.number) shows in '\(name.field)' of a "
                                + "\(record.type) another value than its policy says")
                    }
                }
            }
        }
    }

    private static func shown(
        _ candidates: [Candidate], of name: CellName, in type: RecordType?
    ) -> Value {
        func precedes(_ left: Candidate, _ right: Candidate) -> Bool {
            (left.at, left.dot) < (right.at, right.dot)
        }
        let values = candidates.map(\.value)
        if name == .liveness { return .boolean(!values.contains(.boolean(false))) }
        guard let field = type?[name.field] else {
            return candidates.max(by: precedes)!.value
        }
        if field.shape == .set, values.contains(.boolean(true)) { return .boolean(true) }
        switch field.policy {
        case .once: return candidates.min(by: precedes)!.value
        case .strictest(let order):
            func strictness(_ value: Value) -> Int {
                guard value != .none else { return -1 }
                return order.firstIndex { .text($0) == value } ?? order.count
            }
            let strictest = values.map(strictness).max()!
            return candidates.filter { strictness($0.value) == strictest }.max(by: precedes)!.value
        default: return candidates.max(by: precedes)!.value
        }
    }
}

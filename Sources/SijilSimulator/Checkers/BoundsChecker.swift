import SijilCore
import SijilStore
import SijilSync

/// What crosses the line and what lies on a disk is bounded by what there is to say and to keep.
final class BoundsChecker: Checker {
    /// An empty file with its tables and indexes, and a write-ahead log up to its checkpoint.
    private static let emptyBytes = 6_000_000
    /// A change's rows beside its bytes: journal, cells, indexes.
    private static let bytesPerChange = 20_000
    /// A value lies in the log, in its cell, in the search index, and in the write-ahead log as often as
    /// pages are written before a checkpoint.
    private static let copies = 8
    /// Grants and the frame of an answer.
    private static let idleBytesPerCollection = 200

    func answered(
        _ request: TransportRequest, _ response: TransportResponse, in world: World
    ) throws {
        for body in [request.body, response.body] {
            try world.require(
                body.count <= Limits.pieceBytes + Limits.messageBytes,
                "bounds: a message is larger than a piece")
        }
    }

    func settled(_ world: World) async throws {
        var changes = 0
        var bytes = 0
        for collection in world.collections {
            let log = try await world.store.changes(in: collection, after: 0, byteLimit: .max)
            changes += log.count
            bytes += log.reduce(0) { $0 + $1.bytes.count }
        }
        for disk in world.devices.map(\.disk) + [world.server.disk] {
            try world.require(
                disk.usedBytes < Self.emptyBytes + changes * Self.bytesPerChange + bytes
                    * Self.copies,
                "bounds: a disk holds \(disk.usedBytes) bytes for \(changes) changes")
        }
        for device in world.active {
            let report = try await world.sync(device)
            try world.require(
                report.roundTrips == 1 && report.sent == 0 && report.received == 0
                    && report.bytesSent + report.bytesReceived
                        < Self.idleBytesPerCollection * (1 + world.collections.count),
                "bounds: a sync with nothing to say is not one small round trip")
        }
    }
}

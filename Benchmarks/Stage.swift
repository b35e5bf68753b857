import Foundation
import SijilCore
import SijilSimulator
import SijilStore

/// Replicas in one folder, the same every time: keys, clock and randomness come from seeds.
struct Stage {
    enum Device: UInt8 {
        case author = 2, receiver, searcher
    }

    static let collection = CollectionID(1)

    var folder: String

    func path(_ device: Device) -> String { "\(folder)/\(device).sqlite" }

    func create(_ device: Device, searched: Bool = false) throws -> Replica {
        Self.removeDatabase(path(device))
        let replica = try Replica.create(
            at: path(device), name: "\(device)", key: Self.key(device),
            schema: RosterRecord.schema(searched: searched),
            environment: Self.environment(seed: UInt64(device.rawValue)))
        try replica.setGrants([
            CollectionGrant(id: Self.collection, name: "roster", kind: "roster", role: .editor)
        ])
        try replica.pin(
            authority: Self.authority().publicKey, own: try Self.certificate(device))
        try replica.receive(
            [], certificates: [Self.certificate(.author), Self.certificate(.receiver)],
            in: Self.collection)
        return replica
    }

    /// Opens a copy of a replica that `prepare` made in another folder.
    func copy(_ device: Device, from folder: String) throws -> Replica {
        Self.removeDatabase(path(device))
        let original = Stage(folder: folder).path(device)
        try FileManager.default.copyItem(atPath: original, toPath: path(device))
        return try open(device)
    }

    func open(_ device: Device, searched: Bool = false) throws -> Replica {
        try Replica.open(
            at: path(device), key: Self.key(device),
            schema: RosterRecord.schema(searched: searched),
            // Other secrets than those of the changes that are there.
            environment: Self.environment(seed: UInt64(device.rawValue) + 1000))
    }

    static func removeDatabase(_ path: String) {
        for suffix in ["", "-wal", "-shm"] {
            try? FileManager.default.removeItem(atPath: path + suffix)
        }
    }

    private static func authority() throws -> SigningKey {
        try SigningKey(seed: [UInt8](repeating: 1, count: 32))
    }

    private static func key(_ device: Device) throws -> SigningKey {
        try SigningKey(seed: [UInt8](repeating: device.rawValue, count: 32))
    }

    private static func certificate(_ device: Device) throws -> Certificate {
        let key = try key(device).publicKey
        var certificate = Certificate(
            replica: ReplicaID(publicKey: key), publicKey: key, name: "\(device)", issuedAt: 0)
        certificate.signature = try authority().sign(certificate.signedMessage)
        return certificate
    }

    private static func environment(seed: UInt64) -> Environment {
        var chance = SeededGenerator(seed: seed)
        var now: Int64 = 1_790_000_000_000 + Int64(seed)
        return Environment(
            now: {
                now += 1
                return now
            },
            randomBytes: { count in
                (0..<count).map { _ in UInt8(truncatingIfNeeded: chance.next()) }
            })
    }
}

extension Replica {
    func write(_ records: [RosterRecord], perChange: Int) throws {
        for start in stride(from: 0, to: records.count, by: perChange) {
            let end = min(start + perChange, records.count)
            try write(records[start..<end].map(\.edit), in: Stage.collection)
        }
    }
}

/// What a sync sends of one replica's own changes, piece by piece, as if a server confirmed each.
struct Dispatch {
    private(set) var runs: [SignedRun] = []
    private var position: UInt64
    private(set) var hash: ChainHash

    /// - Parameters:
    ///   - position: of the last change that the server has.
    ///   - hash: the chain hash of that change.
    init(after position: UInt64 = 0, hash: ChainHash = .start) {
        self.position = position
        self.hash = hash
    }

    mutating func takeAll(from replica: Replica) throws {
        var isComplete = false
        while !isComplete {
            let pending = try replica.pendingRuns(
                in: Stage.collection, byteLimit: Limits.pieceBytes)
            for run in pending.runs { try confirm(run, to: replica) }
            runs += pending.runs
            isComplete = pending.isComplete
        }
    }

    private mutating func confirm(_ run: SignedRun, to replica: Replica) throws {
        let first = position + 1
        for (index, change) in run.changes.enumerated() {
            let dot = Dot(replica: run.author, sequence: run.first + UInt64(index))
            let place = ChainPlace(collection: Stage.collection, dot: dot, previous: hash)
            hash = try ChangeBytes(change).hash(in: place, using: sha256)
        }
        position += UInt64(run.changes.count)
        let known = Delivery.Content.known(
            author: run.author, first: run.first, count: UInt64(run.changes.count), hash: hash)
        try replica.receive(
            [Delivery(position: first, known)], in: Stage.collection, cursor: position)
    }
}

/// Runs as they are sent, in a file: each with its size before it, as four bytes.
enum RunFile {
    static func write(_ runs: [[UInt8]], to path: String) throws {
        var bytes: [UInt8] = []
        for run in runs {
            bytes += (0..<4).map { UInt8(truncatingIfNeeded: run.count >> ($0 * 8)) }
            bytes += run
        }
        try Data(bytes).write(to: URL(fileURLWithPath: path))
    }

    static func read(_ path: String) throws -> [[UInt8]] {
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        var runs: [[UInt8]] = []
        var at = 0
        while at < bytes.count {
            let count = (0..<4).reduce(0) { $0 | Int(bytes[at + $1]) << ($1 * 8) }
            runs.append(Array(bytes[at + 4..<at + 4 + count]))
            at += 4 + count
        }
        return runs
    }
}

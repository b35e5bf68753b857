import Foundation
import SijilCore
import SijilStore
import Testing

@testable import SijilDirectory

/// Replicas in memory that hold one roster, with seeded chance and a clock that ticks.
final class Office {
    static let roster = Identifier(0xC0)

    private final class Source {
        var now: Int64 = 1_800_000_000_000
        var state: UInt64

        init(seed: UInt64) { state = seed }

        func bytes(_ count: Int) -> [UInt8] {
            (0..<count)
                .map { _ in
                    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                    return UInt8(truncatingIfNeeded: state >> 56)
                }
        }
    }

    let replicas: [Replica]

    init(_ names: String..., role: Role = .editor) throws {
        let authority = try SigningKey(seed: Source(seed: 99).bytes(32))
        var made: [(replica: Replica, certificate: Certificate)] = []
        for (index, name) in names.enumerated() {
            let source = Source(seed: UInt64(index + 1))
            let environment = SijilStore.Environment(
                now: {
                    source.now += 1000
                    return source.now
                }, randomBytes: { source.bytes($0) })
            let key = try SigningKey(seed: source.bytes(32))
            let replica = try Replica.create(
                at: nil, name: name, key: key, schema: .directory, environment: environment)
            try replica.setGrants([
                CollectionGrant(id: Self.roster, name: "Wadi Amal", kind: "roster", role: role)
            ])
            var certificate = Certificate(
                replica: replica.id, publicKey: key.publicKey, name: name,
                issuedAt: source.now)
            certificate.signature = authority.sign(certificate.signedMessage)
            try replica.pin(authority: authority.publicKey, own: certificate)
            made.append((replica, certificate))
        }
        replicas = made.map(\.replica)
        for replica in replicas {
            try replica.receive([], certificates: made.map(\.certificate), in: Self.roster)
        }
    }

    subscript(index: Int) -> Replica { replicas[index] }

    /// Everybody gets everything.
    func exchange() throws {
        for giver in replicas {
            let pending = try giver.pendingRuns(in: Self.roster, byteLimit: .max)
            for taker in replicas where taker !== giver {
                for run in pending.runs {
                    try taker.receive([Delivery(position: nil, .run(run))], in: Self.roster)
                }
            }
        }
    }
}

extension Replica {
    /// Writes what a person would type; makes the record when there is none.
    @discardableResult
    func set(
        _ arguments: String..., of id: RecordID, type: String = "person"
    ) throws -> [String] {
        try set(arguments, of: id, type: type)
    }

    @discardableResult
    func set(
        _ arguments: [String], of id: RecordID, type: String = "person"
    ) throws -> [String] {
        let present = try hasRecord(id) ? record(id) : nil
        let assignment = try Assignment(
            arguments, for: schema.type(named: type), present: present)
        try write(
            [RecordEdit(record: id, type: type, operations: assignment.operations)],
            in: Office.roster)
        return assignment.warnings
    }

    /// Writes what nobody can type here: another program did.
    func put(
        _ values: KeyValuePairs<String, Value>, of id: RecordID, type: String = "person"
    ) throws {
        try write(
            [
                RecordEdit(
                    record: id, type: type,
                    operations: values.map { CellOperation(CellName($0.key), .put($0.value)) })
            ], in: Office.roster)
    }

    func importing(
        _ text: String, format: ImportFormat = .jsonl, mapping: String? = nil,
        type: String? = nil, isDryRun: Bool = false, rejectFile: String? = nil
    ) throws -> ImportReport {
        try importing(
            Array(text.utf8), format: format, mapping: mapping, type: type, isDryRun: isDryRun,
            rejectFile: rejectFile)
    }

    func importing(
        _ bytes: [UInt8], format: ImportFormat = .jsonl, mapping: String? = nil,
        type: String? = nil, isDryRun: Bool = false, rejectFile: String? = nil
    ) throws -> ImportReport {
        let mapping = try mapping.map {
            try CSVMapping(parsing: Array($0.utf8), schema: schema)
        }
        return try Importer(self, into: Office.roster)
            .run(
                .bytes(bytes),
                ImportOptions(
                    format: format, mapping: mapping, type: type, isDryRun: isDryRun,
                    rejectFile: rejectFile))
    }

    func exported() throws -> String {
        var bytes: [UInt8] = []
        try Exporter(self).writeJSONLines { bytes += $0 }
        return String(decoding: bytes, as: UTF8.self)
    }

    func exportedCSV(_ type: String) throws -> String {
        var bytes: [UInt8] = []
        try Exporter(self).writeCSV(type: type) { bytes += $0 }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The fields of a record as JSON.
    func fields(_ id: RecordID) throws -> String { try record(id).fieldsJSON.description }
}

extension ImportReport {
    /// Created, updated, unchanged, rejected.
    var counts: [Int] { [created, updated, unchanged, rejected] }
}

/// The error that `body` throws; `nil` when it throws none.
func failure(_ body: () throws -> Void) -> SijilError? {
    do {
        try body()
        return nil
    } catch {
        return error as? SijilError
    }
}

func fixture(_ path: String) throws -> [UInt8] {
    let folder = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    return Array(try Data(contentsOf: folder.appending(path: "Fixtures/\(path)")))
}

/// A folder that is gone after the test.
func withFolder(_ body: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory
        .appending(path: "sijil-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(folder.path)
}

func foreign(_ id: String, _ type: String = "person") -> RecordID {
    RecordID(foreign: id, type: type, in: Office.roster)
}

let mayor = RecordID(1)
let imam = RecordID(2)

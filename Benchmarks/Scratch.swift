import Foundation
import SijilCore
import SijilStore

/// A folder for one run, and fresh replicas in it.
final class Scratch {
    let folder: URL
    let collection = CollectionID(1)
    private let authority: SigningKey
    private var count = 0

    init(folder: String) throws {
        self.folder = URL(fileURLWithPath: folder)
            .appending(path: "sijil-benchmark-\(ProcessInfo.processInfo.processIdentifier)")
        try FileManager.default.createDirectory(
            at: self.folder, withIntermediateDirectories: true)
        authority = try SigningKey(seed: [UInt8](repeating: 1, count: 32))
    }

    func remove() { try? FileManager.default.removeItem(at: folder) }

    func newPath() -> String {
        count += 1
        return folder.appending(path: "\(count).sqlite").path
    }

    func newReplica(searched: Bool) throws -> Replica {
        try newReplica(Workload.schema(searched: searched))
    }

    func newReplica(_ schema: Schema) throws -> Replica {
        let path = newPath()
        var seed = [UInt8](repeating: 2, count: 32)
        seed[0] = UInt8(truncatingIfNeeded: count)
        seed[1] = UInt8(truncatingIfNeeded: count >> 8)
        let replica = try Replica.create(
            at: path, name: "device", key: SigningKey(seed: seed),
            schema: schema, environment: .system)
        try replica.setGrants([
            CollectionGrant(id: collection, name: "roster", kind: "roster", role: .editor)
        ])
        try introduce(replica, to: replica)
        return replica
    }

    /// Gives one replica the other's certificate.
    func introduce(_ author: Replica, to replica: Replica) throws {
        func certificate(of replica: Replica) -> Certificate {
            var certificate = Certificate(
                replica: replica.id, publicKey: replica.publicKey, name: "device", issuedAt: 0)
            certificate.signature = authority.sign(certificate.signedMessage)
            return certificate
        }
        try replica.pin(authority: authority.publicKey, own: certificate(of: replica))
        try replica.receive([], certificates: [certificate(of: author)], in: collection)
    }
}

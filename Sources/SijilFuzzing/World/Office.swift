import SijilCore
import SijilDirectory
import SijilStore

/// Replicas in memory, the same in every run, that hold one roster and trust one authority.
enum Office {
    static let roster = Identifier(0xC0)
    static let start: Int64 = 1_800_000_000_000

    static func key(_ number: UInt8) throws -> SigningKey {
        try SigningKey(seed: Array(repeating: number, count: 32))
    }

    static func authority() throws -> SigningKey { try key(0xA0) }

    static func certificate(of key: SigningKey, name: String) throws -> Certificate {
        var certificate = Certificate(
            replica: ReplicaID(publicKey: key.publicKey), publicKey: key.publicKey, name: name,
            issuedAt: start)
        certificate.signature = try authority().sign(certificate.signedMessage)
        return certificate
    }

    /// A field of every form, in few tables: what a replica costs to make is what such a fuzzer costs.
    static let schema = Schema([
        RecordType(
            "person",
            [
                Field("name", .text, .keyed, searched: .names), Field("aliases", .text, .set),
                Field("contact_rule", .text, policy: .strictest(["none", "crisis_only", "never"])),
                Field("notes", .text), Field("level", .integer), Field("owner", .reference),
            ]),
        RecordType(
            "tenure",
            [Field("person", .reference, policy: .once), Field("from", .date)]),
    ])

    /// The replica with this key; it may write to the roster.
    static func replica(_ number: UInt8, _ schema: Schema = schema) throws -> Replica {
        let key = try key(number)
        let source = Source(seed: UInt64(number))
        let replica = try Replica.create(
            at: nil, name: "desk-01", key: key, schema: schema,
            environment: Environment(
                now: {
                    source.now += 1000
                    return source.now
                }, randomBytes: { source.chance.bytes($0) }))
        try replica.setGrants([
            CollectionGrant(id: roster, name: "Wadi Amal", kind: "roster", role: .editor)
        ])
        try replica.pin(
            authority: try authority().publicKey, own: certificate(of: key, name: "desk-01"))
        return replica
    }

    private final class Source {
        var now = Office.start
        var chance: SeededBytes

        init(seed: UInt64) { chance = SeededBytes(seed: seed) }
    }
}

extension Replica {
    /// All that it holds, as lines of JSON.
    func exported() throws -> [UInt8] {
        var bytes: [UInt8] = []
        try Exporter(self).writeJSONLines { bytes += $0 }
        return bytes
    }

    /// Checks that the log and the records agree and every exported line is JSON.
    func checkSound() throws {
        let verification = try verify()
        try expect(
            verification.isSound, "a replica is not sound: \(verification.problems.map(\.what))")
        for line in try exported().split(separator: 0x0A) { _ = try JSON(parsing: Array(line)) }
    }
}

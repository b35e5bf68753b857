import Foundation
import GRDB
import SijilCore
import SijilSimulator
import Testing

@testable import SijilStore

/// One replica with its own key, chance and clock.
final class Site {
    /// Where a site gets its time and chance from.
    final class Source {
        var random: SeededGenerator
        var now: Int64

        init(seed: UInt64) {
            random = SeededGenerator(seed: seed)
            now = 1_800_000_000_000
        }

        var environment: SijilStore.Environment {
            SijilStore.Environment(
                now: {
                    self.now += 1000
                    return self.now
                }, randomBytes: { self.random.bytes($0) })
        }
    }

    let key: SigningKey
    let source: Source
    var replica: Replica

    var id: ReplicaID { replica.id }

    init(seed: UInt64, path: String?, schema: Schema) throws {
        source = Source(seed: seed)
        key = try SigningKey(seed: source.random.bytes(32))
        replica = try Replica.create(
            at: path, name: "tab", key: key, schema: schema, environment: source.environment)
    }

    /// Closes the file and opens it again, as a later program does.
    func reopen(at path: String, schema: Schema) throws {
        try replica.close()
        replica = try Replica.open(
            at: path, key: key, schema: schema, environment: source.environment)
    }
}

/// Several replicas of one collection, and everything that any of them wrote.
///
/// Nothing travels by itself: a test delivers any piece of any author's log to any site, in any order. When
/// the world closes it checks quiescence.
final class World {
    struct Entry {
        var bytes: [UInt8]
        var signature: [UInt8]
        var hash: ChainHash
        var change: Change
    }

    static let collection = Identifier(0xC0)
    static let otherCollection = Identifier(0xC1)

    let seed: UInt64
    var random: SeededGenerator
    let authority: SigningKey
    private(set) var sites: [Site] = []
    private(set) var certificates: [Certificate] = []
    private(set) var log: [Dot: Entry] = [:]
    private(set) var lengths: [ReplicaID: UInt64] = [:]
    private let schema: Schema

    init(seed: UInt64 = 1, sites count: Int, schema: Schema = TestSchema.whole) throws {
        self.seed = seed
        self.schema = schema
        random = SeededGenerator(seed: seed)
        authority = try SigningKey(seed: random.bytes(32))
        for _ in 0..<count { try addSite() }
    }

    /// A new device; all others learn its certificate.
    @discardableResult
    func addSite(path: String? = nil, schema: Schema? = nil) throws -> Site {
        let site = try Site(seed: random.next(), path: path, schema: schema ?? self.schema)
        try site.replica.setGrants([
            CollectionGrant(
                id: Self.collection, name: "Wadi Amal", kind: "roster", role: .editor)
        ])
        let certificate = certify(site.key, name: "tab-\(sites.count + 1)")
        try site.replica.pin(authority: authority.publicKey, own: certificate)
        certificates.append(certificate)
        sites.append(site)
        for site in sites {
            try site.replica.receive([], certificates: certificates, in: Self.collection)
        }
        return site
    }

    /// Every site may erase from now on.
    func makeCoordinators() throws {
        for site in sites {
            try site.replica.setGrants([
                CollectionGrant(
                    id: Self.collection, name: "Wadi Amal", kind: "roster", role: .coordinator)
            ])
        }
    }

    func certify(_ key: SigningKey, name: String, by other: SigningKey? = nil) -> Certificate {
        var certificate = Certificate(
            replica: Identifier(publicKey: key.publicKey), publicKey: key.publicKey, name: name,
            issuedAt: 1_800_000_000_000)
        certificate.signature = (other ?? authority).sign(certificate.signedMessage)
        return certificate
    }

    subscript(number: Int) -> Replica { sites[number].replica }

    // MARK: Writing

    @discardableResult
    func write(_ edits: [RecordEdit], at number: Int, note: String? = nil) throws -> WriteResult {
        let site = sites[number]
        let result = try site.replica.write(edits, in: Self.collection, note: note)
        if let dot = result.dot { try remember(dot, of: site) }
        return result
    }

    @discardableResult
    func write(_ edit: RecordEdit, at number: Int) throws -> WriteResult {
        try write([edit], at: number)
    }

    private func remember(_ dot: Dot, of site: Site) throws {
        let row = try site.replica.database.read {
            try Row.fetchOne(
                $0,
                sql: """
                    SELECT bytes, signature FROM journal WHERE sequence = ?
                        AND replica = (SELECT n FROM replica WHERE id = ?)
                        AND collection = (SELECT n FROM collection WHERE id = ?)
                    """,
                arguments: [
                    Int64(dot.sequence), Data(dot.replica.bytes), Data(Self.collection.bytes),
                ])
        }
        let bytes = Array(try #require(row)["bytes"] as Data)
        // Written here, it is signed when it leaves: now.
        let proof = Proof(bytes: Array(try #require(row)["signature"] as Data))
        let signature = proof.signature(by: site.replica.key)
        add(try ChangeBytes(bytes), signature: signature, dot)
    }

    private func add(_ encoded: ChangeBytes, signature: [UInt8], _ dot: Dot) {
        let place = ChainPlace(
            collection: Self.collection, dot: dot, previous: hash(before: dot))
        log[dot] = Entry(
            bytes: encoded.bytes, signature: signature,
            hash: encoded.hash(in: place, using: sha256), change: encoded.change)
        lengths[dot.replica] = dot.sequence
    }

    func hash(before dot: Dot) -> ChainHash {
        dot.sequence == 1
            ? .start : log[Dot(replica: dot.replica, sequence: dot.sequence - 1)]!.hash
    }

    /// A run with a change that no site has written, signed by its author; not part of the world's log.
    func forge(
        _ change: Change, as author: Site, at sequence: UInt64, previous: ChainHash
    ) throws -> SignedRun {
        let encoded = try ChangeBytes(change, secret: random.bytes(ChangeBytes.secretCount))
        let place = ChainPlace(
            collection: Self.collection, dot: Dot(replica: author.id, sequence: sequence),
            previous: previous)
        let hash = encoded.hash(in: place, using: sha256)
        return SignedRun(
            author: author.id, first: sequence, previous: previous, changes: [encoded.bytes],
            signature: author.key.sign(SignedRun.signedMessage(hash)))
    }

    // MARK: Delivering

    /// A piece of an author's log.
    ///
    /// - Parameter tied: whether it carries the hash before its first change.
    func run(_ author: ReplicaID, _ range: ClosedRange<UInt64>, tied: Bool = true) -> SignedRun {
        let entries = range.map { log[Dot(replica: author, sequence: $0)]! }
        return SignedRun(
            author: author, first: range.lowerBound,
            previous: tied ? hash(before: Dot(replica: author, sequence: range.lowerBound)) : nil,
            changes: entries.map(\.bytes), signature: entries.last!.signature)
    }

    @discardableResult
    func deliver(_ runs: [SignedRun], to number: Int) throws -> ReceiveReport {
        try self[number]
            .receive(runs.map { Delivery(position: nil, .run($0)) }, in: Self.collection)
    }

    /// Everything that one site has written, in one piece.
    func deliver(from author: Int, to number: Int) throws {
        let id = sites[author].id
        guard let length = lengths[id] else { return }
        try deliver([run(id, 1...length)], to: number)
    }

    /// Some piece of some author's log, whatever the receiver has.
    func randomRun() -> SignedRun? {
        let authors = lengths.sorted { $0.key < $1.key }
        guard let (author, length) = authors.randomElement(using: &random) else { return nil }
        let first = UInt64(random.int(1..<Int(length) + 1))
        let last = UInt64(random.int(Int(first)..<Int(length) + 1))
        return run(author, first...last)
    }

    /// Every change, cut and mixed and partly doubled, in any order.
    func randomDeliveries() -> [[SignedRun]] {
        var runs: [SignedRun] = []
        for (author, length) in lengths.sorted(by: { $0.key < $1.key }) {
            var first: UInt64 = 1
            while first <= length {
                let last = min(length, first + UInt64(random.int(0..<4)))
                runs.append(run(author, first...last))
                first = last + 1
            }
        }
        for _ in 0..<3 { if let extra = randomRun() { runs.append(extra) } }
        runs.shuffle(using: &random)
        var pieces: [[SignedRun]] = []
        while !runs.isEmpty {
            let count = min(runs.count, random.int(1..<4))
            pieces.append(Array(runs.prefix(count)))
            runs.removeFirst(count)
        }
        return pieces
    }

    /// Brings every site all that was written.
    func settle() throws {
        for number in sites.indices {
            for piece in randomDeliveries() { try deliver(piece, to: number) }
        }
    }

    // MARK: Closing

    /// Checks that nothing waits, that all sites agree byte for byte, and that each file is sound.
    func close(verifying: Bool = true) throws {
        let first = try State(of: self[0])
        for number in sites.indices {
            let state = try State(of: self[number])
            #expect(state.held == 0, "seed \(seed), site \(number)")
            #expect(state.digest == first.digest, "seed \(seed), site \(number)")
            #expect(state.vector == VersionVector(lengths), "seed \(seed), site \(number)")
            #expect(state.dump.difference(from: first.dump) == nil, "seed \(seed), site \(number)")
            #expect(state.conflicts == first.conflicts, "seed \(seed), site \(number)")
            if verifying {
                let verification = try self[number].verify()
                #expect(
                    verification.problems.map(\.what) == [], "seed \(seed), site \(number)")
                // What came in a snapshot is not in the journal.
                if try self[number].snapshotOrigin(of: Self.collection) == nil {
                    #expect(verification.changes == log.count, "seed \(seed), site \(number)")
                }
            }
        }
        for site in sites { try site.replica.close() }
    }
}

/// What a replica says of itself.
struct State {
    var dump: String
    var digest: StateDigest
    var held: Int
    var vector: VersionVector
    /// The cells that wait for a person.
    var conflicts: Set<Model.CellID>
    var conflictCount: Int

    init(of replica: Replica, in collection: CollectionID = World.collection) throws {
        dump = try replica.dump()
        let summary = try #require(
            try replica.collections().first { $0.grant.id == collection })
        digest = summary.digest
        held = summary.held
        vector = try replica.database.read { db in
            var vector = VersionVector()
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT r.id, a.sequence FROM author a JOIN replica r ON r.n = a.replica
                    WHERE a.collection = (SELECT n FROM collection WHERE id = ?)
                    """, arguments: [Data(collection.bytes)])
            for row in rows {
                vector[Identifier(bytes: row["id"] as Data)!] = UInt64(row["sequence"] as Int64)
            }
            return vector
        }
        conflicts = []
        for record in try replica.conflictedRecords(in: collection) {
            for cell in record.conflicts {
                conflicts.insert(Model.CellID(record.id, record.type, cell))
            }
        }
        conflictCount = try replica.conflictCount()
    }
}

extension VersionVector {
    init(_ lengths: [ReplicaID: UInt64]) {
        self.init()
        for (replica, length) in lengths { self[replica] = length }
    }
}

extension String {
    /// The first line in which two texts differ, byte for byte; `nil` when they are equal.
    func difference(from other: String) -> String? {
        let mine = split(separator: "\n", omittingEmptySubsequences: false)
        let others = other.split(separator: "\n", omittingEmptySubsequences: false)
        for (one, two) in zip(mine, others) where !one.utf8.elementsEqual(two.utf8) {
            return "\(one)  ≠  \(two)"
        }
        return mine.count == others.count ? nil : "\(mine.count) lines ≠ \(others.count) lines"
    }
}

func hex(_ bytes: some Sequence<UInt8>) -> String {
    bytes.map { byte in
        let digits = String(byte, radix: 16)
        return digits.count == 1 ? "0" + digits : digits
    }
    .joined()
}

/// The code of the error that `body` throws; `nil` when it throws none.
func code(_ body: () throws -> Void) -> SijilError.Code? {
    do {
        try body()
        return nil
    } catch let error as SijilError {
        return error.code
    } catch {
        return SijilError.Code(rawValue: "not ours: \(error)")
    }
}

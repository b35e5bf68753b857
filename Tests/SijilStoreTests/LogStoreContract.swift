import Foundation
import GRDB
import SijilCore
import Testing

@testable import SijilStore

/// How a contract test gets a fresh, empty store of one implementation.
struct LogStoreMaker: Sendable, CustomTestStringConvertible {
    var name: String
    /// Runs `body` with a new store and takes everything away after.
    var with: @Sendable (_ body: @Sendable (any LogStore) async throws -> Void) async throws -> Void

    var testDescription: String { name }

    static let all: [LogStoreMaker] = [
        LogStoreMaker(name: "SQLite in memory") { body in
            let store = try SQLiteLogStore(path: nil)
            try await body(store)
            try store.close()
        },
        LogStoreMaker(name: "SQLite file") { body in
            let path = FileManager.default.temporaryDirectory
                .appendingPathComponent("sijil-log-\(UUID().uuidString)").path
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(atPath: path) }
            let store = try SQLiteLogStore(path: path + "/log.sqlite")
            try await body(store)
            try store.close()
        },
    ]
}

/// What every ``LogStore`` must do.
///
/// An implementation joins by adding itself to ``LogStoreMaker/all``.
@Suite struct LogStoreContract {
    static let now: Int64 = 1_800_000_000_000

    /// A key, its certificate and its runs; no network, no server.
    struct Author {
        let key: SigningKey
        var id: ReplicaID { Identifier(publicKey: key.publicKey) }

        init(_ number: UInt8) {
            do throws(SijilError) {
                key = try SigningKey(seed: [UInt8](repeating: number, count: 32))
            } catch {
                preconditionFailure("Any 32 bytes are a key.")
            }
        }

        func certificate(_ name: String) -> Certificate {
            Certificate(
                replica: id, publicKey: key.publicKey, name: name, issuedAt: now,
                signature: [UInt8](repeating: 9, count: SignedRun.signatureCount))
        }

        /// A run of `count` changes; only the last carries a signature.
        func run(after sequence: UInt64, count: Int, size: Int = 40) -> [LoggedChange] {
            (1...count)
                .map { index in
                    let number = sequence + UInt64(index)
                    return LoggedChange(
                        dot: Dot(replica: id, sequence: number),
                        bytes: [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: size),
                        signature: index == count ? [UInt8](repeating: 1, count: 64) : nil,
                        hash: hash(number))
                }
        }

        func head(_ sequence: UInt64) -> AuthorHead? {
            sequence == 0 ? nil : AuthorHead(sequence: sequence, hash: hash(sequence))
        }

        private func hash(_ sequence: UInt64) -> ChainHash {
            ChainHash(
                sha256(id.bytes + [UInt8(truncatingIfNeeded: sequence), UInt8(sequence >> 8)]))!
        }
    }

    static let roster = ServerCollection(id: Identifier(0xC0), name: "Wadi Amal", kind: "roster")
    static let library = ServerCollection(
        id: Identifier(0xC1), name: "practices", kind: "practices")

    private static func error(
        _ body: () async throws -> Void
    ) async -> SijilError.Code? {
        do {
            try await body()
            return nil
        } catch let error as SijilError {
            return error.code
        } catch {
            return SijilError.Code(rawValue: "not ours: \(error)")
        }
    }

    @discardableResult
    private static func enrol(
        _ author: Author, in store: any LogStore, code: UInt8, isFounder: Bool = false,
        grants: [CollectionID: Role] = [:]
    ) async throws -> Device {
        let hash = [UInt8](repeating: code, count: 32)
        try await store.addInvitation(
            Invitation(
                codeHash: hash, name: "tab-\(code)", grants: grants, isFounder: isFounder,
                expiresAt: now + 1000))
        return try await store.enrol(
            codeHash: hash, replica: author.id, now: now, certify: { author.certificate($0) })
    }

    /// A founder and the roster.
    private static func prepare(_ store: any LogStore) async throws -> Author {
        let founder = Author(1)
        try await enrol(founder, in: store, code: 1, isFounder: true)
        try await store.createCollection(roster, creator: founder.id)
        return founder
    }

    @Test(arguments: LogStoreMaker.all)
    func `a setting is set once`(maker: LogStoreMaker) async throws {
        try await maker.with { store in
            #expect(try await store.setting("epoch") == nil)
            try await store.setOnce("epoch", [1, 2])
            try await store.setOnce("epoch", [3])
            try await store.setOnce("empty", [])
            #expect(try await store.setting("epoch") == [1, 2])
            #expect(try await store.setting("empty") == [])
            #expect(try await store.setting("Epoch") == nil)
        }
    }

    @Test(arguments: LogStoreMaker.all)
    func `a code enrols one device, and the same device again`(maker: LogStoreMaker) async throws {
        try await maker.with { store in
            let founder = try await Self.prepare(store)
            let (device, other) = (Author(2), Author(3))
            let code = [UInt8](repeating: 7, count: 32)
            try await store.addInvitation(
                Invitation(
                    codeHash: code, name: "tab-07", grants: [Self.roster.id: .editor],
                    isFounder: false, expiresAt: Self.now + 10))
            let first = try await store.enrol(
                codeHash: code, replica: device.id, now: Self.now,
                certify: { device.certificate($0) })
            #expect(first.certificate == device.certificate("tab-07"))
            #expect(!first.isFounder && !first.isRevoked)
            // Its answer was lost: once more, also after the code's time.
            let again = try await store.enrol(
                codeHash: code, replica: device.id, now: Self.now + 9999,
                certify: { _ in device.certificate("another") })
            #expect(again == first)
            #expect(
                await Self.error {
                    _ = try await store.enrol(
                        codeHash: code, replica: other.id, now: Self.now,
                        certify: { other.certificate($0) })
                } == .codeUsed)
            #expect(try await store.device(other.id) == nil)
            #expect(try await store.device(device.id) == first)
            #expect(try await store.device(founder.id)?.isFounder == true)
            let grants = try await store.grants(of: device.id)
            #expect(grants.map(\.collection.id) == [Self.roster.id])
            #expect(grants.map(\.role) == [.editor])

            // What was changed since does not come back with the old code.
            for role in [Role.reader, nil] {
                try await store.setGrant(role, of: device.id, in: Self.roster.id)
                _ = try await store.enrol(
                    codeHash: code, replica: device.id, now: Self.now,
                    certify: { device.certificate($0) })
                #expect(
                    try await store.grants(of: device.id).map(\.role) == (role.map { [$0] } ?? []))
            }
        }
    }

    @Test(arguments: LogStoreMaker.all)
    func `an expired and an unknown code enrol nobody`(maker: LogStoreMaker) async throws {
        try await maker.with { store in
            let device = Author(2)
            let code = [UInt8](repeating: 7, count: 32)
            try await store.addInvitation(
                Invitation(
                    codeHash: code, name: "x", grants: [:], isFounder: false, expiresAt: Self.now))
            for (hash, expected) in [
                (code, SijilError.Code.codeExpired),
                ([UInt8](repeating: 8, count: 32), .codeUnknown),
            ] {
                let found = await Self.error {
                    _ = try await store.enrol(
                        codeHash: hash, replica: device.id, now: Self.now,
                        certify: { device.certificate($0) })
                }
                #expect(found == expected)
            }
            #expect(try await store.device(device.id) == nil)
            #expect(try await store.devices().isEmpty)
        }
    }

    @Test(arguments: LogStoreMaker.all)
    func `an invitation to a collection that is not there is refused whole`(
        maker: LogStoreMaker
    ) async throws {
        try await maker.with { store in
            let code = [UInt8](repeating: 7, count: 32)
            let found = await Self.error {
                try await store.addInvitation(
                    Invitation(
                        codeHash: code, name: "x", grants: [Identifier(0xDEAD): .reader],
                        isFounder: false, expiresAt: Self.now + 1))
            }
            #expect(found == .notFound)
            let device = Author(2)
            let enrolled = await Self.error {
                _ = try await store.enrol(
                    codeHash: code, replica: device.id, now: Self.now,
                    certify: { device.certificate($0) })
            }
            #expect(enrolled == .codeUnknown)
        }
    }

    @Test(arguments: LogStoreMaker.all)
    func `an invitation is worth what its issuer may grant when it is used`(
        maker: LogStoreMaker
    ) async throws {
        try await maker.with { store in
            let founder = try await Self.prepare(store)
            try await store.createCollection(Self.library, creator: founder.id)
            let issuer = Author(2)
            try await Self.enrol(
                issuer, in: store, code: 2,
                grants: [Self.roster.id: .coordinator, Self.library.id: .coordinator])
            for code in [11, 12, 13] as [UInt8] {
                try await store.addInvitation(
                    Invitation(
                        codeHash: [UInt8](repeating: code, count: 32), name: "tab-\(code)",
                        grants: [Self.roster.id: .coordinator, Self.library.id: .reader],
                        isFounder: false, expiresAt: Self.now + 10, issuer: issuer.id))
            }
            @Sendable func use(_ code: UInt8) async throws -> [String: Role] {
                let device = Author(code)
                _ = try await store.enrol(
                    codeHash: [UInt8](repeating: code, count: 32), replica: device.id,
                    now: Self.now, certify: { device.certificate($0) })
                return Dictionary(
                    uniqueKeysWithValues: try await store.grants(of: device.id)
                        .map { ($0.collection.name, $0.role) })
            }
            #expect(try await use(11) == ["Wadi Amal": .coordinator, "practices": .reader])
            try await store.setGrant(.editor, of: issuer.id, in: Self.roster.id)
            #expect(try await use(12) == ["practices": .reader])
            try await store.revoke(issuer.id)
            #expect(await Self.error { _ = try await use(13) } == .codeExpired)
            #expect(try await store.device(Author(13).id) == nil)
            // A device that was enrolled before gets its certificate again.
            #expect(try await use(12) == ["practices": .reader])
        }
    }

    @Test(arguments: LogStoreMaker.all)
    func `a code raises the role that a device holds, and never lowers it`(
        maker: LogStoreMaker
    ) async throws {
        try await maker.with { store in
            _ = try await Self.prepare(store)
            let device = Author(2)
            try await Self.enrol(device, in: store, code: 2)
            let roles: [Role] = [.reader, .editor, .coordinator]
            var code: UInt8 = 3
            for held in roles.indices {
                for given in roles.indices {
                    try await store.setGrant(roles[held], of: device.id, in: Self.roster.id)
                    try await Self.enrol(
                        device, in: store, code: code, grants: [Self.roster.id: roles[given]])
                    let granted = try await store.grants(of: device.id).map(\.role)
                    #expect(granted == [roles[max(held, given)]], "\(held), \(given)")
                    code += 1
                }
            }
        }
    }

    @Test(arguments: LogStoreMaker.all)
    func `many devices and one code: one gets it`(maker: LogStoreMaker) async throws {
        try await maker.with { store in
            let code = [UInt8](repeating: 7, count: 32)
            try await store.addInvitation(
                Invitation(
                    codeHash: code, name: "x", grants: [:], isFounder: false,
                    expiresAt: Self.now + 1))
            let outcomes = await withTaskGroup(of: SijilError.Code?.self) { group in
                for number in 10..<26 as Range<UInt8> {
                    group.addTask {
                        let device = Author(number)
                        return await Self.error {
                            _ = try await store.enrol(
                                codeHash: code, replica: device.id, now: Self.now,
                                certify: { device.certificate($0) })
                        }
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(outcomes.filter { $0 == nil }.count == 1)
            #expect(outcomes.filter { $0 == .codeUsed }.count == 15)
            #expect(try await store.devices().count == 1)
        }
    }

    @Test(arguments: LogStoreMaker.all)
    func `a collection's name and id are its own, and its maker coordinates it`(
        maker: LogStoreMaker
    ) async throws {
        try await maker.with { store in
            let founder = try await Self.prepare(store)
            #expect(try await store.collection(Self.roster.id) == Self.roster)
            #expect(try await store.collection(Self.library.id) == nil)
            var same = Self.library
            same.name = Self.roster.name
            #expect(
                await Self.error { try await store.createCollection(same, creator: founder.id) }
                    == .badData)
            same = Self.library
            same.id = Self.roster.id
            #expect(
                await Self.error { try await store.createCollection(same, creator: founder.id) }
                    != nil)
            #expect(
                await Self.error {
                    try await store.createCollection(Self.library, creator: Author(9).id)
                } == .notFound)
            #expect(try await store.collection(Self.library.id) == nil, "nothing of it stayed")
            try await store.createCollection(Self.library, creator: founder.id)
            let grants = try await store.grants(of: founder.id)
            #expect(grants.map(\.collection.name) == ["Wadi Amal", "practices"])
            #expect(grants.allSatisfy { $0.role == .coordinator })
        }
    }

    @Test(arguments: LogStoreMaker.all)
    func `grants are given, changed and taken away`(maker: LogStoreMaker) async throws {
        try await maker.with { store in
            _ = try await Self.prepare(store)
            let device = Author(2)
            try await Self.enrol(device, in: store, code: 2)
            #expect(try await store.grants(of: device.id).isEmpty)
            for role in [Role.reader, .editor, .coordinator, .reader] {
                try await store.setGrant(role, of: device.id, in: Self.roster.id)
                let granted = try await store.grants(of: device.id)
                #expect(granted.map(\.role) == [role])
                let listed = try await store.devices()
                let own = listed.first { $0.device.certificate.replica == device.id }
                #expect(own?.grants == [Self.roster.id: role])
            }
            try await store.setGrant(nil, of: device.id, in: Self.roster.id)
            try await store.setGrant(nil, of: device.id, in: Self.roster.id)
            #expect(try await store.grants(of: device.id).isEmpty)
            #expect(
                await Self.error {
                    try await store.setGrant(.reader, of: Author(9).id, in: Self.roster.id)
                } == .notFound)
            #expect(
                await Self.error {
                    try await store.setGrant(.reader, of: device.id, in: Identifier(0xDEAD))
                } == .notFound)
        }
    }

    @Test(arguments: LogStoreMaker.all)
    func `of two coordinators who take each other's role at once one stays`(
        maker: LogStoreMaker
    ) async throws {
        try await maker.with { store in
            let founder = try await Self.prepare(store)
            let other = Author(2)
            try await Self.enrol(other, in: store, code: 2)
            try await store.setGrant(.coordinator, of: other.id, in: Self.roster.id)
            // Both were coordinators when they asked.
            try await store.setGrant(
                .editor, of: other.id, in: Self.roster.id, by: founder.id)
            #expect(
                await Self.error {
                    try await store.setGrant(
                        .editor, of: founder.id, in: Self.roster.id, by: other.id)
                } == .notPermitted)
            #expect(
                await Self.error {
                    try await store.setGrant(
                        nil, of: founder.id, in: Self.roster.id, by: founder.id)
                } == .notPermitted, "the last one")
            #expect(try await store.grants(of: founder.id).map(\.role) == [.coordinator])
            #expect(try await store.grants(of: other.id).map(\.role) == [.editor])
            // What there is not is answered like what one may not.
            for asked in [Self.roster.id, Identifier(0xDEAD)] {
                #expect(
                    await Self.error {
                        try await store.setGrant(.editor, of: other.id, in: asked, by: other.id)
                    } == .notPermitted)
            }
        }
    }

    @Test(arguments: LogStoreMaker.all)
    func `who was revoked or lowered meanwhile revokes nobody`(
        maker: LogStoreMaker
    ) async throws {
        try await maker.with { store in
            let founder = try await Self.prepare(store)
            let (first, second, reader) = (Author(2), Author(3), Author(4))
            for (index, author) in [first, second, reader].enumerated() {
                try await Self.enrol(author, in: store, code: UInt8(2 + index))
                try await store.setGrant(
                    author.id == reader.id ? .reader : .coordinator, of: author.id,
                    in: Self.roster.id)
            }
            try await store.revoke(second.id, by: first.id)
            for revoked in [first.id, reader.id] {
                #expect(
                    await Self.error { try await store.revoke(revoked, by: second.id) }
                        == .notPermitted)
            }
            #expect(
                await Self.error { try await store.revoke(first.id, by: reader.id) }
                    == .notPermitted)
            #expect(
                await Self.error { try await store.revoke(Author(9).id, by: first.id) }
                    == .notPermitted)
            for author in [first, founder] {
                #expect(
                    await Self.error { try await store.revoke(author.id, by: author.id) }
                        == .notPermitted, "itself")
            }
            try await store.revoke(reader.id, by: first.id)
            // A founder may revoke whoever it is, and name another coordinator where none is left.
            try await store.revoke(first.id, by: founder.id)
            try await store.setGrant(nil, of: founder.id, in: Self.roster.id)
            try await store.setGrant(
                .coordinator, of: founder.id, in: Self.roster.id, by: founder.id)
            #expect(try await store.device(first.id)?.isRevoked == true)
            #expect(try await store.grants(of: founder.id).map(\.role) == [.coordinator])
        }
    }

    @Test(arguments: LogStoreMaker.all)
    func `a revoked device is known as such and cannot enrol again`(
        maker: LogStoreMaker
    ) async throws {
        try await maker.with { store in
            _ = try await Self.prepare(store)
            let device = Author(2)
            try await Self.enrol(device, in: store, code: 2)
            try await store.revoke(device.id)
            try await store.revoke(device.id)
            #expect(try await store.device(device.id)?.isRevoked == true)
            #expect(
                await Self.error { try await Self.enrol(device, in: store, code: 3) }
                    == .notPermitted)
            // Nor with the code that it has used.
            #expect(
                await Self.error {
                    _ = try await store.enrol(
                        codeHash: [UInt8](repeating: 2, count: 32), replica: device.id,
                        now: Self.now, certify: { device.certificate($0) })
                } == .notPermitted)
            #expect(try await store.device(device.id)?.isRevoked == true)
            #expect(await Self.error { try await store.revoke(Author(9).id) } == .notFound)
        }
    }

    // MARK: Logs

    @Test(arguments: LogStoreMaker.all)
    func `an append gives positions and moves the head`(maker: LogStoreMaker) async throws {
        try await maker.with { store in
            let author = try await Self.prepare(store)
            let first = author.run(after: 0, count: 3)
            #expect(try await store.extent(of: Self.roster.id) == nil)
            #expect(try await store.heads(of: [author.id], in: Self.roster.id).isEmpty)
            #expect(try await store.append(first, to: Self.roster.id, expecting: nil) == 1)
            #expect(
                try await store.heads(of: [author.id, Author(9).id], in: Self.roster.id)
                    == [author.id: author.head(3)!])
            #expect(try await store.bytes(of: first[1].dot, in: Self.roster.id) == first[1].bytes)
            let unknown = Dot(replica: author.id, sequence: 4)
            #expect(try await store.bytes(of: unknown, in: Self.roster.id) == nil)

            // The same again, with any head but the right one: nothing happens.
            #expect(try await store.append(first, to: Self.roster.id, expecting: nil) == nil)
            let next = author.run(after: 3, count: 2)
            for head in [nil, author.head(2), AuthorHead(sequence: 3, hash: .start)] {
                let position = try await store.append(
                    next, to: Self.roster.id, expecting: head)
                #expect(position == nil)
            }
            #expect(try await store.collection(Self.roster.id)?.head == 3)
            #expect(
                try await store.append(next, to: Self.roster.id, expecting: author.head(3)) == 4)
            #expect(try await store.collection(Self.roster.id)?.head == 5)
            #expect(
                try await store.changes(in: Self.roster.id, after: 0, byteLimit: .max)
                    == first + next)
            #expect(
                await Self.error {
                    _ = try await store.append(next, to: Identifier(0xDEAD), expecting: nil)
                } == .notFound)
        }
    }

    @Test(arguments: LogStoreMaker.all)
    func `collections have logs of their own`(maker: LogStoreMaker) async throws {
        try await maker.with { store in
            let author = try await Self.prepare(store)
            try await store.createCollection(Self.library, creator: author.id)
            let run = author.run(after: 0, count: 2)
            #expect(try await store.append(run, to: Self.roster.id, expecting: nil) == 1)
            #expect(try await store.append(run, to: Self.library.id, expecting: nil) == 1)
            #expect(try await store.collection(Self.library.id)?.head == 2)
            let names = try await store.collections().map(\.name)
            #expect(names == ["Wadi Amal", "practices"])
            let extent = try await store.extent(of: Self.library.id)
            #expect(extent == LogExtent(first: 1, last: 2, count: 2))
        }
    }

    @Test(arguments: LogStoreMaker.all)
    func `positions have no gaps under many writers, and each author's order holds`(
        maker: LogStoreMaker
    ) async throws {
        try await maker.with { store in
            _ = try await Self.prepare(store)
            let authors = (10..<18 as Range<UInt8>).map(Author.init)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for author in authors {
                    // Two connections of one author race for the same changes; one wins each time.
                    for _ in 0..<2 {
                        group.addTask {
                            var sequence: UInt64 = 0
                            while sequence < 24 {
                                let run = author.run(after: sequence, count: 1 + Int(sequence % 3))
                                _ = try await store.append(
                                    run, to: Self.roster.id, expecting: author.head(sequence))
                                let heads = try await store.heads(
                                    of: [author.id], in: Self.roster.id)
                                sequence = heads[author.id]?.sequence ?? 0
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
            let changes = try await store.changes(in: Self.roster.id, after: 0, byteLimit: .max)
            let head = try await store.collection(Self.roster.id)?.head
            #expect(head == UInt64(changes.count))
            var sequences: [ReplicaID: UInt64] = [:]
            for (index, change) in changes.enumerated() {
                #expect(change.dot.sequence == sequences[change.dot.replica, default: 0] + 1)
                sequences[change.dot.replica] = change.dot.sequence
                // Every position is there: reading after it gives the next.
                let next = try await store.changes(
                    in: Self.roster.id, after: UInt64(index), byteLimit: 1)
                #expect(next.first == change)
            }
            #expect(sequences.count == authors.count)
            #expect(sequences.values.allSatisfy { $0 >= 24 })
        }
    }

    @Test(arguments: LogStoreMaker.all)
    func `reading ends on whole runs and keeps to the limit`(maker: LogStoreMaker) async throws {
        try await maker.with { store in
            let founder = try await Self.prepare(store)
            let other = Author(2)
            var sequences: [UInt64] = [0, 0]
            for (turn, count) in [3, 1, 4, 2, 5, 1].enumerated() {
                let author = turn % 2 == 0 ? founder : other
                let run = author.run(after: sequences[turn % 2], count: count, size: 100)
                _ = try await store.append(
                    run, to: Self.roster.id, expecting: author.head(sequences[turn % 2]))
                sequences[turn % 2] += UInt64(count)
            }
            let whole = try await store.changes(in: Self.roster.id, after: 0, byteLimit: .max)
            #expect(whole.count == 16)
            for limit in [0, 1, 350, 500, 1000] {
                var read: [LoggedChange] = []
                while true {
                    let piece = try await store.changes(
                        in: Self.roster.id, after: UInt64(read.count), byteLimit: limit)
                    guard let last = piece.last else { break }
                    #expect(last.signature != nil, "limit \(limit)")
                    // A run that begins within the limit is given to its end.
                    let start =
                        piece.dropLast().lastIndex { $0.signature != nil }.map { $0 + 1 } ?? 0
                    let size = piece[...start].reduce(0) { $0 + $1.bytes.count }
                    #expect(start == 0 || size <= limit, "limit \(limit), \(size) bytes")
                    read += piece
                }
                #expect(read == whole, "limit \(limit)")
            }
            #expect(
                try await store.changes(in: Self.roster.id, after: .max, byteLimit: 9).isEmpty)
            #expect(
                await Self.error {
                    _ = try await store.changes(
                        in: Identifier(0xDEAD), after: 0, byteLimit: 9)
                } == .notFound)
        }
    }

    @Test func `a file keeps everything when it is opened again`() async throws {
        let folder = try Folder()
        let store = try SQLiteLogStore(path: folder.file())
        let author = try await Self.prepare(store)
        let run = author.run(after: 0, count: 3)
        _ = try await store.append(run, to: Self.roster.id, expecting: nil)
        try await store.setOnce("epoch", [1])
        try store.close()

        let again = try SQLiteLogStore(path: folder.file())
        #expect(try await again.setting("epoch") == [1])
        #expect(try await again.device(author.id)?.isFounder == true)
        #expect(try await again.changes(in: Self.roster.id, after: 0, byteLimit: .max) == run)
        let next = author.run(after: 3, count: 1)
        #expect(try await again.append(next, to: Self.roster.id, expecting: author.head(3)) == 4)
        try again.close()
    }

    @Test func `open invitations of nobody known end, those for founders stay`() async throws {
        let folder = try Folder()
        let store = try SQLiteLogStore(path: folder.file())
        _ = try await Self.prepare(store)
        for (code, isFounder) in [(7, false), (8, true)] as [(UInt8, Bool)] {
            try await store.addInvitation(
                Invitation(
                    codeHash: [UInt8](repeating: code, count: 32), name: "x",
                    grants: isFounder ? [:] : [Self.roster.id: .editor], isFounder: isFounder,
                    expiresAt: Self.now + 10))
        }
        try await store.database.write {
            try $0.execute(sql: "ALTER TABLE invitation DROP COLUMN issuer")
        }
        try store.close()
        for _ in 0..<2 {
            let again = try SQLiteLogStore(path: folder.file())
            let device = Author(5)
            for (code, expected) in [(7, .codeUnknown), (8, nil)]
                as [(UInt8, SijilError.Code?)]
            {
                let found = await Self.error {
                    _ = try await again.enrol(
                        codeHash: [UInt8](repeating: code, count: 32), replica: device.id,
                        now: Self.now, certify: { device.certificate($0) })
                }
                #expect(found == expected)
            }
            try again.close()
        }
    }

    @Test func `a file that cannot be opened is told as such`() throws {
        let folder = try Folder()
        try Data("not a database at all, only text".utf8)
            .write(to: URL(fileURLWithPath: folder.file()))
        #expect(code { _ = try SQLiteLogStore(path: folder.file()) } == .inputOutput)
        #expect(code { _ = try SQLiteLogStore(path: folder.file("no/log")) } == .inputOutput)
    }
}

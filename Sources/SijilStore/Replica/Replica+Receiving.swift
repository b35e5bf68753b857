import Foundation
import GRDB
public import SijilCore

/// Changes as they come from a server or by hand.
public struct Delivery: Sendable {
    public enum Content: Sendable {
        case run(SignedRun)
        /// Changes that this replica has; only their positions are news. `hash` is the chain hash of the
        /// last of them, so that it can tell whether what it has is the same.
        case known(author: ReplicaID, first: UInt64, count: UInt64, hash: ChainHash)
    }

    /// The server's position of the first change; `nil` when no server has given one.
    public var position: UInt64?
    public var content: Content

    public init(position: UInt64?, _ content: Content) {
        self.position = position
        self.content = content
    }
}

/// What became of received changes.
public struct ReceiveReport: Hashable, Sendable {
    public var applied = 0
    /// Changes that were here already.
    public var known = 0
    /// Changes set aside until what their authors had seen arrives.
    public var held = 0
    /// Whether there was something in them of records that had been erased: that was not kept.
    package var hasReduced = false

    public init() {}
}

extension Replica {
    /// Takes in a piece of one collection's log: all of it or, if anything in it does not hold, nothing.
    ///
    /// Idempotent, and commutative as far as causality allows: a change that comes before what its author
    /// had seen is held and applied later, in the transaction that brings the last of it.
    ///
    /// - Parameters:
    ///   - deliveries: runs and positions, in any order.
    ///   - certificates: of authors who may be new here; checked against the pinned authority.
    ///   - cursor: the position up to which the piece is complete, to be remembered with it.
    /// - Throws: `notAuthentic` for a hash, signature or certificate that does not hold, `fork` for a second
    ///   change that its author signed under a known name and when the sender has other changes of this
    ///   replica than the file does, `unseen` for changes that nothing ties to those here and for "known"
    ///   ones of others that are not here, `badData` and `futureVersion` for what cannot be read.
    @discardableResult
    public func receive(
        _ deliveries: [Delivery], certificates: [Certificate] = [],
        in collection: CollectionID, cursor: UInt64? = nil
    ) throws -> ReceiveReport {
        if let cursor { try Self.checkNumbers(cursor, count: 0) }
        return try transaction(durable: false, onlyAppends: true) { db in
            for certificate in certificates { try add(certificate, db) }
            let writer = try writer(of: collection, db)
            var report = ReceiveReport()
            for delivery in deliveries {
                switch delivery.content {
                case .known(let author, let first, let count, let hash):
                    try checkKnown(author, first, count, hash, writer, db)
                    if let position = delivery.position {
                        try Self.checkNumbers(position, count: count)
                        try writer.place(author, first, count, at: position)
                    }
                case .run(let run):
                    try receive(run, at: delivery.position, writer, &report, db)
                }
            }
            report.applied += try releaseHeld(writer, db)
            report.hasReduced = writer.hasReduced
            try finish(writer, db)
            if let cursor {
                try db.cachedStatement(
                    sql: "UPDATE collection SET cursor = max(cursor, ?) WHERE n = ?"
                )
                .execute(arguments: [Int64(cursor), writer.number])
            }
            return report
        }
    }

    /// Refuses sequences and positions that the database could not count on from.
    static func checkNumbers(_ first: UInt64, count: UInt64) throws {
        guard count < UInt64(Int64.max), first < UInt64(Int64.max) - count else {
            throw SijilError(.badData, "A sequence or a position cannot be.")
        }
    }

    // MARK: Certificates

    func add(_ certificate: Certificate, _ db: Database) throws {
        let authority = Data.fromDatabaseValue(try Settings.value("authority", db) ?? .null)
        guard let authority, certificate.isValid(authority: Array(authority)) else {
            throw SijilError(
                .notAuthentic, "A device certificate is not from this server's authority.")
        }
        let number = try names.number(of: certificate.replica, db)
        try db.execute(
            sql: "UPDATE replica SET name = ?, certificate = ? WHERE n = ?",
            arguments: [certificate.name, Data(certificate.bytes), number])
    }

    /// Pins the authority and takes in this replica's own certificate: once, when it joins.
    public func pin(authority: [UInt8], own certificate: Certificate) throws {
        guard certificate.replica == id else {
            throw SijilError(.notAuthentic, "The certificate is another device's.")
        }
        try transaction { db in
            let pinned = Data.fromDatabaseValue(try Settings.value("authority", db) ?? .null)
            guard pinned == nil || pinned == Data(authority) else {
                throw SijilError(
                    .configuration, "This replica has joined another server.",
                    hint: "Use another --home for this server.")
            }
            try Settings.set("authority", Data(authority).databaseValue, db)
            try add(certificate, db)
            try Settings.set("name", certificate.name.databaseValue, db)
        }
    }

    /// Pins the authority without a certificate of its own: for copies that are only looked at.
    package func trust(_ authority: [UInt8]) throws {
        try transaction { try Settings.set("authority", Data(authority).databaseValue, $0) }
    }

    /// The pinned authority's public key, once joined.
    public var authority: [UInt8]? {
        get throws {
            try read {
                Data.fromDatabaseValue(try Settings.value("authority", $0) ?? .null)
                    .map(Array.init)
            }
        }
    }

    func publicKey(of author: ReplicaID, _ db: Database) throws -> [UInt8]? {
        if author == id { return key.publicKey }
        let stored = try Data.fetchOne(
            db.cachedStatement(sql: "SELECT certificate FROM replica WHERE id = ?"),
            arguments: [author.stored])
        guard let stored else { return nil }
        var reader = ByteReader(Array(stored))
        return try Certificate(from: &reader).publicKey
    }

    // MARK: Runs

    private func receive(
        _ run: SignedRun, at position: UInt64?, _ writer: CollectionWriter,
        _ report: inout ReceiveReport, _ db: Database
    ) throws {
        let count = UInt64(run.changes.count)
        guard run.first > 0, count > 0 else {
            throw SijilError(.badData, "A run has no change or a sequence that cannot be.")
        }
        try Self.checkNumbers(run.first, count: count)
        try Self.checkNumbers(position ?? 0, count: count)
        let head = writer.head(of: run.author)
        let known = try skipKnown(run, head, writer, db)
        if let position { try writer.place(run.author, run.first, UInt64(known), at: position) }
        report.known += known
        guard known < run.changes.count else { return }

        let first = run.first + UInt64(known)
        let isGap = first > head.sequence + 1
        if let previous = run.previous, known == 0, !isGap, previous != head.hash {
            throw try refusal(of: run, after: previous, writer.collection, db)
        }
        let tie =
            try isGap
            ? run.previous ?? hash(ofHeld: first - 1, of: run.author, writer, db) : head.hash
        guard let previous = tie else {
            throw SijilError(
                .unseen, "An author's earlier changes are missing, and nothing ties these to them.")
        }
        let links = try chain(
            run.changes[known...], after: previous, first, run.author, writer.collection)
        try checkSignature(of: run, over: links, db)

        var isHeld = isGap
        for (index, link) in links.enumerated() {
            let place = position.map { $0 + UInt64(known + index) }
            let signature = index == links.count - 1 ? run.signature : nil
            if !isHeld, writer.covers(link.bytes) {
                try writer.append(
                    link.bytes, dot: link.dot, sums: { link.sums },
                    proof: { _ in signature.map(Proof.init(bytes:)) })
                if let place { try writer.place(link.dot.replica, link.dot.sequence, 1, at: place) }
                report.applied += 1
            } else {
                isHeld = true
                if try hold(link, signature, place, writer.number, db) { report.held += 1 }
            }
        }
    }

    private func checkSignature(of run: SignedRun, over links: [Link], _ db: Database) throws {
        guard let publicKey = try publicKey(of: run.author, db) else {
            throw SijilError(.notAuthentic, "An author's certificate is missing.")
        }
        guard
            isValidSignature(
                run.signature, over: SignedRun.signedMessage(links.last!.hash), by: publicKey)
        else { throw SijilError(.notAuthentic, "A signature does not hold.") }
    }

    /// Why a run that differs from what is here is refused: a fork if its author signed it, else it was
    /// only damaged on the way.
    private func refusal(
        of run: SignedRun, after previous: ChainHash, _ collection: CollectionID, _ db: Database
    ) throws -> SijilError {
        let links = try chain(run.changes[...], after: previous, run.first, run.author, collection)
        try checkSignature(of: run, over: links, db)
        return Self.forked
    }

    static var forked: SijilError {
        SijilError(
            .fork, "Two different changes carry one author's name and number.",
            hint: "A replica's file was copied or restored. Tell your coordinator.")
    }

    /// The hash before a change that is here, from the journal; `nil` when a snapshot took the place of what is
    /// before it.
    func hash(
        before sequence: UInt64, of author: ReplicaID, _ writer: CollectionWriter, _ db: Database
    ) throws -> ChainHash? {
        let base = try base(of: writer.number, db)?.authors.first { $0.replica == author }
        var first: UInt64 = 1
        var previous = ChainHash.start
        if let base, base.sequence < sequence {
            (first, previous) = (base.sequence + 1, base.hash)
        }
        let changes = try Data.fetchAll(
            db,
            sql: """
                SELECT bytes FROM journal WHERE collection = ? AND replica = ?
                    AND sequence >= ? AND sequence < ? ORDER BY sequence
                """,
            arguments: [
                writer.number, try names.number(of: author, db), Int64(first), Int64(sequence),
            ])
        guard UInt64(changes.count) == sequence - first else { return nil }
        return try chain(
            changes.map(Array.init)[...], after: previous, first, author, writer.collection
        )
        .last?
        .hash ?? previous
    }

    /// A change of a run, in its place in the author's chain.
    struct Link {
        var bytes: ChangeBytes
        var dot: Dot
        var previous: ChainHash
        var sums: CollectionWriter.Sums

        var hash: ChainHash { sums.hash }
    }

    func chain(
        _ changes: ArraySlice<[UInt8]>, after previous: ChainHash, _ first: UInt64,
        _ author: ReplicaID, _ collection: CollectionID
    ) throws -> [Link] {
        var links: [Link] = []
        var previous = previous
        let size = changes.reduce(0) { $0 + $1.count }
        let read = try Parallel.map(changes, isLarge: size > 32 * 1024) {
            (index, bytes) throws(SijilError) in
            let change = try ChangeBytes(bytes)
            let dot = Dot(replica: author, sequence: first + UInt64(index))
            return (
                change, dot, change.bodyHash(using: sha256),
                CollectionWriter.Sums(change, dot, hash: .start)
            )
        }
        for (change, dot, body, sums) in read {
            var sums = sums
            sums.hash = change.hash(
                in: ChainPlace(collection: collection, dot: dot, previous: previous), body: body,
                using: sha256)
            links.append(Link(bytes: change, dot: dot, previous: previous, sums: sums))
            previous = sums.hash
        }
        return links
    }

    /// Whether both are the bytes of one change, whatever was erased from each.
    func isSame(_ left: [UInt8], _ right: [UInt8]) throws -> Bool {
        try left == right || ChangeBytes(left).isSame(as: ChangeBytes(right), using: sha256)
    }

    /// The number of changes at the run's beginning that are here, after checking that they are the same.
    private func skipKnown(
        _ run: SignedRun, _ head: CollectionWriter.Head, _ writer: CollectionWriter, _ db: Database
    ) throws -> Int {
        guard run.first <= head.sequence else { return 0 }
        let count = Int(min(head.sequence - run.first + 1, UInt64(run.changes.count)))
        let select = try db.cachedStatement(
            sql: "SELECT bytes FROM journal WHERE collection = ? AND replica = ? AND sequence = ?")
        let author = try names.number(of: run.author, db)
        let covered = try base(of: writer.number, db)?.vector[run.author] ?? 0
        for index in 0..<count {
            let sequence = Int64(run.first) + Int64(index)
            let bytes = try Data.fetchOne(
                select, arguments: [writer.number, author, sequence])
            // What a snapshot brought is not here to be compared with; what goes on from it must fit its hash.
            if bytes == nil, UInt64(sequence) <= covered { continue }
            guard try bytes.map({ try isSame(Array($0), run.changes[index]) }) == true else {
                let previous =
                    try run.previous ?? hash(before: run.first, of: run.author, writer, db)
                    ?? head.hash
                throw try refusal(of: run, after: previous, writer.collection, db)
            }
        }
        return count
    }
}

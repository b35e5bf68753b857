public import SijilCore
public import SijilStore

/// What a replica says in one request: for each collection how far it has come, and what it has to give.
///
/// `Documentation/Protocol.md` § Sync is normative for the bytes.
public struct SyncRequest: Sendable {
    public static let version: UInt8 = 1

    public struct Part: Sendable {
        public var collection: CollectionID
        /// The highest position that the replica has applied.
        public var cursor: UInt64
        /// The bytes of each run, looked into when it is their turn: one that this version cannot read stops
        /// nothing but its own collection.
        public var runs: [[UInt8]]

        public init(collection: CollectionID, cursor: UInt64, runs: [SignedRun]) {
            self.collection = collection
            self.cursor = cursor
            self.runs = runs.map(\.bytes)
        }

        /// - Throws: `futureVersion` and `badData` for a run that cannot be read.
        static func run(_ bytes: [UInt8]) throws(SijilError) -> SignedRun {
            var reader = ByteReader(bytes)
            let run = try SignedRun(from: &reader)
            try reader.expectEnd()
            return run
        }
    }

    /// Stands for the grants that the replica knows (``GrantsTag``); other grants make the server list them.
    public var grantsTag: UInt64
    public var parts: [Part]

    public init(grantsTag: UInt64, parts: [Part]) {
        self.grantsTag = grantsTag
        self.parts = parts
    }

    public var bytes: [UInt8] {
        var writer = ByteWriter(reservingCapacity: 64)
        writer.byte(Self.version)
        writer.fixed(grantsTag)
        writer.varint(parts.count)
        for part in parts {
            writer.identifier(part.collection)
            writer.varint(part.cursor)
            writer.varint(part.runs.count)
            for run in part.runs { writer.counted(run) }
        }
        return writer.bytes
    }

    /// - Throws: `protocolMismatch` for another version, `badData` for what cannot be read. Nothing of a
    ///   request that throws may be used. The runs are not looked into.
    public init(_ bytes: [UInt8]) throws(SijilError) {
        var reader = ByteReader(bytes)
        try checkMessageVersion(try reader.byte())
        grantsTag = try reader.fixed()
        parts = []
        let count = try reader.count(minimumBytes: 18)
        guard count <= Limits.collectionsPerRequest else {
            throw SijilError(.badData, "A request names too many collections.")
        }
        var runsLeft = Limits.runsPerRequest
        for _ in 0..<count {
            let collection = try reader.identifier()
            let cursor = try reader.varint()
            var part = Part(collection: collection, cursor: cursor, runs: [])
            let runs = try reader.count()
            runsLeft -= runs
            guard runsLeft >= 0 else {
                throw SijilError(.badData, "A request carries too many runs.")
            }
            for _ in 0..<runs { part.runs.append(Array(try reader.counted())) }
            parts.append(part)
        }
        try reader.expectEnd()
    }
}

/// What the server answers to a ``SyncRequest``.
public struct SyncResponse: Sendable {
    public struct Part: Sendable {
        public var collection: CollectionID
        /// Why changes were refused, from whose which on; none of them was taken.
        public var refusal: Refusal?
        /// Of authors who begin in these deliveries.
        public var certificates: [Certificate]
        public var deliveries: [Delivery]
        /// The position up to which the replica is complete after these deliveries.
        public var cursor: UInt64
        public var hasMore: Bool

        public init(
            collection: CollectionID, refusal: Refusal? = nil, certificates: [Certificate] = [],
            deliveries: [Delivery] = [], cursor: UInt64, hasMore: Bool
        ) {
            self.collection = collection
            self.refusal = refusal
            self.certificates = certificates
            self.deliveries = deliveries
            self.cursor = cursor
            self.hasMore = hasMore
        }
    }

    public struct Refusal: Hashable, Sendable {
        /// The first change of the refused run; `nil` when the run could not be read.
        public var dot: Dot?
        public var code: SijilError.Code

        public init(dot: Dot?, code: SijilError.Code) {
            self.dot = dot
            self.code = code
        }
    }

    /// Names this server's history; another epoch means that the server was restored or replaced.
    public var epoch: Identifier
    /// Milliseconds since 1970.
    public var serverTime: Int64
    /// All that the device is granted, when it differs from what the request's tag stood for.
    public var grants: [CollectionGrant]?
    public var parts: [Part]

    public init(
        epoch: Identifier, serverTime: Int64, grants: [CollectionGrant]?, parts: [Part]
    ) {
        self.epoch = epoch
        self.serverTime = serverTime
        self.grants = grants
        self.parts = parts
    }

    private enum DeliveryForm {
        static let run: UInt8 = 0
        static let known: UInt8 = 1
    }

    private enum PartFlag {
        static let hasMore: UInt8 = 1
        static let refusal: UInt8 = 2
    }

    public var bytes: [UInt8] {
        var writer = ByteWriter(reservingCapacity: 128)
        writer.byte(SyncRequest.version)
        writer.identifier(epoch)
        writer.signed(serverTime)
        writer.byte(grants == nil ? 0 : 1)
        if let grants { GrantsTag.write(grants, to: &writer) }
        writer.varint(parts.count)
        for part in parts {
            writer.identifier(part.collection)
            writer.byte(
                (part.hasMore ? PartFlag.hasMore : 0)
                    | (part.refusal == nil ? 0 : PartFlag.refusal))
            if let refusal = part.refusal {
                writer.identifier(refusal.dot?.replica ?? .zero)
                writer.varint(refusal.dot?.sequence ?? 0)
                writer.text(refusal.code.rawValue)
            }
            writer.varint(part.cursor)
            writer.varint(part.certificates.count)
            for certificate in part.certificates { certificate.write(to: &writer) }
            writer.varint(part.deliveries.count)
            for delivery in part.deliveries {
                writer.varint(delivery.position ?? 0)
                switch delivery.content {
                case .run(let run):
                    writer.byte(DeliveryForm.run)
                    run.write(to: &writer)
                case .known(let author, let first, let count, let hash):
                    writer.byte(DeliveryForm.known)
                    writer.identifier(author)
                    writer.varint(first)
                    writer.varint(count)
                    writer.raw(hash.bytes)
                }
            }
        }
        return writer.bytes
    }

    /// - Throws: `protocolMismatch` for another version, `badData` or `futureVersion` for what cannot be
    ///   read. Nothing of an answer that throws may be used.
    public init(_ bytes: [UInt8]) throws(SijilError) {
        var reader = ByteReader(bytes)
        try checkMessageVersion(try reader.byte())
        epoch = try reader.identifier()
        serverTime = try reader.signed()
        switch try reader.byte() {
        case 0: grants = nil
        case 1: grants = try GrantsTag.read(&reader)
        default:
            throw SijilError(.protocolMismatch, "The answer uses what this version lacks.")
        }
        parts = []
        for _ in 0..<(try reader.count(minimumBytes: 20)) {
            let collection = try reader.identifier()
            let flags = try reader.byte()
            guard flags & ~(PartFlag.hasMore | PartFlag.refusal) == 0 else {
                throw SijilError(.protocolMismatch, "The answer uses what this version lacks.")
            }
            var refusal: Refusal?
            if flags & PartFlag.refusal != 0 {
                let dot = Dot(
                    replica: try reader.identifier(), sequence: try reader.varint())
                refusal = Refusal(
                    dot: dot.sequence == 0 ? nil : dot,
                    code: SijilError.Code(rawValue: try reader.text()))
            }
            var part = Part(
                collection: collection, refusal: refusal, cursor: try reader.varint(),
                hasMore: flags & PartFlag.hasMore != 0)
            for _ in 0..<(try reader.count(minimumBytes: 100)) {
                part.certificates.append(try Certificate(from: &reader))
            }
            for _ in 0..<(try reader.count(minimumBytes: 4)) {
                part.deliveries.append(try Self.readDelivery(&reader))
            }
            parts.append(part)
        }
        try reader.expectEnd()
    }

    private static func readDelivery(_ reader: inout ByteReader) throws(SijilError) -> Delivery {
        let position = try reader.varint()
        guard position <= UInt64(Int64.max) / 2 else {
            throw SijilError(.badData, "A position cannot be.")
        }
        switch try reader.byte() {
        case DeliveryForm.run:
            return Delivery(
                position: position == 0 ? nil : position, .run(try SignedRun(from: &reader)))
        case DeliveryForm.known:
            let author = try reader.identifier()
            let first = try reader.varint()
            let count = try reader.varint()
            guard let hash = ChainHash(try reader.raw(ChainHash.byteCount)) else {
                throw SijilError(.badData, "A hash cannot be read.")
            }
            return Delivery(
                position: position == 0 ? nil : position,
                .known(author: author, first: first, count: count, hash: hash))
        default:
            throw SijilError(.protocolMismatch, "The answer uses what this version lacks.")
        }
    }
}

private func checkMessageVersion(_ version: UInt8) throws(SijilError) {
    guard version == SyncRequest.version else {
        throw SijilError(
            .protocolMismatch,
            "The other side speaks protocol version \(version), this one \(SyncRequest.version).",
            hint: "Install the same version of Sijil on both.")
    }
}

/// Eight bytes that stand for a list of grants, so that an unchanged list is not sent.
enum GrantsTag {
    static func of(_ grants: [CollectionGrant]) -> UInt64 {
        var writer = ByteWriter()
        write(grants, to: &writer)
        return sha256(writer.bytes).prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }

    static func write(_ grants: [CollectionGrant], to writer: inout ByteWriter) {
        writer.varint(grants.count)
        for grant in grants.sorted(by: { $0.id < $1.id }) {
            writer.identifier(grant.id)
            writer.text(grant.name)
            writer.text(grant.kind)
            writer.text(grant.role.rawValue)
        }
    }

    static func read(_ reader: inout ByteReader) throws(SijilError) -> [CollectionGrant] {
        var grants: [CollectionGrant] = []
        for _ in 0..<(try reader.count(minimumBytes: 19)) {
            let id = try reader.identifier()
            let name = try reader.text()
            let kind = try reader.text()
            // A role that this version does not know may at least be read with.
            let role = Role(rawValue: try reader.text()) ?? .reader
            grants.append(CollectionGrant(id: id, name: name, kind: kind, role: role))
        }
        return grants
    }
}

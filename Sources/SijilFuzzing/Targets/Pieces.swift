import SijilCore
import SijilStore
import SijilSync

extension FuzzTarget {
    /// A signed run: what bundles, pushes and deliveries are made of.
    static let run = FuzzTarget(
        "run", fixtures: ["Format/v1/run-"],
        seeds: { try sampleRuns().map(\.bytes) },
        run: { bytes in
            var reader = ByteReader(bytes)
            guard let run = try readable({ try SignedRun(from: &reader) }) else { return }
            let end = bytes.count - reader.remaining
            try expect(
                run.changes.count + run.changes.reduce(0) { $0 + $1.count } <= end,
                "a run has more in it than bytes")
            try expect(run.bytes == Array(bytes[..<end]), "a run has two forms in bytes")
            try expect(run.first > 0 && run.last >= run.first, "a run has impossible sequences")
            for change in run.changes { try checkChange(change) }
        })

    static let request = FuzzTarget(
        "request",
        seeds: {
            let runs = try sampleRuns()
            let part = SyncRequest.Part(collection: Identifier(1), cursor: 300, runs: runs)
            let quiet = SyncRequest.Part(collection: Identifier(2), cursor: 0, runs: [])
            return [
                SyncRequest(grantsTag: 0, parts: []).bytes,
                SyncRequest(grantsTag: .max, parts: [quiet]).bytes,
                SyncRequest(grantsTag: 7, parts: [part, quiet]).bytes,
            ]
        },
        run: { bytes in
            guard let request = try readable({ try SyncRequest(bytes) }) else { return }
            try expect(request.bytes == bytes, "a request has two forms in bytes")
            try expect(
                request.parts.count + request.parts.reduce(0) { $0 + $1.runs.count }
                    <= bytes.count, "a request has more in it than bytes")
        })

    static let response = FuzzTarget(
        "response",
        seeds: {
            let grant = CollectionGrant(
                id: Identifier(1), name: "Wadi Amal", kind: "roster", role: .editor)
            let dot = Dot(replica: Identifier(9), sequence: 3)
            let runs = try sampleRuns()
            let part = SyncResponse.Part(
                collection: Identifier(1), refusal: SyncResponse.Refusal(dot: dot, code: .fork),
                certificates: [try sampleCertificate()],
                deliveries: runs.enumerated()
                    .map { Delivery(position: UInt64($0 + 1), .run($1)) } + [
                        Delivery(
                            position: 200,
                            .known(author: dot.replica, first: 1, count: 3, hash: .start))
                    ], cursor: 300, hasMore: true)
            return [nil, [grant]]
                .flatMap { grants in
                    [[], [part]]
                        .map { parts in
                            SyncResponse(
                                epoch: Identifier(5), serverTime: -1, grants: grants, parts: parts
                            )
                            .bytes
                        }
                }
        },
        run: { bytes in
            guard let response = try readable({ try SyncResponse(bytes) }) else { return }
            // Lists of grants have an order only when they are written.
            let normal = response.bytes
            try expect(try SyncResponse(normal).bytes == normal, "an answer changes when read")
            try expect(
                normal.count <= bytes.count + rolesLater(in: response),
                "an answer grows when it is read")
        })

    /// A role that is not known is read as the weakest, whose name may be longer.
    private static func rolesLater(in response: SyncResponse) -> Int {
        (response.grants?.count ?? 0) * Role.reader.rawValue.utf8.count
    }

    static let certificate = FuzzTarget(
        "certificate", fixtures: ["Format/v1/certificate.bin"],
        seeds: { [try sampleCertificate().bytes] },
        run: { bytes in
            var reader = ByteReader(bytes)
            guard let certificate = try readable({ try Certificate(from: &reader) }) else { return }
            let end = bytes.count - reader.remaining
            try expect(
                certificate.bytes == Array(bytes[..<end]), "a certificate has two forms")
            let isGenuine = try sampleCertificate().bytes == Array(bytes[..<end])
            try expect(
                certificate.isValid(authority: try Office.authority().publicKey) == isGenuine,
                "a certificate is believed that the authority never signed")
        })

    private static func sampleCertificate() throws -> Certificate {
        try Office.certificate(of: Office.key(1), name: "tablette-07")
    }

    /// One run of one change, and one of several after a change that the receiver may not have.
    private static func sampleRuns() throws -> [SignedRun] {
        let key = try Office.key(1)
        let changes = try SeededBytes.lists(6, ofBytes: 120)
            .compactMap { list in
                var choices = Choices(list)
                let change = choices.change()
                let secret = choices.bytes(ChangeBytes.secretCount)
                return try readable { try ChangeBytes(change, secret: secret).bytes }
            }
        return [
            SignedRun(
                author: ReplicaID(publicKey: key.publicKey), first: 1,
                changes: Array(changes.prefix(1)), signature: key.sign([1])),
            SignedRun(
                author: ReplicaID(publicKey: key.publicKey), first: 200,
                previous: ChainHash(sha256([2])), changes: Array(changes.dropFirst()),
                signature: key.sign([2])),
        ]
    }
}

import SijilCore
import SijilSimulator
import SijilStore
import Testing

@testable import SijilSync

struct MessageTests {
    private func request() throws -> SyncRequest {
        let key = try SigningKey(seed: [UInt8](repeating: 7, count: 32))
        let author = ReplicaID(publicKey: key.publicKey)
        let change = try ChangeBytes(
            Change(writtenAt: 1, edits: [TestEdit.person(RecordID(9), phone: "5")]),
            secret: [UInt8](repeating: 1, count: 16))
        let collection = CollectionID(3)
        let hash = change.hash(
            in: ChainPlace(
                collection: collection, dot: Dot(replica: author, sequence: 1),
                previous: .start), using: sha256)
        let run = SignedRun(
            author: author, first: 1, changes: [change.bytes],
            signature: key.sign(SignedRun.signedMessage(hash)))
        return SyncRequest(
            grantsTag: 5,
            parts: [SyncRequest.Part(collection: collection, cursor: 12, runs: [run])])
    }

    /// As `Documentation/Protocol.md`, *Signed requests*, lays it out.
    @Test func `what a request's signature is over`() {
        let authority = [UInt8](repeating: 0xA7, count: 32)
        // SHA-256 of nothing (FIPS 180-4).
        let nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        let expected =
            Array("sijil request 1".utf8) + authority + [4] + Array("POST".utf8) + [8]
            + Array("/v1/sync".utf8) + [0xD8, 0x04]
        let message = RequestSignature.message(
            authority: authority, method: "POST", path: "/v1/sync", time: 300, body: [])
        #expect(Array(message.prefix(expected.count)) == expected)
        let hash = message.dropFirst(expected.count)
        #expect(
            hash.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined() == nothing
        )
    }

    @Test func `a request reads back as it was written`() throws {
        let request = try request()
        let read = try SyncRequest(request.bytes)
        #expect(read.bytes == request.bytes)
        #expect(read.parts[0].runs == request.parts[0].runs)
    }

    @Test func `a request cut anywhere is refused`() throws {
        let bytes = try request().bytes
        for length in 0..<bytes.count {
            #expect(throws: SijilError.self) { try SyncRequest(Array(bytes[..<length])) }
        }
    }

    @Test func `an answer reads back as it was written, and not when it is cut`() throws {
        let run = try SyncRequest.Part.run(try request().parts[0].runs[0])
        let dot = Dot(replica: run.author, sequence: 5)
        let hash = try #require(ChainHash([UInt8](repeating: 6, count: 32)))
        let refusals =
            [nil, .init(dot: nil, code: .futureVersion), .init(dot: dot, code: .fork)]
            as [SyncResponse.Refusal?]
        let response = SyncResponse(
            epoch: Identifier(4), serverTime: -5,
            grants: [
                CollectionGrant(id: CollectionID(3), name: "roster", kind: "roster", role: .reader)
            ],
            parts: refusals.enumerated()
                .map { index, refusal in
                    SyncResponse.Part(
                        collection: CollectionID(UInt128(index)), refusal: refusal,
                        deliveries: [
                            Delivery(position: 7, .run(run)),
                            Delivery(
                                position: 8,
                                .known(author: run.author, first: 2, count: 3, hash: hash)),
                        ], cursor: 10, hasMore: index == 1)
                })
        let bytes = response.bytes
        let read = try SyncResponse(bytes)
        #expect(read.bytes == bytes)
        #expect(read.parts.map(\.refusal) == refusals)
        #expect(read.parts.map(\.hasMore) == [false, true, false])
        guard case .known(run.author, 2, 3, hash) = read.parts[0].deliveries[1].content else {
            Issue.record("The known range differs.")
            return
        }
        for length in 0..<bytes.count {
            #expect(throws: SijilError.self) { try SyncResponse(Array(bytes[..<length])) }
        }
    }

    @Test func `a request of endless empty runs is refused, whatever collections they are in`()
        throws
    {
        func request(runs: Int) -> [UInt8] {
            let parts = (0..<2)
                .map { number in
                    var part = SyncRequest.Part(
                        collection: CollectionID(UInt128(number)), cursor: 0, runs: [])
                    part.runs = Array(repeating: [], count: runs)
                    return part
                }
            return SyncRequest(grantsTag: 0, parts: parts).bytes
        }
        let most = Limits.runsPerRequest / 2
        #expect(try SyncRequest(request(runs: most)).parts[1].runs.count == most)
        #expect(throws: SijilError.self) { try SyncRequest(request(runs: most + 1)) }
    }

    @Test func `an answer that marks its grants as no version does is refused`() throws {
        let answer = SyncResponse(
            epoch: Identifier(1), serverTime: 5,
            grants: [CollectionGrant(id: Identifier(2), name: "a", kind: "roster", role: .editor)],
            parts: [])
        var bytes = answer.bytes
        // After the version, the epoch and a time of one byte.
        #expect(bytes[18] == 1)
        bytes[18] = 2
        #expect(throws: SijilError.self) { try SyncResponse(bytes) }
    }

    @Test func `a message of another version names both versions`() throws {
        var bytes = try request().bytes
        bytes[0] = 2
        let error = #expect(throws: SijilError.self) { try SyncRequest(bytes) }
        #expect(error?.code == .protocolMismatch)
    }

    /// Whatever bit flips on the way, the server logs the run whole and unchanged, or nothing of it.
    @Test func `no flipped bit of a piece is ever logged`() async throws {
        let world = try await World.begin(seed: 11, replicas: 1, schema: .test)
        let replica = world.replicas[0]
        try replica.write([TestEdit.person(RecordID(1), phone: "1")], in: world.collection)
        let runs = try replica.pendingRuns(in: world.collection, byteLimit: 1000).runs
        let good = SyncRequest(
            grantsTag: 0,
            parts: [SyncRequest.Part(collection: world.collection, cursor: 0, runs: runs)]
        )
        .bytes
        let server = SyncServer(
            store: world.store, authority: world.application.authority,
            environment: world.application.environment)
        let runStart = 8 + 1 + 1 + 16 + 1 + 1
        for bit in runStart * 8..<good.count * 8 {
            var bytes = good
            bytes[bit / 8] ^= 1 << UInt8(bit % 8)
            if let request = try? SyncRequest(bytes) {
                _ = try? await server.answer(request, from: replica.id)
            }
            #expect(try await world.store.collection(world.collection)?.head == 0, "bit \(bit)")
        }
        _ = try await server.answer(try SyncRequest(good), from: replica.id)
        #expect(try await world.store.collection(world.collection)?.head == 1)
    }

    @Test(arguments: BodyEncoding.allCases)
    func `a body comes back as it was, and bombs and damage are refused`(
        encoding: BodyEncoding
    ) throws {
        var generator = SeededGenerator(seed: 3)
        for size in [0, 1, 255, 256, 70_000, 300_000] {
            let bytes = generator.bytes(size)
            let packed = encoding.compress(bytes)
            #expect(try encoding.decompress(packed, limit: size) == bytes)
            #expect(throws: SijilError.self) {
                try encoding.decompress(Array(packed.dropLast()), limit: size)
            }
            if size > 0 {
                #expect(throws: SijilError.self) {
                    try encoding.decompress(packed, limit: size - 1)
                }
            }
        }
        let bomb = encoding.compress([UInt8](repeating: 0, count: 50_000_000))
        let error = #expect(throws: SijilError.self) {
            try encoding.decompress(bomb, limit: 1_000_000)
        }
        #expect(error?.code == .badData)
    }

    @Test func `a body is asked for only of devices that are known, and of those that join`()
        async throws
    {
        let world = try await World.begin(seed: 42, replicas: 1, schema: .test)
        let known = world.replicas[0].id.description
        let stranger = ReplicaID(publicKey: [UInt8](repeating: 1, count: 32)).description
        let most = ServerApplication.maximumBodyBytes
        for (method, path, device, expected) in [
            ("POST", Exchange.syncPath, known, [most]), ("GET", "/nowhere", known, [most]),
            ("POST", Exchange.syncPath, stranger, []), ("POST", Exchange.syncPath, nil, []),
            ("GET", Exchange.devicesPath, stranger, []), ("POST", "/nowhere", nil, []),
            ("POST", Exchange.joinPath, nil, [4096]), ("GET", Exchange.joinPath, nil, []),
        ] {
            var request = TransportRequest(method: method, path: path)
            if let device {
                request.headers = [
                    RequestSignature.deviceHeader: device, RequestSignature.timeHeader: "0",
                    RequestSignature.signatureHeader: RequestSignature.encode(
                        [UInt8](repeating: 0, count: 64)),
                ]
            }
            var asked: [Int] = []
            let failure = await world.application
                .handle(request) { limit in
                    asked.append(limit)
                    return []
                }
                .failure
            #expect(asked == expected, "\(method) \(path) \(device ?? "")")
            #expect(
                failure
                    == (path == Exchange.joinPath && method == "POST" ? .badData : .unauthenticated)
            )
        }
    }

    @Test func `a stranger who wants to join sends little`() async throws {
        let world = try await World.begin(seed: 41, replicas: 1, schema: .test)
        let key = RequestSignature.encode([UInt8](repeating: 1, count: Certificate.keyCount))
        let unknown = SijilError.Code.codeUnknown
        for (length, sent, unpacked) in [
            (24, unknown, unknown), (100_000, .tooLarge, .badData),
        ] {
            let code = String(repeating: "7", count: length)
            let body = Array(#"{"code":"\#(code)","public_key":"\#(key)"}"#.utf8)
            let plain = TransportRequest(method: "POST", path: Exchange.joinPath, body: body)
            let packed = BodyEncoding.allCases.map { encoding in
                var packed = plain
                packed.headers["content-encoding"] = encoding.rawValue
                packed.body = encoding.compress(body)
                return packed
            }
            #expect(await world.application.handle(plain).failure == sent)
            for request in packed {
                #expect(await world.application.handle(request).failure == unpacked)
            }
        }
    }

    @Test func `a usage error names options, never what was typed`() {
        let typed = ["show", "12", "Nadia l'Espoir", "--limit=06 12", "-q", "--json", "--Nadia"]
        let told = UsageMessage.withoutArguments(
            "Unexpected arguments 'Nadia l'Espoir', '--Nadia' '06 12'. See 'sijil help show'. "
                + "Did you mean '--json' or '-q'?", typed)
        #expect(
            told == "Unexpected arguments '…', '…' '…'. See 'sijil help show'. "
                + "Did you mean '--json' or '-q'?")
    }

    @Test func `an invitation code survives careless typing`() {
        let code = InvitationCode(random: Array(0..<20))
        let careless = code.text.lowercased().replacing("-", with: " ")
            .replacing("0", with: "o").replacing("1", with: "l")
        #expect(InvitationCode.hash(careless) == InvitationCode.hash(code.text))
        #expect(
            InvitationCode.hash(code.text)
                != InvitationCode.hash(InvitationCode(random: Array(1..<21)).text))
    }
}

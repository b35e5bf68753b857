import Foundation
import SijilCore
import SijilStore
import SijilSync

extension FuzzTarget {
    /// A stranger's request: a line with method and path, lines of headers, an empty line, the body.
    static let http = FuzzTarget(
        "http", mutationsPerSeed: 10,
        seeds: {
            let join =
                #"{"code":"7K3QX-7K3QX-7K3QX-7K3QX","public_key":"\#(RequestSignature.encode(Array(0..<32)))"}"#
            let signed = try FuzzServer.signed(
                TransportRequest(method: "GET", path: Exchange.devicesPath), by: 1)
            let headers = signed.headers.sorted { $0.key < $1.key }
                .map { "\($0.key): \($0.value)\n" }
            return [
                Array("POST /v1/join\n\n\(join)".utf8),
                Array("POST /v1/join\ncontent-encoding: gzip\n\n".utf8)
                    + BodyEncoding.gzip.compress(Array(join.utf8)),
                Array("POST /v1/join\ncontent-encoding: zstd\n\n".utf8)
                    + BodyEncoding.zstd.compress(Array(join.utf8)),
                Array("GET /v1/admin/devices\n\(headers.joined())\n".utf8),
                Array("GET /v1/admin/devices\naccept-encoding: gzip\n\(headers.joined())\n".utf8),
                Array("DELETE /\nsijil-time: -9223372036854775808\n\n".utf8),
            ]
        },
        run: { bytes in
            let server = try await FuzzServer()
            let request = readRequest(bytes)
            let response = try await server.answer(request)
            try expect(
                response.body.count <= 2048 + bytes.count, "a stranger is told too much")
        })

    private static func readRequest(_ bytes: [UInt8]) -> TransportRequest {
        var rest = bytes[...]
        func line() -> String {
            let end = rest.firstIndex(of: 0x0A) ?? rest.endIndex
            defer { rest = rest[min(end + 1, rest.endIndex)...] }
            return String(decoding: rest[..<end], as: UTF8.self)
        }
        let words = line().split(separator: " ", maxSplits: 1).map(String.init)
        var request = TransportRequest(
            method: words.first ?? "", path: words.dropFirst().first ?? "/")
        while true {
            let parts = line().split(separator: ": ", maxSplits: 1).map(String.init)
            guard parts.count == 2 else { break }
            request.headers[parts[0]] = parts[1]
        }
        request.body = Array(rest)
        return request
    }

    /// Requests of enrolled devices, properly signed, one after another, with bodies of all kinds: made of
    /// choices, so that they are behind the signature.
    static let signedHTTP = FuzzTarget(
        "signed-http", maximumBytes: 1024, mutationsPerSeed: 2,
        seeds: {
            // The first choices: a device, a form of body, then the body.
            let json = [
                #"{"name":"Wadi Amal","kind":"practices"}"#,
                #"{"name":"cabinet","grants":{"\#(Office.roster)":"editor"},"expires_in_ms":3600000}"#,
                #"{"replica":"\#(try FuzzServer.id(2))"}"#,
                #"{"replica":"\#(try FuzzServer.id(3))","collection":"\#(Office.roster)","role":"editor"}"#,
            ]
            return SeededBytes.lists(8, ofBytes: 500)
                + json.enumerated().map { [0, 0, UInt8($0), 0, 0] + Array($1.utf8) }
        },
        run: { bytes in
            var choices = Choices(bytes)
            let server = try await FuzzServer()
            var authors = try FuzzServer.devices.map { try Author($0) }
            for _ in 0..<12 where !choices.isAtEnd {
                let device = choices.pick(FuzzServer.devices)
                var request: TransportRequest
                if choices.flag() {
                    request = try syncRequest(&choices, &authors, device)
                } else {
                    request = TransportRequest(
                        method: "POST", path: choices.pick(adminPaths))
                    if choices.flag(oneIn: 8) { request.method = "GET" }
                    request.body = choices.flag(oneIn: 3) ? adminBody(&choices) : choices.rest()
                }
                if choices.flag(oneIn: 4) {
                    let encoding = choices.pick(BodyEncoding.allCases)
                    request.body = encoding.compress(request.body)
                    request.headers["content-encoding"] = encoding.rawValue
                }
                let response = try await server.answer(FuzzServer.signed(request, by: device))
                if response.status == 200, request.path == Exchange.syncPath {
                    let answer = try SyncResponse(response.body)
                    try expect(answer.bytes == response.body, "an answer changes when read")
                }
            }
            try await server.checkLog()
        })

    private static let adminPaths = [
        Exchange.collectionsPath, Exchange.invitationsPath, Exchange.revocationsPath,
        Exchange.grantsPath, Exchange.devicesPath, Exchange.joinPath, Exchange.syncPath,
    ]

    private static func syncRequest(
        _ choices: inout Choices, _ authors: inout [Author], _ device: UInt8
    ) throws -> TransportRequest {
        let index = choices.flag(oneIn: 4) ? choices.number(below: authors.count) : Int(device) - 1
        for _ in 0..<choices.number(below: 3) {
            var seen = VersionVector()
            for other in authors where choices.flag(oneIn: 3) {
                seen[other.id] = UInt64(other.changes.count)
            }
            try authors[index].write(&choices, seen: seen)
        }
        if choices.flag(oneIn: 16) {
            // Signed, but made by a program that makes mistakes.
            try authors[index].append(choices.bytes(choices.number(below: 64)))
        }
        var runs: [SignedRun] = []
        for _ in 0..<choices.number(below: 3) {
            guard var run = choices.flag() ? authors[index].run() : authors[index].run(&choices)
            else { break }
            if choices.flag(oneIn: 5) { run = run.damaged(&choices) }
            runs.append(run)
        }
        let part = SyncRequest.Part(
            collection: choices.flag(oneIn: 16) ? choices.identifier() : Office.roster,
            cursor: choices.flag(oneIn: 16)
                ? choices.uint64() : UInt64(choices.number(below: 4)), runs: runs)
        return TransportRequest(
            method: "POST", path: Exchange.syncPath,
            body: SyncRequest(
                grantsTag: UInt64(choices.byte()),
                parts: choices.flag(oneIn: 16) ? [part, part] : [part]
            )
            .bytes)
    }

    /// JSON with the keys of every request and values that suit them, or not quite.
    private static func adminBody(_ choices: inout Choices) -> [UInt8] {
        let ids = FuzzServer.devices.compactMap { try? FuzzServer.id($0).description }
        let roster = Office.roster.description
        let roles = ["reader", "editor", "coordinator", "withdrawn", "", "EDITOR"]
        let names = ["Wadi Amal", "", "ن", "\u{1}", String(repeating: "x", count: 300)]
        var members: [String] = []
        func add(_ key: String, _ value: String) { members.append("\"\(key)\":\(value)") }
        func quoted(_ text: String) -> String { "\"\(text)\"" }
        add("name", quoted(choices.pick(names)))
        add("kind", quoted(choices.pick(["roster", "practices", "other"])))
        add("replica", quoted(choices.pick(ids + ["", roster])))
        add("collection", quoted(choices.pick([roster, roster.uppercased(), ids[0]])))
        if choices.flag() { add("role", quoted(choices.pick(roles))) }
        add(
            "grants",
            "{\(quoted(choices.pick([roster, roster.uppercased(), "x"]))):"
                + "\(quoted(choices.pick(roles)))}")
        let times = ["3600000", "0", "-1", "9223372036854775807", "1e3", "1e400", "null"]
        add("expires_in_ms", choices.pick(times))
        add("code", quoted(choices.pick(["7K3QX", ""])))
        add("public_key", quoted(RequestSignature.encode(choices.bytes(32))))
        return Array("{\(members.joined(separator: ","))}".utf8)
    }
}

import Foundation
import SijilCore
import SijilCurl
import SijilSync
import Testing

/// The built program `sijil-server`, as a process.
@Suite(.timeLimit(.minutes(30)))
struct CommandTests {
    private let folder: TestFolder
    private var data: String { folder.path("server") }

    init() throws { folder = try TestFolder() }

    private static let program: String = {
        let tests = Bundle.main.executableURL ?? URL(filePath: CommandLine.arguments[0])
        return tests.deletingLastPathComponent().appending(path: "sijil-server").path
    }()

    private func run(_ arguments: String...) async throws -> Program.Ended {
        try await Program.run(Self.program, arguments)
    }

    private struct Code: Decodable {
        var code: String
        var expires: String
    }

    private struct Ready: Decodable {
        var ready: Bool
        var url: String
    }

    private func start(_ arguments: String...) async throws -> (Program, Ready) {
        let program = try Program(
            Self.program,
            ["serve", "--data", data, "--listen", "127.0.0.1:0", "--insecure"] + arguments)
        let line = try #require(await program.firstLine())
        return (program, try JSONDecoder().decode(Ready.self, from: Data(line.utf8)))
    }

    @Test func `init prints a code that works, and the files are for their owner only`()
        async throws
    {
        let made = try await run("init", "--data", data, "--json", "--name", "desk-01")
        #expect(made.status == 0)
        #expect(made.messages == "")
        let code = try JSONDecoder().decode(Code.self, from: Data(made.output.utf8))
        #expect(code.expires.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/) != nil)
        #expect(try mode(data) == 0o700)
        #expect(try mode(data + "/server.sqlite") == 0o600)

        let (program, ready) = try await start()
        let transport = try CurlTransport(baseURL: ready.url)
        let joined = try await transport.send(
            TransportRequest(
                method: "POST", path: Exchange.joinPath,
                body: Array(
                    """
                    {"code":"\(code.code)","public_key":"\(Data(count: 32).base64EncodedString())"}
                    """
                    .utf8)))
        #expect(joined.status == 200)
        #expect(kill(program.identifier, SIGTERM) == 0)
        let ended = try await program.end()
        #expect(ended.status == 0)
        #expect(ended.output.split(separator: "\n").count == 1)
    }

    private func mode(_ path: String) throws -> UInt16? {
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        return (attributes[.posixPermissions] as? NSNumber)?.uint16Value
    }

    @Test(arguments: [SIGTERM, SIGINT])
    func `a signal lets running requests end and refuses new ones`(signal: Int32) async throws {
        #expect(try await run("init", "--data", data).status == 0)
        let (program, ready) = try await start("--log-level", "info")
        let port = try #require(UInt16(ready.url.split(separator: ":").last ?? ""))
        let body = #"{"code":"7K3QX","public_key":"\#(Data(count: 32).base64EncodedString())"}"#
        guard let connection = RawConnection(port: port) else {
            Issue.record("Nothing listens.")
            return
        }
        connection.send(
            "POST /v1/join HTTP/1.1\r\nhost: x\r\ncontent-length: \(body.utf8.count)\r\n\r\n"
                + body.prefix(10))
        // From here to the answer nothing awaits: the server's time to stop must not pass while other tests run.
        waitUntilRequestRuns(port: port)
        #expect(kill(program.identifier, signal) == 0)
        // Not faster than the server can take them.
        while RawConnection(port: port) != nil { usleep(20_000) }

        connection.send(String(body.dropFirst(10)))
        let answer = connection.rest()
        #expect(answer.hasPrefix("HTTP/1.1 403 "))
        #expect(answer.hasSuffix(#""message":"There is no such invitation code."}}"#))
        let ended = try await program.end()
        #expect(ended.status == 0)
        #expect(ended.messages.contains("failure=code-unknown"))
    }

    /// Until the server counts a request beside the one that asks.
    private func waitUntilRequestRuns(port: UInt16) {
        var metrics = ""
        while !metrics.contains("sijil_http_requests_running 2\n") {
            guard let connection = RawConnection(port: port) else { return }
            connection.send("GET /metrics HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
            metrics = connection.rest()
        }
    }

    @Test func `a request that does not end is cut, and the log says so`() async throws {
        #expect(try await run("init", "--data", data).status == 0)
        let (program, ready) = try await start()
        let port = try #require(UInt16(ready.url.split(separator: ":").last ?? ""))
        guard let connection = RawConnection(port: port) else {
            Issue.record("Nothing listens.")
            return
        }
        connection.send("POST /v1/join HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n{")
        waitUntilRequestRuns(port: port)
        #expect(kill(program.identifier, SIGTERM) == 0)
        let ended = try await program.end()
        #expect(ended.status == 0)
        #expect(ended.messages.contains(Self.cut))
    }

    private static let cut = "Connections still open 10 s after the stop were cut."

    @Test func `connections that say nothing do not keep the server from ending`() async throws {
        let certificate = try await TestCertificate()
        #expect(try await run("init", "--data", data).status == 0)
        for arguments in [
            ["--insecure"],
            ["--tls-certificate", certificate.file, "--tls-key", certificate.keyFile],
        ] {
            let program = try Program(
                Self.program, ["serve", "--data", data, "--listen", "127.0.0.1:0"] + arguments)
            let line = try #require(await program.firstLine())
            let ready = try JSONDecoder().decode(Ready.self, from: Data(line.utf8))
            let port = try #require(UInt16(ready.url.split(separator: ":").last ?? ""))
            guard let connection = RawConnection(port: port) else {
                Issue.record("Nothing listens.")
                return
            }
            #expect(kill(program.identifier, SIGTERM) == 0)
            #expect(connection.rest() == "")
            let ended = try await program.end()
            #expect(ended.status == 0)
            #expect(!ended.messages.contains(Self.cut))
        }
    }

    @Test func `exit codes tell what is wrong`() async throws {
        #expect(try await run("init", "--data", data).status == 0)
        let open = folder.path("open")
        try FileManager.default.createDirectory(
            atPath: open, withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o755])
        let closed = folder.path("closed")
        try FileManager.default.createDirectory(
            atPath: closed, withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
        let cases: [([String], Int32, String)] = [
            (["init"], 64, "usage"), (["nonsense"], 64, "usage"),
            (["init", "--data", data, "--expires", "soon"], 64, "usage"),
            (["init", "--data", data], 73, "cannot-create"),
            (["init", "--data", data, "--database-url", "postgres://x"], 78, "configuration"),
            (["serve", "--data", data], 78, "configuration"),
            (["serve", "--data", data, "--insecure", "--listen", "8080"], 64, "usage"),
            (
                ["serve", "--data", data, "--insecure", "--listen", "0.0.0.0:0"], 78,
                "configuration"
            ),
            (["serve", "--data", data, "--tls-key", "/nowhere"], 64, "usage"),
            (
                [
                    "serve", "--data", data, "--tls-key", "/nowhere", "--tls-certificate",
                    "/nowhere",
                ],
                78, "configuration"
            ),
            (["serve", "--data", folder.path("none"), "--insecure"], 66, "not-found"),
            (["serve", "--data", open, "--insecure"], 78, "configuration"),
            (["serve", "--data", closed, "--insecure"], 78, "configuration"),
            (["check", "--data", closed], 78, "configuration"),
            (["backup", "--data", data, data], 73, "cannot-create"),
        ]
        for (arguments, status, code) in cases {
            let ended = try await Program.run(Self.program, arguments + ["--json"])
            #expect(ended.status == status, "\(arguments): \(ended.messages)")
            #expect(ended.messages.hasPrefix(#"{"error":{"code":"\#(code)","#), "\(arguments)")
            #expect(ended.output == "")
            let told = try await Program.run(Self.program, arguments)
            #expect(told.status == status)
            #expect(told.messages.hasPrefix("error: "), "\(told.messages)")
        }
    }

    @Test func `another code only when asked for`() async throws {
        let first = try await run("init", "--data", data)
        let second = try await run("init", "--data", data, "--again", "--expires", "30m")
        #expect(second.status == 0)
        for made in [first, second] {
            #expect(made.output.wholeMatch(of: /(\w{5}-){3}\w{5}\n/) != nil)
        }
        #expect(first.output != second.output)
        #expect(second.messages.hasPrefix("Another code"))
    }

    @Test func `an address in use, a database that others may read`() async throws {
        #expect(try await run("init", "--data", data).status == 0)
        let (program, ready) = try await start()
        let address = ready.url.replacing("http://", with: "")
        let second = try await run("serve", "--data", data, "--insecure", "--listen", address)
        #expect(second.status == 73)
        #expect(second.messages.hasPrefix("error: Another program listens on this address."))
        // While the server runs.
        #expect(try await run("check", "--data", data).status == 0)
        let copied = try await run("backup", folder.path("copy.sqlite"), "--data", data)
        #expect(copied.status == 0)
        #expect(try mode(folder.path("copy.sqlite")) == 0o600)
        #expect(kill(program.identifier, SIGTERM) == 0)
        #expect(try await program.end().status == 0)

        try FileManager.default.setAttributes(
            [.posixPermissions: 0o640], ofItemAtPath: data + "/server.sqlite")
        let third = try await run("serve", "--data", data, "--insecure")
        #expect(third.status == 78)
        #expect(third.messages.contains("hint: chmod 600 "))
    }

    @Test func `help and version`() async throws {
        let help = try await run("serve", "--help")
        #expect(help.status == 0)
        #expect(help.output.contains("Examples:"))
        let version = try await run("--version")
        #expect(version.output.wholeMatch(of: /\d+\.\d+\.\d+\n/) != nil)
    }
}

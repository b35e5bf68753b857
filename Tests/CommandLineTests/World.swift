import Foundation
import Synchronization
import Testing

/// A server on loopback, a coordinator's device and one roster, all in real processes, for one test.
final class World: Sendable {
    let folder: URL
    let url: String
    let coordinator: Device
    private let server: Mutex<ChildProcess>
    private let port: HeldPort
    private let serve: [String]
    /// Its files are read for as long as this world lives.
    private let certificate: Certificate?

    static let roster = "roster-xm01"

    init(tls: Certificate? = nil) async throws {
        certificate = tls
        folder = FileManager.default.temporaryDirectory
            .appending(path: "sijil-world-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let data = folder.appending(path: "server").path
        let code = try #require(
            await run(["sijil-server", "init", "--data", data, "--json"]).object["code"]?.string)
        let security =
            tls.map { ["--tls-certificate", $0.file, "--tls-key", $0.keyFile] } ?? ["--insecure"]
        port = try HeldPort()
        serve =
            ["sijil-server", "serve", "--data", data, "--listen", "127.0.0.1:\(port.number)"]
            + security
        let server = try ChildProcess(serve)
        let url = try await Self.readyURL(of: server)
        self.url = url
        self.server = Mutex(server)
        coordinator = Device(folder.appending(path: "desk-01"))
        try await coordinator.done("init", "--name", "desk-01")
        let trust = tls.map { ["--ca", $0.file] } ?? []
        try await coordinator.done(["join", url, "--code", code] + trust)
        try await coordinator.done("admin", "collection", "create", Self.roster, "--kind", "roster")
    }

    deinit {
        let errors = server.withLock { server in
            server.send(SIGKILL)
            return server.errors
        }
        if errors.contains("Program crashed") { Issue.record("The server crashed:\n\(errors)") }
        try? FileManager.default.removeItem(at: folder)
    }

    private static func readyURL(of server: ChildProcess) async throws -> String {
        let line = try #require(await server.readLine())
        let ready = try JSONDecoder().decode([String: JSONValue].self, from: Data(line.utf8))
        return try #require(ready["url"]?.string)
    }

    // MARK: Server

    /// Ends the server and waits for its end.
    @discardableResult
    func stopServer(with signal: Int32 = SIGTERM) async -> Outcome {
        let running = server.withLock(\.self)
        running.send(signal)
        return await running.outcome()
    }

    /// Starts it again on the same port.
    func startServer() async throws {
        let next = try ChildProcess(serve)
        _ = try await Self.readyURL(of: next)
        server.withLock { $0 = next }
    }

    /// The digests that the server's own check finds, by collection name.
    func checkServer() async throws -> [String: String] {
        let outcome = try await run([
            "sijil-server", "check", "--data", folder.appending(path: "server").path, "--json",
        ])
        #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
        return outcome.digests
    }

    // MARK: Devices

    func invite(
        _ name: String, _ role: String = "editor", expires: String = "1d"
    ) async throws -> String {
        let invited = try await coordinator.done(
            "admin", "invite", "--name", name, "--grant", "\(Self.roster)=\(role)", "--expires",
            expires)
        return try #require(invited.object["code"]?.string)
    }

    /// A device that has been set up and knows no server.
    func newDevice(_ name: String) async throws -> Device {
        let device = Device(folder.appending(path: name))
        try await device.done("init", "--name", name)
        return device
    }

    /// A device that has joined.
    func join(_ name: String, _ role: String = "editor") async throws -> Device {
        let device = try await newDevice(name)
        try await device.done("join", url, "--code", try await invite(name, role))
        return device
    }
}

/// A port of this machine for one server, also while that does not run.
///
/// A socket that is bound and does not listen: Linux gives its port to nobody who asks for any, and lets a
/// server listen there that asks for this one. Other systems would not, so there it is let go at once.
private final class HeldPort: Sendable {
    let number: UInt16
    private let descriptor: Int32

    init() throws {
        #if os(Linux)
        let kind = Int32(SOCK_STREAM.rawValue)
        #else
        let kind = SOCK_STREAM
        #endif
        let descriptor = socket(AF_INET, kind, 0)
        self.descriptor = descriptor
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        var yes: Int32 = 1
        unsafe setsockopt(
            descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = unsafe withUnsafeMutablePointer(to: &address) { address in
            unsafe address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe (bind(descriptor, address, size) == 0
                    && getsockname(descriptor, address, &size) == 0)
            }
        }
        number = UInt16(bigEndian: address.sin_port)
        try #require(isBound, "no port to listen on")
        #if !os(Linux)
        close(descriptor)
        #endif
    }

    deinit {
        #if os(Linux)
        close(descriptor)
        #endif
    }
}

/// A replica, used through the command line as a person or a script would.
struct Device: Sendable {
    let home: URL

    init(_ home: URL) { self.home = home }

    /// Runs a verb with `--json`.
    func run(_ arguments: [String], input: String = "") async throws -> Outcome {
        try await CommandLineTests.run(
            ["sijil"] + arguments + ["--json", "--home", home.path], input: input)
    }

    func run(_ arguments: String..., input: String = "") async throws -> Outcome {
        try await run(arguments, input: input)
    }

    /// Runs a verb that must succeed.
    @discardableResult
    func done(
        _ arguments: [String], input: String = "", sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> Outcome {
        let outcome = try await run(arguments, input: input)
        #expect(
            outcome.status == 0, "\(arguments.first ?? ""): \(outcome.errors)",
            sourceLocation: sourceLocation)
        return outcome
    }

    @discardableResult
    func done(
        _ arguments: String..., input: String = "",
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> Outcome {
        try await done(arguments, input: input, sourceLocation: sourceLocation)
    }

    /// Runs a verb that must fail, with this exit code and this code of the JSON error.
    @discardableResult
    func fails(
        _ arguments: String..., status: Int32, code: String, input: String = "",
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> Outcome {
        let outcome = try await run(arguments, input: input)
        #expect(
            outcome.status == status, "\(outcome.output)\(outcome.errors)",
            sourceLocation: sourceLocation)
        #expect(outcome.errorCode == code, sourceLocation: sourceLocation)
        return outcome
    }

    /// Adds a record and gives its id.
    func add(_ type: String, _ fields: String...) async throws -> String {
        let outcome = try await done(["add", type, "--in", World.roster] + fields)
        return try #require(outcome.object["id"]?.string)
    }

    func digests() async throws -> [String: String] { try await done("digest").digests }

    /// A file in the home, for imports and exports.
    func file(_ name: String) -> String { home.appending(path: name).path }
}

extension Outcome {
    /// `digest` by `name`.
    var digests: [String: String] {
        var result: [String: String] = [:]
        for line in lines {
            if let name = line["name"]?.string { result[name] = line["digest"]?.string }
        }
        return result
    }
}

extension URL {
    /// Files below a folder that hold a text: their names.
    func files(holding text: String) throws -> [String] {
        let wanted = Data(text.utf8)
        var found: [String] = []
        let all = FileManager.default.enumerator(at: self, includingPropertiesForKeys: nil)
        while let file = all?.nextObject() as? URL {
            guard let data = try? Data(contentsOf: file) else { continue }
            if data.range(of: wanted) != nil { found.append(file.lastPathComponent) }
        }
        return found
    }
}

/// A certificate for 127.0.0.1 that signs itself, made for one test.
final class Certificate: Sendable {
    private let folder: URL
    var file: String { folder.appending(path: "certificate.pem").path }
    var keyFile: String { folder.appending(path: "key.pem").path }

    init() async throws {
        folder = FileManager.default.temporaryDirectory
            .appending(path: "sijil-certificate-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let made = try await run([
            "/usr/bin/env", "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
            "ec_paramgen_curve:P-256", "-noenc", "-days", "2", "-subj", "/CN=Test", "-addext",
            "subjectAltName=IP:127.0.0.1", "-keyout", keyFile, "-out", file,
        ])
        try #require(made.status == 0, "openssl is needed: \(made.errors)")
    }

    deinit { try? FileManager.default.removeItem(at: folder) }
}

import Foundation
import Synchronization
import Testing

/// A real server on loopback, in a process of its own, for as long as this object lives.
final class TestServer: Sendable {
    enum Kind {
        case http
        case https(TestCertificate)
        /// Accepts connections and says nothing.
        case silent
    }

    let port: Int
    private let input: FileHandle
    private let lines: AsyncStream<String>

    init(_ kind: Kind = .http) async throws {
        let script = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "Server/server.py")
        let arguments =
            switch kind {
            case .http: ["http"]
            case .https(let certificate): ["https", certificate.file, certificate.keyFile]
            case .silent: ["silent"]
            }
        let process = try TestProcess(["python3", script.path] + arguments)
        input = process.input
        lines = Self.lines(of: process.output)
        port = try #require(await Self.first(of: lines).flatMap { Int($0) })
    }

    deinit {
        try? input.close()
    }

    func url(_ scheme: String = "http", host: String = "127.0.0.1") -> String {
        "\(scheme)://\(host):\(port)"
    }

    /// Waits for what the server says next; `nil` when the server has ended.
    func nextLine() async -> String? {
        await Self.first(of: lines)
    }

    /// Ends the server; when this returns, nothing listens on its port.
    func stop() async throws {
        try input.close()
        for await _ in lines {}
    }

    private static func first(of lines: AsyncStream<String>) async -> String? {
        for await line in lines { return line }
        return nil
    }

    private static func lines(of file: FileHandle) -> AsyncStream<String> {
        let (stream, continuation) = AsyncStream<String>.makeStream()
        Thread.detachNewThread {
            var rest = Data()
            while true {
                let read = file.availableData
                if read.isEmpty { break }
                rest.append(read)
                while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                    continuation.yield(String(decoding: rest[rest.startIndex..<end], as: UTF8.self))
                    rest = Data(rest[(end + 1)...])
                }
            }
            continuation.finish()
        }
        return stream
    }
}

/// A self-signed certificate with its key, made for one test and deleted with this object.
final class TestCertificate: Sendable {
    private let folder: URL
    /// The SHA-256 of the public key, in hexadecimal.
    let pin: String

    var file: String { folder.appending(path: "certificate.pem").path }
    var keyFile: String { folder.appending(path: "key.pem").path }

    /// Makes a key and a certificate for it.
    ///
    /// - Parameter names: Subject alternative names in OpenSSL's words.
    /// - Throws: An issue of the test when the program `openssl` did not do its work.
    init(names: String = "IP:127.0.0.1,DNS:localhost") throws {
        folder = FileManager.default.temporaryDirectory
            .appending(path: "sijil-curl-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let certificate = folder.appending(path: "certificate.pem").path
        let key = folder.appending(path: "key.pem").path
        try Self.openssl([
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc",
            "-days", "2", "-subj", "/CN=Test", "-addext", "subjectAltName=\(names)",
            "-keyout", key, "-out", certificate,
        ])
        let publicKey = folder.appending(path: "public.der").path
        try #require(FileManager.default.fileExists(atPath: certificate), "openssl is needed")
        try Self.openssl(["pkey", "-in", key, "-pubout", "-outform", "DER", "-out", publicKey])
        pin = String(try Self.openssl(["dgst", "-sha256", "-r", publicKey]).prefix(64))
    }

    deinit {
        try? FileManager.default.removeItem(at: folder)
    }

    @discardableResult
    private static func openssl(_ arguments: [String]) throws -> String {
        let process = try TestProcess(["openssl"] + arguments)
        let text = try process.output.readToEnd() ?? Data()
        return String(decoding: text, as: UTF8.self)
    }
}

/// A child process that ends by itself: when its work is done, or when its input is closed.
///
/// No signal and no wait for the exit status: a child of a Dispatch thread inherits a mask that
/// blocks signals, and the end of the output says as much as the status.
private struct TestProcess {
    let input: FileHandle
    let output: FileHandle

    /// One at a time, so that no child inherits the pipes of another and keeps them open.
    private static let spawning = Mutex(())

    /// Starts the program that the first argument names.
    ///
    /// - Throws: What Foundation throws when there is no such program.
    init(_ arguments: [String]) throws {
        (input, output) = try Self.spawning.withLock { _ in
            let process = Process()
            let (input, output) = (Pipe(), Pipe())
            process.executableURL = URL(filePath: "/usr/bin/env")
            process.arguments = arguments
            process.standardInput = input
            process.standardOutput = output
            process.standardError = FileHandle.nullDevice
            try process.run()
            return (input.fileHandleForWriting, output.fileHandleForReading)
        }
    }
}

import Foundation
import Synchronization
import Testing

/// What a finished process left behind.
struct Outcome: Sendable {
    var status: Int32
    var wasKilled: Bool
    var output: String
    var errors: String
    /// From its start to its end, whenever somebody asks for it.
    var duration: Duration

    /// The lines of standard output as JSON objects.
    var lines: [[String: JSONValue]] { Outcome.objects(in: output) }

    /// The only line of standard output.
    var object: [String: JSONValue] { lines.count == 1 ? lines[0] : [:] }

    /// The `code` of the error that `--json` prints.
    var errorCode: String? { Outcome.objects(in: errors).last?["error"]?["code"]?.string }
    var errorHint: String? { Outcome.objects(in: errors).last?["error"]?["hint"]?.string }

    private static func objects(in text: String) -> [[String: JSONValue]] {
        text.split(separator: "\n")
            .compactMap {
                try? JSONDecoder().decode([String: JSONValue].self, from: Data($0.utf8))
            }
    }
}

/// A program under test, in a process of its own.
final class ChildProcess: Sendable {
    private let process: Mutex<Process>
    private let ended: AsyncStream<Duration>
    private let folder: URL
    /// The first line of standard output, read while the process runs.
    private let firstLine: AsyncStream<String>

    /// Where the programs under test lie: beside the test bundle.
    static let products: URL = {
        let candidates = [
            Bundle.main.bundleURL, Bundle.main.executableURL?.deletingLastPathComponent(),
            URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent(),
        ]
        let found = candidates.compactMap(\.self)
            .first {
                FileManager.default.isExecutableFile(atPath: $0.appending(path: "sijil").path)
            }
        return found ?? Bundle.main.bundleURL
    }()

    /// Starts `arguments[0]`: one of our programs by name, or any other by path.
    init(_ arguments: [String], environment: [String: String] = [:], input: String = "") throws {
        let process = Process()
        process.executableURL =
            arguments[0].hasPrefix("/")
            ? URL(filePath: arguments[0]) : Self.products.appending(path: arguments[0])
        process.arguments = Array(arguments.dropFirst())
        var inherited = ProcessInfo.processInfo.environment
        for name in ["SIJIL_HOME", "NO_COLOR", "LC_ALL", "LC_MESSAGES", "LANG", "no_proxy"] {
            inherited[name] = nil
        }
        inherited["no_proxy"] = "127.0.0.1"
        process.environment = inherited.merging(environment) { $1 }

        folder = FileManager.default.temporaryDirectory
            .appending(path: "sijil-process-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data(input.utf8).write(to: folder.appending(path: "input"))
        process.standardInput = try FileHandle(forReadingFrom: folder.appending(path: "input"))
        process.standardError = try Self.file(folder.appending(path: "errors"))
        let pipe = Pipe()
        process.standardOutput = pipe

        let (ended, hasEnded) = AsyncStream<Duration>.makeStream()
        let (firstLine, hasFirstLine) = AsyncStream<String>.makeStream()
        (self.ended, self.firstLine) = (ended, firstLine)
        let output = try Self.file(folder.appending(path: "output"))
        let reader = pipe.fileHandleForReading
        let began = ContinuousClock.now
        try Self.start(process)
        self.process = Mutex(process)
        // A thread of its own, because it blocks: it ends with the process.
        Thread.detachNewThread {
            var seen = Data()
            while case let piece = reader.availableData, !piece.isEmpty {
                try? output.write(contentsOf: piece)
                seen.append(piece)
                if let end = seen.firstIndex(of: UInt8(ascii: "\n")) {
                    hasFirstLine.yield(String(decoding: seen[..<end], as: UTF8.self))
                    hasFirstLine.finish()
                }
            }
            hasFirstLine.finish()
            hasEnded.yield(.now - began)
            hasEnded.finish()
        }
    }

    deinit {
        process.withLock { if $0.isRunning { kill($0.processIdentifier, SIGKILL) } }
        try? FileManager.default.removeItem(at: folder)
    }

    private static func file(_ url: URL) throws -> FileHandle {
        try Data().write(to: url)
        return try FileHandle(forWritingTo: url)
    }

    private static let spawning = Mutex(())

    /// One at a time, so that no child inherits another's pipe; and with no signal blocked, which threads of
    /// Dispatch would hand on.
    private static func start(_ process: Process) throws {
        try spawning.withLock { _ in
            var (none, before) = (sigset_t(), sigset_t())
            unsafe sigemptyset(&none)
            unsafe pthread_sigmask(SIG_SETMASK, &none, &before)
            defer { unsafe pthread_sigmask(SIG_SETMASK, &before, nil) }
            try process.run()
        }
    }

    /// What it has written to standard error so far.
    var errors: String { text("errors") }

    private func text(_ name: String) -> String {
        (try? String(contentsOf: folder.appending(path: name), encoding: .utf8)) ?? ""
    }

    func send(_ signal: Int32) {
        process.withLock { if $0.isRunning { kill($0.processIdentifier, signal) } }
    }

    /// The first line that the process prints; `nil` when it ends without one.
    func readLine() async -> String? {
        for await line in firstLine { return line }
        return nil
    }

    /// Waits for the end.
    func outcome() async -> Outcome {
        var duration = Duration.zero
        for await time in ended { duration = time }
        let (status, reason) = process.withLock {
            $0.waitUntilExit()
            return ($0.terminationStatus, $0.terminationReason)
        }
        return Outcome(
            status: status, wasKilled: reason == .uncaughtSignal, output: text("output"),
            errors: text("errors"), duration: duration)
    }
}

/// Runs a program to its end.
func run(
    _ arguments: [String], environment: [String: String] = [:], input: String = ""
) async throws -> Outcome {
    try await ChildProcess(arguments, environment: environment, input: input).outcome()
}

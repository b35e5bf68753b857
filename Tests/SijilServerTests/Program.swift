import Foundation
import Synchronization
import Testing

/// A program that runs beside the test, with what it writes.
final class Program: Sendable {
    struct Ended {
        var status: Int32
        var output: String
        var messages: String
    }

    let identifier: Int32
    private let lines: AsyncStream<String>
    private let whole: Task<String, Never>
    private let messages: Task<String, Never>
    private let exit: AsyncStream<Int32>

    /// One at a time, so that no child inherits the pipes of another and keeps them open.
    private static let spawning = Mutex(())

    /// Starts it; a name without a slash is looked for as the shell does.
    init(_ path: String, _ arguments: [String]) throws {
        let (lines, nextLine) = AsyncStream.makeStream(of: String.self)
        let (exit, ended) = AsyncStream.makeStream(of: Int32.self)
        let (output, errors) = (Pipe(), Pipe())
        identifier = try Self.spawning.withLock { _ in
            let process = Process()
            process.executableURL = URL(filePath: path.contains("/") ? path : "/usr/bin/env")
            process.arguments = path.contains("/") ? arguments : [path] + arguments
            process.standardInput = FileHandle.nullDevice
            process.standardOutput = output
            process.standardError = errors
            process.terminationHandler = { process in
                ended.yield(process.terminationStatus)
                ended.finish()
            }
            try process.run()
            return process.processIdentifier
        }
        self.lines = lines
        self.exit = exit
        whole = Self.read(output.fileHandleForReading) {
            nextLine.yield($0)
        } atEnd: {
            nextLine.finish()
        }
        messages = Self.read(errors.fileHandleForReading) { _ in
        } atEnd: {
        }
    }

    /// What the program wrote first, without the line's end.
    func firstLine() async -> String? {
        for await line in lines { return line }
        return nil
    }

    func end() async throws -> Ended {
        var iterator = exit.makeAsyncIterator()
        let status = try #require(await iterator.next())
        return Ended(status: status, output: await whole.value, messages: await messages.value)
    }

    static func run(_ path: String, _ arguments: [String]) async throws -> Ended {
        try await Program(path, arguments).end()
    }

    private static func read(
        _ file: FileHandle, _ line: @escaping @Sendable (String) -> Void,
        atEnd: @escaping @Sendable () -> Void
    ) -> Task<String, Never> {
        let (stream, continuation) = AsyncStream.makeStream(of: Data.self)
        Thread.detachNewThread {
            while case let data = file.availableData, !data.isEmpty { continuation.yield(data) }
            continuation.finish()
        }
        return Task {
            var all = Data()
            var told = all.startIndex
            for await data in stream {
                all.append(data)
                while let end = all[told...].firstIndex(of: UInt8(ascii: "\n")) {
                    line(String(decoding: all[told..<end], as: UTF8.self))
                    told = end + 1
                }
            }
            atEnd()
            return String(decoding: all, as: UTF8.self)
        }
    }
}

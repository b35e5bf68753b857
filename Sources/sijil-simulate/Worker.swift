import Foundation
import SijilSimulator

/// A process that plays the seeds it is given: one a line on its standard input, with the numbers of the
/// events to play after it if not all; one ``SeedReport`` a line on its standard output.
///
/// So a world that traps takes one process with it, and the others go on.
struct Worker {
    let steps: Int?

    func serve() async {
        while let line = readLine() {
            let words = line.split(separator: " ")
            guard let seed = words.first.flatMap({ UInt64($0) }) else { continue }
            var plan = Plan(seed: seed, steps: steps)
            if words.count > 1 {
                plan = plan.keeping(words[1].split(separator: ",").compactMap { Int($0) })
            }
            print(SeedReport(seed: seed, await Simulation(plan).run()).json)
            fflush(nil)
        }
    }

    static var program: URL { URL(filePath: "/proc/self/exe").resolvingSymlinksInPath() }

    /// Replaces this process by one of the same program, with the same arguments.
    static func startAgainWithFixedHashing() throws -> Never {
        unsafe setenv("SWIFT_DETERMINISTIC_HASHING", "1", 1)
        var arguments = unsafe CommandLine.arguments.map { unsafe strdup($0) } + [nil]
        // By its own name, so that people find it in a list of processes.
        unsafe execv(program.path, &arguments)
        throw CocoaError(.executableLoad)
    }
}

/// The other end of a ``Worker``.
final class WorkerProcess {
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    private var buffer = Data()

    init(steps: Int?) throws {
        process.executableURL = Worker.program
        process.arguments = ["--worker"] + (steps.map { ["--steps", "\($0)"] } ?? [])
        process.standardInput = input
        process.standardOutput = output
        // The trace of a trap is long; its seed is told, and playing it alone shows all.
        process.standardError = FileHandle.nullDevice
        try process.run()
    }

    deinit { process.terminate() }

    /// Plays a seed and waits for what comes of it; `nil` when the process died of it.
    func play(_ seed: UInt64, events: [Int]? = nil) throws -> SeedReport? {
        let numbers = events.map {
            " " + ($0.isEmpty ? "-" : $0.map(String.init).joined(separator: ","))
        }
        try input.fileHandleForWriting.write(contentsOf: Data("\(seed)\(numbers ?? "")\n".utf8))
        while true {
            if let end = buffer.firstIndex(of: UInt8(ascii: "\n")) {
                let line = buffer[buffer.startIndex..<end]
                buffer = Data(buffer[(end + 1)...])
                return try JSONDecoder().decode(SeedReport.self, from: line)
            }
            let more = output.fileHandleForReading.availableData
            if more.isEmpty { return nil }
            buffer.append(more)
        }
    }
}

import ArgumentParser
import Foundation
import SijilSimulator

/// Many seeds on several processes.
struct Campaign {
    let first: UInt64
    let count: Int
    let steps: Int?
    let minutes: Double?
    let jobs: Int
    let isJSON: Bool
    let shrinks: Bool

    private struct Summary: Codable {
        var first: UInt64
        var worlds: Int
        var changes: Int
        var seconds: Double
        var failures: [SeedReport]
    }

    /// - Throws: exit code 1 when a law broke.
    func run() async throws {
        if !isJSON { print("first seed \(first)") }
        let started = Date()
        let queue = SeedQueue(
            first: first, count: count,
            deadline: minutes.map { started.addingTimeInterval($0 * 60) })
        try await withThrowingTaskGroup { group in
            for _ in 0..<min(jobs, count) {
                group.addTask {
                    // Each has a thread of its own: reading from a process blocks.
                    try await onThread { try work(queue) }
                }
            }
            try await group.waitForAll()
        }
        let summary = Summary(
            first: first, worlds: queue.played, changes: queue.changes,
            seconds: (Date().timeIntervalSince(started) * 10).rounded() / 10,
            failures: queue.failures.sorted { $0.seed < $1.seed })
        try await tell(summary)
        if !summary.failures.isEmpty { throw ExitCode(1) }
    }

    private func work(_ queue: SeedQueue) throws {
        var worker = try WorkerProcess(steps: steps)
        while let seed = queue.next() {
            let report = try worker.play(seed)
            if report == nil { worker = try WorkerProcess(steps: steps) }
            let finished =
                report ?? SeedReport(seed: seed, crash: "trap: the program stopped itself")
            queue.finish(finished)
            if isJSON { continue }
            if finished.failure != nil { print(finished.text) }
            if queue.played.isMultiple(of: 500) { print("\(queue.played) worlds") }
            fflush(nil)
        }
    }

    private func tell(_ summary: Summary) async throws {
        if isJSON {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys]
            print(String(decoding: try encoder.encode(summary), as: UTF8.self))
            return
        }
        print(
            "\(summary.worlds) worlds, \(summary.changes) changes, \(summary.failures.count) failures, "
                + "\(summary.seconds) s")
        guard shrinks, let failed = summary.failures.first else { return }
        print("shrinking seed \(failed.seed)")
        fflush(nil)
        try await onThread { try shrink(failed) }
    }

    private func shrink(_ failed: SeedReport) throws {
        let plan = Plan(seed: failed.seed, steps: steps)
        var worker = try WorkerProcess(steps: steps)
        let numbers = try Minimiser { numbers in
            guard let report = try worker.play(failed.seed, events: numbers) else {
                worker = try WorkerProcess(steps: steps)
                return failed.failure
            }
            return report.failure
        }
        .shrink(count: plan.events.count, failure: failed.failure ?? "")
        let only = numbers.map(String.init).joined(separator: ",")
        print("sijil-simulate --seed \(failed.seed) --only \(only) --verbose\n")
        print(plan.keeping(numbers).test(of: failed.failure ?? ""))
    }
}

/// The seeds that are left to play, and what came of the others.
// Unchecked: everything is read and written under the lock.
final class SeedQueue: @unchecked Sendable {
    private let lock = NSLock()
    private var nextSeed: UInt64
    private var left: Int
    private let deadline: Date?
    private var reports = (played: 0, changes: 0, failures: [SeedReport]())

    init(first: UInt64, count: Int, deadline: Date?) {
        nextSeed = first
        left = count
        self.deadline = deadline
    }

    var played: Int { lock.withLock { reports.played } }
    var changes: Int { lock.withLock { reports.changes } }
    var failures: [SeedReport] { lock.withLock { reports.failures } }

    func next() -> UInt64? {
        lock.withLock {
            if let deadline, Date() > deadline { left = 0 }
            guard left > 0 else { return nil }
            left -= 1
            defer { nextSeed &+= 1 }
            return nextSeed
        }
    }

    func finish(_ report: SeedReport) {
        lock.withLock {
            reports.played += 1
            reports.changes += report.changes
            if report.failure != nil { reports.failures.append(report) }
        }
    }
}

/// Does blocking work on a thread of its own.
private func onThread<Result: Sendable>(
    _ work: @escaping @Sendable () throws -> Result
) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread { continuation.resume(with: Swift.Result { try work() }) }
    }
}

import Foundation
import SijilSimulator

/// What came of one seed, as a line between processes and for people.
struct SeedReport: Codable {
    var seed: UInt64
    /// The law that broke.
    var failure: String?
    var failedAt: Int
    var failedIn = ""
    var fingerprint: String
    var changes: Int

    init(seed: UInt64, _ verdict: Simulation.Verdict) {
        self.seed = seed
        failure = verdict.failure
        failedAt = verdict.failedAt
        failedIn = verdict.failedIn
        fingerprint = String(verdict.fingerprint, radix: 16)
        changes = verdict.changes
    }

    /// A world that took its whole process down.
    init(seed: UInt64, crash: String) {
        self.seed = seed
        failure = crash
        failedAt = 0
        fingerprint = ""
        changes = 0
    }

    var json: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    }

    var text: String {
        guard let failure else {
            return "seed \(seed): clean, \(failedAt) events, \(changes) changes, \(fingerprint)"
        }
        return "seed \(seed): \(failure) (event \(failedAt), \(failedIn))"
    }
}

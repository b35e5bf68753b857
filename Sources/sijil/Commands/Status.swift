import ArgumentParser
import SijilCore
import SijilDirectory
import SijilStore

struct Status: Verb {
    static let configuration = CommandConfiguration(
        abstract: "Show what is not yet sent, held, rejected or in conflict.",
        discussion: """
            Examples:
              sijil status
              sijil status --json
              sijil status --exit-code --quiet && echo "all is sent and decided"
            """)

    @Flag(
        name: .customLong("exit-code"),
        help: "Exit with 1 when something is to be sent, held, rejected or decided.")
    var exitCode = false

    @OptionGroup var common: CommonOptions

    func run(_ console: Console) async throws {
        let waiting = try tell(console)
        if exitCode, waiting > 0 { throw ExitCode(1) }
    }

    /// - Returns: how many changes and decisions wait.
    private func tell(_ console: Console) throws -> Int {
        let replica = try openReplica()
        let collections = try replica.collections()
        let pending = collections.reduce(0) { $0 + $1.pending }
        let held = collections.reduce(0) { $0 + $1.held }
        let rejected = collections.reduce(0) { $0 + ($1.refusal == nil ? 0 : $1.pending) }
        let conflicts = try replica.conflictCount()
        let server = try replica.text("server")
        let lastSync = try replica.number("last_sync").map(Timestamp.text(milliseconds:))
        // The offset is what must be added to this clock; the skew is how far this clock is ahead.
        let skew = try replica.number("clock_offset").map { 0 &- $0 }
        let waiting = pending + held + conflicts
        guard !console.isJSON else {
            try console.emit([
                "replica": .string(replica.id.description), "server": server.json,
                "pending": .integer(Int64(pending)), "held": .integer(Int64(held)),
                "rejected": .integer(Int64(rejected)), "quarantined": 0,
                "conflicts": .integer(Int64(conflicts)), "last_sync": lastSync.json,
                "clock_skew_ms": skew.map { .integer($0) } ?? .null,
            ])
            return waiting
        }
        let text = console.text
        try console.print(
            "replica:    \(text.code(replica.id.description)) (\(text.own(try replica.name)))")
        try console.print("server:     \(server.map(text.code) ?? "none joined")")
        try console.print("last sync:  \(lastSync.map(text.code) ?? "never")")
        try console.print("to send:    \(count(pending, "change"))")
        if held > 0 { try console.print("held:       \(count(held, "change"))") }
        for collection in collections {
            guard let refusal = collection.refusal else { continue }
            try console.print(
                "rejected:   \(count(collection.pending, "change")) in "
                    + "\(text.own(collection.grant.name)): \(Refusal.reason(refusal, text))")
        }
        try console.print("conflicts:  \(conflicts)")
        if let skew, skew.magnitude >= 60_000 {
            try console.print(
                "clock:      \(skew.magnitude / 1000) s \(skew > 0 ? "ahead of" : "behind") the server's"
            )
        }
        if pending > rejected { console.message("next: sijil sync") }
        if conflicts > 0 { console.message("next: sijil conflicts") }
        return waiting
    }
}

extension String? {
    /// The text, or null.
    var json: JSON { map { .string($0) } ?? .null }
}

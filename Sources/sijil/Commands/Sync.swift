import ArgumentParser
import SijilCore
import SijilDirectory
import SijilStore
import SijilSync

struct Sync: Verb {
    static let configuration = CommandConfiguration(
        abstract: "Send what is new here and receive what is new elsewhere.",
        discussion: """
            Examples:
              sijil sync
              sijil sync --deadline 60
              sijil sync --watch --interval 300

            Stopped or cut off at any moment it loses nothing: run it again and it goes on. Conflicts \
            are kept for you to decide and are not an error.
            """)

    @Flag(help: "Go on until stopped: sync at intervals, and try again after failures.")
    var watch = false

    @Option(help: ArgumentHelp("Time between two syncs with --watch.", valueName: "seconds"))
    var interval: Double = 60

    @Option(help: ArgumentHelp("Stop after this time in any case.", valueName: "seconds"))
    var deadline: Double?

    @OptionGroup var language: LanguageOptions

    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard (1...86_400).contains(interval) else {
            throw ValidationError("--interval is 1 to 86400 seconds.")
        }
        guard deadline.map({ (0.001...31_536_000).contains($0) }) ?? true else {
            throw ValidationError("--deadline is a number of seconds above 0.")
        }
    }

    func run(_ console: Console) async throws {
        let replica = try openReplica()
        let transport = try Server.joined(by: replica).transport()
        Interruption.shared.listen(deadline: deadline)
        if watch {
            try await keepSyncing(replica, transport, console)
        } else {
            try await carryOut(SyncRun(replica: replica, transport: transport), replica, console)
        }
    }

    private func carryOut(
        _ run: SyncRun, _ replica: Replica, _ console: Console
    ) async throws {
        let report: SyncReport
        do {
            report = try await run.run { progress in
                console.progress(Phrase.exchanging("\(progress.sent)", "\(progress.received)"))
            }
            console.endProgress()
        } catch {
            console.endProgress()
            // One collection failed; the others were synced.
            if let report = run.conclusion {
                try tell(report, replica, console)
                try console.flush()
            }
            throw error
        }
        try tell(report, replica, console)
        try console.flush()
        if report.rejected > 0 { throw Refusal.error(report) }
    }

    private func keepSyncing(
        _ replica: Replica, _ transport: any Transport, _ console: Console
    ) async throws {
        var pace = WatchPace(interval: .seconds(interval))
        while true {
            var failed = false
            let run = SyncRun(replica: replica, transport: transport)
            do {
                try await carryOut(run, replica, console)
            } catch {
                let error = Failure.known(error)
                // The line, the server or a right may come back, and what stopped one collection must not
                // stop the others; anything else needs a person now.
                let isPassing =
                    run.conclusion != nil || [69, 75].contains(error.code.exitCode)
                    || error.code == .notPermitted
                // This program would never do again; the one that was installed meanwhile may.
                let isOver = error.code == .cancelled || error.code == .otherVersion
                guard !isOver, isPassing else { throw error }
                Failure.write(error, asJSON: console.isJSON)
                // To come back later helps neither the line nor what was refused for good.
                failed = run.conclusion.map { $0.rejected == 0 } ?? true
            }
            let delay = pace.delay(afterFailure: failed, chance: .random(in: 0..<1))
            // Stopped while nothing is under way is the usual end of watching.
            guard (try? await Task.sleep(for: delay)) != nil else { return }
        }
    }

    private func tell(_ report: SyncReport, _ replica: Replica, _ console: Console) throws {
        guard !console.isJSON else { return try console.emit(report.json) }
        guard !console.isQuiet else { return }
        try console.print(
            Phrase.exchanged("\(report.sent)", "\(report.received)", "\(report.rejected)"))
        if report.held > 0 { try console.print(CountedPhrase.heldChanges(report.held)) }
        guard report.conflicts > 0 else { return }
        try console.print(CountedPhrase.conflictsToDecide(report.conflicts))
        let shown = 5
        let names = try replica.replicaNames()
        let lines = try replica.conflictedRecords().lazy
            .flatMap { record in
                record.conflicts.map { record.conflictLine($0, names, console.text) }
            }
        for line in lines.prefix(shown) { try console.print("  " + line) }
        if report.conflicts > shown { try console.print("  …") }
        console.message(Phrase.nextConflicts.here)
    }
}

extension Phrase {
    fileprivate static let exchanging = Phrase(
        ar: "أُرسل {0}، استُلم {1} …", fr: "envoyées : {0}, reçues : {1} …",
        en: "sent {0}, received {1} …")
    fileprivate static let exchanged = Phrase(
        ar: "التعديلات: أُرسل {0}، استُلم {1}، رُفض {2}",
        fr: "modifications envoyées : {0}, reçues : {1}, refusées : {2}",
        en: "sent {0}, received {1}, {2} rejected")
}

extension CountedPhrase {
    fileprivate static let heldChanges = CountedPhrase(
        ar: (
            zero: "لا تعديلات معلّقة",
            one: "تعديل واحد معلّق حتى يصل ما قبله",
            two: "تعديلان معلّقان حتى يصل ما قبلهما",
            few: "{0} تعديلات معلّقة حتى يصل ما قبلها",
            many: "{0} تعديلا معلّقا حتى يصل ما قبلها",
            other: "{0} تعديل معلّق حتى يصل ما قبلها"
        ),
        fr: (
            one: "{0} modification attend celle qui la précède",
            other: "{0} modifications attendent celles qui les précèdent"
        ),
        en: (
            one: "{0} change held until earlier ones arrive",
            other: "{0} changes held until earlier ones arrive"
        ))
    fileprivate static let conflictsToDecide = CountedPhrase(
        ar: (
            zero: "لا تعارض ينتظر قرارا:",
            one: "تعارض واحد ينتظر قرارا:",
            two: "تعارضان ينتظران قرارا:",
            few: "{0} تعارضات تنتظر قرارا:",
            many: "{0} تعارضا ينتظر قرارا:",
            other: "{0} تعارض ينتظر قرارا:"
        ),
        fr: (one: "{0} conflit à trancher :", other: "{0} conflits à trancher :"),
        en: (one: "{0} conflict needs a decision:", other: "{0} conflicts need a decision:"))
}

/// When to sync again: decides, and does not wait itself.
struct WatchPace {
    var interval: Duration
    private var failures = 0

    static let shortest: Duration = .seconds(2)
    static let longest: Duration = .seconds(300)

    init(interval: Duration) { self.interval = interval }

    /// Doubles with each failure in a row, with half of it left to chance, so that devices that lost one
    /// server do not all come back at once.
    ///
    /// - Parameters:
    ///   - failed: whether the last sync did.
    ///   - chance: 0..<1.
    /// - Returns: how long to wait.
    mutating func delay(afterFailure failed: Bool, chance: Double) -> Duration {
        failures = failed ? failures + 1 : 0
        guard failed else { return interval }
        let full = min(Self.longest, Self.shortest * (1 << min(failures - 1, 8)))
        return full * (0.5 + chance / 2)
    }
}

extension SyncReport {
    fileprivate var json: JSON {
        [
            "sent": .integer(Int64(sent)), "received": .integer(Int64(received)),
            "rejected": .integer(Int64(rejected)), "held": .integer(Int64(held)),
            "conflicts": .integer(Int64(conflicts)), "bytes_sent": .integer(Int64(bytesSent)),
            "bytes_received": .integer(Int64(bytesReceived)),
            "round_trips": .integer(Int64(roundTrips)),
            "duration_ms": .integer(durationMilliseconds),
        ]
    }
}

import ArgumentParser
import Foundation
import SijilSimulator

@main struct Simulate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sijil-simulate",
        abstract: "Plays simulated worlds, one a seed, and looks whether every law holds in them.",
        discussion: """
            A world has up to five devices and a server, with the real log, merge, SQLite and sync; disks, \
            network and clocks are simulated and break in every way. One seed is one world is one result.

            EXAMPLES
              sijil-simulate --seeds 10000 --minutes 20    new seeds on all cores
              sijil-simulate --first 1 --seeds 200         the seeds 1 to 200
              sijil-simulate --seed 17 --verbose           one world, event by event
            """)

    @Option(help: "Play this seed only.") var seed: UInt64?
    @Option(help: "Play so many seeds.") var seeds = 100
    @Option(help: "The first seed; drawn anew each time when left out.") var first: UInt64?
    @Option(help: "Events in each world; drawn from its seed when left out.") var steps: Int?
    @Option(help: "Start no new world after so many minutes.") var minutes: Double?
    @Option(help: "Processes at a time.") var jobs = ProcessInfo.processInfo.activeProcessorCount
    @Flag(help: "Print every event of a single seed.") var verbose = false
    @Flag(help: "Print one JSON object instead of text.") var json = false
    @Flag(inversion: .prefixedNo, help: "Shrink the first failing world to the fewest events.")
    var shrink = true
    @Option(help: "Play only these events of a single seed, by number: 3,17,20.") var only: String?
    @Flag(help: .hidden) var worker = false

    mutating func validate() throws {
        guard jobs > 0, seeds > 0, steps ?? 1 > 0, minutes ?? 1 > 0 else {
            throw ValidationError("Counts and times must be above zero.")
        }
    }

    func run() async throws {
        // Swift draws the order of sets and dictionaries anew in each process, unless told at its start.
        guard ProcessInfo.processInfo.environment["SWIFT_DETERMINISTIC_HASHING"] != nil else {
            try Worker.startAgainWithFixedHashing()
        }
        if worker { return await Worker(steps: steps).serve() }
        if let seed {
            try await playOne(seed)
        } else {
            try await Campaign(
                first: first ?? UInt64.random(in: 1...UInt64(UInt32.max)), count: seeds,
                steps: steps, minutes: minutes, jobs: jobs, isJSON: json, shrinks: shrink
            )
            .run()
        }
    }

    private func playOne(_ seed: UInt64) async throws {
        var plan = Plan(seed: seed, steps: steps)
        if let only {
            plan = plan.keeping(only.split(separator: ",").compactMap { Int($0) })
        }
        let verdict = await Simulation(plan) { line in
            if verbose { print(line) }
        }
        .run()
        let report = SeedReport(seed: seed, verdict)
        print(json ? report.json : report.text)
        if let failure = verdict.failure {
            if only != nil { print(plan.test(of: failure)) }
            throw ExitCode(1)
        }
    }
}

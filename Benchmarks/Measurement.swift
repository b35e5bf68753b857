/// Runs several bodies round by round, so that a machine whose speed wanders slows all of them alike.
struct Measurement {
    struct Variant {
        var name: String
        /// The variant that this one is compared with, inside the same round; `nil` for a baseline.
        var baseline: String?
        /// Prepares what is not timed, and returns what is, with the number of records it handles.
        var prepare: (_ round: Int) async throws -> (records: Int, body: () async throws -> Void)
    }

    struct Result {
        var name: String
        /// Records per second, median over the rounds.
        var speed: Double
        /// Slowest and fastest round.
        var range: ClosedRange<Double>
        /// Time against the baseline's in the same round, median; 2.0 takes twice as long a record.
        var cost: Double?
        var baseline: String?
    }

    var variants: [Variant]

    func run(rounds: Int) async throws -> [Result] {
        var speeds: [String: [Double]] = [:]
        for round in 0..<rounds {
            // Another order every round, so that none is always first on a cold cache.
            for index in variants.indices {
                let variant = variants[(index + round) % variants.count]
                let (records, body) = try await variant.prepare(round)
                let started = ContinuousClock.now
                try await body()
                let seconds = (ContinuousClock.now - started) / .seconds(1)
                speeds[variant.name, default: []].append(Double(records) / seconds)
            }
        }
        return variants.map { variant in
            let own = speeds[variant.name]!
            let cost = variant.baseline.map { baseline in
                Self.median(zip(speeds[baseline]!, own).map { $0 / $1 })
            }
            return Result(
                name: variant.name, speed: Self.median(own), range: own.min()!...own.max()!,
                cost: cost, baseline: variant.baseline)
        }
    }

    private static func median(_ numbers: [Double]) -> Double {
        numbers.sorted()[numbers.count / 2]
    }
}

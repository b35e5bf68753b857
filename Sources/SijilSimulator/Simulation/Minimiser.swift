/// Shrinks a failing plan: leaves out events as long as the same law breaks.
///
/// Delta debugging (Zeller and Hildebrandt, 2002): halves, then quarters, down to single events.
public struct Minimiser {
    /// Plays some of a plan's events, by their numbers, and tells which law broke.
    private let play: ([Int]) throws -> String?

    public init(play: @escaping ([Int]) throws -> String?) { self.play = play }

    /// - Parameters:
    ///   - count: the number of events in the plan.
    ///   - failure: what the whole plan ends in.
    /// - Returns: the numbers of the events that are needed for it.
    public func shrink(count: Int, failure: String) throws -> [Int] {
        let law = Self.law(failure)
        var kept = Array(0..<count)
        var size = max(1, count / 2)
        while true {
            var start = 0
            var isShorter = false
            while start < kept.count {
                var fewer = kept
                fewer.removeSubrange(start..<min(start + size, kept.count))
                if let other = try play(fewer), Self.law(other) == law {
                    kept = fewer
                    isShorter = true
                } else {
                    start += size
                }
            }
            if size == 1, !isShorter { return kept }
            size = max(1, size / 2)
        }
    }

    /// Which law a failure is about: what stands before its first colon.
    private static func law(_ failure: String) -> String {
        String(failure.prefix { $0 != ":" })
    }
}

extension Plan {
    /// The same plan with some of its events only.
    public func keeping(_ numbers: [Int]) -> Plan {
        var plan = self
        plan.events = numbers.filter(events.indices.contains).map { events[$0] }
        return plan
    }

    /// A Swift test that plays this plan, to be given the name of the law that broke.
    public func test(of failure: String) -> String {
        """
        @Test func `\(failure.prefix { $0 != ":" })`() async {
            let plan = Plan(
                seed: \(seed), devices: \(deviceCount), collections: \(collectionCount),
                clocks: \(clocks), olderDevices: \(olderDevices.sorted()),
                isDirectory: \(isDirectory),
                events: [
        \(events.map { "            Event(\"\($0.action)\", \($0.seed))," }.joined(separator: "\n"))
                ])
            #expect(await Simulation(plan).run().failure == nil)
        }
        """
    }
}

import Testing

@testable import SijilSimulator

/// The simulator itself: what it says can be relied on.
struct SimulationTests {
    @Test(arguments: 1...6 as ClosedRange<UInt64>) func `every law holds in a drawn world`(
        seed: UInt64
    ) async {
        let verdict = await Simulation(Plan(seed: seed)).run()
        #expect(verdict.failure == nil, "seed \(seed), event \(verdict.failedAt)")
    }

    @Test(arguments: [3, 8, 21] as [UInt64]) func `one seed is one world, event by event`(
        seed: UInt64
    ) async {
        var traces: [[String]] = [[], []]
        var fingerprints: [UInt64] = []
        for index in traces.indices {
            let verdict = await Simulation(Plan(seed: seed, steps: 40)) { traces[index].append($0) }
                .run()
            fingerprints.append(verdict.fingerprint)
        }
        #expect(traces[0] == traces[1])
        #expect(fingerprints[0] == fingerprints[1])
    }

    @Test func `a shorter plan does with its events what the whole did`() async {
        let plan = Plan(seed: 5, steps: 12)
        let numbers = [2, 5, 7]
        #expect(plan.keeping(numbers).events == numbers.map { plan.events[$0] })
        #expect(plan.keeping(numbers).deviceCount == plan.deviceCount)
        #expect(plan.keeping([0, 99]).events == [plan.events[0]])
    }

    @Test func `a failure is shrunk to the events that it needs`() throws {
        var plays = 0
        let needed = try Minimiser { numbers in
            plays += 1
            // Another law breaks as soon as event 9 is missing: that is another failure.
            guard numbers.contains(9) else { return "search: nothing is found" }
            return numbers.contains(23) && numbers.contains(71) ? "siblings: one is missing" : nil
        }
        .shrink(count: 100, failure: "siblings: another text")
        #expect(needed == [9, 23, 71])
        #expect(plays < 100)
    }

    @Test func `a written plan is the plan that was drawn`() {
        let plan = Plan(seed: 5, steps: 2)
        let test = plan.test(of: "siblings: one is missing")
        for event in plan.events {
            #expect(test.contains("Event(\"\(event.action)\", \(event.seed))"))
        }
        #expect(test.contains("@Test func `siblings`()"))
    }
}

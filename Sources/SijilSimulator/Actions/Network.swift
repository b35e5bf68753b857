/// The network becomes bad, in some ways more than in others.
enum LossyNetwork: Action {
    static let name = "lossy network"
    static let weight = 5

    static func perform(in world: World, _ random: inout SeededGenerator) async throws -> String {
        func rate() -> Int { random.oneIn(2) ? 0 : random.int(2..<8) }
        world.faults.loseRequestOneIn = rate()
        world.faults.loseAnswerOneIn = rate()
        world.faults.repeatRequestOneIn = rate()
        world.faults.delayRequestOneIn = rate()
        world.faults.cutRequestOneIn = random.oneIn(4) ? 6 : 0
        world.faults.cutAnswerOneIn = random.oneIn(4) ? 6 : 0
        return "\(world.faults)"
    }
}

/// The network works again.
enum CalmNetwork: Action {
    static let name = "calm network"
    static let weight = 3

    static func perform(in world: World, _ random: inout SeededGenerator) async throws -> String {
        world.faults = NetworkFaults()
        return ""
    }
}

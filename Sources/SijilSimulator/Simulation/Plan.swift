import SijilCore

/// One thing that happens in a world; what exactly it does it draws from its own seed.
public struct Event: Hashable, Sendable {
    public var action: String
    public var seed: UInt64

    public init(_ action: String, _ seed: UInt64) {
        self.action = action
        self.seed = seed
    }
}

/// Everything that is going to happen in a world: a function of its seed.
public struct Plan: Sendable {
    public var seed: UInt64
    public var deviceCount: Int
    public var collectionCount: Int
    /// Milliseconds by which each device's clock is wrong at the beginning.
    public var clocks: [Int64]
    /// Devices whose program knows less than the others'.
    public var olderDevices: Set<Int>
    /// Whether its records are those of a directory, and merges and the like are made in it.
    public var isDirectory = false
    public var events: [Event]

    /// Draws a plan.
    ///
    /// Which faults a world has, and how many, is drawn too ("swarm testing": Groce and others, 2012): worlds
    /// with everything at once hide what only shows when one thing happens often.
    ///
    /// - Parameter steps: the number of events; `nil` to draw it.
    public init(seed: UInt64, steps: Int? = nil) {
        var random = SeededGenerator(seed: seed)
        self.seed = seed
        deviceCount = random.pick([2, 3, 5, 5, 5, 5])
        collectionCount = random.pick([1, 1, 1, 2, 3])
        clocks = []
        olderDevices = []
        let hasWrongClocks = random.oneIn(2)
        let hasOlderDevices = random.oneIn(4)
        for number in 0..<deviceCount {
            clocks.append(
                hasWrongClocks ? Int64(random.int(-1_780_000_000..<2_322_000_000)) * 1000 : 0)
            if hasOlderDevices, random.oneIn(3) { olderDevices.insert(number) }
        }
        var weighted: [(name: String, weight: Int)] = []
        isDirectory = random.oneIn(3)
        for action in Actions.all where action.isEssential || random.oneIn(2) {
            guard isDirectory || !action.isOfDirectory else { continue }
            weighted.append((action.name, action.weight * random.pick([1, 1, 1, 3])))
        }
        if weighted.contains(where: { $0.name == Carry.name }) {
            weighted.removeAll { $0.name == Revocation.name }
        }
        let total = weighted.reduce(0) { $0 + $1.weight }
        events = []
        for _ in 0..<(steps ?? random.int(20..<160)) {
            var rest = random.int(0..<total)
            let drawn = weighted.first { entry in
                rest -= entry.weight
                return rest < 0
            }
            events.append(Event(drawn!.name, random.next()))
        }
    }

    /// For a plan that is written down, as the minimiser prints it.
    public init(
        seed: UInt64, devices: Int, collections: Int, clocks: [Int64] = [],
        olderDevices: Set<Int> = [], isDirectory: Bool = false, events: [Event]
    ) {
        self.isDirectory = isDirectory
        self.seed = seed
        deviceCount = devices
        collectionCount = collections
        self.clocks = clocks
        self.olderDevices = olderDevices
        self.events = events
    }

    var versions: Versions { isDirectory ? .directory : .test }

    var schemas: [Schema] {
        (0..<deviceCount).map { olderDevices.contains($0) ? versions.older : versions.newer }
    }
}

import SijilCore
public import SijilSync

/// What goes wrong on the way; each once in so many requests, 0 for never.
public struct NetworkFaults: Hashable, Sendable {
    /// The request never arrives.
    public var loseRequestOneIn = 0
    /// The server acts, but its answer never arrives.
    public var loseAnswerOneIn = 0
    /// The request arrives twice.
    public var repeatRequestOneIn = 0
    /// An old request arrives once more, before this one.
    public var delayRequestOneIn = 0
    /// A careless proxy passes on only the beginning of the request, as if it were all.
    public var cutRequestOneIn = 0
    /// A careless proxy passes on only the beginning of the answer, as if it were all.
    public var cutAnswerOneIn = 0

    public init() {}
}

/// Carries requests to a server in the same process.
public struct SimulatedTransport: Transport {
    private let application: () -> ServerApplication
    private let faults: NetworkFaults
    private let chance: Chance?
    private let road: Road?

    /// What lies between a device and the server of a world.
    final class Road {
        /// Requests that may arrive once more.
        var delayed: [TransportRequest] = []
        /// Called with each answer that the server gave, whether it arrives or not.
        var observe: (TransportRequest, TransportResponse) throws -> Void = { _, _ in }
        /// Lets something happen on the device while it waits for the answer.
        let meanwhile = Interruption()
        /// Whether the server died while it answered.
        var isServerDead: () -> Bool = { false }
        /// Whether the server's disk may fail.
        var isServerDiskFaulty: () -> Bool = { true }
    }

    public init(
        application: ServerApplication, faults: NetworkFaults = NetworkFaults(),
        chance: Chance? = nil
    ) {
        self.init({ application }, faults, chance, nil)
    }

    init(
        _ application: @escaping () -> ServerApplication, _ faults: NetworkFaults,
        _ chance: Chance?, _ road: Road?
    ) {
        self.application = application
        self.faults = faults
        self.chance = chance
        self.road = road
    }

    public func send(_ request: TransportRequest) async throws -> TransportResponse {
        if happens(faults.loseRequestOneIn) {
            throw SijilError(.unreachable, "The simulated network lost the request.")
        }
        if let road, happens(faults.delayRequestOneIn), !road.delayed.isEmpty {
            _ = try await handle(road.delayed[chance?.int(0..<road.delayed.count) ?? 0])
        }
        if happens(faults.repeatRequestOneIn) { _ = try await handle(request) }
        road?.delayed.append(request)
        var arriving = request
        if happens(faults.cutRequestOneIn) { arriving.body = cut(request.body) }
        var response = try await handle(arriving)
        await road?.meanwhile.step()
        if happens(faults.loseAnswerOneIn) {
            throw SijilError(.tryAgain, "The simulated network lost the answer.")
        }
        if happens(faults.cutAnswerOneIn) { response.body = cut(response.body) }
        response.bytesSent = request.body.count
        response.bytesReceived = response.body.count
        return response
    }

    private func handle(_ request: TransportRequest) async throws -> TransportResponse {
        let (response, failure) = await application().handle(request)
        if road?.isServerDead() == true {
            throw SijilError(.tryAgain, "The simulated server died.")
        }
        // The client would take both for a server that cannot answer now.
        if failure == .bug || (failure == .inputOutput && road?.isServerDiskFaulty() == false) {
            throw SijilError(.bug, "The simulated server made a mistake.")
        }
        try road?.observe(request, response)
        return response
    }

    private func cut(_ body: [UInt8]) -> [UInt8] {
        Array(body.prefix(chance?.int(0..<body.count + 1) ?? 0))
    }

    private func happens(_ oneIn: Int) -> Bool { oneIn > 0 && chance?.oneIn(oneIn) == true }
}

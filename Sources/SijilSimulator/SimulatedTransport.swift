import SijilCore
public import SijilSync

/// What goes wrong on the way; each once in so many requests, 0 for never.
public struct NetworkFaults: Sendable {
    /// The request never arrives.
    public var loseRequestOneIn = 0
    /// The server acts, but its answer never arrives.
    public var loseAnswerOneIn = 0
    /// The request arrives twice.
    public var repeatRequestOneIn = 0

    public init() {}
}

/// Carries requests to a server in the same process.
public struct SimulatedTransport: Transport {
    private let application: ServerApplication
    private let faults: NetworkFaults
    private let chance: Chance?

    public init(
        application: ServerApplication, faults: NetworkFaults = NetworkFaults(),
        chance: Chance? = nil
    ) {
        self.application = application
        self.faults = faults
        self.chance = chance
    }

    public func send(_ request: TransportRequest) async throws -> TransportResponse {
        if happens(faults.loseRequestOneIn) {
            throw SijilError(.unreachable, "The simulated network lost the request.")
        }
        if happens(faults.repeatRequestOneIn) { _ = await application.handle(request) }
        var response = await application.handle(request).response
        if happens(faults.loseAnswerOneIn) {
            throw SijilError(.tryAgain, "The simulated network lost the answer.")
        }
        response.bytesSent = request.body.count
        response.bytesReceived = response.body.count
        return response
    }

    private func happens(_ oneIn: Int) -> Bool { oneIn > 0 && chance?.oneIn(oneIn) == true }
}

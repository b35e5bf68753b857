import SijilCore
import SijilStore
import SijilSync

/// What a world does when something goes wrong in it, as the people around a device would.
extension World {
    /// Does something on a device; the failures that the present faults explain are taken as normal.
    ///
    /// - Returns: `done`, or the name of the failure.
    /// - Throws: ``Broken`` for a failure that nothing explains.
    func attempt(
        _ device: SimulatedDevice, allowing: Set<SijilError.Code> = [],
        _ random: inout SeededGenerator, _ body: () async throws -> Void
    ) async throws -> String {
        let outcome = try await outcome(on: device, allowing: allowing, body)
        try await bringUpTheDead(&random)
        return outcome
    }

    /// As ``attempt(_:allowing:_:_:)``, in the middle of something else: what died stays dead for now.
    func outcome(
        on device: SimulatedDevice, allowing: Set<SijilError.Code> = [],
        _ body: () async throws -> Void
    ) async throws(Broken) -> String {
        do {
            try await body()
            return "done"
        } catch let error as SijilError {
            guard
                device.disk.isDead || server.disk.isDead || allowing.contains(error.code)
                    || isExplained(error.code, on: device)
            else {
                throw Broken(
                    law: "nothing explains the error '\(error.code.rawValue)': \(error.message)",
                    seed: seed)
            }
            return error.code.rawValue
        } catch let error as Broken {
            throw error
        } catch {
            throw Broken(law: "an error is not ours: \(type(of: error))", seed: seed)
        }
    }

    private func isExplained(_ code: SijilError.Code, on device: SimulatedDevice) -> Bool {
        switch code {
        case .unreachable: faults.loseRequestOneIn > 0
        case .tryAgain:
            faults.loseAnswerOneIn > 0 || faults.cutAnswerOneIn > 0 || server.disk.isFaulty
        case .inputOutput: device.disk.isFaulty
        case .badData, .protocolMismatch, .unauthenticated, .futureVersion, .tooLarge:
            faults.cutRequestOneIn > 0 || faults.cutAnswerOneIn > 0
        case .notPermitted: revoked.contains(device.id) || faults.cutAnswerOneIn > 0
        default: false
        }
    }

    /// Starts again what has died.
    func bringUpTheDead(_ random: inout SeededGenerator) async throws {
        if server.disk.isDead { try await restart(server, &random) }
        for device in devices where device.disk.isDead {
            device.disk.faults = SimulatedDisk.Faults()
            try device.restart(after: device.death, &random)
            try tell { try $0.restarted(device, in: self) }
        }
    }

    func restart(_ server: SimulatedServer, _ random: inout SeededGenerator) async throws {
        server.disk.faults = SimulatedDisk.Faults()
        try await server.restart(after: server.death, &random)
        for checker in checkers { try await checker.restarted(server, in: self) }
    }

    /// Does something while no device's disk has a fault.
    func undisturbed<Result>(_ body: () throws -> Result) rethrows -> Result {
        let disks = devices.map(\.disk)
        let faults = disks.map(\.faults)
        for disk in disks { disk.faults = SimulatedDisk.Faults() }
        defer { for (disk, faults) in zip(disks, faults) { disk.faults = faults } }
        return try body()
    }

    /// Lets every checker look.
    func tell(_ look: (any Checker) throws -> Void) throws {
        try undisturbed { for checker in checkers { try look(checker) } }
    }

    /// Lets every checker look at devices with which something happened.
    func look(at devices: SimulatedDevice...) throws {
        for device in devices where !device.disk.isDead {
            try tell { try $0.touched(device, in: self) }
        }
    }

    /// Changes a device's role, while the server's disk works: whether a failed commit happened is nobody's
    /// to say.
    func grant(_ role: Role?, to device: SimulatedDevice, in collection: CollectionID) async throws
    {
        try await administer { try await store.setGrant(role, of: device.id, in: collection) }
        try tell { $0.granted(role, to: device, in: collection) }
    }

    func administer(_ body: () async throws -> Void) async throws {
        let faults = server.disk.faults
        server.disk.faults = SimulatedDisk.Faults()
        defer { server.disk.faults = faults }
        try await body()
    }

    /// Everything works again from now on.
    func heal(_ random: inout SeededGenerator) async throws {
        faults = NetworkFaults()
        server.between.cancel()
        road.meanwhile.cancel()
        try await bringUpTheDead(&random)
        server.disk.faults = SimulatedDisk.Faults()
        for device in devices { device.disk.faults = SimulatedDisk.Faults() }
    }

    /// Heals everything, and syncs until nobody has news; then every law must hold.
    func settle(_ random: inout SeededGenerator) async throws {
        try await heal(&random)
        for _ in 0..<2 { for device in active { try await mustSync(device) } }
        for checker in checkers { try await checker.healed(self) }
        // Whoever may sync at all may write and erase again: so every change has a way to the log.
        for device in active {
            for collection in collections {
                try await grant(.coordinator, to: device, in: collection)
            }
        }
        for _ in 0..<3 { for device in active { try await mustSync(device) } }
        for device in devices where device.schema != versions.newer {
            try device.reopen(as: versions.newer)
        }
        for checker in checkers { try await checker.settled(self) }
    }

    /// The devices that may sync.
    var active: [SimulatedDevice] { devices.filter { !revoked.contains($0.id) } }

    private func mustSync(_ device: SimulatedDevice) async throws {
        do {
            try await sync(device)
        } catch let error as SijilError {
            throw Broken(
                law: "replica \(device.number) cannot sync in a healed world: "
                    + "'\(error.code.rawValue)': \(error.message)", seed: seed)
        }
    }
}

extension SimulatedDisk {
    /// Whether an operation may fail without the machine's death.
    var isFaulty: Bool {
        faults.failing != nil || faults.failingReads != nil || faults.capacityBytes != nil
    }
}

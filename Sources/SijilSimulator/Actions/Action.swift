/// Something that people, devices or misfortune do in a world.
///
/// All that an action chooses it draws from its event's own seed: so an event does the same when others
/// before it are left out. To add a fault: a file with an action, and its name in ``Actions/all``.
protocol Action {
    /// As the trace and pasted tests name it.
    static var name: String { get }
    /// How often it happens in a world that has it, in relation to the others.
    static var weight: Int { get }
    /// Whether every world has it; of the others each world has about half.
    static var isEssential: Bool { get }
    /// Whether only worlds have it whose records are a directory's.
    static var isOfDirectory: Bool { get }

    /// - Returns: what became of it, for the trace.
    /// - Throws: `World.Broken` when a law did not hold.
    static func perform(in world: World, _ random: inout SeededGenerator) async throws -> String
}

extension Action {
    static var isEssential: Bool { false }
    static var isOfDirectory: Bool { false }
}

enum Actions {
    static var all: [any Action.Type] {
        [
            Write.self, BulkWrite.self, Burst.self, Resolve.self, Sync.self, LateWrite.self,
            SecondProcess.self, Carry.self, Snapshot.self,
            Crowd.self, LossyNetwork.self, CalmNetwork.self, DeviceDeath.self, ServerDeath.self,
            DiskFull.self, DiskErrors.self, ServerDiskErrors.self, ClockJump.self, RoleChange.self,
            Revocation.self, Upgrade.self, Roster.self, Restriction.self, MergePersons.self,
            UnmergePersons.self, DistinguishPersons.self, Confide.self, Erase.self,
            ErasePerson.self,
        ]
    }

    static func named(_ name: String) -> (any Action.Type)? { all.first { $0.name == name } }
}

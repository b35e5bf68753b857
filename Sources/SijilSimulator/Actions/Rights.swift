import SijilCore
import SijilStore

/// A device's role in a collection is changed, taken away or given again.
enum RoleChange: Action {
    static let name = "role change"
    static let weight = 6

    static func perform(in world: World, _ random: inout SeededGenerator) async throws -> String {
        let device = random.pick(world.devices)
        let collection = random.pick(world.collections)
        let role: Role? = random.pick([nil, .reader, .editor, .editor, .coordinator])
        try await world.grant(role, to: device, in: collection)
        return "\(device.number): \(role?.rawValue ?? "none")"
    }
}

/// A device is lost, and revoked.
///
/// Not where changes are carried by hand: who had them from it could never
/// pass them on.
enum Revocation: Action {
    static let name = "revocation"
    static let weight = 1

    static func perform(in world: World, _ random: inout SeededGenerator) async throws -> String {
        let device = random.pick(world.devices)
        guard world.active.count > 2 else { return "too few" }
        try await world.administer { try await world.store.revoke(device.id) }
        world.revoked.insert(device.id)
        return "\(device.number)"
    }
}

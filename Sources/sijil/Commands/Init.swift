import ArgumentParser
import Foundation
import SijilCore
import SijilDirectory
import SijilStore
import SijilSync

struct Init: Verb {
    static let configuration = CommandConfiguration(
        abstract: "Make a new replica with a key of its own.",
        discussion: """
            Examples:
              sijil init --name tab-07
              sijil init --name tab-07 --region MA
              sijil init --home /media/card/sijil

            The key never leaves the device. Then join a server with 'sijil join'.
            """)

    @Option(help: "What people call this device. Default: the host's name.")
    var name: String?

    @OptionGroup var region: RegionOptions

    @OptionGroup var common: CommonOptions

    func run(_ console: Console) async throws {
        let name = try checked(name ?? Self.hostName)
        let region = try region.chosen
        let replica = try home.create(name: name)
        if let region { try replica.setRegion(region) }
        if console.isJSON {
            try console.emit([
                "replica": .string(replica.id.description), "name": .string(name),
                "home": .string(home.directory),
            ])
        } else {
            try console.print(
                "replica \(console.text.code(replica.id.description)) (\(console.text.own(name)))")
            console.message("next: sijil join URL --code CODE")
        }
    }

    private func checked(_ name: String) throws(SijilError) -> String {
        guard name.isDisplayName else {
            throw SijilError(
                .badData,
                "A name has 1 to \(Limits.displayNameBytes) bytes and no control characters.",
                place: "name")
        }
        return name
    }

    /// The host's name without its domain, or one made up.
    private static var hostName: String {
        var buffer = [CChar](repeating: 0, count: 256)
        let isKnown = unsafe gethostname(&buffer, buffer.count - 1) == 0
        let bytes = buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        let host = String(decoding: bytes, as: UTF8.self).prefix { $0 != "." }
        if isKnown, !host.isEmpty, host != "localhost" { return String(host) }
        let chance = Identifier(bytes: Environment.system.randomBytes(Identifier.byteCount))!
        return "device-" + chance.description.prefix(4)
    }
}

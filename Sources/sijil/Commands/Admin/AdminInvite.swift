import ArgumentParser
import SijilCore
import SijilDirectory
import SijilStore
import SijilSync

struct AdminInvite: Verb {
    static let configuration = CommandConfiguration(
        commandName: "invite",
        abstract: "Make an invitation code for one device.",
        discussion: """
            Examples:
              sijil admin invite --name tab-07 --grant roster-xm01=editor
              sijil admin invite --name tab-12 --grant library=reader --expires 12h

            A code works once, as long as this device may grant what it says. Hand it over by voice or on paper.
            """)

    @Option(help: "What people will call the device.")
    var name: String

    @Option(
        help: ArgumentHelp(
            "COLLECTION=reader, =editor or =coordinator. Repeatable.", valueName: "grant"))
    var grant: [String]

    @Option(help: ArgumentHelp("How long the code can be used.", valueName: "duration"))
    var expires = "7d"

    @OptionGroup var common: CommonOptions

    func run(_ console: Console) async throws {
        let duration = try Arguments.milliseconds(expires)
        let replica = try openReplica()
        let server = try Server.joined(by: replica)
        let connection = try server.connection(of: replica)
        var grants: [String: String] = [:]
        for text in grant {
            let (collection, role) = try Arguments.grant(text)
            grants[try await connection.collectionID(named: collection)] = role.rawValue
        }
        let invited: Exchange.Invited = try await connection.call(
            "POST", Exchange.invitationsPath,
            Exchange.NewInvitation(name: name, grants: grants, expires_in_ms: duration))
        let expiry = Timestamp.text(milliseconds: invited.expires_at)
        if console.isJSON {
            try console.emit([
                "code": .string(invited.code), "url": .string(server.url),
                "expires": .string(expiry),
            ])
        } else {
            try console.print("code:     \(console.text.code(invited.code))")
            try console.print("url:      \(console.text.code(server.url))")
            try console.print("expires:  \(console.text.code(expiry))")
            console.message(
                "on the device: sijil join \(Arguments.quoted(server.url)) --code \(invited.code)")
        }
    }
}

import ArgumentParser
import SijilCore
import SijilServer
import SijilStore
import SijilSync

struct Init: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Set a server up and print the code for the first coordinator.",
        discussion: """
            Examples:
              sijil-server init --data /var/lib/sijil
              sijil-server init --data /var/lib/sijil --again --expires 1h

            The code works once. Whoever joins with it may make collections and invite.
            --again prints another one for a server that is set up; earlier ones stay good.
            """)

    @OptionGroup var options: ServerOptions

    @Option(help: "What the first coordinator's device is called. Default: as it calls itself.")
    var name: String?

    @Option(help: "How long the code is good: 30m, 12h, 7d.")
    var expires = Lifetime(days: 7)

    @Flag(help: "Another code, for a server that is set up.")
    var again = false

    private struct Answer: Encodable {
        var code: String
        var expires: String
    }

    func run() async throws {
        let store = try options.folder().create()
        let environment = ServerEnvironment.system
        let isSetUp = try await store.setting("authority") != nil
        guard !isSetUp || again else {
            throw SijilError(
                .cannotCreate, "The server is set up already.",
                hint: "'sijil-server init --again' prints another code for a first coordinator.")
        }
        let invitation = try await FounderInvitation.make(
            in: store, environment: environment, name: name, lifetime: expires.milliseconds)
        // Last, so that a server without a first code never counts as set up.
        _ = try await Authority.establish(in: store, environment: environment)
        try store.close()
        try report(invitation, isSetUp: isSetUp)
    }

    private func report(_ invitation: FounderInvitation, isSetUp: Bool) throws {
        let expires = invitation.expiresAt.isoTime
        if options.json {
            try Output.data(
                Output.line(Answer(code: invitation.code, expires: expires)))
            return
        }
        options.say(
            isSetUp
                ? "Another code for a first coordinator; earlier ones stay good:"
                : "The server is set up. The code for its first coordinator:")
        try Output.data(invitation.code + "\n")
        options.say(
            """
            It works once, until \(expires).
            Next: 'sijil-server serve', then 'sijil join URL --code CODE' on their device.
            """)
    }
}

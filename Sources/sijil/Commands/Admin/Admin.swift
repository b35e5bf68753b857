import ArgumentParser

struct Admin: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "A coordinator's work: collections, invitations, devices.",
        discussion: """
            Examples:
              sijil admin collection create roster-xm01 --kind roster
              sijil admin invite --name tab-07 --grant roster-xm01=editor --expires 7d
              sijil admin device list
              sijil admin device revoke tab-12
            """,
        subcommands: [AdminCollection.self, AdminInvite.self, AdminDevice.self])
}

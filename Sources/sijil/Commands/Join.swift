import ArgumentParser
import Foundation
import SijilCore
import SijilDirectory
import SijilStore
import SijilSync

struct Join: Verb {
    static let configuration = CommandConfiguration(
        abstract: "Enrol this replica with a server.",
        discussion: """
            Examples:
              sijil join https://sync.example.org --code 7K3QX-M2P9D-R4T6V-W8Y0Z
              sijil join https://10.0.0.5:8443 --ca area.pem --code -  < code.txt

            A code works once; ask a coordinator for one. With another code of the same server, the \
            collections of that code are added.
            """)

    @Argument(help: "The server's address, as the invitation gives it.")
    var url: String

    @Option(help: "The invitation code; '-' reads it from standard input.")
    var code: String

    @Option(
        help: ArgumentHelp(
            "PEM file with the authorities to trust instead of the system's.", valueName: "file"))
    var ca: String?

    @Option(
        help: ArgumentHelp(
            "SHA-256 of the public key that the server must have.", valueName: "sha256"))
    var pin: String?

    @OptionGroup var common: CommonOptions

    func run(_ console: Console) async throws {
        let replica = try openReplica()
        Interruption.shared.listen()
        let server = try chosenServer(replica)
        let connection = try server.connection(of: replica)
        let grants = try await connection.join(code: try readCode())
        try server.remember(in: replica)
        if console.isJSON {
            try console.emit([
                "replica": .string(replica.id.description), "server": .string(server.url),
                "collections": .array(grants.map(\.json)),
            ])
            return
        }
        try console.print("joined as \(console.text.own(try replica.name))")
        for grant in grants {
            try console.print("  \(grant.role.rawValue)  \(console.text.own(grant.name))")
        }
        if grants.isEmpty { console.message("no collection is granted yet") }
        console.message("next: sijil sync")
    }

    /// What is not said stays as it was at the last time with this server.
    private func chosenServer(_ replica: Replica) throws -> Server {
        var address = url
        while address.hasSuffix("/") { address.removeLast() }
        var server = Server(url: address)
        if let before = try? Server.joined(by: replica), before.url == address { server = before }
        if let ca {
            let path = URL(fileURLWithPath: ca).standardizedFileURL.path
            guard FileManager.default.isReadableFile(atPath: path) else {
                throw SijilError(
                    .notFound, "There is no file of trusted certificates there.", place: "--ca")
            }
            server.caFile = path
        }
        if let pin { server.pin = pin }
        return server
    }

    private func readCode() throws(SijilError) -> String {
        let text = code == "-" ? readLine() ?? "" : code
        let trimmed = text.trimmingCharacters(in: .whitespacesAndNewlines)
        guard !trimmed.isEmpty, trimmed.utf8.count <= Limits.nameBytes else {
            throw SijilError(
                .usage, "There is no invitation code.", hint: "Ask a coordinator for one.")
        }
        return trimmed
    }
}

extension CollectionGrant {
    var json: JSON {
        [
            "id": .string(id.description), "name": .string(name), "kind": .string(kind),
            "role": .string(role.rawValue),
        ]
    }
}

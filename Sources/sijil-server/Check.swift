import ArgumentParser
import SijilCore
import SijilServer
import SijilStore
import SijilSync

struct Check: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check every hash, chain and signature of the logs again.",
        discussion: """
            Examples:
              sijil-server check --data /var/lib/sijil
              sijil-server check --data /var/lib/sijil --json

            Works while the server runs. Exits with 65 when something does not hold.
            The digest is what 'sijil digest' says where the same changes are.
            """)

    @OptionGroup var options: ServerOptions

    private struct Line: Encodable {
        var collection: String
        var name: String
        var digest: String
        var records: Int
        var changes: Int
        var ok: Bool
        var problems: [LogCheck.Problem]
    }

    func run() async throws {
        let store = try options.folder().open()
        let check = LogCheck(
            store: store, authority: try await Authority.read(from: store), environment: .system)
        var isWell = true
        for collection in try await store.collections() {
            let outcome = try await check.check(collection)
            isWell = isWell && outcome.problems.isEmpty
            try report(collection, outcome)
        }
        try store.close()
        guard isWell else {
            throw SijilError(
                .notAuthentic, "Something in the logs does not hold.",
                hint: "Keep the files as they are and go back to a backup that checks well.")
        }
    }

    private func report(_ collection: ServerCollection, _ outcome: LogCheck.Outcome) throws {
        let line = Line(
            collection: collection.id.description, name: collection.name,
            digest: outcome.digest.description, records: outcome.records,
            changes: outcome.changes, ok: outcome.problems.isEmpty, problems: outcome.problems)
        if options.json {
            try Output.data(Output.line(line))
            return
        }
        try Output.data(
            "\(line.digest)  \(line.records) records  \(line.changes) changes  \(Output.plain(line.name))\n"
        )
        for problem in outcome.problems {
            let place = problem.replica.map {
                " (replica \($0), change \(problem.sequence ?? 0))"
            }
            try Output.data("  \(problem.what)\(place ?? "")\n")
        }
    }
}

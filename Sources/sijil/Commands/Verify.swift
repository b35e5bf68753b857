import ArgumentParser
import SijilCore
import SijilDirectory
import SijilStore

struct Verify: Verb {
    static let configuration = CommandConfiguration(
        abstract: "Check every hash, signature and chain, and the records against the log.",
        discussion: """
            Examples:
              sijil verify
              sijil verify --json

            Changes nothing. Exits with 65 when something does not hold.
            """)

    @OptionGroup var common: CommonOptions

    func run(_ console: Console) async throws {
        let verification = try openReplica().verify()
        if console.isJSON {
            try console.emit([
                "changes": .integer(Int64(verification.changes)),
                "ok": .bool(verification.isSound),
                "problems": .array(verification.problems.map(\.json)),
            ])
        } else {
            for problem in verification.problems {
                let place = problem.dot.map { "\($0.replica):\($0.sequence)  " } ?? ""
                try console.print(console.text.code(place) + problem.what)
            }
            if verification.isSound, !console.isQuiet {
                try console.print("\(count(verification.changes, "change")) checked: all hold")
            }
        }
        guard verification.isSound else {
            throw SijilError(
                .notAuthentic, "The replica does not hold what its log says.",
                hint: "Keep a copy of the file and tell your coordinator.")
        }
    }
}

extension Verification.Problem {
    fileprivate var json: JSON {
        [
            "replica": (dot?.replica.description).json,
            "sequence": dot.map { .integer(Int64($0.sequence)) } ?? .null,
            "what": .string(what),
        ]
    }
}

import SijilCore
import SijilDirectory

/// What programs of two versions know in one world.
struct Versions: Sendable {
    let newer: Schema
    let older: Schema

    /// Every kind, shape and policy.
    static let test = Versions(newer: TestSchema.whole, older: TestSchema.older)

    /// The directory as it is, and as it was before there were merges, consents and practices.
    static let directory = Versions(
        newer: .directory,
        older: Schema(
            ["channel", "office", "person", "tenure"]
                .map { name in
                    let fields = Schema.directory[name]!.fields
                    return RecordType(
                        name, Array(fields.prefix { !$0.name.hasPrefix("merged_") }))
                }))
}

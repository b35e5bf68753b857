import ArgumentParser
import SijilCore
import SijilDirectory

struct Region: Verb {
    static let configuration = CommandConfiguration(
        abstract: "Show or set the country of telephone numbers without a country's code.",
        discussion: """
            Examples:
              sijil region MA
              sijil region +212
              sijil region

            With MA, 0612-345678 is kept as +212612345678, and as it was typed beside it. It holds for \
            this device and for what is entered from now on. --region and $SIJIL_REGION come before it.
            """)

    @Argument(
        help: ArgumentHelp("Two letters of ISO 3166-1, or + and a code.", valueName: "region"))
    var region: String?

    @OptionGroup var common: CommonOptions

    func run(_ console: Console) async throws {
        let replica = try openReplica()
        if let region { try replica.setRegion(try RegionOptions.read(region)) }
        let present = try replica.region()
        if console.isJSON {
            try console.emit(["region": present.map { .string($0.description) } ?? .null])
        } else if let present {
            try console.print(present.description)
        } else {
            console.message("none is set; for example: sijil region MA")
        }
    }
}

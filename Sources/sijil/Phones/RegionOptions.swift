import ArgumentParser
import Foundation
import SijilCore
import SijilDirectory
import SijilStore

/// Where telephone numbers belong that have no code of a country.
struct RegionOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(Phrase.regionHelp.here, valueName: "MA|+212"))
    var region: String?

    /// What `--region` says.
    ///
    /// - Throws: `badData` for what is neither a country nor a code.
    var chosen: PhoneRegion? {
        get throws(SijilError) { try region.map { text throws(SijilError) in try Self.read(text) } }
    }

    /// What values of people must be here, with the region of `--region`, else of `$SIJIL_REGION`, else of the
    /// replica.
    func rules(for replica: Replica) throws -> EntryRules {
        let fromEnvironment = ProcessInfo.processInfo.environment["SIJIL_REGION"]
            .flatMap { $0.isEmpty ? nil : $0 }
        let region =
            try chosen ?? fromEnvironment.map { try Self.read($0) } ?? (try replica.region())
        let today = CalendarDay(milliseconds: try replica.now)
        var rules = EntryRules(
            phones: PhoneNumbers(region: region, reader: PhoneLibrary()),
            year: today.date?.year ?? 9999)
        rules.coordinated = try replica.coordinated()
        return rules
    }

    static func read(_ text: String) throws(SijilError) -> PhoneRegion {
        if let region = PhoneRegion(text) { return region }
        throw SijilError(
            .badData,
            "A region is a country's two letters in ISO 3166-1, or + and the code that one dials.",
            hint: "For example MA or +212.", place: "--region")
    }
}

extension Phrase {
    fileprivate static let regionHelp = Phrase(
        ar:
            "البلد الذي تنتمي إليه أرقام الهاتف المكتوبة بلا رمز دولي. الافتراضي: $SIJIL_REGION ثم «sijil region».",
        fr:
            "Pays des numéros écrits sans indicatif. Par défaut : $SIJIL_REGION, sinon « sijil region ».",
        en:
            "The country of numbers without a country's code. Default: $SIJIL_REGION, else 'sijil region'."
    )
}

extension Replica {
    /// The collections that this replica's people coordinate.
    func coordinated() throws -> Set<CollectionID> {
        Set(try collections().map(\.grant).filter { $0.role == .coordinator }.map(\.id))
    }

    /// Where this replica's people write numbers without the code of a country; `nil` when nobody said.
    func region() throws -> PhoneRegion? { try text("phone_region").flatMap(PhoneRegion.init) }

    func setRegion(_ region: PhoneRegion) throws {
        try remember(texts: ["phone_region": region.description])
    }
}

import ArgumentParser
import SijilCore
import SijilDirectory
import SijilStore

struct Merge: Verb {
    static let configuration = CommandConfiguration(
        abstract: Phrase.mergeAbstract.here, discussion: Phrase.mergeDiscussion.here)

    @Argument(help: ArgumentHelp(Phrase.mergeFirst.here))
    var a: String

    @Argument(help: ArgumentHelp(Phrase.mergeSecond.here))
    var b: String

    @Option(help: ArgumentHelp(Phrase.mergeKeep.here, valueName: "field=A|B"))
    var keep: [String] = []

    @Option(help: ArgumentHelp(Phrase.becauseHelp.here, valueName: "text"))
    var because: String?

    @OptionGroup var language: LanguageOptions
    @OptionGroup var common: CommonOptions

    func run(_ console: Console) async throws {
        let claims = try claims()
        guard try Arguments.recordID(a) != Arguments.recordID(b) else {
            throw SijilError(.usage, Phrase.mergeOfOne.here, hint: "sijil duplicates")
        }
        let replica = try openReplica()
        let seen = try replica.seen()
        let people = try MergedPeople(replica)
        let (first, second) = (
            try replica.person(Arguments.recordID(a)), try replica.person(Arguments.recordID(b))
        )
        let into = people.canonical(first.id)
        let areOne = into == people.canonical(second.id)
        // Of one person already, only what the second record claims can change.
        let merged = areOne ? second : try replica.person(people.canonical(second.id))
        if !areOne || (merged.id != into && !keep.isEmpty) {
            if try Distinctions(replica, people).areTwo(into, merged.id) {
                console.warning(Phrase.mergeOfDistinct.here)
            }
            var target = into
            if areOne, case .reference(let present) = merged["merged_into"] { target = present }
            try replica.write(
                [RecordEdit(merging: merged, into: target, claiming: claims)],
                in: merged.collection, note: because, seen: seen[merged.collection])
        }
        let after = try MergedPeople(replica)
        if console.isJSON {
            return try console.emit([
                "id": .string(after.canonical(first.id).description),
                "merged": .string(merged.id.description),
            ])
        }
        guard !areOne || !keep.isEmpty else { return console.message(Phrase.mergedAlready.here) }
        let label = try after.view(of: first.id, on: replica).label
        console.message(
            Phrase.merged(console.text.own(label), console.text.code(merged.id.description)))
    }

    private func claims() throws -> Set<Claim> {
        var claims: Set<Claim> = []
        for choice in keep {
            let parts = choice.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2, ["A", "B", a, b].contains(parts[1]) else {
                throw SijilError(.usage, Phrase.mergeKeepForm.here, place: "--keep")
            }
            let claim = try Claim(parts[0], schema: .directory)
            if ["B", b].contains(parts[1]) { claims.insert(claim) }
        }
        return claims
    }
}

struct Unmerge: Verb {
    static let configuration = CommandConfiguration(
        abstract: Phrase.unmergeAbstract.here, discussion: Phrase.unmergeDiscussion.here)

    @Argument(help: ArgumentHelp(Phrase.unmergeRecord.here))
    var id: String

    @Option(help: ArgumentHelp(Phrase.becauseHelp.here, valueName: "text"))
    var because: String?

    @OptionGroup var language: LanguageOptions
    @OptionGroup var common: CommonOptions

    func run(_ console: Console) async throws {
        let replica = try openReplica()
        let seen = try replica.seen()
        let people = try MergedPeople(replica)
        let record = try replica.person(Arguments.recordID(id))
        guard let holding = try people.pointersHolding(record.id) else {
            throw SijilError(.notFound, Phrase.notMerged.here, hint: Phrase.notMergedHint.here)
        }
        // In every collection that says so.
        let records = try holding.flatMap { try replica.copies(of: $0) }
            .filter { $0.type == "person" && !$0.isDeleted && $0["merged_into"] != .none }
        let byCollection = Dictionary(grouping: records, by: \.collection)
        for collection in byCollection.keys.sorted() {
            try replica.write(
                byCollection[collection]!.map { RecordEdit(separating: $0) }, in: collection,
                note: because, seen: seen[collection])
        }
        let rest = people.canonical(record.id)
        if console.isJSON {
            return try console.emit([
                "id": .string(rest.description), "unmerged": .string(holding[0].description),
            ])
        }
        let (taken, left) = (records[0], try MergedPeople(replica).view(of: rest, on: replica))
        console.message(
            Phrase.unmerged(
                console.text.own(taken.label), console.text.code(taken.id.description),
                console.text.own(left.label), console.text.code(left.id.description)))
    }
}

extension Replica {
    /// The living person's record with this id, as it is stored.
    ///
    /// - Throws: `notFound`, also for one that is deleted; `usage` for a record of another type.
    func person(_ id: RecordID) throws -> RecordView {
        let record = try record(id)
        guard record.type == "person" else {
            throw SijilError(.usage, Phrase.notAPerson.here, hint: "sijil list person")
        }
        guard !record.isDeleted else {
            throw SijilError(
                .notFound, Phrase.deletedPerson.here, hint: "sijil restore \(id)")
        }
        return record
    }
}

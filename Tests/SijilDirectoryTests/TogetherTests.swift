import SijilCore
import SijilStore
import Testing

@testable import SijilDirectory

/// Records with what belongs to them, read in one pass.
struct TogetherTests {
    @Test(arguments: [1, 2] as [UInt64])
    func `what is read together is what each would be asked for alone`(seed: UInt64) throws {
        let population = DuplicatePopulation(seed: seed, persons: 80)
        let replica = try Office("tab-07")[0]
        try replica.write(population.edits, in: Office.roster)
        var people: [RecordID] = []
        var channels: [RecordID: [RecordID]] = [:]
        try replica.forEachRecord(RecordQuery(type: "person")) { people.append($0.id) }
        try replica.forEachRecord(RecordQuery(type: "channel")) {
            channels[$0["owner"].reference!, default: []].append($0.id)
        }
        // What is deleted belongs to nobody.
        let deleted = try #require(channels[people[0]]?.first ?? channels.values.first?.first)
        try replica.write(
            [RecordEdit(record: deleted, type: "channel", deletes: true)], in: Office.roster)
        for owner in channels.keys { channels[owner]?.removeAll { $0 == deleted } }

        try replica.reading { reading in
            let together = try reading.referrers(of: "channel", through: "owner")
            try reading.forEachRecord(RecordQuery(type: "person")) { person in
                let found = try together.records(to: person.id).map(\.id)
                #expect(found == channels[person.id] ?? [], "seed \(seed)")
            }
            // From the end, and one twice.
            for person in people.reversed() + people.prefix(1) {
                let found = try together.records(to: person).map(\.id)
                #expect(found == channels[person] ?? [], "seed \(seed)")
            }
            let none = try reading.referrers(of: "channel", through: "kind")
            #expect(try none.records(to: people[0]).isEmpty)
            #expect(try reading.record(deleted, of: "channel", near: Office.roster) == nil)
            #expect(
                try reading.record(people[0], of: "person", near: Office.roster)?.id == people[0])
        }
        let some = Set(people.prefix(20))
        var found: [RecordID] = []
        try replica.forEachRecord(of: "channel", showing: some, in: "owner") { found.append($0.id) }
        #expect(found == some.flatMap { channels[$0] ?? [] }.sorted(), "seed \(seed)")
    }

    /// A person and their office in two rosters, each with a number and a title of its own.
    @Test func `of one roster nothing of another goes into cards, and seats are called as there`()
        throws
    {
        let (here, there) = (Office.roster, Identifier(0xC1))
        let replica = try Office("tab-07")[0]
        try replica.setGrants(
            [here, there]
                .map { CollectionGrant(id: $0, name: "\($0)", kind: "roster", role: .editor) })
        let (seat, tenure) = (RecordID(5), RecordID(6))
        for (collection, number, title) in [
            (here, "+999550001001", "Maire"), (there, "+999550001002", "Amghar"),
        ] {
            let line = RecordID(collection == here ? 101 : 102)
            for (id, type, fields) in [
                (mayor, "person", ["name.fr=Nadia"]),
                (seat, "office", ["type=mayor", "title.fr=\(title)"]),
                (tenure, "tenure", ["person=\(mayor)", "office=\(seat)"]),
                (line, "channel", ["owner=\(mayor)", "kind=mobile", "value=\(number)"]),
            ] {
                let type = try replica.schema.type(named: type)
                try replica.write(
                    [
                        RecordEdit(
                            record: id, type: type.name,
                            operations: try Assignment(fields, for: type).operations)
                    ], in: collection)
            }
        }
        for (collection, own, others) in [
            (here, ["+999550001001", "Maire"], ["+999550001002", "Amghar"]),
            (there, ["+999550001002", "Amghar"], ["+999550001001", "Maire"]),
        ] {
            var bytes: [UInt8] = []
            try Exporter(replica).writeCards(in: collection) { bytes += $0 }
            let text = String(decoding: bytes, as: UTF8.self)
            for word in own { #expect(text.contains(word), "\(word)") }
            for word in others { #expect(!text.contains(word), "\(word)") }
            try replica.reading { reading in
                let office = try reading.record(seat, of: "office", near: collection)
                #expect(office?.collection == collection)
            }
        }
    }
}

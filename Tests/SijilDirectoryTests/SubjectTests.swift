import SijilCore
import SijilStore
import Testing

@testable import SijilDirectory

/// What is a person's, wherever it lies.
@Suite struct SubjectTests {
    private static let other: CollectionID = Identifier(0xC1)
    private let replica: Replica

    init() throws {
        replica = try Office("desk-01", role: .coordinator)[0]
        try replica.setGrants([
            CollectionGrant(
                id: Office.roster, name: "Wadi Amal", kind: "roster", role: .coordinator),
            CollectionGrant(id: Self.other, name: "Tizi", kind: "roster", role: .coordinator),
        ])
    }

    private func erase(_ id: RecordID) throws -> Int {
        let subject = try Subject(id, on: replica)
        for (collection, edits) in subject.erasures { try replica.write(edits, in: collection) }
        return subject.erasures.reduce(0) { $0 + $1.edits.count }
    }

    @Test func `who is in two collections is erased in both`() throws {
        let line = RecordID(100)
        try replica.set("name.fr=Nadia", of: mayor)
        try replica.set("owner=\(mayor)", "value=1001", of: line, type: "channel")
        // As a device that holds only the other collection makes them of an export.
        for (id, type, field) in [
            (mayor, "person", CellOperation(CellName("name", key: .text("fr")), .put(.text("N")))),
            (line, "channel", CellOperation(CellName("owner"), .put(.reference(mayor)))),
        ] {
            try replica.write(
                [RecordEdit(record: id, type: type, operations: [field])], in: Self.other)
        }
        let subject = try Subject(mayor, on: replica)
        #expect(subject.records.map(\.id) == [mayor, mayor, line, line])
        let report = try SubjectReport(subject, on: replica)
        #expect(
            Set(report.parts.map(\.record.collection)) == [Office.roster, Self.other])
        #expect(report.parts.allSatisfy { !$0.history.isEmpty })
        #expect(try erase(mayor) == 4)
        #expect(try replica.copies(of: mayor).map(\.isErased) == [true, true])
        #expect(try replica.copies(of: line).map(\.isErased) == [true, true])
        #expect(try erase(mayor) == 0)
    }

    @Test func `a number that may be theirs is in the report of both, and is nobody's to erase`()
        throws
    {
        let office = try Office("tab-07", "tab-11")
        let line = RecordID(100)
        for (id, name) in [(mayor, "Nadia"), (imam, "Ly")] {
            try office[0].set("name.fr=\(name)", of: id)
        }
        try office[0].set("value=1001", of: line, type: "channel")
        try office.exchange()
        try office[0].set("owner=\(mayor)", of: line, type: "channel")
        try office[1].set("owner=\(imam)", of: line, type: "channel")
        try office.exchange()
        for person in [mayor, imam] {
            let subject = try Subject(person, on: office[0])
            let report = try SubjectReport(subject, on: office[0])
            #expect(report.references.map(\.record.id) == [line], "\(person)")
            #expect(!subject.records.map(\.id).contains(line))
        }
    }

    @Test func `into whom one was merged is erased too, when that record was deleted since`() throws
    {
        let line = RecordID(100)
        try replica.set("name.fr=Nadia", of: mayor)
        try replica.set("owner=\(mayor)", "value=1001", of: line, type: "channel")
        try replica.set("name.fr=Nadia A.", "merged_into=\(mayor)", of: imam)
        try replica.write(
            [RecordEdit(record: mayor, type: "person", deletes: true)], in: Office.roster)
        let subject = try Subject(imam, on: replica)
        #expect(subject.records.map(\.id) == [imam, mayor, line])
        #expect(try erase(imam) == 3)
        #expect(try replica.record(mayor).isErased && replica.record(line).isErased)
    }

    @Test(arguments: [false, true])
    func `a removed duplicate takes along whom it was merged into only when they are removed too`(
        isRemoved: Bool
    ) throws {
        let line = RecordID(100)
        try replica.set("name.fr=Nadia", of: mayor)
        try replica.set("owner=\(mayor)", "value=1001", of: line, type: "channel")
        try replica.set("name.fr=Nadia A.", "merged_into=\(mayor)", of: imam)
        for id in isRemoved ? [imam, mayor] : [imam] {
            try replica.write(
                [RecordEdit(record: id, type: "person", deletes: true)], in: Office.roster)
        }
        #expect(try Subject(mayor, on: replica).records.map(\.id) == [mayor, imam, line])
        let all = isRemoved ? [imam, mayor, line] : [imam]
        #expect(try Subject(imam, on: replica).records.map(\.id) == all)
        #expect(try erase(imam) == all.count)
        #expect(try replica.record(imam).isErased)
        #expect(try replica.record(mayor).isErased == isRemoved)
    }

    @Test func `into whom one is merged here and elsewhere, undecided, stays`() throws {
        let office = try Office("desk-01", "tab-07", role: .coordinator)
        for id in [mayor, RecordID(3), imam] { try office[0].set("notes=x", of: id) }
        try office.exchange()
        try office[0].set("merged_into=\(mayor)", of: imam)
        try office[1].set("merged_into=\(RecordID(3))", of: imam)
        try office.exchange()
        // While both live, too: whoever it was would be erased with somebody else.
        for id in [mayor, RecordID(3), imam] {
            let subject = try Subject(id, on: office[0])
            #expect(subject.records.map(\.id) == [id])
            let report = try SubjectReport(subject, on: office[0])
            #expect(report.references.map(\.record.id) == (id == imam ? [] : [imam]))
        }
        for id in [mayor, RecordID(3)] {
            try office[0]
                .write([RecordEdit(record: id, type: "person", deletes: true)], in: Office.roster)
        }
        #expect(try Subject(imam, on: office[0]).records.map(\.id) == [imam])
    }
}

import SijilCore
import SijilSimulator
import Testing

@testable import SijilStore

/// Every way in which two replicas can take three steps each, turn by turn, from a small alphabet.
struct ExhaustiveTests {
    enum Step: CaseIterable {
        case put, delete, hear
    }

    static let record = Identifier(7)

    @Test
    func `two replicas times three steps: every history converges to what the definition says`()
        throws
    {
        let sites = try (1...2)
            .map {
                try Site(seed: $0, path: nil, schema: TestSchema.older)
            }
        let authority = try SigningKey(seed: [UInt8](1...32))
        let certificates = sites.map { site in
            var certificate = Certificate(
                replica: site.id, publicKey: site.key.publicKey, name: "tab", issuedAt: 0)
            certificate.signature = authority.sign(certificate.signedMessage)
            return certificate
        }
        for (site, own) in zip(sites, certificates) {
            try site.replica.pin(authority: authority.publicKey, own: own)
        }
        // Each history has a collection of its own in the same two files.
        let steps = Step.allCases.count
        let histories = (0..<6).reduce(1) { count, _ in count * steps }
        let grants = (0..<histories)
            .map {
                CollectionGrant(
                    id: Identifier(0xF000 + UInt128($0)), name: "\($0)", kind: "roster",
                    role: .editor)
            }
        for (site, own) in zip(sites, certificates.reversed()) {
            try site.replica.setGrants(grants)
            try site.replica.receive([], certificates: [own], in: grants[0].id)
        }
        for number in 0..<histories {
            try Self.play(number, sites, grants[number].id)
        }
        for site in sites { #expect(try site.replica.verify().problems.map(\.what) == []) }
        #expect(try sites[0].replica.dump().difference(from: sites[1].replica.dump()) == nil)
    }

    private static func play(_ number: Int, _ sites: [Site], _ collection: CollectionID) throws {
        var rest = number
        var changes: [Dot: Change] = [:]
        for turn in 0..<6 {
            let step = Step.allCases[rest % Step.allCases.count]
            rest /= Step.allCases.count
            let site = sites[turn % 2]
            let edit: RecordEdit
            switch step {
            case .put: edit = .person(record, .set("name", "value \(turn)"))
            case .delete: edit = .deletion(record)
            case .hear:
                try exchange(from: sites[1 - turn % 2], to: site, collection)
                continue
            }
            if let dot = try site.replica.write([edit], in: collection).dot {
                let run = try lastRun(of: site, collection)
                changes[dot] = try ChangeBytes(run.changes.last!).change
            }
        }
        try exchange(from: sites[0], to: sites[1], collection)
        try exchange(from: sites[1], to: sites[0], collection)
        let expected = Model(changes, in: collection)
            .siblings(after: Set(changes.keys), in: collection)
        for site in sites {
            let found = try Model.siblings(on: site.replica, in: collection)
            #expect(found == expected, "history \(number)")
            #expect(
                try Self.conflicts(of: site, collection)
                    == Model.questions(expected, TestSchema.older), "history \(number)")
        }
    }

    /// Asks for the conflicts of one record only: the file has thousands.
    private static func conflicts(
        of site: Site, _ collection: CollectionID
    ) throws -> Set<Model.CellID> {
        var conflicts: Set<Model.CellID> = []
        try site.replica.forEachRecord(RecordQuery(collection: collection, includesDeleted: true)) {
            record in
            for cell in record.conflicts {
                conflicts.insert(Model.CellID(record.id, record.type, cell))
            }
        }
        return conflicts
    }

    private static func lastRun(of site: Site, _ collection: CollectionID) throws -> SignedRun {
        try site.replica.pendingRuns(in: collection, byteLimit: .max).runs
            .last { $0.author == site.id }!
    }

    private static func exchange(
        from: Site, to: Site, _ collection: CollectionID
    ) throws {
        let runs = try from.replica.pendingRuns(in: collection, byteLimit: .max).runs
        let report = try to.replica.receive(
            runs.map { Delivery(position: nil, .run($0)) }, in: collection)
        #expect(report.held == 0)
    }
}

public import SijilCore
import SijilNames
public import SijilStore

/// Looks for persons who were entered twice.
///
/// Decides nothing and changes nothing: a person looks at a suggestion and merges, or notes that the two are
/// two (``Distinctions``). Merged records count as the one person that they are.
public struct Duplicates {
    private let replica: Replica
    private let people: MergedPeople
    private let distinctions: Distinctions

    public init(_ replica: Replica) throws {
        self.replica = replica
        people = try MergedPeople(replica)
        distinctions = try Distinctions(replica, people)
    }

    // MARK: All of them

    /// The pairs with at least this score, the likeliest first.
    ///
    /// Persons are compared who share a number, an address, an office, or the keys of two parts of a name: so
    /// it costs about as much as there are persons. Where very many share one of these (a name that everybody
    /// has), only those of one area are compared.
    ///
    /// - Parameter collection: of the persons; `nil` for all.
    public func pairs(
        in collection: CollectionID? = nil, minimumScore: Double = PossibleDuplicate.suggested
    ) throws -> [PossibleDuplicate] {
        let traits = try traits(in: collection)
        var blocks: [Block: [Int]] = [:]
        for (index, person) in traits.enumerated() {
            for block in Block.all(of: person) { blocks[block, default: []].append(index) }
        }
        var compared: Set<Pair> = []
        var found: [PossibleDuplicate] = []
        for block in blocks.values {
            for part in Self.parts(of: block, traits) {
                for (offset, one) in part.enumerated() {
                    for other in part[(offset + 1)...] {
                        guard compared.insert(Pair(first: one, second: other)).inserted,
                            let pair = PossibleDuplicate(traits[one], traits[other]),
                            pair.score >= minimumScore,
                            !distinctions.areTwo(pair.first.id, pair.second.id)
                        else { continue }
                        found.append(pair)
                    }
                }
            }
        }
        return found.sorted(by: PossibleDuplicate.precedes)
    }

    /// A pair of indices, the smaller first.
    private struct Pair: Hashable {
        var first: Int
        var second: Int
    }

    /// More than so many are not compared each with each.
    private static let maximalBlock = 100

    private static func parts(of block: [Int], _ traits: [PersonTraits]) -> [[Int]] {
        guard block.count > 1 else { return [] }
        guard block.count > maximalBlock else { return [block] }
        var byArea: [RecordID: [Int]] = [:]
        for index in block {
            for area in traits[index].areas { byArea[area, default: []].append(index) }
        }
        return byArea.values.map { Array($0.prefix(maximalBlock)) }
    }

    private func traits(in collection: CollectionID?) throws -> [PersonTraits] {
        var traits: [PersonTraits] = []
        var places: [RecordID: Int] = [:]
        try people.forEachPerson(on: replica, in: collection) { record in
            places[record.id] = traits.count
            traits.append(PersonTraits(record))
        }
        func forEach(
            _ type: String, of field: String, _ body: (Int, RecordView) -> Void
        ) throws {
            try replica.forEachRecord(RecordQuery(type: type)) { record in
                guard let person = record[field].reference,
                    let index = places[people.canonical(person)]
                else { return }
                body(index, record)
            }
        }
        var offices: [RecordID: RecordView] = [:]
        try replica.forEachRecord(RecordQuery(type: "office")) { offices[$0.id] = $0 }
        try forEach("channel", of: "owner") { traits[$0].add(channel: $1) }
        try forEach("tenure", of: "person") { index, tenure in
            guard let office = tenure["office"].reference else { return }
            traits[index].add(office: office, offices[office])
        }
        try forEach("membership", of: "person") { index, membership in
            guard let community = membership["community"].reference else { return }
            traits[index].communities.insert(community)
        }
        return traits
    }

    // MARK: One person

    /// Who may be the same as this person, the likeliest first: for whoever has just entered them.
    ///
    /// Looks among those with a similar name, the same number, or the same office. What they have is read in one
    /// pass over each type, however many they are.
    public func candidates(
        for id: RecordID, minimumScore: Double = PossibleDuplicate.mentioned, limit: Int = 5
    ) throws -> [PossibleDuplicate] {
        let id = people.canonical(id)
        let person = try completed([PersonTraits(try people.view(of: id, on: replica))])[0]
        // Names are cheap to compare, the rest is not.
        let alike = try possible(person).sorted()
            .compactMap { candidate -> PersonTraits? in
                guard !distinctions.areTwo(id, candidate), let record = try living(candidate) else {
                    return nil
                }
                let traits = PersonTraits(record)
                return PossibleDuplicate.areAlike(person, traits) ? traits : nil
            }
        let found = try completed(alike).compactMap { PossibleDuplicate(person, $0) }
            .filter { $0.score >= minimumScore }
        return Array(found.sorted(by: PossibleDuplicate.precedes).prefix(limit))
    }

    /// Who has a similar name, the same number, or the same office.
    private func possible(_ person: PersonTraits) throws -> Set<RecordID> {
        var possible: Set<RecordID> = []
        let names = person.record.keyed("name").map(\.value) + person.record.members("aliases")
        for namesake in try replica.namesakes(
            of: names.map(\.plainText), type: "person", limit: Self.maximalCandidates)
        { possible.insert(people.canonical(namesake.record.id)) }
        for number in person.numbers.keys {
            for channel in try replica.records(
                withNumber: number, type: "channel", limit: Self.maximalCandidates)
            {
                if let owner = channel["owner"].reference {
                    possible.insert(people.canonical(owner))
                }
            }
        }
        try replica.forEachRecord(of: "tenure", showing: person.offices, in: "office") { tenure in
            if let holder = tenure["person"].reference {
                possible.insert(people.canonical(holder))
            }
        }
        possible.remove(person.id)
        return possible
    }

    private static let maximalCandidates = 30

    private func living(_ id: RecordID) throws -> RecordView? {
        guard try replica.hasRecord(id) else { return nil }
        let record = try people.view(of: id, on: replica)
        return record.isDeleted || record.type != "person" ? nil : record
    }

    /// Some persons with their numbers, offices and communities.
    private func completed(_ persons: [PersonTraits]) throws -> [PersonTraits] {
        var persons = persons
        var places: [RecordID: Int] = [:]
        for (index, person) in persons.enumerated() {
            for member in people.members(of: person.id) { places[member] = index }
        }
        func forEach(
            _ type: String, of field: String, _ body: (Int, RecordView) -> Void
        ) throws {
            try replica.forEachRecord(of: type, showing: Set(places.keys), in: field) { record in
                if let index = record[field].reference.flatMap({ places[$0] }) {
                    body(index, record)
                }
            }
        }
        try forEach("channel", of: "owner") { persons[$0].add(channel: $1) }
        var held: [(person: Int, office: RecordID)] = []
        try forEach("tenure", of: "person") { index, tenure in
            if let office = tenure["office"].reference { held.append((index, office)) }
        }
        try forEach("membership", of: "person") { index, membership in
            if let community = membership["community"].reference {
                persons[index].communities.insert(community)
            }
        }
        for (index, office) in held {
            let isHere = try replica.hasRecord(office)
            persons[index].add(office: office, isHere ? try replica.record(office) : nil)
        }
        return persons
    }
}

extension PossibleDuplicate {
    /// The likelier one first; then by id, so that equal replicas say the same.
    fileprivate static func precedes(_ left: PossibleDuplicate, _ right: PossibleDuplicate) -> Bool
    {
        (right.score, left.first.id, left.second.id) < (left.score, right.first.id, right.second.id)
    }
}

/// What persons share who are worth comparing.
private enum Block: Hashable {
    case number(String)
    case email(String)
    case office(RecordID)
    case seat(PersonTraits.Seat)
    /// Keys of two parts of a name.
    case keys(String, String)
    /// The key of a name of one part, in one area.
    case key(String, RecordID)

    static func all(of person: PersonTraits) -> Set<Block> {
        var blocks: Set<Block> = []
        for number in person.numbers.keys { blocks.insert(.number(number)) }
        for email in person.emails { blocks.insert(.email(email)) }
        for office in person.offices { blocks.insert(.office(office)) }
        for seat in person.seats.keys { blocks.insert(.seat(seat)) }
        for name in person.names {
            let parts = name.keys.prefix(6)
            for (index, left) in parts.enumerated() {
                for right in parts.dropFirst(index + 1) {
                    for one in left {
                        for other in right {
                            blocks.insert(.keys(min(one, other), max(one, other)))
                        }
                    }
                }
            }
            guard parts.count == 1 else { continue }
            for key in parts[0] {
                for area in person.areas { blocks.insert(.key(key, area)) }
            }
        }
        return blocks
    }
}

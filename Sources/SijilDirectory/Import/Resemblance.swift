import SijilCore
import SijilStore

/// How a record is found that a file tells of without naming it, when it has a name here already.
///
/// Programs drop identifiers that they do not know. Without this, a card that comes back from one of them
/// would bring each of its numbers, and the office, a second time.
enum Resemblance: Equatable {
    /// A channel of a person, with this value.
    case channel(owner: RecordID, value: String)
    /// Part of a seat of a person, with one of these titles, in the community that the file names, if it names
    /// one; the tenure is as the file would name it.
    case seat(person: RecordID, tenure: RecordID, titles: [String], community: String?)

    var person: RecordID {
        switch self {
        case .channel(let person, _), .seat(let person, _, _, _): person
        }
    }
}

/// The channels and offices of people, as they were when the first of them was asked for.
final class KnownBelongings {
    private let replica: Replica
    private lazy var channels = Result { try Self.grouped(replica, "channel", "owner") }
    /// What the channels of a person say, by person: each has as many to be compared with as a card has.
    private var values: [RecordID: Set<String>] = [:]
    private lazy var tenures = Result { try Self.grouped(replica, "tenure", "person") }

    init(_ replica: Replica) { self.replica = replica }

    private static func grouped(
        _ replica: Replica, _ type: String, _ field: String
    ) throws -> [RecordID: [RecordID]] {
        try replica.links(of: type, through: field)
            .reduce(into: [:]) { $0[$1.target, default: []].append($1.record) }
    }

    /// The records without those that are here under another name.
    func unknown(among records: [ImportedRecord]) throws -> [ImportedRecord] {
        guard let person = records.first(where: { $0.resembles != nil })?.resembles?.person,
            try replica.hasRecord(person)
        else { return records }
        var titles = Set<String>()
        var dropped: [ImportedRecord] = []
        var kept = try records.filter { record in
            guard let resembles = record.resembles, try isHere(resembles, record) else {
                return true
            }
            if case .seat(_, _, let known, _) = resembles { titles.formUnion(known) }
            dropped.append(record)
            return false
        }
        guard !titles.isEmpty else { return kept }
        // The lines that tell of a seat which is here are no lines of another system.
        let hasOtherSeats = kept.contains { $0.type == "tenure" && $0.resembles != nil }
        for index in kept[0].fields.indices {
            guard case .properties(let properties) = kept[0].fields[index].content else { continue }
            kept[0].fields[index].content = .properties(
                try properties.filter {
                    if !CardShape.seatNames.contains($0.name) { return true }
                    if hasOtherSeats { return !($0.name == "TITLE" && titles.contains($0.text)) }
                    return try $0.name == "ORG" && !isKnown(CardSeat.community($0), of: person)
                })
        }
        // The office of another seat may be in the same community.
        let needed = kept.flatMap(\.fields).map(\.content)
        kept += dropped.filter {
            $0.type == "community" && needed.contains(.reference($0.id, key: nil))
        }
        return kept
    }

    /// What the channels of a person say, also without separators.
    private func values(of owner: RecordID) throws -> Set<String> {
        var values = Set<String>()
        for id in try channels.get()[owner, default: []] {
            let channel = try replica.record(id)
            for field in ["value", "raw"] {
                let known = channel[field].plainText
                guard !known.isEmpty else { continue }
                values.insert(known)
                if let plain = PhoneNumbers.withoutSeparators(known) { values.insert(plain) }
            }
        }
        return values
    }

    private func isHere(_ resemblance: Resemblance, _ record: ImportedRecord) throws -> Bool {
        switch resemblance {
        case .channel(let owner, let value):
            guard try !replica.hasRecord(record.id) else { return false }
            let known = try values[owner] ?? values(of: owner)
            values[owner] = known
            return known.contains(value)
                || known.contains(PhoneNumbers.withoutSeparators(value) ?? value)
        case .seat(let person, let tenure, let titles, let community):
            guard try !replica.hasRecord(tenure) else { return false }
            return try tenures.get()[person, default: []]
                .contains { id in
                    guard case .reference(let office) = try replica.record(id)["office"],
                        let view = try? replica.record(office)
                    else { return false }
                    return try view.keyed("title").contains { titles.contains($0.value.plainText) }
                        && mayBe(view, in: community, person)
                }
        }
    }

    /// Whether an office of a person may be the one of a card with this organisation: a card has one for all titles.
    private func mayBe(
        _ office: RecordView, in community: String?, _ person: RecordID
    ) throws -> Bool {
        guard let community, office["community"] != .none else { return true }
        return try isKnown(community, of: person)
    }

    /// Whether a person holds, or held, an office in the community of this name.
    private func isKnown(_ community: String, of person: RecordID) throws -> Bool {
        try tenures.get()[person, default: []]
            .contains { id in
                guard case .reference(let office) = try replica.record(id)["office"],
                    case .reference(let place)? = try? replica.record(office)["community"],
                    let known = try? replica.record(place)
                else { return false }
                return known.keyed("name").contains { $0.value.plainText == community }
            }
    }
}

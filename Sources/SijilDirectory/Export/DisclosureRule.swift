import SijilCore
import SijilStore

/// What may be given to somebody outside, and how much of it.
///
/// Takes values and gives values:
/// - A person whose sensitivity is restricted or protected stays here, with all that is about them; and one who
///   took back the consent to be kept, to be shared within the programme, or with this recipient.
/// - Of one who must never be called no channel goes out; nor does a restricted or protected channel of anybody.
/// - One who took back the consent to be named, or gave consents and this one not among them, goes out
///   without a name, and without what spells it: notes, cards, web and mail addresses.
/// - Risk notes and years of birth stay here. Coordinates are rounded to about a hundred metres.
///
/// Records that were merged are one person: what protects one of them protects all.
struct DisclosureRule: Sendable {
    enum Protection: Int, Comparable, Sendable {
        case none, nameless, withheld

        static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
    }

    /// How much of what is about a person goes out.
    struct Verdict: Hashable, Sendable {
        var protection = Protection.none
        var hidesChannels = false
    }

    private let people: MergedPeople
    private var verdicts: [RecordID: Verdict] = [:]
    /// Channels that stay here although their owner does not.
    private(set) var hiddenChannels: Set<RecordID> = []

    /// - Parameters:
    ///   - recipient: as consents to share name a partner.
    ///   - persons: all that are here; others have no protection.
    ///   - consents: all that are here.
    init(
        recipient: String, persons: [RecordView], consents: [RecordView], people: MergedPeople
    ) {
        self.people = people
        var ledgers: [RecordID: ConsentLedger] = [:]
        for consent in consents {
            guard case .reference(let person) = consent["person"] else { continue }
            ledgers[people.canonical(person), default: ConsentLedger()].add(consent)
        }
        for person in persons {
            let id = people.canonical(person.id)
            var verdict = verdicts[id] ?? Verdict()
            if Self.isRestricted(person) { verdict.protection = .withheld }
            if person["contact_rule"] == .text("never") { verdict.hidesChannels = true }
            if verdict != Verdict() { verdicts[id] = verdict }
        }
        for (person, ledger) in ledgers {
            let protection = ledger.protection(from: recipient)
            guard protection > .none else { continue }
            verdicts[person, default: Verdict()].protection = max(
                verdicts[person]?.protection ?? .none, protection)
        }
    }

    func verdict(on person: RecordID) -> Verdict { verdicts[people.canonical(person)] ?? Verdict() }

    private static func isRestricted(_ record: RecordView) -> Bool {
        ["restricted", "protected"].contains(record["sensitivity"].plainText)
    }

    /// To be told of every channel before anything is shared: what was verified of a hidden one is hidden too.
    mutating func note(channel: RecordView) {
        let verdict = owner(of: channel).map(verdict(on:)) ?? Verdict()
        // A name is easily read out of these.
        let spellsName = ["email", "web", "messaging"].contains(channel["kind"].plainText)
        let isHidden =
            verdict.hidesChannels || Self.isRestricted(channel) || verdict.protection == .withheld
            || verdict.protection == .nameless && spellsName
        if isHidden { hiddenChannels.insert(channel.id) }
    }

    private func owner(of channel: RecordView) -> RecordID? {
        if case .reference(let owner) = channel["owner"] { owner } else { nil }
    }

    // MARK: Sharing

    /// What of a record goes out; `nil` for nothing.
    func shared(_ record: RecordView) -> RecordView? {
        var record = record
        switch record.type {
        case "person":
            switch verdict(on: record.id).protection {
            case .withheld: return nil
            case .nameless: record.drop(Self.namingFields)
            case .none: break
            }
            record.drop(["risk_notes", "birth_year"])
            return record
        case "channel":
            guard !hiddenChannels.contains(record.id) else { return nil }
            let owner = owner(of: record).map(verdict(on:)) ?? Verdict()
            if owner.protection == .nameless {
                record.drop(["label", "source", "card_parameters"])
            }
            return record
        case "community":
            record.round("latitude", "longitude")
            return record
        case "tenure", "membership":
            return mentions(record, "person", atLeast: .withheld) ? nil : record
        case "consent": return mentions(record, "person", atLeast: .nameless) ? nil : record
        case "verification":
            if case .reference(let id) = record["about"], hiddenChannels.contains(id) { return nil }
            return mentions(record, "about", atLeast: .nameless) ? nil : record
        // Whom we told what, and who looks like whom, is our own affair.
        case "disclosure", "distinction": return nil
        default: return record
        }
    }

    private static let namingFields: Set = [
        "name", "name_spelling", "name_source", "aliases", "form_of_address", "notes",
        "protocol_notes", "contact_rule_reason", "card_properties",
    ]

    private func mentions(
        _ record: RecordView, _ field: String, atLeast protection: Protection
    ) -> Bool {
        guard case .reference(let person) = record[field] else { return false }
        return verdict(on: person).protection >= protection
    }
}

extension RecordView {
    fileprivate mutating func drop(_ fields: Set<String>) {
        cells = cells.filter { !fields.contains($0.key.field) }
    }

    /// To three decimals, in every sibling.
    fileprivate mutating func round(_ fields: String...) {
        for field in fields {
            let cell = CellName(field)
            guard let siblings = cells[cell]?.siblings else { continue }
            cells[cell] = Cell(
                siblings.map { sibling in
                    var sibling = sibling
                    if case .real(let degrees) = sibling.value {
                        sibling.value = .real(Coordinate.coarse(degrees))
                    }
                    return sibling
                })
        }
    }
}

/// Degrees as they go out.
enum Coordinate {
    /// To three decimals, about a hundred metres.
    static func coarse(_ degrees: Double) -> Double {
        let coarse = (degrees * 1000).rounded() / 1000
        return coarse == 0 ? 0 : coarse
    }

    static func isOne(_ field: Field) -> Bool {
        field.kind == .real && ["latitude", "longitude"].contains(field.name)
    }
}

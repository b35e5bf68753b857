public import SijilCore

/// The people, seats and places of a roster as plain values: what every view of leaders is computed from.
///
/// A leader is no record: it is a person, the office that they hold on a day, and the ways to reach them.
/// All views are functions of a roster, a day or a moment, and what is asked for; nothing is read or
/// written on the way. People who were merged are one person here, known by their canonical id.
public struct Roster: Sendable {
    public var people: [RecordID: Person] = [:]
    public var offices: [RecordID: Office] = [:]
    public var areas: [RecordID: Area] = [:]
    public var communities: [RecordID: Community] = [:]
    /// By office, in the order of their beginnings, then of their ids.
    public var tenures: [RecordID: [Tenure]] = [:]
    /// By owner.
    public var channels: [RecordID: [Channel]] = [:]
    /// By what they are about.
    public var verifications: [RecordID: [Verification]] = [:]
    /// By person.
    var consents: [RecordID: ConsentLedger] = [:]
    /// Of persons who were removed and live in no collection here, what protects them.
    var removedPeople: [RecordID: Person] = [:]
    /// What each area lies in, removed ones too: what lies in a removed one still lies in what that lay in.
    var parents: [RecordID: RecordID] = [:]

    public init() {}

    /// Texts by language tag, in the order of the tags' bytes.
    public typealias Texts = [(language: String, text: String)]

    public struct Person: Sendable {
        public var id: RecordID
        public var collection: CollectionID
        public var names: Texts = []
        public var formOfAddress: Texts = []
        public var protocolNotes: Texts = []
        public var languages: [String] = []
        public var gender: String?
        public var birthYear: Int64?
        public var areas: [RecordID] = []
        /// Who is asked first.
        public var intermediaries: [RecordID] = []
        /// What they, or whoever may be the same person, said of being called, each with its own end.
        public var restrictions: Set<Restriction> = []
        public var isDeceased = false
    }

    /// A contact rule as one record has it.
    public struct Restriction: Hashable, Sendable {
        public var rule: ContactRule
        /// Its last day; `nil` for one without an end.
        public var until: PartialDate?
    }

    public struct Office: Sendable {
        public var id: RecordID
        public var collection: CollectionID
        public var title: Texts = []
        public var category: String?
        public var type: String?
        public var area: RecordID?
        public var community: RecordID?
        public var seats: Int64 = 1
        public var reviewDays: Int64?
    }

    public struct Tenure: Sendable {
        public var id: RecordID
        public var collection: CollectionID
        public var person: RecordID
        public var office: RecordID
        public var from: PartialDate?
        public var to: PartialDate?
        public var mode: String?
        public var recognition: String?
        public var endedHow: String?
        /// Whether its time waits for a decision; it is then the longest that it may be.
        public var isContested = false
        /// Whether it is its end that waits.
        var isEndContested = false
    }

    public struct Channel: Sendable {
        public var id: RecordID
        public var owner: RecordID
        public var kind: String?
        /// What it shows; while several values wait for a decision, all of them, the shown one first.
        public var values: [String] = []
        public var label: String?
        public var answeredBy: String?
        public var preference: Int64?
        public var hours: String?
        public var avoid: [String] = []
        public var language: String?
        public var lastOK: PartialDate?
        public var lastFail: PartialDate?
        public var validFrom: PartialDate?
        public var validTo: PartialDate?
        /// Who else may be the owner, while that waits for a decision.
        public var rivalOwners: Set<RecordID> = []
        /// Whether somebody has to decide on it: on its value, its owner, its time, or whether it is there at all.
        public var isContested = false
    }

    public struct Area: Sendable {
        public var id: RecordID
        public var code: String?
        public var names: Texts = []
        public var parent: RecordID?
        public var timeZone: String?
    }

    public struct Community: Sendable {
        public var id: RecordID
        public var names: Texts = []
        public var kind: String?
        public var area: RecordID?
    }

    public struct Verification: Sendable {
        public var id: RecordID
        public var level: String?
        public var on: PartialDate?
        public var by: String?
    }
}

/// Whether and how a person may be called, the mildest first.
public enum ContactRule: String, Comparable, Sendable {
    case none
    case crisisOnly = "crisis_only"
    case viaIntermediary = "via_intermediary"
    case never

    /// What a field shows; a rule that this version does not know is as strict as can be.
    init(_ value: Value) {
        switch value {
        case .none: self = .none
        case .text(let text): self = ContactRule(rawValue: text) ?? .never
        default: self = .never
        }
    }

    private var strictness: Int {
        switch self {
        case .none: 0
        case .crisisOnly: 1
        case .viaIntermediary: 2
        case .never: 3
        }
    }

    public static func < (left: Self, right: Self) -> Bool { left.strictness < right.strictness }
}

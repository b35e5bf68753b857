/// The record types that a program understands, declared once.
///
/// A schema says how cells are shown, stored and checked. It never decides what survives: a replica with
/// an older schema keeps, forwards and digests what it does not understand.
///
/// ```swift
/// let schema = Schema([
///     RecordType("channel", [
///         Field("owner", .reference), Field("value", .text, searched: .numbers),
///         Field("languages", .text, .set),
///     ])
/// ])
/// ```
public struct Schema: Hashable, Sendable {
    public let types: [RecordType]
    private let byName: [String: RecordType]

    /// - Precondition: names are distinct and of the form `[a-z][a-z0-9_]*`: they become SQL names.
    public init(_ types: [RecordType]) {
        self.types = types
        byName = Dictionary(types.map { ($0.name, $0) }) { _, _ in
            preconditionFailure("Two record types have one name.")
        }
    }

    public subscript(type: String) -> RecordType? { byName[type] }
}

public struct RecordType: Hashable, Sendable {
    public let name: String
    public let fields: [Field]
    private let byName: [String: Int]

    public init(_ name: String, _ fields: [Field]) {
        precondition(Self.isSQLName(name), "A type's name must be a plain SQL name.")
        precondition(fields.allSatisfy { Self.isSQLName($0.name) }, "So must a field's.")
        self.name = name
        self.fields = fields
        byName = Dictionary(fields.enumerated().map { ($1.name, $0) }) { _, _ in
            preconditionFailure("Two fields have one name.")
        }
        let subjects = fields.compactMap(\.qualifies)
        precondition(
            Set(subjects).count == subjects.count
                && subjects.allSatisfy { self[$0]?.shape == .single && self[$0]?.qualifies == nil },
            "Of a single field one other says more.")
    }

    public subscript(field: String) -> Field? { byName[field].map { fields[$0] } }

    /// The field's place in ``fields``.
    public func index(of field: String) -> Int? { byName[field] }

    /// How the cell shows several siblings: the field's policy, liveness, or a register for a field that
    /// the schema lacks.
    public func policy(of cell: CellName) -> Policy {
        cell == .liveness ? .liveness : self[cell.field]?.policy ?? .register
    }

    private static func isSQLName(_ name: String) -> Bool {
        let letters = UInt8(ascii: "a")...UInt8(ascii: "z")
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        guard let first = name.utf8.first, letters.contains(first) else { return false }
        return name.utf8.allSatisfy {
            letters.contains($0) || digits.contains($0) || $0 == UInt8(ascii: "_")
        }
    }
}

public struct Field: Hashable, Sendable {
    public enum Kind: String, Hashable, Sendable {
        case text, integer, real, boolean, date, reference
    }

    public enum Shape: String, Hashable, Sendable {
        /// One cell.
        case single
        /// A cell per key, e.g. per language.
        case keyed
        /// A cell per member.
        case set
    }

    /// What a search makes of a text.
    public enum Search: String, Hashable, Sendable {
        /// What a person, an office or a place is called: found in any script and spelling.
        case names
        /// Sentences: found by their words and by what words begin with.
        case words
        /// A telephone number or a code: found by its last four digits or more, or as a word.
        case numbers
    }

    public let name: String
    public let kind: Kind
    public let shape: Shape
    public let policy: Policy
    /// How `find` looks into it; `nil` when it does not.
    public let search: Search?
    /// When not empty, the only texts that a person may enter.
    ///
    /// What others wrote is kept all the same.
    public let choices: [String]
    /// Whether few records have it and these are asked for together: their column gets an index of its own, which
    /// costs the others nothing.
    public let isSparse: Bool
    /// The single field of which this one says more, as an end does of a rule.
    ///
    /// Whoever writes this one writes what that one shows once more in the same change, unless that waits for a decision
    /// or restricts nothing: so both have one author, and what was meant for one value is not taken for another's.
    public let qualifies: String?

    public init(
        _ name: String, _ kind: Kind, _ shape: Shape = .single, policy: Policy? = nil,
        searched search: Search? = nil, choices: [String] = [], isSparse: Bool = false,
        qualifies: String? = nil
    ) {
        self.name = name
        self.kind = kind
        self.shape = shape
        self.policy = policy ?? (shape == .set ? .member : .register)
        self.search = search
        self.isSparse = isSparse
        self.qualifies = qualifies
        if choices.isEmpty, case .strictest(let order)? = policy {
            self.choices = order
        } else {
            self.choices = choices
        }
    }
}

extension Field {
    /// Whether `find` looks into it.
    public var isSearched: Bool { search != nil }
}

extension Value {
    /// The kind of field that this value suits; `nil` for ``Value/none`` and for what is unknown.
    public var kind: Field.Kind? {
        switch self {
        case .none, .unknown: nil
        case .text: .text
        case .integer: .integer
        case .real: .real
        case .boolean: .boolean
        case .date: .date
        case .reference: .reference
        }
    }
}

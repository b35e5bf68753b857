public import SijilCore
public import SijilStore

/// A field, or one key of it, whose value is taken from a merged record rather than from the canonical one:
/// a member of `merged_fields`.
public struct Claim: Hashable, Sendable {
    /// `notes`, `name`, `name.ar`.
    public let text: String

    /// - Throws: `unknownField`, or `usage` for a field where there is nothing to choose: sets are united, the
    ///   strictest restriction holds.
    public init(_ text: String, schema: Schema) throws {
        let person = try schema.type(named: "person")
        let name = String(text.prefix { $0 != "." })
        let field = try person.field(named: name)
        guard field.shape != .set, field.policy == .register, !Self.following.contains(name) else {
            throw SijilError(
                .usage, "There is nothing to choose in that field.",
                hint: "Sets are united, and of two restrictions the stricter holds.", place: name)
        }
        guard name != text else {
            self.text = name
            return
        }
        let cell = try Assignment.cell(text, for: person)
        self.text = cell.claims[1]
    }

    /// These follow another field, or are about the merge itself.
    private static let following: Set<String> = [
        "merged_into", "contact_rule_reason", "contact_rule_until", "name_spelling", "name_source",
    ]
}

extension CellName {
    /// How a record claims this cell: with its field, or by itself.
    var claims: [String] {
        key == .none ? [field] : [field, "\(field).\(key.plainText)"]
    }
}

extension RecordEdit {
    /// The edit that merges a person's record into another one, and nothing when it is so already.
    ///
    /// - Parameters:
    ///   - record: the one that points from now on.
    ///   - target: the one that it is merged into.
    ///   - claims: all that it claims.
    public init(merging record: RecordView, into target: RecordID, claiming claims: Set<Claim>) {
        let wanted = Set(claims.map { Value.text($0.text) })
        let present = Set(record.members("merged_fields"))
        var operations = [CellOperation(CellName("merged_into"), .put(.reference(target)))]
        operations += present.subtracting(wanted).map { .claim($0, false) }
        operations += wanted.subtracting(present).map { .claim($0, true) }
        self.init(record: record.id, type: record.type, operations: operations)
    }

    /// The edit by which a record stands on its own again, and claims nothing.
    public init(separating record: RecordView) {
        let claims = record.members("merged_fields").map { CellOperation.claim($0, false) }
        self.init(
            record: record.id, type: record.type,
            operations: [CellOperation(CellName("merged_into"), .put(.none))] + claims)
    }

    /// The edit by which a merged record gives up its claims to cells that are written in the canonical one:
    /// else nobody would see what was written.
    ///
    /// A claim to a whole keyed field shrinks to the keys that were not written.
    ///
    /// - Returns: `nil` when it claims none of them.
    public init?(yielding cells: [CellName], in record: RecordView) {
        var operations: [CellOperation] = []
        for claim in record.members("merged_fields") {
            let hidden = cells.filter { $0.claims.contains(claim.plainText) }
            guard let first = hidden.first else { continue }
            operations.append(.claim(claim, false))
            guard claim.plainText == first.field, first.key != .none else { continue }
            for (key, _) in record.keyed(first.field)
            where !hidden.contains(CellName(first.field, key: key)) {
                operations.append(.claim(.text(CellName(first.field, key: key).claims[1]), true))
            }
        }
        guard !operations.isEmpty else { return nil }
        self.init(record: record.id, type: record.type, operations: operations)
    }
}

extension CellOperation {
    fileprivate static func claim(_ claim: Value, _ isMade: Bool) -> CellOperation {
        CellOperation(
            CellName("merged_fields", key: claim), isMade ? .put(.boolean(true)) : .remove)
    }
}

import SijilCore
public import SijilStore

/// What several records of one person say together.
///
/// - What the canonical record shows stays; what it lacks comes from the others, by id. A field that a
///   record claims (`merged_fields`: a field, or one key of it such as `name.ar`) comes from there first.
/// - Keyed fields are filled key by key; sets are united. Names that another name hides stand among the
///   aliases.
/// - A `strictest` field shows the strictest of all: a *never* on any record holds. It lasts as long as
///   the longest restriction of any of them, and its reason is of the record that has the strictest.
/// - What is said about a name in one language, its spelling and source, comes from where that name does.
///
/// A function of the records alone, whatever order they come in. Cells keep all siblings of the record
/// that they come from, so what waits for a decision there is seen here.
public struct MergedView {
    private let survivor: RecordView
    /// The survivor first, then by id.
    private let members: [RecordView]
    /// Those that claim fields, whose word counts first: what was merged into a merged record before that
    /// one; then by id.
    private let claimants: [(record: RecordView, claims: Set<String>)]
    private var cells: [CellName: Cell] = [:]

    /// - Parameters:
    ///   - records: the canonical one first; all of one type.
    public static func of(_ records: [RecordView]) -> RecordView {
        precondition(!records.isEmpty, "There is no person without a record.")
        var view = MergedView(records[0], records.dropFirst().sorted { $0.id < $1.id })
        view.unite()
        var record = view.survivor
        record.cells = view.cells
        return record
    }

    private init(_ survivor: RecordView, _ others: [RecordView]) {
        self.survivor = survivor
        members = [survivor] + others
        claimants =
            others.map { record in
                let claims = record.members("merged_fields").map(\.plainText)
                return (record, Set(claims), Self.depth(of: record, below: survivor, others))
            }
            .filter { !$0.1.isEmpty }
            .sorted { ($1.2, $0.0.id) < ($0.2, $1.0.id) }
            .map { ($0.0, $0.1) }
    }

    /// How many pointers lie between a record and the survivor.
    private static func depth(
        of record: RecordView, below survivor: RecordView, _ others: [RecordView]
    ) -> Int {
        var depth = 0
        var present = record
        while present.id != survivor.id, depth <= others.count,
            case .reference(let target) = present["merged_into"]
        {
            depth += 1
            guard let next = others.first(where: { $0.id == target }) else { break }
            present = next
        }
        return depth
    }

    // MARK: Cells

    private mutating func unite() {
        var names: Set<CellName> = []
        for member in members { names.formUnion(member.cells.keys) }
        for name in names {
            switch name.field {
            case "merged_into", "merged_fields", "contact_rule_reason", "contact_rule_until":
                continue
            default: cells[name] = cell(name)
            }
        }
        cells[.liveness] = survivor.cells[.liveness]
        keepHiddenNames()
        restrict()
    }

    private func cell(_ name: CellName) -> Cell? {
        switch survivor.policy(of: name) {
        case .strictest, .member: return united(name)
        case .register, .once, .liveness: break
        }
        if ["name_spelling", "name_source"].contains(name.field),
            let source = source(of: CellName("name", key: name.key))
        {
            return source.cells[name]
        }
        return (source(of: name) ?? survivor).cells[name]
    }

    /// The record whose value is shown; `nil` when none shows any.
    private func source(of name: CellName) -> RecordView? {
        for (record, claims) in claimants
        where !claims.isDisjoint(with: name.claims) && record.shown(name) != .none {
            return record
        }
        return members.first { $0.shown(name) != .none }
    }

    private func united(_ name: CellName) -> Cell? {
        let siblings = members.flatMap { $0.cells[name]?.siblings ?? [] }
        return siblings.isEmpty ? nil : Cell(siblings)
    }

    private mutating func keepHiddenNames() {
        for member in members {
            for cell in member.cells.keys where cell.field == "name" {
                let name = member.shown(cell)
                let shown = cells[cell].flatMap { survivor.policy(of: cell).shown($0)?.value }
                guard name != .none, name != shown, case .text = name,
                    let sibling = survivor.policy(of: cell).shown(member.cells[cell]!)
                else { continue }
                let alias = CellName("aliases", key: name)
                let siblings = cells[alias]?.siblings ?? []
                cells[alias] = Cell(
                    siblings + [Sibling(dot: sibling.dot, value: .boolean(true), at: sibling.at)])
            }
        }
    }

    /// Until when the restriction holds, and why.
    private mutating func restrict() {
        let (rule, until) = (CellName("contact_rule"), CellName("contact_rule_until"))
        let reason = CellName("contact_rule_reason")
        let strictest = cells[rule].flatMap { survivor.policy(of: rule).shown($0)?.value }
        let restricted = members.filter { ![.none, .text("none")].contains($0.shown(rule)) }
        guard !restricted.isEmpty else {
            for name in [until, reason] { cells[name] = (source(of: name) ?? survivor).cells[name] }
            return
        }
        cells[reason] = restricted.first { $0.shown(rule) == strictest }?.cells[reason]
        var last: (record: RecordView, date: PartialDate)?
        for record in restricted {
            // One without an end outlasts all others, also where an end is written that does not count for it.
            let record = record.withCountingEnd
            guard case .date(let date) = record.shown(until) else { return }
            if last.map({ $0.date.lastDay < date.lastDay }) ?? true { last = (record, date) }
        }
        cells[until] = last?.record.cells[until]
    }
}

extension PartialDate {
    /// Where a date stands among the ends of periods: a year ends after all its months.
    fileprivate var lastDay: Int {
        (year * 100 + (month == 0 ? 13 : month)) * 100 + (day == 0 ? 32 : day)
    }
}

import SijilCore
public import SijilStore

/// What one record says to protect somebody: contact rules with their ends, and consents that were taken back.
extension RecordView {
    /// With the end that the contact rule has as a whole: none when it has none, though one is written that was meant
    /// for another.
    public var withCountingEnd: RecordView {
        let until = CellName("contact_rule_until")
        let restrictions = contactRestrictions
        guard type == "person", !restrictions.isEmpty, let ends = cells[until]?.siblings else {
            return self
        }
        var record = self
        let last = restrictions.compactMap(\.until).max { $0.latest < $1.latest }
        let isEndless = restrictions.contains { $0.until == nil }
        record.cells[until] =
            isEndless ? nil : last.map { last in Cell(ends.filter { $0.value == .date(last) }) }
        return record
    }

    /// Each contact rule that somebody wrote and nobody replaced who knew of it, with its end.
    ///
    /// Rule and end are two cells, so that two people who have not seen each other may each write one: an end
    /// that was meant for a milder rule must not end a stricter one. An end counts for a rule only when the rule's
    /// author wrote it with the rule or later (whoever gives an end to another's rule writes the rule again:
    /// ``Field/qualifies``).
    var contactRestrictions: Set<Roster.Restriction> {
        let ends = cells[CellName("contact_rule_until")]?.siblings ?? []
        let rules = cells[CellName("contact_rule")]?.siblings ?? []
        return Set(
            rules.map { rule in
                let end = ends.first {
                    $0.dot.replica == rule.dot.replica && $0.dot.sequence >= rule.dot.sequence
                }
                var until: PartialDate?
                if case .date(let date)? = end?.value { until = date }
                return Roster.Restriction(rule: ContactRule(rule.value), until: until)
            }
            .filter { $0.rule > .none })
    }

    /// Whether an end would come before that of some contact rule that there is now.
    func endsRuleEarlier(_ value: Value) -> Bool {
        guard case .date(let end) = value else { return false }
        return contactRestrictions.contains { $0.until.map { end.latest < $0.latest } ?? true }
    }

    /// Whether somebody takes a consent back in it; one of rivals is enough.
    var isWithdrawal: Bool {
        type == "consent" && !isErased
            && siblings("act").contains { $0 != .none && $0 != .text("grant") }
    }

    /// Whether a value would undo that a consent is taken back, or say something else of whose it is, which, and when.
    func undoesWithdrawal(_ field: String, _ value: Value) -> Bool {
        guard isWithdrawal else { return false }
        switch field {
        case "act": return value != .text("withdraw")
        case "what", "person", "on":
            let said = Set(siblings(field)).subtracting([.none])
            // Without a day it counts whatever is granted on any day.
            return said.isEmpty ? field == "on" && value != .none : said != [value]
        default: return false
        }
    }
}

import SijilCore
import SijilStore

/// What a person allowed and took back.
///
/// The latest act counts, by the day on which it happened. Where two may be of one day, or of a month
/// of which the day is not known, taking back counts: nobody can say that the grant came after.
struct ConsentLedger: Sendable {
    private struct Act: Sendable {
        var what: String
        var isGrant: Bool
        var isByConsent: Bool
        var earliest: CalendarDay
        var latest: CalendarDay
    }

    enum State: Sendable { case untold, granted, withdrawn }

    private var acts: [Act] = []

    mutating func add(_ consent: RecordView) {
        // When rivals wrote both, the one that protects counts.
        let said = Set(consent.cells[CellName("act")]?.siblings.map(\.value) ?? [])
        let isGrant = said == [.text("grant")]
        guard isGrant || said.contains(.text("withdraw")) else { return }
        let days: (CalendarDay, CalendarDay)
        if case .date(let date) = consent["on"] {
            days = (date.earliest, date.latest)
        } else {
            let written = consent.cells.values.flatMap(\.siblings).map(\.at).max() ?? 0
            days = (CalendarDay(milliseconds: written), CalendarDay(milliseconds: written))
        }
        acts.append(
            Act(
                what: Self.plain(consent["what"].plainText), isGrant: isGrant,
                isByConsent: consent["basis"] == .text("consent"), earliest: days.0,
                latest: days.1))
    }

    private static func plain(_ text: String) -> String {
        text.lowercased().filter { !$0.isWhitespace }
    }

    func state(of what: String) -> State {
        let acts = acts.filter { $0.what == Self.plain(what) }
        let grants = acts.filter(\.isGrant)
        let isWithdrawn = acts.contains { act in
            !act.isGrant && !grants.contains { $0.earliest > act.latest }
        }
        if isWithdrawn { return .withdrawn }
        return grants.isEmpty ? .untold : .granted
    }

    /// How much a person's consents let out to a recipient.
    func protection(from recipient: String) -> DisclosureRule.Protection {
        let needed = ["store", "share_within_programme", "share_partner:" + recipient]
        if needed.contains(where: { state(of: $0) == .withdrawn }) { return .withheld }
        switch state(of: "be_named") {
        case .withdrawn: return .nameless
        case .granted: return .none
        // Whoever was asked, and did not say this, did not allow it. An office that is public needs no asking.
        case .untold: return acts.contains { $0.isGrant && $0.isByConsent } ? .nameless : .none
        }
    }
}

import SijilCore
import SijilSync

/// Why the server refused changes, for people.
enum Refusal {
    /// What a refusal means, as a clause.
    ///
    /// - Parameters:
    ///   - code: the stable name that the server gave.
    ///   - text: how a name that is not known is shown.
    /// - Returns: words without a full stop.
    static func reason(_ code: String, _ text: TerminalText) -> String {
        switch SijilError.Code(rawValue: code) {
        case .notPermitted: "this replica may not write there any more"
        case .fork: "two different changes carry one name; the replica was copied or restored"
        case .unseen: "the server lacks what they build on"
        case .notAuthentic: "a signature does not hold"
        case .futureVersion: "the server is of an older version"
        default: "the server found them faulty (\(text.code(code)))"
        }
    }

    /// The error of a sync that ended with refused changes: they stay on this device.
    static func error(_ report: SyncReport) -> SijilError {
        let codes = Set(report.refusals.values.map(SijilError.Code.init(rawValue:)))
        let code: SijilError.Code = codes.contains(.notPermitted) ? .notPermitted : .badData
        let text = TerminalText(isTerminal: false, isPlain: true)
        let reasons = Set(report.refusals.values).sorted().map { reason($0, text) }
            .joined(separator: "; ")
        return SijilError(
            code, "The server refused \(count(report.rejected, "change")): \(reasons).",
            hint: "They are kept on this device. 'sijil status' shows where; ask your coordinator.")
    }
}

import SijilCore
public import SijilStore

/// Something about a value that a person should look at: derived from what is shown, never stored.
public struct RecordFlag: Hashable, Sendable {
    public enum Reason: String, Hashable, Sendable {
        /// A telephone number that is no E.164: nobody could read it when it was entered.
        case unreadableNumber = "unreadable_number"
    }

    public var field: String
    public var reason: Reason

    /// As `sijil show --json` has it.
    public var json: JSON { ["field": .string(field), "reason": .string(reason.rawValue)] }
}

extension RecordView {
    public var flags: [RecordFlag] {
        guard type == "channel", ChannelKind(self["kind"]) == .telephone,
            case .text(let value) = self["value"] as Value, !PhoneNumbers.isE164(value)
        else { return [] }
        return [RecordFlag(field: "value", reason: .unreadableNumber)]
    }
}

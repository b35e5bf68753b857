import SijilCore
public import SijilStore

/// Something about a value that a person should look at: derived from what is shown, never stored.
public struct RecordFlag: Hashable, Sendable {
    public enum Reason: String, Hashable, Sendable {
        /// A telephone number that is no E.164: nobody could read it when it was entered.
        case unreadableNumber = "unreadable_number"
        /// An e-mail address that is none: a file had it.
        case unreadableAddress = "unreadable_address"
    }

    public var field: String
    public var reason: Reason

    /// As `sijil show --json` has it.
    public var json: JSON { ["field": .string(field), "reason": .string(reason.rawValue)] }
}

extension RecordView {
    public var flags: [RecordFlag] {
        guard type == "channel", case .text(let value) = self["value"] as Value else { return [] }
        switch ChannelKind(self["kind"]) {
        case .telephone where !PhoneNumbers.isE164(value):
            return [RecordFlag(field: "value", reason: .unreadableNumber)]
        case .email where !FieldRule.isEmail(value):
            return [RecordFlag(field: "value", reason: .unreadableAddress)]
        default: return []
        }
    }
}

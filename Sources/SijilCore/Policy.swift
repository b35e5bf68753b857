/// What a cell with several siblings shows, and whether a person is asked.
public enum Policy: Hashable, Sendable {
    /// The latest by corrected time, then by replica; a person is asked.
    case register
    /// An element of a set: present if any sibling says so. Nobody is asked.
    case member
    /// The most restrictive of the listed values, mildest first. A value that is not listed counts as
    /// stricter than all: it comes from a newer version, and guessing mildly could harm. Nobody is asked.
    case strictest([String])
    /// Written once: the earliest by corrected time, then by replica; a second value is a conflict.
    case once
    /// Whether a record lives: alive if any sibling says so; a person is asked.
    case liveness

    /// The sibling that is shown; `nil` when there is none.
    public func shown(_ cell: Cell) -> Sibling? {
        let siblings = cell.siblings
        guard siblings.count > 1 else { return siblings.first }
        switch self {
        case .register: return siblings.max(by: Self.isEarlier)
        case .once: return siblings.min(by: Self.isEarlier)
        case .member:
            return siblings.max { rank($0, of: .boolean(true)) < rank($1, of: .boolean(true)) }
        case .liveness:
            return siblings.max { rank($0, of: .boolean(false)) < rank($1, of: .boolean(false)) }
        case .strictest(let order):
            return siblings.max { left, right in
                let (a, b) = (
                    Self.strictness(left.value, order), Self.strictness(right.value, order)
                )
                return a == b ? Self.isEarlier(left, right) : a < b
            }
        }
    }

    /// Whether a person has to decide between the cell's siblings.
    public func asks(_ cell: Cell) -> Bool {
        switch self {
        case .member, .strictest: false
        case .register, .once, .liveness: cell.isContested
        }
    }

    /// Whether a value would say less than another of a `strictest` field; of others none does.
    public func isMilder(_ value: Value, than other: Value) -> Bool {
        guard case .strictest(let order) = self else { return false }
        return Self.strictness(value, order) < Self.strictness(other, order)
    }

    /// Whether a value restricts nothing: the mildest of a `strictest` field, and none of any.
    public func isMildest(_ value: Value) -> Bool {
        if case .strictest(let order) = self, let first = order.first, value == .text(first) {
            return true
        }
        return value == .none
    }

    private func rank(_ sibling: Sibling, of value: Value) -> Int { sibling.value == value ? 1 : 0 }

    private static func isEarlier(_ left: Sibling, _ right: Sibling) -> Bool {
        left.at == right.at ? left.dot < right.dot : left.at < right.at
    }

    private static func strictness(_ value: Value, _ order: [String]) -> Int {
        switch value {
        case .none: -1
        case .text(let text): order.firstIndex(of: text) ?? order.count
        default: order.count
        }
    }
}

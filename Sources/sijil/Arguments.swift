import SijilCore
import SijilDirectory
import SijilStore

/// How people name things on the command line.
enum Arguments {
    /// - Throws: `usage` for anything but 32 hexadecimal digits.
    static func recordID(_ text: String) throws(SijilError) -> RecordID {
        guard let id = RecordID(text) else {
            throw SijilError(
                .usage, "A record is named by its id: 32 hexadecimal digits.",
                hint: "'sijil find' and 'sijil list' show ids.")
        }
        return id
    }

    /// The replica with this id, this name, or an id that begins so.
    ///
    /// - Throws: `notFound` for none, `usage` when several fit.
    static func replica(
        _ text: String, among names: [ReplicaID: String]
    ) throws(SijilError) -> ReplicaID {
        if let id = ReplicaID(text), names[id] != nil { return id }
        let byName = names.filter { $0.value == text }
        let prefix = text.lowercased()
        let found =
            byName.isEmpty && prefix.utf8.count >= 4
            ? names.filter { $0.key.description.hasPrefix(prefix) } : byName
        guard let first = found.first else {
            throw SijilError(
                .notFound, "No replica here is called so.",
                hint: "Give its name, or at least four digits of its id.", place: "replica")
        }
        guard found.count == 1 else {
            throw SijilError(
                .usage, "Several replicas are called so.", hint: "Give the replica's id.",
                place: "replica")
        }
        return first.key
    }

    /// Milliseconds of a duration such as `7d`, `12h`, `30m`, `45s`, `1ms`.
    static func milliseconds(_ text: String) throws(SijilError) -> Int64 {
        let units: [String: Int64] = [
            "ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000,
        ]
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let number = Int64(digits), let unit = units[String(text.dropFirst(digits.count))],
            case let (product, overflow) = number.multipliedReportingOverflow(by: unit),
            !overflow, product > 0
        else {
            throw SijilError(
                .usage, "A duration is a number and a unit.", hint: "For example 12h or 7d.")
        }
        return product
    }

    /// `NAME=ROLE`, taken apart at the last `=`.
    static func grant(_ text: String) throws(SijilError) -> (collection: String, role: Role) {
        guard let equals = text.lastIndex(of: "="),
            let role = Role(rawValue: String(text[text.index(after: equals)...])),
            role != .withdrawn
        else {
            throw SijilError(
                .usage, "A grant is of the form COLLECTION=ROLE.",
                hint: "The roles are reader, editor and coordinator.")
        }
        return (String(text[..<equals]), role)
    }

    /// A word that a shell takes as it is.
    static func quoted(_ word: String) -> String {
        let plain = word.utf8.allSatisfy {
            switch $0 {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
                UInt8(ascii: "."), UInt8(ascii: "/"), UInt8(ascii: ":"):
                true
            default: false
            }
        }
        return plain && !word.isEmpty ? word : "'" + word.replacing("'", with: "'\\''") + "'"
    }
}

import Foundation
import SijilCore

/// What a value must be, beyond the kind of its field.
enum FieldRule: Hashable, Sendable {
    /// What somebody or something is called: at most ``nameScalars``, at least one letter.
    case name
    /// A tag of BCP 47.
    case languageTag
    /// A country of ISO 3166-1.
    case country
    /// A name of the IANA time zone database.
    case timeZone
    /// A year since 1900 that is not in the future.
    case year
    case integers(ClosedRange<Int64>)
    case reals(ClosedRange<Double>)
    /// A duration of ISO 8601.
    case duration
    /// What one dials or writes to: a telephone number, an e-mail address or something else, by the kind
    /// that another field names.
    ///
    /// A number that cannot be read is kept: it is the only value that no rule refuses.
    case address(kind: String)
    /// What a person can allow: a word that is looked for when it matters, so that a misspelt one would be lost.
    case consentSubject
    /// A date that may not be before that of another field.
    case notBefore(String)

    /// No name of a person is longer, and a longer one is a mistake of copying.
    static let nameScalars = 200
    /// The longest e-mail address that can be delivered (RFC 5321, as its erratum 1690 reckons).
    static let emailBytes = 254
    static let firstYear: Int64 = 1900
    /// Nothing that was verified a century ago still is.
    static let reviewDays: ClosedRange<Int64> = 1...36_500

    /// A value of the field in its usual form.
    ///
    /// - Parameters:
    ///   - field: named in the error, never with the value.
    ///   - year: the present one.
    /// - Throws: `badData` with the reason and an example.
    func checked(_ value: Value, field: String, year: Int) throws(SijilError) -> Value {
        switch (self, value) {
        case (.name, .text(let text)):
            guard text.unicodeScalars.count <= Self.nameScalars else {
                throw Self.invalid(
                    field, "A name has at most \(Self.nameScalars) characters.",
                    "Nadia Amziane-Tifaouine")
            }
            guard text.unicodeScalars.contains(where: \.properties.isAlphabetic) else {
                throw Self.invalid(
                    field, "A name has at least one letter.", "Nadia Amziane-Tifaouine")
            }
            return value
        case (.languageTag, .text(let text)): return .text(try LanguageTag.read(text, in: field))
        case (.country, .text(let text)):
            guard let code = CountryCode.read(text) else {
                throw Self.invalid(field, "A country has two letters of ISO 3166-1.", "MA")
            }
            return .text(code)
        case (.timeZone, .text(let text)):
            guard Self.isTimeZone(text) else {
                throw Self.invalid(
                    field, "The IANA database has no time zone of this name.", "Africa/Casablanca")
            }
            return value
        case (.year, .integer(let number)):
            guard (Self.firstYear...max(Self.firstYear, Int64(year))).contains(number) else {
                throw Self.invalid(field, "A year from \(Self.firstYear) until now.", "1968")
            }
            return value
        case (.integers(let range), .integer(let number)):
            guard range.contains(number) else {
                throw Self.invalid(
                    field, "The number is \(Self.text(range)).", "\(range.lowerBound)")
            }
            return value
        case (.reals(let range), .real(let number)):
            guard range.contains(number) else {
                throw Self.invalid(
                    field, "The number is \(Self.text(range)).",
                    range.contains(33.97) ? "33.97" : "\(range.lowerBound)")
            }
            return value
        case (.duration, .text(let text)):
            guard Self.isDuration(text) else {
                throw Self.invalid(field, "A duration is written as in ISO 8601.", "PT3H or P2D")
            }
            return value
        default: return value
        }
    }

    static func isEmail(_ text: String) -> Bool {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        return parts.count == 2 && parts.allSatisfy { !$0.isEmpty }
            && text.utf8.count <= emailBytes && !text.unicodeScalars.contains(where: \.isSpace)
    }

    static func invalid(_ field: String, _ reason: String, _ example: String) -> SijilError {
        SijilError(.badData, reason, hint: "For example \(example).", place: field)
    }

    // MARK: Parts

    /// `P`, then numbers with their units in order, those of hours and less after `T`; at least one.
    private static func isDuration(_ text: String) -> Bool {
        guard text.utf8.first == UInt8(ascii: "P") else { return false }
        var units = Array("YMWDTHMS".utf8)[...]
        var digits = 0
        var hasNumber = false
        for byte in text.utf8.dropFirst() {
            if (0x30...0x39).contains(byte) {
                digits += 1
                continue
            }
            let isTime = byte == UInt8(ascii: "T")
            guard let place = units.firstIndex(of: byte), isTime == (digits == 0) else {
                return false
            }
            // A unit of time needs its T.
            let skipped = units[..<place]
            guard isTime || units.count <= 3 || !skipped.contains(UInt8(ascii: "T")) else {
                return false
            }
            units = units[(place + 1)...]
            hasNumber = !isTime
            digits = 0
        }
        return digits == 0 && hasNumber
    }

    private static func isTimeZone(_ name: String) -> Bool {
        // Foundation takes GMT+3 and the like too; they are no places and know no summer time.
        let isPlace =
            name.contains("/")
            && name.utf8.allSatisfy {
                (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
                    || (0x30...0x39).contains($0)
                    || "/_-+".utf8.contains($0)
            }
        return name == "UTC" || (isPlace && TimeZone(identifier: name) != nil)
    }

    private static func text<Bound>(_ range: ClosedRange<Bound>) -> String {
        let upper = "\(range.upperBound)"
        let isOpen = upper == "\(Int64.max)" || upper == "\(Double.greatestFiniteMagnitude)"
        return isOpen
            ? "\(range.lowerBound) or more" : "from \(range.lowerBound) to \(upper)"
    }
}

extension Unicode.Scalar {
    fileprivate var isSpace: Bool {
        properties.isWhitespace || properties.generalCategory == .control
    }
}

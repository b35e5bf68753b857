/// What a library that knows the numbering plans of countries says of a text.
public struct PhoneReading: Hashable, Sendable {
    /// `+` and digits.
    public var e164: String
    /// Whether the number is one that may have been given out, not only of a possible length.
    public var isValid: Bool

    public init(e164: String, isValid: Bool) {
        self.e164 = e164
        self.isValid = isValid
    }
}

/// Knows the numbering plans of countries.
///
/// A replica works without one: numbers that begin with `+` are understood, others are kept as they were typed.
public protocol PhoneReader: Sendable {
    /// Reads a number as people type it; its digits are ASCII.
    ///
    /// - Parameter country: two capitals, where a number without the code of a country belongs.
    /// - Returns: `nil` when it is none, or cannot be one by its length.
    func read(_ text: String, country: String?) -> PhoneReading?
}

/// Where numbers without the code of a country belong.
public struct PhoneRegion: Hashable, Sendable, CustomStringConvertible {
    /// Two capitals of ISO 3166-1, or `+` and the code that one dials to get there.
    public let description: String

    /// `nil` for what is neither a country nor a code, such as `+212`.
    public init?(_ text: String) {
        if let country = CountryCode.read(text) {
            description = country
            return
        }
        let digits = text.utf8.dropFirst()
        guard text.utf8.first == UInt8(ascii: "+"), (1...4).contains(digits.count),
            digits.allSatisfy({ (0x30...0x39).contains($0) }), digits.first != UInt8(ascii: "0")
        else { return nil }
        description = text
    }

    /// The code that one dials, where no numbering plan is asked: the region is such a code, or the
    /// country XM of the examples, which has +999, a code that nobody has.
    var callingCode: String? {
        if description == "XM" { return "+999" }
        return description.hasPrefix("+") ? description : nil
    }

    var country: String? { callingCode == nil ? description : nil }
}

/// Reads telephone numbers: digits of any script, any separators, `00` for `+`, and numbers as they are
/// dialled at home.
///
/// What is `+` and 7 to 15 digits is a number by its form alone, also where no country has that code.
public struct PhoneNumbers: Sendable {
    /// Where numbers without the code of a country belong; `nil` when nobody said.
    public var region: PhoneRegion?
    private let reader: (any PhoneReader)?

    public init(region: PhoneRegion? = nil, reader: (any PhoneReader)? = nil) {
        self.region = region
        self.reader = reader
    }

    /// The number as E.164; `nil` when it cannot be read.
    public func e164(_ text: String) -> String? {
        guard text.utf8.count <= Self.longest else { return nil }
        var typed = text.withASCIIDigits
        // After the code of a country the 0 of home is not dialled.
        if typed.contains("+") { typed = typed.replacing("(0)", with: "") }
        let form = Self.plainForm(typed)
        if let form, form.hasPrefix("+") {
            // A plan may know better: of +212 0612… it drops the 0.
            if let known = reader?.read(typed, country: region?.country), known.isValid {
                return known.e164
            }
            return Self.isE164(form) ? form : nil
        }
        if let code = region?.callingCode {
            guard let form else { return nil }
            // Without the 0 of home, digits that begin with the code may have it already.
            guard form.hasPrefix("0") || !form.hasPrefix(code.dropFirst()) else { return nil }
            let national = form.hasPrefix("0") ? form.dropFirst() : form[...]
            guard national.utf8.count >= Self.fewestNationalDigits else { return nil }
            let number = code + national
            return Self.isE164(number) ? number : nil
        }
        guard let country = region?.country else { return nil }
        return reader?.read(typed, country: country)?.e164
    }

    /// Whether a text is a number of E.164: `+` and 7 to 15 digits, the first not 0.
    public static func isE164(_ text: String) -> Bool {
        let digits = text.utf8.dropFirst()
        return text.utf8.first == UInt8(ascii: "+") && (7...15).contains(digits.count)
            && digits.first != UInt8(ascii: "0")
            && digits.allSatisfy { (0x30...0x39).contains($0) }
    }

    /// Fewer are a short code, which is dialled without the code of a country.
    private static let fewestNationalDigits = 5

    /// Nothing longer is a number; it is not looked at.
    private static let longest = 250

    /// `+` if there is one, and digits, also for a number that begins with `00`; `nil` when there is
    /// anything but those and separators.
    private static func plainForm(_ text: String) -> String? {
        guard let form = withoutSeparators(text) else { return nil }
        return form.hasPrefix("00") ? "+" + form.dropFirst(2) : form
    }

    /// Whether two texts are one number as it is typed: separators, and the script of the digits, say nothing.
    static func areSame(_ text: String, _ other: String) -> Bool {
        if text == other { return true }
        guard let form = withoutSeparators(text.withASCIIDigits) else { return false }
        return form == withoutSeparators(other.withASCIIDigits)
    }

    /// The same with `00` as it is.
    static func withoutSeparators(_ text: String) -> String? {
        var form = ""
        var sinceSlash: Int?
        for scalar in text.unicodeScalars {
            switch scalar {
            case "0"..."9":
                form.unicodeScalars.append(scalar)
                sinceSlash = sinceSlash.map { $0 + 1 }
            case "/": sinceSlash = 0
            case "+", "\u{FF0B}":
                guard form.isEmpty else { return nil }
                form = "+"
            case " ", "\u{A0}", "\u{202F}", "\u{2009}", "-", "\u{2010}"..."\u{2015}", ".", "(", ")",
                "\t":
                break
            default: return nil
            }
        }
        // 30 40/41 is two numbers; 030/123456 is one.
        if let sinceSlash, sinceSlash <= fewestNationalDigits { return nil }
        return form.isEmpty || form == "+" ? nil : form
    }
}

extension String {
    /// With the decimal digits of any script as those of ASCII.
    var withASCIIDigits: String {
        if utf8.allSatisfy({ $0 < 0x80 }) { return self }
        var plain = String.UnicodeScalarView()
        for scalar in unicodeScalars {
            if !scalar.isASCII, scalar.properties.numericType == .decimal,
                let number = scalar.properties.numericValue,
                let digit = Unicode.Scalar(UInt32(0x30 + number))
            {
                plain.append(digit)
            } else {
                plain.append(scalar)
            }
        }
        return String(plain)
    }
}

public import SijilCore

extension Field {
    /// A value that somebody entered, and whether invisible controls were taken out of it.
    public struct Reading: Hashable, Sendable {
        public var value: Value
        public var isCleaned: Bool
    }

    /// Reads a value as people type it; white space alone reads as ``Value/none``.
    ///
    /// A text is brought to NFC. Numbers and dates may have the digits of any script. A reference is the 32
    /// hexadecimal digits of a record's identifier; whether that record is here is not asked.
    ///
    /// - Throws: `badData` naming the field, the reason and an example, never the value.
    public func read(_ text: String) throws(SijilError) -> Reading {
        let entered = try EnteredText(text, field: name, limit: byteLimit)
        return Reading(value: try value(entered.text), isCleaned: entered.isCleaned)
    }

    /// Reads a value from JSON: texts, dates and references are strings; null and "" are ``Value/none``.
    ///
    /// - Throws: `badData` as ``read(_:)-(String)``.
    public func read(_ json: JSON) throws(SijilError) -> Reading {
        switch (kind, json) {
        case (_, .null): return Reading(value: .none, isCleaned: false)
        case (.text, .string(let text)), (.date, .string(let text)),
            (.reference, .string(let text)):
            return try read(text)
        case (.integer, .integer(let integer)):
            return Reading(value: .integer(integer), isCleaned: false)
        case (.real, .integer(let integer)):
            return Reading(value: .real(Double(integer)), isCleaned: false)
        case (.real, .real(let real)):
            return Reading(value: .real(real == 0 ? 0 : real), isCleaned: false)
        case (.boolean, .bool(let boolean)):
            return Reading(value: .boolean(boolean), isCleaned: false)
        default: throw invalid("The field holds \(kindForPeople).")
        }
    }

    /// A member of a set is also the key of its cell, and keys are short.
    private var byteLimit: Int { shape == .set ? Limits.nameBytes : Limits.valueBytes }

    private func value(_ text: String) throws(SijilError) -> Value {
        guard !text.isEmpty else { return .none }
        switch kind {
        case .text:
            guard choices.isEmpty || choices.contains(text) else {
                throw SijilError(
                    .badData, "The field has a fixed list of values, and this is none of them.",
                    hint: "Choose one of: \(choices.joined(separator: ", ")).", place: name)
            }
            return .text(text)
        case .integer:
            guard let integer = Int64(text.withASCIIDigits) else {
                throw invalid("The field holds a whole number.")
            }
            return .integer(integer)
        case .real:
            let plain = text.withASCIIDigits
            let isPlain = plain.utf8.allSatisfy {
                (0x30...0x39).contains($0) || "+-.eE".utf8.contains($0)
            }
            guard isPlain, let real = Double(plain), real.isFinite else {
                throw invalid("The field holds a number.")
            }
            return .real(real == 0 ? 0 : real)
        case .boolean:
            switch text.lowercased() {
            case "true", "yes": return .boolean(true)
            case "false", "no": return .boolean(false)
            default: throw invalid("The field holds yes or no.")
            }
        case .date:
            guard let date = PartialDate(text.withASCIIDigits) else {
                throw invalid("The field holds a date that exists, or the beginning of one.")
            }
            return .date(date)
        case .reference:
            guard let id = RecordID(text) else {
                throw invalid("The field holds the id of a record: 32 hexadecimal digits.")
            }
            return .reference(id)
        }
    }

    func invalid(_ reason: String) -> SijilError {
        SijilError(.badData, reason, hint: "For example \(example).", place: name)
    }

    private var kindForPeople: String {
        switch kind {
        case .text: "a text"
        case .integer: "a whole number"
        case .real: "a number"
        case .boolean: "true or false"
        case .date: "a date as text"
        case .reference: "the id of a record"
        }
    }

    /// A value that would do.
    var example: String {
        switch kind {
        case .text: choices.first ?? "text"
        case .integer: "17"
        case .real: "33.97"
        case .boolean: "yes"
        case .date: "2026, 2026-03 or 2026-03-07"
        case .reference: "0198c0de0000700080000000000000ff"
        }
    }
}

extension RecordType {
    /// The field of this name.
    ///
    /// - Throws: `unknownField`; the hint names fields that are spelt alike, or all of them.
    public func field(named name: String) throws(SijilError) -> Field {
        if let field = self[name] { return field }
        if name == "deleted" {
            throw SijilError(
                .unknownField, "Whether a record is deleted is not a field.",
                hint: "Use 'sijil remove' or 'sijil restore'.", place: "deleted")
        }
        let names = fields.map(\.name)
        let near = names.filter { isNear($0, name) }
        throw SijilError(
            .unknownField, "A \(self.name) has no such field.",
            hint: near.isEmpty
                ? "Its fields are: \(names.joined(separator: ", "))."
                : "Did you mean \(near.joined(separator: " or "))?")
    }

    private func isNear(_ known: String, _ typed: String) -> Bool {
        // By bytes: one character may be as long as a file.
        let typed = String(decoding: typed.utf8.prefix(64), as: UTF8.self).lowercased()
        if typed.count >= 3, known.hasPrefix(typed) || typed.hasPrefix(known) { return true }
        return distance(Array(known.utf8), Array(typed.utf8)) <= (known.count > 4 ? 2 : 1)
    }

    /// Levenshtein's, with one row.
    private func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
        var row = Array(0...b.count)
        for (i, left) in a.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, right) in b.enumerated() {
                let above = row[j + 1]
                row[j + 1] = min(above + 1, row[j] + 1, diagonal + (left == right ? 0 : 1))
                diagonal = above
            }
        }
        return row[b.count]
    }
}

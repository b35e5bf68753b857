public import SijilCore

extension Value {
    /// The value as every `--json` output and export has it: texts, dates and identifiers are strings;
    /// a kind that this version does not know is `{"$unknown":tag,"hex":"…"}`.
    public var json: JSON {
        switch self {
        case .none: .null
        case .text(let text): .string(text)
        case .integer(let integer): .integer(integer)
        case .real(let real): .real(real)
        case .boolean(let boolean): .bool(boolean)
        case .date(let date): .string(date.description)
        case .reference(let id): .string(id.description)
        case .unknown(let tag, let bytes):
            ["$unknown": .integer(Int64(tag)), "hex": .string(hexadecimal(bytes))]
        }
    }

    /// The value as a person would type it; empty for ``Value/none``.
    public var plainText: String {
        switch self {
        case .none: ""
        case .text(let text): text
        case .integer(let integer): String(integer)
        case .real(let real): real.description
        case .boolean(let boolean): boolean ? "yes" : "no"
        case .date(let date): date.description
        case .reference(let id): id.description
        case .unknown: json.description
        }
    }

    /// The value as the key of a JSON object.
    ///
    /// Only texts are keys today; another kind is told apart by `$`.
    var keyText: String {
        if case .text(let text) = self { text } else { "$" + json.description }
    }
}

func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    for byte in bytes {
        text.append(digits[Int(byte >> 4)])
        text.append(digits[Int(byte & 0xF)])
    }
    return String(decoding: text, as: UTF8.self)
}

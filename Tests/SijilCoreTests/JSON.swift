/// Just enough JSON to describe a golden file: keys keep their order, one form for one content.
indirect enum JSON {
    case null
    case boolean(Bool)
    case integer(Int64)
    case text(String)
    case array([JSON])
    case object([(String, JSON)])

    var text: String {
        var result = ""
        write(to: &result, indent: "")
        return result + "\n"
    }

    private func write(to result: inout String, indent: String) {
        switch self {
        case .null: result += "null"
        case .boolean(let boolean): result += boolean ? "true" : "false"
        case .integer(let integer): result += String(integer)
        case .text(let text): Self.write(text, to: &result)
        case .array(let items):
            Self.write(items.count, "[", "]", to: &result, indent: indent) { index, inner, result in
                items[index].write(to: &result, indent: inner)
            }
        case .object(let members):
            Self.write(members.count, "{", "}", to: &result, indent: indent) {
                index, inner, result in
                Self.write(members[index].0, to: &result)
                result += ": "
                members[index].1.write(to: &result, indent: inner)
            }
        }
    }

    private static func write(
        _ count: Int, _ open: String, _ close: String, to result: inout String, indent: String,
        item: (_ index: Int, _ indent: String, _ result: inout String) -> Void
    ) {
        guard count > 0 else {
            result += open + close
            return
        }
        let inner = indent + "  "
        result += open
        for index in 0..<count {
            result += (index == 0 ? "\n" : ",\n") + inner
            item(index, inner, &result)
        }
        result += "\n" + indent + close
    }

    private static func write(_ text: String, to result: inout String) {
        result += "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\0"..<" ":
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        result += "\""
    }
}

import Foundation
import SijilCore
import SijilDirectory
import SijilSync

extension FuzzTarget {
    /// The short texts by which devices, codes and times are told: headers, arguments, typed codes.
    static let token = FuzzTarget(
        "token", maximumBytes: 256,
        seeds: {
            let code = InvitationCode(random: Array(0..<20)).text
            let texts = [
                Identifier(0xABCDEF).description, code, code.lowercased() + " ", "2024-02-29",
                "2026", "1800000000000", "-9223372036854775808",
                RequestSignature.encode(Array(0..<64)), "O0IL1-\u{130}\u{DF}\u{149}",
            ]
            return texts.map { Array($0.utf8) }
        },
        run: { bytes in
            let text = String(decoding: bytes, as: UTF8.self)
            if let id = Identifier(text) {
                try expect(id.description == text.lowercased(), "an identifier has two texts")
            }
            if let date = PartialDate(text) {
                try expect(date.description == text, "a date has two texts")
            }
            if let signature = RequestSignature.decode(text) {
                try expect(signature.count <= bytes.count, "a signature grows when it is read")
                try expect(
                    RequestSignature.decode(RequestSignature.encode(signature)) == signature,
                    "a signature reads back as another")
            }
            let hash = InvitationCode.hash(text)
            try expect(
                hash == InvitationCode.hash(text + "-") && hash.count == 32,
                "a hyphen makes another code")
            if bytes.allSatisfy({ $0 < 0x80 }) {
                try expect(
                    hash == InvitationCode.hash(text.lowercased()), "small letters make another")
            }
        })

    /// What people and files enter into the fields of every type.
    static let value = FuzzTarget(
        "value",
        seeds: {
            let texts = [
                "نادية أمزيان-تيفاوين", " e\u{301}\u{323} ", "٢٠٢٦-٠٣-٠٧", "17", "-0", "1e5", "yes",
                "\u{202E}x\u{200D}y\r\nz", Identifier(7).description, "crisis_only",
            ]
            return texts.map { Array($0.utf8) }
        },
        run: { bytes in
            let text = String(decoding: bytes, as: UTF8.self)
            for field in fieldsOfEveryForm {
                guard let reading = try readable({ try field.read(text) }) else { continue }
                let again = try field.read(reading.value.plainText)
                try expect(again.value == reading.value, "a value reads back as another")
                try expect(!again.isCleaned, "a cleaned text is cleaned again")
                if field.kind != .real {
                    try expect(
                        try field.read(reading.value.json).value == reading.value,
                        "a value reads back from JSON as another")
                }
            }
        })

    private static let fieldsOfEveryForm =
        [
            Field("a", .text), Field("b", .text, .set), Field("c", .integer), Field("d", .real),
            Field("e", .boolean), Field("f", .date), Field("g", .reference),
        ] + Schema.directory.types.flatMap(\.fields).filter { !$0.choices.isEmpty }

    static let json = FuzzTarget(
        "json", fixtures: ["Mappings/us-mayors.json"],
        seeds: {
            let texts = [
                "null", "[]", #"{"a":[1,-0,0.5,1e-7,true,false,{"b":"\u0631\ud83d\ude00\n"}]}"#,
                "[9223372036854775807, -9223372036854775808,\t1.7976931348623157e308 ]",
                String(repeating: "[", count: 32) + String(repeating: "]", count: 32),
            ]
            return texts.map { Array($0.utf8) }
        },
        run: { bytes in
            guard let json = try readable({ try JSON(parsing: bytes) }) else { return }
            let written = json.bytes
            let again = try JSON(parsing: written)
            try expect(again == json && again.bytes == written, "JSON reads back as another")
            try expect(written.count <= 24 * bytes.count, "JSON grows when it is read")
        })

    static let gzip = FuzzTarget(
        "gzip",
        seeds: {
            let bytes =
                [[], [1], Array(repeating: 0, count: 100_000)] + SeededBytes.lists(3, ofBytes: 400)
            return bytes.map(Gzip.compress)
        },
        run: { bytes in
            let limit = 16_384
            if let body = try readable({ try Gzip.decompress(bytes, limit: limit) }) {
                try expect(body.count <= limit, "a body is larger than its limit")
            }
            let packed = Gzip.compress(bytes)
            try expect(
                try Gzip.decompress(packed, limit: bytes.count) == bytes,
                "a body unpacks as another")
            if !bytes.isEmpty {
                let cut = try readable { try Gzip.decompress(packed, limit: bytes.count - 1) }
                try expect(cut == nil, "a body goes beyond its limit")
            }
        })
}

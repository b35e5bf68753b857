import SijilCore
import Testing

@testable import SijilDirectory

@Suite struct JSONTests {
    private func read(_ text: String) throws -> JSON { try JSON(parsing: Array(text.utf8)) }

    @Test func `what is written is read back, in the same order and the same bytes`() throws {
        let json: JSON = [
            "b": [1, -9_223_372_036_854_775_808, .real(0.1), .real(5), nil, true, false],
            "a": ["": "", "نادية": "ⴰⵎⵖⴰⵔ / \u{2028}"],
        ]
        let text =
            #"{"b":[1,-9223372036854775808,0.1,5.0,null,true,false],"#
            + "\"a\":{\"\":\"\",\"نادية\":\"ⴰⵎⵖⴰⵔ / \u{2028}\"}}"
        #expect(json.description == text)
        #expect(try read(text) == json)
    }

    @Test func `only quotes, backslashes and control characters are escaped`() throws {
        let json = JSON.string("\u{0}\u{1F}\u{8}\t\n\u{C}\r\"\\/é")
        #expect(json.description == #""\u0000\u001f\b\t\n\f\r\"\\/é""#)
        #expect(try read(json.description) == json)
    }

    @Test func `escapes are read, surrogate pairs too`() throws {
        #expect(try read(#"" \u0633\uD83D\uDE00\/ ""#) == .string(" س😀/ "))
    }

    @Test(arguments: [
        "", " ", "{", "[1", "[1,]", "{\"a\":1,}", "{\"a\"}", "{a:1}", "nul", "tru", "01", "-", "1.",
        "1e", "+1", ".5", "NaN", "Infinity", "'a'", "\"a", "\"\\x\"", "\"\\u12\"", "\"\\uD800\"",
        "\"\\uD800\\u0041\"", "\"\\uDC00\"", "1 2", "[1]]", "9223372036854775808", "1e999",
        "\"\u{1}\"", "\"a\nb\"", #"{"a":1,"a":2}"#, #"{"a":1,"\u0061":2}"#,
    ])
    func `what is not JSON is refused`(_ text: String) {
        #expect(failure { _ = try read(text) }?.code == .badData)
    }

    @Test func `two spellings of one letter are two keys`() throws {
        let json = try read("{\"\u{E9}\":1,\"e\u{301}\":2}")
        #expect(json["\u{E9}"] == 1)
        #expect(json["e\u{301}"] == 2)
    }

    @Test func `bytes that are not UTF-8 are refused`() {
        #expect(failure { _ = try JSON(parsing: [0x22, 0xC3, 0x28, 0x22]) }?.code == .badData)
        // A surrogate and an overlong form.
        #expect(failure { _ = try JSON(parsing: [0x22, 0xED, 0xA0, 0x80, 0x22]) } != nil)
        #expect(failure { _ = try JSON(parsing: [0x22, 0xC0, 0x80, 0x22]) } != nil)
    }

    @Test func `nesting ends at thirty-two`() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        _ = try read(nested(33))
        #expect(failure { _ = try read(nested(34)) }?.code == .badData)
        #expect(failure { _ = try read(String(repeating: "[", count: 1_000_000)) } != nil)
        #expect(
            failure { _ = try read(String(repeating: #"{"a":"#, count: 100_000)) } != nil)
    }

    @Test func `an error names line and column, never the content`() {
        let error = failure { _ = try read("{\"سجل\": 1,\n \"secret\": oops}") }
        #expect(error?.place == "line 2, column 12")
        #expect(error?.description.contains("oops") == false)
        #expect(error?.description.contains("secret") == false)
    }

    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (1_772_892_309_123, "2026-03-07T14:05:09.123Z"),
            (-1, "1969-12-31T23:59:59.999Z"), (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (253_402_300_800_000, "10000-01-01T00:00:00.000Z"),
            (-62_167_219_200_001, "-0001-12-31T23:59:59.999Z"),
        ] as [(Int64, String)])
    func `times are ISO 8601 in UTC`(_ milliseconds: Int64, _ text: String) {
        #expect(Timestamp.text(milliseconds: milliseconds) == text)
    }

    @Test func `every clock has a text`() {
        #expect(Timestamp.text(milliseconds: .min).hasSuffix("Z"))
        #expect(Timestamp.text(milliseconds: .max).hasSuffix("Z"))
    }
}

import SijilCore
import SijilDirectory
import SijilStore
import Testing

/// What holds of all cards: ours say nothing new where they come from and make the same elsewhere, and others'
/// read twice change nothing.
struct CardLawTests {
    /// What was found by reading; an empty line begins another card.
    private static let foundByReading: [[String]] = [
        // White space, marks of direction and letters in parts, which what is kept does not have.
        ["UID:0198c0de0000700080000000000000ff ", "FN:A"], ["UID:1", "FN:A", "EMAIL:a@b "],
        ["UID:1", "FN:A", "EMAIL:a@b\u{85}"], ["UID:1", "FN:A", "GENDER:F "],
        ["UID:1", "FN:A", "KIND:group "], ["UID:1", "FN:A", "X-SIJIL-LANGUAGES:fr "],
        ["UID:1", "FN:A", "BDAY:1970 "], ["UID:a\\n\u{301}b", "FN:A"],
        ["UID:a\\\u{37E}b", "FN:A"], ["UID:1", "FN:A", "TEL;X-P=a\u{37E}b:1"],
        ["UID:1", "FN:A", "TEL;X-P=\u{338}a:1"],
        ["UID:1", "FN:A", "X-Q;ENCODING=QUOTED-PRIN\u{200E}TABLE:a=20"],
        ["UID:1", "FN:A", "LANG:fr "],
        ["UID:1", "FN:A", "NICKNAME:" + String(repeating: "e\u{301}", count: 60)],
        // Names of several languages with one text, and a gender and a channel that no field holds.
        ["UID:1", "FN;LANGUAGE=en:A", "FN;LANGUAGE=fr;X-Q=1:A"],
        ["UID:1", "FN;X-Q=1:A", "FN;LANGUAGE=fr:A"],
        ["UID:1", "FN;LANGUAGE=ar:x", "FN;PHONETIC=script;SCRIPT=Latn;X-Q=1:N"],
        ["UID:1", "FN;LANGUAGE=ar:x", "i.FN;PHONETIC=script;SCRIPT=Latn:N"],
        ["UID:1", "FN:A", "EMAIL:x", "EMAIL;PROP-ID=\(mayor):x", "TITLE:t"],
        ["UID:1", "FN:A", "TEL:", "TEL;PROP-ID=\(mayor):"],
        ["UID:1", "FN:A", "GENDER:F", "GENDER:Female", "TEL:1"],
        // Several lines of one name, of which some say what a field says.
        ["UID:1", "FN:A", "BDAY:19700503", "BDAY:19700504"],
        ["UID:1", "FN:A", "BDAY;X-Q=1:1970", "BDAY:19700503"],
        ["UID:1", "FN:A", "BDAY:19700503", "BDAY:19710503"],
        ["UID:1", "FN:A", "BDAY:--0503", "BDAY:19700503"],
        ["UID:1", "FN:A", "GENDER:F;a", "GENDER:F;b"],
        ["UID:1", "FN:A", "LANG;PREF=1:fr", "LANG;PREF=2:fr"],
        ["UID:1", "FN:A", "item1.LANG:fr", "item2.LANG:fr"],
        ["UID:1", "FN:A", "LANG:welsh", "LANG;PREF=1:AR"],
        ["UID:1", "FN:A", "NICKNAME;X-Q=1:Ann", "NICKNAME;X-Q=2:Ann"],
        ["UID:1", "FN:A", "NICKNAME:123", "NICKNAME;X-Q=1: Ann"],
        ["UID:1", "FN:A", "NOTE;X-Q=1:", "NOTE;X-Q=2:a"], ["UID:1", "FN;X-Q=1:A", "FN:123"],
        ["UID:1", "KIND:org", "FN;X-Q=1:A", "FN:B"],
        ["UID:1", "FN:A", "TITLE;X-Q=1:Maire", "TITLE:"],
        ["UID:1", "FN:A", "TITLE;X-Q=1:Maire", "TITLE: Amghar"],
        [
            "UID:1", "FN:A", "TITLE;ALTID=1;LANGUAGE=fr;X-Q=1:Maire",
            "TITLE;ALTID=1;LANGUAGE=fr:Mayor",
        ],
        ["UID:1", "FN:A", "TITLE:Maire", "ROLE;X-Q=1:a", "ROLE:b"],
        ["UID:1", "FN:A", "KIND:a", "KIND:b"], ["KIND:individual", "KIND:group", "UID:1", "FN:A"],
        [
            "UID:1", "FN:A", "TITLE;ALTID=1;LANGUAGE=fr:Maire", "TITLE;ALTID=1;LANGUAGE=fr:imam",
            "ROLE:imam",
        ],
        [
            "UID:1", "FN:A", "TITLE;PROP-ID=\(mayor):imam", "TITLE:imam",
            "TITLE;PROP-ID=\(imam);X-SIJIL-OFFICE=\(RecordID(3)):Maire",
            "ROLE;PROP-ID=\(imam):imam",
        ],
        // The structured name that is made of a name, and others that look like it.
        ["UID:1", "FN;X-Q=1:A;B"], ["UID:1", "FN;X-Q=1:A,,B"], ["UID:1", "FN;X-Q=1:A,"],
        ["UID:1", "FN;X-Q=1:A\\"], ["UID:1", "N;X-Q=1:;Ba;;;"], ["UID:1", "item1.N:;Ba;;;"],
        ["UID:1", "N:;Ba,;;;"], ["UID:1", "N:;Ba;;;", "N:Ly;;;;"],
        ["UID:1", "FN;X-SIJIL-DERIVED=yes:x"],
        // Numbers that look like addresses, parameters of nothing, kinds that the line tells twice.
        ["UID:1", "FN:A", "TEL: tel:+999550003001"], ["UID:1", "FN:A", "TEL:tel:tel:5"],
        ["UID:1", "FN:A", "X-SIJIL-CHANNEL;X-SIJIL-KIND=landline:tel:5"],
        ["UID:1", "FN:A", "TEL;X-P= :1"], ["UID:1", "FN:A", "TEL;X-P=\u{200E}:1"],
        ["UID:1", "FN:A", "TEL;X-SIJIL-KIND=web;X-Q=1:x"],
        ["UID:1", "FN:A", "X-SIJIL-CHANNEL;X-SIJIL-KIND=landline;X-Q=1:5"],
        ["UID:1", "FN:A", "TEL;X-SIJIL-KIND=landline;TYPE=cell:1"],
        ["UID:1", "FN:A", "TEL;X-SIJIL-KIND=fax;TYPE=cell:1"],
        ["UID:1", "FN:A", "TEL;X-SIJIL-KIND=mobile;TYPE=cell:1"],
        ["UID:1", "FN:A", "TEL;X-SIJIL-KIND=sat;TYPE=cell,voice:1"],
        ["UID:1", "FN:A", "X-SIJIL-CHANNEL;X-SIJIL-KIND=landline;TYPE=voice:1"],
        ["UID:1", "FN:A", "X-SIJIL-CHANNEL;X-SIJIL-KIND=email;TYPE=internet:a@b"],
        ["UID:1", "FN:A"] + (5...8).map { "TEL;PROP-ID=1;X-Q=1:\($0)" },
        ["UID:1", "FN:A", "TEL;PROP-ID=1;X-SIJIL-KIND=web:x", "URL;PROP-ID=1:y"],
        ["UID:1", "FN:A", "ADR;X-SIJIL-RAW=\"foo,;\":;;foo;;;;"],
        ["UID:1", "FN:A", "ADR;X-SIJIL-RAW=\";;foo;\":;;foo;;;;"],
        ["UID:1", "FN:A", "ADR;X-SIJIL-RAW=foo:foo"],
        ["UID:1", "FN:A", "TEL;X-SIJIL-RAW=foo:+999 55 000"],
        // More than a line, and more channels and names than a card, used to have room for.
        ["UID:1", "FN:A", "TEL" + (0..<256).map { ";A\($0)=" }.joined() + ":1"],
        ["UID:1", "FN" + (0..<256).map { ";A\($0)=" }.joined() + ":A", "FN;LANGUAGE=fr:B"],
        ["UID:1", "FN:a"] + Array(repeating: "TEL:1", count: 300) + ["", "UID:1", "FN:b"]
            + Array(repeating: "TEL:2", count: 300),
        ["KIND:group", "UID:card/x"] + (0..<64).map { "FN;LANGUAGE=\(language($0)):x" }
            + ["", "UID:1", "FN:A", "ORG:x"] + (0..<65).map { "TITLE:aa\(language($0))" },
        // What no office and no community can be called, and what is said twice.
        ["UID:1", "FN:A", "TITLE:123", "ORG:42"], ["UID:1", "FN:A", "TITLE:Maire", "ORG:;"],
        ["UID:1", "FN:A", "TITLE:Maire", "ORG:" + String(repeating: "x", count: 201)],
        ["UID:1", "FN:A", "ROLE:7", "ROLE:imam"], ["UID:1", "FN:A", "ROLE:imam"],
        ["UID:1", "FN:A", "X-SIJIL-FORM-OF-ADDRESS;LANGUAGE=1:x"],
        ["UID:1", "FN:A", "NICKNAME:" + String(repeating: "\u{958}", count: 40)],
        [
            "UID:1", "FN;X-SIJIL-DERIVED=yes:x", "TITLE;PROP-ID=\(mayor);X-SIJIL-OFFICE=\(imam):",
        ],
        [
            "UID:1", "FN:A", "X-SIJIL-PROTOCOL-NOTES:a", "X-SIJIL-PROTOCOL-NOTES:b", "", "UID:1",
            "FN:A", "X-SIJIL-PROTOCOL-NOTES:a",
        ],
        ["UID:1", "FN:A", "X-SIJIL-NAME:B", "", "UID:1", "FN;LANGUAGE=fr:A", "X-SIJIL-NAME:B"],
        [
            "FN:A", "TEL;PROP-ID=\(mayor);X-SIJIL-KIND=bogus:5", "", "UID:1", "FN:B",
            "TEL;PROP-ID=\(mayor):5",
        ],
    ]

    /// A language of its own for each number up to 675.
    private static func language(_ number: Int) -> String {
        String([number / 26, number % 26].map { Character(Unicode.Scalar(UInt8(97 + $0))) })
    }

    /// Lines of cards, told by the first of them.
    struct Lines: CustomTestStringConvertible, Sendable {
        let lines: [String]

        var testDescription: String { lines.prefix(4).joined(separator: " / ") }
    }

    @Test(arguments: foundByReading.map { Lines(lines: $0) })
    func `cards come back as they are, here and elsewhere`(input: Lines) throws {
        let office = try Office("desk-01", "tab-07")
        let cards = input.lines.split(separator: "").map { $0.joined(separator: "\r\n") }
            .map { "BEGIN:VCARD\r\n\($0)\r\nEND:VCARD\r\n" }.joined()
        let first = try office[0].importing(cards, format: .vcard)
        let out = try office[0].exportedCards()
        let again = try office[0].importing(out, format: .vcard)
        #expect(again.counts == [0, 0, again.unchanged, 0], "\(again.rejections) \(out)")
        let elsewhere = try office[1].importing(out, format: .vcard)
        #expect(elsewhere.rejected == 0, "\(elsewhere.rejections)")
        #expect(try office[1].exportedCards().withoutRevisions == out.withoutRevisions)
        guard first.updated == 0 else { return }
        let foreign = try office[0].importing(cards, format: .vcard)
        #expect(foreign.counts == [0, 0, foreign.unchanged, first.rejected])
    }
}

extension String {
    /// When a record was last changed here is no part of what is said about it.
    var withoutRevisions: [Substring] {
        split(separator: "\r\n").filter { !$0.hasPrefix("REV:") }
    }
}

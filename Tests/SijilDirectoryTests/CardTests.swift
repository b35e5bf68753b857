import SijilCore
import SijilStore
import Testing

@testable import SijilDirectory

/// The lines of a card, without the records that they become.
@Suite struct CardTests {
    private func property(_ line: String) throws -> CardProperty {
        try CardProperty(parsing: line.utf8)
    }

    @Test(arguments: [
        "FN:Nadia Amziane-Tifaouine", "item1.TEL;TYPE=cell,voice:+999550002001",
        "X-FOO;A=\"a,b;c:d\",e;B=^^^n^':x\\;y\\,z\\n\\\\", "NOTE:", "X-A;B=\"\":1",
        "FN;ALTID=1;LANGUAGE=ar:نادية أمزيان-تيفاوين",
    ])
    func `a line is written as it was read`(line: String) throws {
        #expect(try property(line).line == line)
    }

    @Test
    func `names are brought to capitals, parameters into order, and types of 2 1 get their name`()
        throws
    {
        let tel = try property("Item1.tel;work;Type=CELL;charset=utf-8;pref=1:1")
        #expect(tel.line == "Item1.TEL;PREF=1;TYPE=work,CELL:1")
    }

    @Test(arguments: [
        ("FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=D9=86=D8=A7=D8=AF=D9=8A=D8=A9", "نادية"),
        ("FN;QUOTED-PRINTABLE;CHARSET=windows-1256:=E4=C7=CF=ED=C9", "نادية"),
        ("FN;ENCODING=QUOTED-PRINTABLE;CHARSET=ISO-8859-1:In=E8s=0D=0AHaddad", "Inès\nHaddad"),
        ("NOTE:one\\nTWO\\, three\\; \\\\four\\x", "one\nTWO, three; \\four\\x"),
    ])
    func `encodings of old versions and escapes are resolved`(line: String, text: String) throws {
        #expect(try property(line).text == text)
    }

    @Test(arguments: ["FN", "", ":x", "F N:x", "FN;=x:y", "FN;CHARSET=klingon:x", "a.b.FN:x"])
    func `what is no property is refused`(line: String) {
        #expect(throws: CardProperty.Malformed.self) { try property(line) }
    }

    @Test func `a line is folded between characters, and no longer than 75 bytes`() throws {
        let line = CardProperty("NOTE", text: String(repeating: "نادية ", count: 40))
        var bytes: [UInt8] = []
        line.write(to: &bytes)
        let lines = bytes.split(separator: 0x0A).map { $0.dropLast() }
        #expect(lines.count > 5)
        for part in lines {
            #expect(part.count <= 75)
            #expect(String(validating: part, as: UTF8.self) != nil)
        }
        let unfolded = lines[0] + lines.dropFirst().flatMap { $0.dropFirst() }
        #expect(try CardProperty(parsing: unfolded) == line)
    }

    @Test func `two spellings of one line have one key`() throws {
        let key = try property("item1.X-FOO;TYPE=a,b;P=c:x;y").key
        #expect(try property("ITEM1.x-foo;p=C;type=B,a:x\\;y").key == key)
        #expect(try property("item2.X-FOO;TYPE=a,b;P=c:x;y").key != key)
        #expect(try property("item1.X-FOO;TYPE=a,b;P=c:x;z").key != key)
    }

    @Test func `names and addresses are cut where no backslash protects`() {
        #expect(
            CardText.components("a\\;b;c,d;;e\\,f") == [["a;b"], ["c", "d"], [], ["e,f"]])
        #expect(CardText.structured([["a;b"], ["c", "d"], [], ["e,f"]]) == "a\\;b;c,d;;e\\,f")
        // A mark after a separator does not hide it.
        #expect(CardText.parts("a,\u{301}b", at: ",").count == 2)
    }

    @Test(arguments: [
        "0198c0de0000700080000000000000ff", "urn:uuid:0198c0de-0000-7000-8000-0000000000ff",
        "0198C0DE-0000-7000-8000-0000000000FF",
    ])
    func `a UUID is an identifier of ours`(text: String) {
        let id = RecordID("0198c0de0000700080000000000000ff")!
        #expect(RecordID(uuid: text) == id)
        #expect(id.urn == "urn:uuid:0198c0de-0000-7000-8000-0000000000ff")
        #expect(RecordID(uuid: text.dropLast() + "g") == nil)
    }
}

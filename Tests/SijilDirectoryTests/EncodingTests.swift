import Foundation
import SijilCore
import SijilStore
import Testing

@testable import SijilDirectory

@Suite struct EncodingTests {
    /// The upper half of Windows-1256 as Python's codec has it.
    private static let windows1256 = """
        20AC 067E 201A 0192 201E 2026 2020 2021 02C6 2030 0679 2039 0152 0686 0698 0688
        06AF 2018 2019 201C 201D 2022 2013 2014 06A9 2122 0691 203A 0153 200C 200D 06BA
        00A0 060C 00A2 00A3 00A4 00A5 00A6 00A7 00A8 00A9 06BE 00AB 00AC 00AD 00AE 00AF
        00B0 00B1 00B2 00B3 00B4 00B5 00B6 00B7 00B8 00B9 061B 00BB 00BC 00BD 00BE 061F
        06C1 0621 0622 0623 0624 0625 0626 0627 0628 0629 062A 062B 062C 062D 062E 062F
        0630 0631 0632 0633 0634 0635 0636 00D7 0637 0638 0639 063A 0640 0641 0642 0643
        00E0 0644 00E2 0645 0646 0647 0648 00E7 00E8 00E9 00EA 00EB 0649 064A 00EE 00EF
        064B 064C 064D 064E 00F4 064F 0650 00F7 0651 00F9 0652 00FB 00FC 200E 200F 06D2
        """

    @Test func `every byte of Windows-1256 is what another implementation says`() throws {
        let scalars = Self.windows1256.split(whereSeparator: \.isWhitespace)
            .compactMap { UInt32($0, radix: 16).flatMap(Unicode.Scalar.init) }
        #expect(scalars.count == 128)
        for (byte, scalar) in zip(UInt8(0x80)...0xFF, scalars) {
            #expect(
                TextEncoding.windows1256.utf8(of: [byte]) == Array(String(scalar).utf8), "\(byte)")
        }
    }

    @Test func `bytes that an encoding does not have are seen as such`() {
        let undefined: [UInt8] = [0x81, 0x8D, 0x8F, 0x90, 0x9D]
        for byte in UInt8(0x80)...0xFF {
            let text = TextEncoding.windows1252.utf8(of: [0x61, byte, 0x62])
            let isText = String(validating: text, as: UTF8.self) != nil
            #expect(isText != undefined.contains(byte), "\(byte)")
            #expect(text.first == 0x61 && text.last == 0x62)
        }
        // Half of a pair, and half of a character at the end.
        #expect(TextEncoding.utf16LittleEndian.utf8(of: [0x00, 0xD8, 0x61, 0x00]) == [0xFF, 0x61])
        #expect(TextEncoding.utf16LittleEndian.utf8(of: [0x61, 0x00, 0x62]) == [0x61, 0xFF])
    }

    private static let arabic = "id,name.ar\r\nA-1,نادية أمزيان\r\nA-2,عبد الرحمن الوزاني\r\n"
    private static let french = "id,name.fr\nA-1,Inès Haddad-Lerner\nA-2,Hélène, née Ségur-Évian\n"

    private static func bytes(_ text: String, _ encoding: String.Encoding) -> [UInt8] {
        Array(text.data(using: encoding)!)
    }

    private static func windows1256(_ text: String) -> [UInt8] {
        let table = windows1256.split(whereSeparator: \.isWhitespace)
            .compactMap { UInt32($0, radix: 16) }
        return text.unicodeScalars.map { scalar in
            scalar.isASCII
                ? UInt8(scalar.value) : UInt8(0x80 + table.firstIndex(of: scalar.value)!)
        }
    }

    private static let files: [(String, [UInt8], TextEncoding)] = [
        ("UTF-8", Array(arabic.utf8), .utf8),
        ("UTF-8 with a mark", [0xEF, 0xBB, 0xBF] + Array(arabic.utf8), .utf8),
        (
            "UTF-16 with a mark", [0xFF, 0xFE] + bytes(arabic, .utf16LittleEndian),
            .utf16LittleEndian
        ),
        (
            "UTF-16 the other way round with a mark",
            [0xFE, 0xFF] + bytes(arabic, .utf16BigEndian),
            .utf16BigEndian
        ),
        ("UTF-16 without a mark", bytes(arabic, .utf16LittleEndian), .utf16LittleEndian),
        ("UTF-16 the other way round", bytes(arabic, .utf16BigEndian), .utf16BigEndian),
        ("Windows-1256", windows1256(arabic), .windows1256),
        ("Windows-1256 with French", windows1256(arabic + "A-3,Inès Haddad é à\n"), .windows1256),
        ("Windows-1252", bytes(french, .windowsCP1252), .windows1252),
    ]

    @Test(arguments: files)
    func `what a file's bytes are is seen`(
        name: String, bytes: [UInt8], encoding: TextEncoding
    ) throws {
        #expect(TextEncoding.detected(in: bytes[...]) == encoding)
        let input = try InputBuffer(.bytes(bytes))
        try input.decode(as: nil)
        while try input.fill() {}
        let text = String(decoding: input.bytes[input.start...], as: UTF8.self)
        #expect(text.hasPrefix("id,name."))
        #expect(text.contains("نادية أمزيان") || text.contains("Hélène, née Ségur-Évian"))
    }

    @Test func `a table of each encoding is imported`() throws {
        for (name, bytes, _) in Self.files where name != "Windows-1252" {
            let replica = try Office("desk-01")[0]
            let report = try replica.importing(bytes, format: .csv, type: "person")
            #expect(report.created == (name.contains("French") ? 3 : 2), "\(name)")
            #expect(report.rejected == 0, "\(name)")
            #expect(
                try replica.record(foreign("A-2")).keyed("name").map(\.value.plainText)
                    == ["عبد الرحمن الوزاني"], "\(name)")
        }
    }

    @Test func `what was said counts, and a guess that cannot be made is not`() throws {
        let one: [UInt8] = Array("id,notes\n1,caf".utf8) + [0xE9, 0x0A]
        let guessing = try Office("desk-01")[0]
        #expect(try guessing.importing(one, format: .csv, type: "person").counts == [0, 0, 0, 1])
        let told = try Office("desk-01")[0]
        let report = try Importer(told, into: Office.roster)
            .run(
                .bytes(one),
                ImportOptions(format: .csv, type: "person", encoding: .windows1252))
        #expect(report.counts == [1, 0, 0, 0])
        #expect(try told.record(foreign("1"))["notes"] == .text("café"))
        // Damage in a file of UTF-8 does not make another encoding of it.
        let damaged = Array("id,notes\n1,نادية\n2,".utf8) + [0xE9, 0xEA, 0xEB, 0x0A]
        #expect(TextEncoding.detected(in: damaged[...]) == .utf8)
    }

    @Test func `characters that are cut by the pieces of a file are whole`() throws {
        try withFolder { folder in
            let replica = try Office("desk-01")[0]
            let rows = (1...3000).map { "\($0),\(String(repeating: "ن😀", count: 17))" }
            var bytes: [UInt8] = [0xFF, 0xFE]
            bytes += Self.bytes("id,notes\n" + rows.joined(separator: "\n"), .utf16LittleEndian)
            try Data(bytes).write(to: URL(filePath: folder + "/list.csv"))
            let report = try Importer(replica, into: Office.roster)
                .run(
                    .file(folder + "/list.csv"), ImportOptions(format: .csv, type: "person"))
            #expect(report.counts == [3000, 0, 0, 0])
        }
    }

    @Test(arguments: [
        ("utf-8", true), ("UTF-16", true), ("windows-1256", true), ("cp1252", true),
        ("iso-8859-6", true), ("klingon", false), ("utf-7/../x", false), ("EBCDIC-CP-US", false),
        ("", false),
    ])
    func `encodings are known by their names`(name: String, isKnown: Bool) {
        #expect((TextEncoding(name) != nil) == isKnown)
    }
}

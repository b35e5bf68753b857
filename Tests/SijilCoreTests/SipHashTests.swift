import SijilCore
import Testing

struct SipHashTests {
    /// From the authors' test vectors for 128 bits: key 00…0f, message 00, 01, 02 and so on.
    static let vectors: [(Int, String)] = [
        (0, "a3817f04ba25a8e66df67214c7550293"),
        (1, "da87c1d86b99af44347659119b22fc45"),
        (2, "8177228da4a45dc7fca38bdef60affe4"),
        (3, "9c70b60c5267a94e5f33b6b02985ed51"),
        (4, "f88164c12d9c8faf7d0f6e7c7bcd5579"),
        (5, "1368875980776f8854527a07690e9627"),
        (6, "14eeca338b208613485ea0308fd7a15e"),
        (7, "a1f1ebbed8dbc153c0b84aa61ff08239"),
        (8, "3b62a9ba6258f5610f83e264f31497b4"),
        (9, "264499060ad9baabc47f8b02bb6d71ed"),
        (10, "00110dc378146956c95447d3f3d0fbba"),
        (11, "0151c568386b6677a2b4dc6f81e5dc18"),
        (12, "d626b266905ef35882634df68532c125"),
        (13, "9869e247e9c08b10d029934fc4b952f7"),
        (14, "31fcefac66d7de9c7ec7485fe4494902"),
        (15, "5493e99933b0a8117e08ec0f97cfc3d9"),
        (63, "5150d1772f50834a503e069a973fbd7c"),
    ]

    @Test(arguments: vectors)
    func `the authors' vectors hold`(length: Int, expected: String) {
        let result = SipHash(key: (0..<16).map { UInt8($0) }).hash((0..<length).map { UInt8($0) })
        // The usual output is least significant byte first; an identifier is the other way round.
        #expect(hex(Identifier(result).bytes.reversed()) == expected)
    }

    @Test func `a key is two little-endian numbers`() {
        let whole = SipHash(key: (0..<16).map { UInt8($0) })
        let halves = SipHash(key0: 0x0706_0504_0302_0100, key1: 0x0F0E_0D0C_0B0A_0908)
        #expect(whole.hash([1, 2, 3]) == halves.hash([1, 2, 3]))
    }
}

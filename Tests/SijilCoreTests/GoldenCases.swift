import Crypto
import SijilCore

/// What the golden files hold.
///
/// Cases are only ever added: a file that exists is never made again.
/// Everybody in here is invented, and no phone number can ring.
enum GoldenCases {
    static let collection = Identifier("0198c0de00007000800000000000c011")!
    static let salma = Signer(7)
    static let kofi = Signer(11)
    static let authority = Signer(1)

    static let imam = record(1)
    static let mayor = record(2)
    static let office = record(3)

    /// Saturday 7 March 2026, 09:00 UTC.
    static let morning: Int64 = 1_772_874_000_000

    /// Records made one second apart, as on a device.
    static func record(_ number: Int) -> RecordID {
        Identifier(
            milliseconds: morning + Int64(number) * 1_000,
            random: UInt128(number) &* 0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835)
    }

    struct Signer {
        let key: Curve25519.Signing.PrivateKey
        var publicKey: [UInt8] { Array(key.publicKey.rawRepresentation) }
        var replica: ReplicaID { Identifier(bytes: sha256(publicKey).prefix(16))! }

        /// From a seed that is one byte 32 times.
        ///
        /// Everybody can sign with it, so it proves the format only.
        init(_ byte: UInt8) {
            let seed = [UInt8](repeating: byte, count: 32)
            guard let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: seed) else {
                preconditionFailure("Every 32 bytes are a key.")
            }
            self.key = key
        }
    }

    struct ChangeCase {
        var name: String
        var change: Change
        var place: ChainPlace
        /// What was erased from it afterwards.
        var erased: Set<RecordID> = []
        var secret: [UInt8] { Array(sha256(Array("golden \(name)".utf8)).prefix(16)) }
    }

    static let changes: [ChangeCase] = [
        made("change-insert", by: salma, 1, insert),
        made("change-edit", by: salma, 2, edit),
        made("change-set-members", by: kofi, 1, setMembers),
        made("change-keyed-texts", by: kofi, 2, keyedTexts),
        made("change-delete", by: kofi, 3, alone(mayor, deletes: true, at: 60_000)),
        made("change-restore", by: salma, 3, alone(mayor, deletes: false, at: 90_000)),
        made("change-clear", by: salma, 4, clear),
        made("change-note-and-clock", by: kofi, 4, noteAndClock),
        made("change-unknown", by: kofi, 5, unknown),
        made("change-all-values", by: kofi, 1 << 40, allValues),
        made("change-names-alike", by: kofi, 6, namesAlike),
        made("change-batch", by: salma, 5, batch),
        made("change-keys-in-leaves", by: kofi, 7, keysInLeaves),
        made("change-erases", by: salma, 6, erases),
        made(
            "change-partly-erased", by: salma, 7, partlyErased, erasing: [record(101), record(103)]),
        made("change-all-erased", by: kofi, 8, noteAndClock, erasing: [mayor]),
    ]

    private static func made(
        _ name: String, by author: Signer, _ sequence: UInt64, _ change: Change,
        erasing erased: Set<RecordID> = []
    ) -> ChangeCase {
        let previous =
            sequence == 1 ? ChainHash.start : ChainHash(sha256(Array("before \(name)".utf8)))!
        return ChangeCase(
            name: name, change: change,
            place: ChainPlace(
                collection: collection, dot: Dot(replica: author.replica, sequence: sequence),
                previous: previous), erased: erased)
    }

    private static func put(_ field: String, _ value: Value) -> CellOperation {
        CellOperation(CellName(field), .put(value))
    }

    private static let insert = Change(
        writtenAt: morning,
        edits: [
            RecordEdit(
                record: imam, type: "person",
                operations: [
                    put("name", .text("عبد الرحمن الوزاني التازاريني")),
                    put("name_latin", .text("Abderrahmane El Ouazzani Tazarini")),
                    put("honorific", .text("imam")),
                    put("kind", .text("religious")),
                    put("born", .date(PartialDate(year: 1961)!)),
                    put("verified_on", .date(PartialDate(year: 2026, month: 3, day: 7)!)),
                    put("verified_how", .text("in_person")),
                    put("office", .reference(office)),
                    put("preference", .integer(2)),
                    put("latitude", .real(31.625)),
                    put("reads_french", .boolean(true)),
                    put("be_named", .boolean(false)),
                    put("do_not_contact", .text("none")),
                    put("phone", .text("+999550003001")),
                ])
        ])

    private static let edit = Change(
        seen: [kofi.replica: 9, authority.replica: 300], writtenAt: morning + 5_000,
        edits: [
            RecordEdit(
                record: mayor, type: "person", operations: [put("mobile", .text("+999550002002"))])
        ])

    private static let setMembers = Change(
        writtenAt: morning + 6_000,
        edits: [
            RecordEdit(
                record: imam, type: "person",
                operations: [
                    CellOperation(CellName("languages", key: .text("ar")), .put(.boolean(true))),
                    CellOperation(CellName("languages", key: .text("fr")), .remove),
                    CellOperation(CellName("years", key: .integer(-2026)), .put(.boolean(true))),
                    CellOperation(
                        CellName("days", key: .date(PartialDate(year: 2026, month: 3)!)), .remove),
                    CellOperation(
                        CellName("offices", key: .reference(office)), .put(.boolean(true))),
                    CellOperation(CellName("flags", key: .boolean(false)), .put(.boolean(true))),
                    CellOperation(CellName("weights", key: .real(-0.5)), .remove),
                    CellOperation(
                        CellName("later", key: .unknown(tag: 12, bytes: [1, 2, 3])),
                        .put(.boolean(true))),
                ])
        ])

    private static let keyedTexts = Change(
        seen: [salma.replica: 2], writtenAt: morning + 7_000,
        edits: [
            RecordEdit(
                record: mayor, type: "person",
                operations: [
                    text("display_name", "ar", "نادية أمزيان-تيفاوين"),
                    text("display_name", "fr", "Nadia Amziane-Tifaouine"),
                    text("display_name", "en", "Nadia Amziane-Tifaouine"),
                    text("office_title", "fr", "Présidente de la commune de Wadi Amal"),
                ]),
            RecordEdit(
                record: record(4), type: "person",
                operations: [
                    text("display_name", "ar", "أمغار موحا أوݣني"),
                    text("display_name", "zgh", "ⴰⵎⵖⴰⵔ ⵎⵓⵃⴰ"),
                ]),
            RecordEdit(
                record: record(5), type: "person",
                operations: [text("display_name", "si", "කන්දෙලන්ද සුමනසෝභන හිමි")]),
            RecordEdit(
                record: record(6), type: "person",
                operations: [text("display_name", "ta", "றிஃப்கான் நஜீம்தீன்")]),
        ])

    private static func text(
        _ field: String, _ language: String, _ text: String
    ) -> CellOperation {
        CellOperation(CellName(field, key: .text(language)), .put(.text(text)))
    }

    private static func alone(_ record: RecordID, deletes: Bool, at: Int64) -> Change {
        Change(
            seen: deletes ? [salma.replica: 2] : [kofi.replica: 3], writtenAt: morning + at,
            edits: [RecordEdit(record: record, type: "person", deletes: deletes)])
    }

    private static let clear = Change(
        writtenAt: morning + 100_000,
        edits: [RecordEdit(record: mayor, type: "person", operations: [put("mobile", .none)])])

    private static let noteAndClock = Change(
        writtenAt: 4_070_908_800_000, clockOffset: -2_298_034_000_000,
        note: "confirmed by cabinet 09-03 · أكده الديوان",
        edits: [
            RecordEdit(
                record: mayor, type: "person", operations: [put("mobile", .text("+999550002009"))])
        ])

    private static let unknown = Change(
        writtenAt: morning,
        edits: [
            RecordEdit(
                record: record(7), type: "of_a_later_version",
                operations: [
                    put("first", .unknown(tag: 8, bytes: [])),
                    put("last", .unknown(tag: 30, bytes: [0xFF, 0x00, 0x7F])),
                ])
        ])

    private static let allValues = Change(
        seen: [salma.replica: UInt64(Int64.max)], writtenAt: .min, clockOffset: .max, note: "",
        edits: [
            RecordEdit(
                record: .zero, type: "t", deletes: true,
                operations: [
                    put("none", .none), put("text", .text("é\u{1}\"\\")), put("empty", .text("")),
                    put("zero", .integer(0)), put("least", .integer(.min)),
                    put("most", .integer(.max)), put("real", .real(0.1)),
                    put("smallest", .real(.leastNonzeroMagnitude)),
                    put("greatest", .real(-.greatestFiniteMagnitude)),
                    put("no", .boolean(false)), put("yes", .boolean(true)),
                    put("year", .date(PartialDate(year: 0)!)),
                    put("month", .date(PartialDate(year: 1999, month: 12)!)),
                    put("day", .date(PartialDate(year: 9999, month: 12, day: 31)!)),
                    put("reference", .reference(Identifier(.max))),
                    put("unknown", .unknown(tag: 9, bytes: [1])),
                    CellOperation(CellName("removed"), .remove),
                ]),
            RecordEdit(record: Identifier(.max), type: "t"),
        ])

    /// Composed and decomposed: equal to Unicode, two names here.
    private static let namesAlike = Change(
        writtenAt: morning,
        edits: [
            RecordEdit(
                record: record(8), type: "place",
                operations: [
                    CellOperation(CellName("tag", key: .text("caf\u{E9}")), .put(.boolean(true))),
                    CellOperation(CellName("tag", key: .text("cafe\u{301}")), .put(.boolean(true))),
                ])
        ])

    private static let batch = Change(
        writtenAt: morning, note: "import",
        edits: (0..<40)
            .map { number in
                RecordEdit(
                    record: record(100 + number), type: number % 2 == 0 ? "office" : "person",
                    operations: [
                        put("name", .text("Nordkai \(number)")),
                        put("rank", .integer(Int64(number))),
                    ])
            })

    private static let keysInLeaves = Change(
        writtenAt: morning + 200_000, keysInLeaves: true,
        edits: [
            RecordEdit(
                record: imam, type: "person",
                operations: [
                    CellOperation(
                        CellName("aliases", key: .text("Abd al-Rahman al-Wazzani")),
                        .put(.boolean(true))),
                    CellOperation(CellName("aliases", key: .text("الوزاني")), .remove),
                    text("name", "ar", "عبد الرحمن الوزاني التازاريني"),
                    CellOperation(CellName("years", key: .integer(2026)), .put(.boolean(true))),
                    put("kind", .text("religious")),
                ])
        ])

    private static let erases = Change(
        seen: [kofi.replica: 8], writtenAt: morning + 300_000, note: "asked for it",
        edits: [
            RecordEdit(erasing: imam, type: "person"),
            RecordEdit(erasing: record(9), type: "channel"),
        ])

    private static let partlyErased = Change(
        writtenAt: morning, note: "import", keysInLeaves: true,
        edits: (0..<5)
            .map { number in
                RecordEdit(
                    record: record(100 + number), type: "person",
                    operations: [
                        text("name", "fr", "Nordkai \(number)"),
                        put("rank", .integer(Int64(number))),
                    ])
            })

    /// A run's changes are its own, small and chained.
    struct RunCase {
        var name: String
        var first: UInt64
        /// The hash before the first change, and whether the run carries it.
        var before: ChainHash
        var carriesBefore: Bool
        var changes: [ChangeBytes]

        init(_ name: String, first: UInt64, carriesBefore: Bool, mobiles: [String]) {
            self.name = name
            self.first = first
            self.carriesBefore = carriesBefore
            before =
                first == 1 ? .start : ChainHash(sha256(Array("before \(name)".utf8)))!
            changes = mobiles.enumerated()
                .map { number, mobile in
                    let change = Change(
                        writtenAt: morning + Int64(number),
                        edits: [
                            RecordEdit(
                                record: mayor, type: "person",
                                operations: [put("mobile", .text(mobile))])
                        ])
                    let secret = sha256(Array("golden \(name) \(number)".utf8)).prefix(16)
                    guard let bytes = try? ChangeBytes(change, secret: Array(secret)) else {
                        preconditionFailure("A golden change is within the limits.")
                    }
                    return bytes
                }
        }
    }

    static let runs = [
        RunCase(
            "run-from-the-start", first: 1, carriesBefore: false,
            mobiles: ["+999550002001", "+999550002002", "+999550002009"]),
        RunCase(
            "run-with-previous", first: 130, carriesBefore: true, mobiles: ["+999550002002", ""]),
        RunCase("run-without-previous", first: 4, carriesBefore: false, mobiles: ["+999550002009"]),
    ]

    static let certificateName = "certificate"
    static let certificate = Certificate(
        replica: salma.replica, publicKey: salma.publicKey, name: "tab-07 · سلمى بنقيرات",
        issuedAt: morning)

    static let digestName = "digest"

    /// The mayor as two officers left her, neither knowing of the other.
    static let digested: Receiver = {
        var receiver = Receiver()
        let member = CellName("languages", key: .text("fr"))
        for (author, mobile) in [(salma, "+999550002002"), (kofi, "+999550002009")] {
            let change = Change(
                writtenAt: morning,
                edits: [
                    RecordEdit(
                        record: mayor, type: "person",
                        operations: [
                            put("mobile", .text(mobile)), put("hours", .none),
                            CellOperation(member, .put(.boolean(true))),
                        ]),
                    RecordEdit(
                        record: imam, type: "person", deletes: author.replica == kofi.replica,
                        operations: [
                            CellOperation(
                                CellName("weights", key: .integer(-3)), .put(.boolean(true)))
                        ]),
                ])
            let dot = Dot(replica: author.replica, sequence: 1)
            receiver.apply(HistoryEntry(dot: dot, change: change, past: []))
        }
        return receiver
    }()
}

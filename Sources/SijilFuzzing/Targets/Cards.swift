import SijilCore
import SijilDirectory
import SijilStore

extension FuzzTarget {
    static let cards = FuzzTarget(
        "cards", maximumBytes: 4096, mutationsPerSeed: 2,
        fixtures: ["Cards/cast", "Cards/book", "Cards/phone"],
        seeds: {
            let cards = [
                [
                    "UID:A-17", "FN;LANGUAGE=ar:نادية", "TEL;TYPE=cell;PREF=1:+999 55",
                    "X-Q;P=\"a;b\":x;y\\,z",
                ],
                [
                    "FN;ALTID=1;LANGUAGE=ar;PHONETIC=script;SCRIPT=Latn:Nadia", "N:;Nadia;;;",
                    "item1.ADR;LABEL=\"a^nb\":;;1 rue A;B,C;;;XM", "item1.X-ABLABEL:x",
                ],
                [
                    "UID:urn:uuid:0198c0de-0000-7000-8000-0000000000ff", "FN;X-SIJIL-DERIVED=yes:x",
                    "TITLE;PROP-ID=000000000000000000000000000000aa-fr;X-SIJIL-OFFICE=000000000000000000000000000000bb;LANGUAGE=fr:Maire",
                    "TEL;PROP-ID=000000000000000000000000000000cc;X-SIJIL-KIND=sat;X-SIJIL-AVOID=prayer:+99",
                    "X-SIJIL-CONTACT-RULE:never", "X-SIJIL-LANGUAGE-LEVEL;LANGUAGE=ar:native",
                ],
                [
                    "UID:b", "KIND:org", "X-SIJIL-RECORD:office", "FN:Imam", "BDAY:19680102",
                    "ORG:a;b", "TITLE:t",
                ],
            ]
            .map {
                "BEGIN:VCARD\r\nVERSION:4.0\r\n" + $0.joined(separator: "\r\n")
                    + "\r\nEND:VCARD\r\n"
            }
            return [Array(cards.joined().utf8)] + cards.map { Array($0.utf8) }
        },
        run: { try checkCards($0) })
}

/// Imports cards into a new replica and checks what the documentation promises: nothing but errors of ours, no
/// more than was read, and that what we write we read back equal, here and elsewhere.
///
/// An input pays for one of the checks; its length says which.
private func checkCards(_ bytes: [UInt8]) throws {
    let replica = try Office.replica(1, .directory)
    let importer = Importer(replica, into: Office.roster)
    let options = ImportOptions(format: .vcard)
    guard let report = try readable({ try importer.run(.bytes(bytes), options) }) else { return }
    try expect(report.rows <= bytes.count, "rows are miscounted")
    try expect(report.created <= bytes.count, "more records are made than there are bytes")
    let cards = try written(replica)
    try expect(
        cards.count <= 400 * bytes.count, "cards are longer than what they were made of allows")
    switch bytes.count % 3 {
    case 0:
        let again = try importer.run(.bytes(cards), options)
        try expect(
            again.created == 0 && again.updated == 0 && again.rejected == 0,
            "our own cards say something new: \(again.json), \(again.rejections)")
    case 1:
        let copy = try Office.replica(2, .directory)
        let report = try Importer(copy, into: Office.roster).run(.bytes(cards), options)
        try expect(report.rejected == 0, "a card of ours is refused: \(report.rejections)")
        try expect(
            withoutTimes(try written(copy)) == withoutTimes(cards),
            "our own cards make something else elsewhere")
    default:
        try replica.checkSound()
        guard report.updated == 0 else { break }
        let again = try importer.run(.bytes(bytes), options)
        try expect(
            again.created == 0 && again.updated == 0 && again.rejected == report.rejected,
            "the same cards read again change something: \(again.json)")
    }
}

private func written(_ replica: Replica) throws -> [UInt8] {
    var bytes: [UInt8] = []
    try Exporter(replica).writeCards { bytes += $0 }
    return bytes
}

/// Without the lines that say when a record was changed, which is another time on every replica.
private func withoutTimes(_ cards: [UInt8]) -> [ArraySlice<UInt8>] {
    cards.split(separator: 0x0A).filter { !$0.starts(with: "REV:".utf8) }
}

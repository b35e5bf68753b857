import Foundation
import SijilCore
import SijilSimulator
import SijilStore

/// Records of 14 single text fields, a pure function of the seed.
struct Workload {
    static let fields = (0..<14).map { "field_\($0)" }

    let rows: [(id: RecordID, values: [String])]

    init(count: Int, seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let words = ["Wadi", "Amal", "سوق", "Kerfalla", "إمام", "Nordkai", "mairie", "+999 55 000"]
        rows = (0..<count)
            .map { index in
                let id = RecordID(
                    milliseconds: 1_780_000_000_000 + Int64(index / 100),
                    random: UInt128(generator.next()) << 16 | UInt128(index))
                return (
                    id,
                    Self.fields.map { _ in
                        (0..<Int.random(in: 1...5, using: &generator))
                            .map { _ in
                                words.randomElement(using: &generator)!
                            }
                            .joined(separator: " ") + " \(generator.next() % 10_000)"
                    }
                )
            }
    }

    /// The same record type with and without a search index on four of its fields.
    static func schema(searched: Bool) -> Schema {
        Schema([
            RecordType(
                "entry",
                fields.enumerated()
                    .map {
                        Field($1, .text, searched: searched && $0 < 4)
                    })
        ])
    }

    func edits(_ range: Range<Int>) -> [RecordEdit] {
        rows[range]
            .map { row in
                RecordEdit(
                    record: row.id, type: "entry",
                    operations: zip(Self.fields, row.values)
                        .map {
                            CellOperation(CellName($0), .put(.text($1)))
                        })
            }
    }

    /// The records as lines for `sijil import`.
    var jsonLines: [UInt8] {
        var text = ""
        for row in rows {
            let fields = zip(Self.fields, row.values).map { "\"\($0)\":\"\($1)\"" }
                .joined(separator: ",")
            text += "{\"type\":\"entry\",\"id\":\"\(row.id)\",\"fields\":{\(fields)}}\n"
        }
        return Array(text.utf8)
    }
}

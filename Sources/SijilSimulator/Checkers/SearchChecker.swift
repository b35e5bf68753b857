import SijilCore
import SijilStore

/// A word finds the living records that show it in a searched field, and no others; another spelling of a name finds
/// all that show the name.
final class SearchChecker: Checker {
    private static let words = ["nadia", "ines", "maire", "عمدة", "fr"]
    /// With the words that sound so.
    private static let spellings = [
        ("nadya", ["nadia", "نادية"]), ("ناديا", ["nadia", "نادية"]), ("inass", ["ines"]),
        ("إيناس", ["ines"]),
    ]

    func settled(_ world: World) async throws {
        for device in world.devices {
            var expected: [String: Set<[String]>] = [:]
            var named: [String: Set<[String]>] = [:]
            try device.replica.forEachRecord { record in
                for (word, search) in shownWords(of: record, world.versions.newer) {
                    expected[word, default: []].insert(Self.name(record))
                    if search == .names { named[word, default: []].insert(Self.name(record)) }
                }
            }
            for word in Self.words {
                let found = try device.replica.find(word, limit: .max)
                    .filter { ["exact", "squash", "word"].contains($0.why) }
                    .map { Self.name($0.record) }
                try world.require(
                    Set(found) == expected[word] ?? [],
                    "search: replica \(device.number) finds \(found.count) records of "
                        + "\(expected[word]?.count ?? 0)")
            }
            for (spelling, words) in Self.spellings {
                let found = try Set(
                    device.replica.find(spelling, limit: .max).map { Self.name($0.record) })
                let wanted = words.reduce(into: Set()) { $0.formUnion(named[$1] ?? []) }
                try world.require(
                    wanted.isSubset(of: found),
                    "search: replica \(device.number) finds \(found.count) records by another "
                        + "spelling, not all of \(wanted.count)")
            }
        }
    }

    private static func name(_ record: RecordView) -> [String] {
        [record.id.description, record.collection.description, record.type]
    }

    /// The words of texts that were looked at: there are few, and many records have them.
    private var known: [String: [String]] = [:]

    private func shownWords(
        of record: RecordView, _ schema: Schema
    ) -> [(word: String, search: Field.Search)] {
        var found: [(word: String, search: Field.Search)] = []
        for field in schema[record.type]?.fields ?? [] {
            guard let search = field.search else { continue }
            let texts: [Value] =
                switch field.shape {
                case .single: [record[field.name]]
                case .keyed: record.keyed(field.name).map(\.value) + [record[field.name]]
                case .set: record.members(field.name)
                }
            for case .text(let text) in texts {
                if known[text] == nil { known[text] = words(of: text) }
                found += known[text]!.map { ($0, search) }
            }
        }
        return found
    }

    /// Lower case and without the accents that the generator uses.
    private func words(of text: String) -> [String] {
        text.lowercased()
            .unicodeScalars
            .compactMap { scalar -> Character? in
                switch scalar.value {
                case 0xE8: "e"
                case 0x300: nil
                default: Character(scalar)
                }
            }
            .split(separator: " ").map { String($0) }
    }
}

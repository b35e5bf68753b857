import SijilCore
import SijilStore

/// A word finds the living records that show it in a searched field, and no others.
final class SearchChecker: Checker {
    private static let words = ["nadia", "ines", "maire", "عمدة", "fr"]

    func settled(_ world: World) async throws {
        for device in world.devices {
            var expected: [String: Set<[String]>] = [:]
            try device.replica.forEachRecord { record in
                for word in shownWords(of: record, world.versions.newer) {
                    expected[word, default: []].insert(Self.name(record))
                }
            }
            for word in Self.words {
                let found = try device.replica.find(word, limit: .max)
                    .filter { $0.why == "exact" }
                    .map { Self.name($0.record) }
                try world.require(
                    Set(found) == expected[word] ?? [],
                    "search: replica \(device.number) finds \(found.count) records of "
                        + "\(expected[word]?.count ?? 0)")
            }
        }
    }

    private static func name(_ record: RecordView) -> [String] {
        [record.id.description, record.collection.description, record.type]
    }

    /// The words of texts that were looked at: there are few, and many records have them.
    private var known: [String: [String]] = [:]

    private func shownWords(of record: RecordView, _ schema: Schema) -> Set<String> {
        var found: Set<String> = []
        for field in schema[record.type]?.fields ?? [] where field.isSearched {
            let texts: [Value] =
                switch field.shape {
                case .single: [record[field.name]]
                case .keyed: record.keyed(field.name).map(\.value) + [record[field.name]]
                case .set: record.members(field.name)
                }
            for case .text(let text) in texts {
                if known[text] == nil { known[text] = words(of: text) }
                found.formUnion(known[text]!)
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

import SijilCore
import SijilStore

/// A word finds the living records that show it in a searched field, and no others.
final class SearchChecker: Checker {
    private static let words = ["nadia", "ines", "maire", "عمدة", "fr"]

    func settled(_ world: World) async throws {
        for device in world.devices {
            for word in Self.words {
                let found = Set(
                    try device.replica.find(word, limit: .max)
                        .filter { $0.why == "exact" }
                        .map {
                            [
                                $0.record.id.description, $0.record.collection.description,
                                $0.record.type,
                            ]
                        })
                var expected: Set<[String]> = []
                try device.replica.forEachRecord { record in
                    if shows(word, record) {
                        expected.insert(
                            [record.id.description, record.collection.description, record.type])
                    }
                }
                try world.require(
                    found == expected,
                    "search: replica \(device.number) finds \(found.count) records of \(expected.count)"
                )
            }
        }
    }

    private func shows(_ word: String, _ record: RecordView) -> Bool {
        guard let type = TestSchema.whole[record.type] else { return false }
        return type.fields.contains { field in
            guard field.isSearched else { return false }
            let texts: [Value] =
                switch field.shape {
                case .single: [record[field.name]]
                case .keyed: record.keyed(field.name).map(\.value)
                case .set: record.members(field.name)
                }
            return texts.contains {
                guard case .text(let text) = $0 else { return false }
                return words(of: text).contains(word)
            }
        }
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

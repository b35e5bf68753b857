import SijilCore
import SijilNames

extension SearchEntry {
    /// Adds what a searched field shows.
    mutating func add(_ text: Span<UInt8>, as search: Field.Search) {
        switch search {
        case .names: addName(text)
        case .words: addWords(text)
        case .numbers: addNumber(text)
        }
    }
}

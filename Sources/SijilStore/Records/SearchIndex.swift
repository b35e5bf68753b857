import Foundation
import GRDB
import SijilCore
import SijilNames

/// Writes the search index: one entry for each record that is shown and has something to be found by.
///
/// Lives as long as its database connection; all of it runs inside the caller's transaction.
final class SearchIndex {
    /// What a searched field shows, in UTF-8.
    typealias Text = (search: Field.Search, text: [UInt8])

    private let cells: CellStatements
    private let insertRow: Statement
    private let deleteRow: Statement
    private var waiting: [(record: Int64, texts: [Text])] = []

    init(_ cells: CellStatements, _ db: Database) throws {
        self.cells = cells
        insertRow = try db.makeStatement(sql: "INSERT INTO search (rowid, text) VALUES (?, ?)")
        deleteRow = try db.makeStatement(sql: "DELETE FROM search WHERE rowid = ?")
    }

    /// Lets texts wait for ``flush()``, of a record that the index does not have.
    func add(_ record: Int64, _ texts: [Text]) {
        if !texts.isEmpty { waiting.append((record, texts)) }
    }

    /// Brings the index in step with the row's shown values, at the next ``flush()``.
    ///
    /// - Parameter row: with the searched columns present.
    func update(_ row: RecordRow, _ table: RecordTable, isNew: Bool) throws {
        guard table.isSearched else { return }
        if !isNew { try remove(row.number) }
        guard !row.deleted else { return }
        var texts: [Text] = []
        for column in table.searchedColumns {
            guard let search = table.columns[column].field.search,
                case .string(let text) = row[column].storage
            else { continue }
            texts.append((search, Array(text.utf8)))
        }
        for (field, number) in table.searchedCells {
            guard let search = field.search else { continue }
            for (key, value) in try cells.cells(row.number, number) {
                if field.shape == .set {
                    if value == .boolean(true), case .string(let text) = key.storage {
                        texts.append((search, Array(text.utf8)))
                    }
                } else if case .text(let text) = value {
                    texts.append((search, Array(text.utf8)))
                }
            }
        }
        add(row.number, texts)
    }

    func remove(_ record: Int64) throws {
        deleteRow.bind(record, at: 1)
        try deleteRow.run()
    }

    /// Puts in what waits: to make entries of names takes as long as to insert them, and all cores do it when
    /// there are many.
    func flush() throws {
        guard !waiting.isEmpty else { return }
        defer { waiting.removeAll() }
        let entries = try Parallel.map(waiting[...], isLarge: waiting.count > 31) { _, waiting in
            var entry = SearchEntry()
            for text in waiting.texts { entry.add(text.text.span, as: text.search) }
            return entry.bytes
        }
        for (waiting, entry) in zip(waiting, entries) where !entry.isEmpty {
            insertRow.bind(waiting.record, at: 1)
            try unsafe entry.withUnsafeBytes { text in
                unsafe insertRow.bind(text: text, at: 2, Statement.kept)
                try insertRow.run()
            }
        }
    }

    /// Drops what waits of a transaction that was rolled back.
    func forgetWaiting() { waiting.removeAll() }
}

import Foundation
import GRDB
import GRDBSQLite
import SijilCore

/// Statements used straight through SQLite's interface: for those that run once a record or once a change,
/// where the way through `StatementArguments` and `Row` costs as much as the row.
///
/// Bind every argument, then ``run()`` or ``step()`` and read; ``finish()`` after the last row that is read.
extension Statement {
    // MARK: Running

    /// Runs a statement that returns no rows.
    ///
    /// - Throws: `DatabaseError`, without the arguments.
    func run() throws {
        defer { finish() }
        while try step() {}
    }

    /// The same, of arguments in a list.
    func run(_ arguments: [DatabaseValue]) throws {
        for (index, argument) in arguments.enumerated() { bind(argument, at: index + 1) }
        try run()
    }

    /// The same with one more argument, which SQLite reads where it lies.
    func run(withBlob bytes: [UInt8], at index: Int) throws {
        try unsafe bytes.withUnsafeBytes { blob in
            unsafe bind(blob: blob, at: index, Self.kept)
            try run()
        }
    }

    /// Goes to the next row.
    ///
    /// - Returns: whether there is one.
    func step() throws -> Bool {
        let code = unsafe sqlite3_step(sqliteStatement)
        guard code != SQLITE_ROW else { return true }
        guard code == SQLITE_DONE else {
            finish()
            throw DatabaseError(resultCode: ResultCode(rawValue: code))
        }
        return false
    }

    /// Ends a run, read to the end or not.
    func finish() {
        unsafe sqlite3_reset(sqliteStatement)
        // What was bound must not linger in memory until the next use: these are people's numbers.
        unsafe sqlite3_clear_bindings(sqliteStatement)
    }

    /// What `read` makes of the first row; `nil` without one.
    func first<Result>(read: (Statement) throws -> Result) throws -> Result? {
        defer { finish() }
        return try step() ? try read(self) : nil
    }

    /// What `read` makes of each row.
    func all<Result>(read: (Statement) throws -> Result) throws -> [Result] {
        defer { finish() }
        var results: [Result] = []
        while try step() { results.append(try read(self)) }
        return results
    }

    // MARK: Arguments, from 1

    func bindNull(at index: Int) { expect(unsafe sqlite3_bind_null(sqliteStatement, CInt(index))) }

    func bind(_ integer: Int64, at index: Int) {
        expect(unsafe sqlite3_bind_int64(sqliteStatement, CInt(index), integer))
    }

    func bind(_ real: Double, at index: Int) {
        expect(unsafe sqlite3_bind_double(sqliteStatement, CInt(index), real))
    }

    func bind(_ text: String, at index: Int) {
        var text = text
        text.withUTF8 { unsafe bind(text: UnsafeRawBufferPointer($0), at: index, Self.copied) }
    }

    /// A blob.
    func bind(_ bytes: some ContiguousBytes, at index: Int) {
        unsafe bytes.withUnsafeBytes { unsafe bind(blob: $0, at: index, Self.copied) }
    }

    func bind(_ id: Identifier, at index: Int) {
        let bytes = id.rawValue.bigEndian
        unsafe withUnsafeBytes(of: bytes) { unsafe bind(blob: $0, at: index, Self.copied) }
    }

    func bind(_ argument: DatabaseValue, at index: Int) {
        switch argument.storage {
        case .null: bindNull(at: index)
        case .int64(let integer): bind(integer, at: index)
        case .double(let real): bind(real, at: index)
        case .string(let text): bind(text, at: index)
        case .blob(let data): bind(data, at: index)
        }
    }

    /// SQLite takes a copy before the call returns.
    @unsafe static let copied = unsafe unsafeBitCast(-1, to: sqlite3_destructor_type.self)
    /// The bytes stay where they are until ``finish()``.
    @unsafe static let kept: sqlite3_destructor_type? = nil

    @unsafe
    func bind(
        text: UnsafeRawBufferPointer, at index: Int, _ lifetime: sqlite3_destructor_type?
    ) {
        // An empty text may have no address, and no address would be NULL.
        let bytes = unsafe text.isEmpty ? nil : text.assumingMemoryBound(to: CChar.self).baseAddress
        guard let bytes = unsafe bytes else {
            return unsafe expect(
                sqlite3_bind_text(sqliteStatement, CInt(index), "", 0, Self.copied))
        }
        unsafe expect(
            sqlite3_bind_text(sqliteStatement, CInt(index), bytes, CInt(text.count), lifetime))
    }

    @unsafe
    func bind(
        blob: UnsafeRawBufferPointer, at index: Int, _ lifetime: sqlite3_destructor_type?
    ) {
        unsafe expect(
            blob.isEmpty
                ? sqlite3_bind_zeroblob(sqliteStatement, CInt(index), 0)
                : sqlite3_bind_blob(
                    sqliteStatement, CInt(index), blob.baseAddress, CInt(blob.count), lifetime))
    }

    private func expect(_ code: CInt) {
        precondition(code == SQLITE_OK, "An argument does not fit its statement.")
    }

    // MARK: Columns, from 0

    func isNull(_ column: Int) -> Bool {
        unsafe sqlite3_column_type(sqliteStatement, CInt(column)) == SQLITE_NULL
    }

    /// 0 for what is no number.
    func integer(_ column: Int) -> Int64 {
        unsafe sqlite3_column_int64(sqliteStatement, CInt(column))
    }

    func real(_ column: Int) -> Double {
        unsafe sqlite3_column_double(sqliteStatement, CInt(column))
    }

    func bytes(_ column: Int) -> [UInt8] { unsafe withBytes(column) { unsafe Array($0) } }

    func text(_ column: Int) -> String {
        unsafe withBytes(column) { unsafe String(decoding: $0, as: UTF8.self) }
    }

    func value(_ column: Int) -> DatabaseValue {
        switch unsafe sqlite3_column_type(sqliteStatement, CInt(column)) {
        case SQLITE_INTEGER: integer(column).databaseValue
        case SQLITE_FLOAT: real(column).databaseValue
        case SQLITE_TEXT: text(column).databaseValue
        case SQLITE_BLOB: Data(bytes(column)).databaseValue
        default: .null
        }
    }

    private func withBytes<Result>(
        _ column: Int, _ body: (UnsafeRawBufferPointer) throws -> Result
    ) rethrows -> Result {
        let start = unsafe sqlite3_column_blob(sqliteStatement, CInt(column))
        let count = unsafe sqlite3_column_bytes(sqliteStatement, CInt(column))
        return try unsafe body(UnsafeRawBufferPointer(start: start, count: Int(count)))
    }
}

extension Database {
    /// A statement that is compiled once, ready to be bound: GRDB leaves one that it ran as it was.
    func readied(_ sql: String) throws -> Statement {
        let statement = try cachedStatement(sql: sql)
        statement.finish()
        return statement
    }
}

import GRDBSQLite
import SijilCore

/// SQLite's C interface, as thin as Swift allows.
@safe
final class RawConnection {
    private let handle: OpaquePointer

    /// Opens a file, and makes it when it is not there.
    init(path: String) throws {
        var handle: OpaquePointer?
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX
        let code = unsafe sqlite3_open_v2(path, &handle, flags, nil)
        guard code == SQLITE_OK, let handle = unsafe handle else {
            throw RawStatement.failure(code)
        }
        unsafe self.handle = handle
    }

    // The `v2` waits for the statements.
    deinit { unsafe sqlite3_close_v2(handle) }

    func execute(_ sql: String) throws {
        let code = unsafe sqlite3_exec(handle, sql, nil, nil, nil)
        guard code == SQLITE_OK else { throw RawStatement.failure(code) }
    }

    func prepare(_ sql: String) throws -> RawStatement {
        var statement: OpaquePointer?
        let code = unsafe sqlite3_prepare_v3(
            handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil)
        guard code == SQLITE_OK, let statement = unsafe statement else {
            throw RawStatement.failure(code)
        }
        return unsafe RawStatement(statement)
    }

    var lastRow: Int64 { unsafe sqlite3_last_insert_rowid(handle) }
}

@safe
final class RawStatement {
    private let handle: OpaquePointer
    /// Tells SQLite to copy what is bound.
    private let transient = unsafe unsafeBitCast(-1, to: sqlite3_destructor_type.self)

    fileprivate init(_ handle: OpaquePointer) { unsafe self.handle = handle }

    deinit { unsafe sqlite3_finalize(handle) }

    func bind(_ place: Int32, _ text: String) {
        unsafe sqlite3_bind_text(handle, place, text, -1, transient)
    }

    func bind(_ place: Int32, _ bytes: [UInt8]) {
        unsafe sqlite3_bind_blob(handle, place, bytes, Int32(bytes.count), transient)
    }

    func bind(_ place: Int32, _ number: Int64) { unsafe sqlite3_bind_int64(handle, place, number) }

    func bind(_ place: Int32, _ number: Double) {
        unsafe sqlite3_bind_double(handle, place, number)
    }

    func bindNull(_ place: Int32) { unsafe sqlite3_bind_null(handle, place) }

    /// Runs a statement that gives no row.
    func run() throws {
        let code = unsafe sqlite3_step(handle)
        guard code == SQLITE_DONE else { throw Self.failure(code) }
        unsafe sqlite3_reset(handle)
    }

    /// Whether there is another row.
    func next() throws -> Bool {
        let code = unsafe sqlite3_step(handle)
        guard code == SQLITE_ROW || code == SQLITE_DONE else { throw Self.failure(code) }
        return code == SQLITE_ROW
    }

    func integer(_ column: Int32) -> Int64 { unsafe sqlite3_column_int64(handle, column) }

    func real(_ column: Int32) -> Double { unsafe sqlite3_column_double(handle, column) }

    func text(_ column: Int32) -> [UInt8] {
        // Before the size: the text may be made from what lies there.
        let text = unsafe sqlite3_column_text(handle, column)
        let count = unsafe Int(sqlite3_column_bytes(handle, column))
        return unsafe Array(UnsafeBufferPointer(start: text, count: count))
    }

    static func failure(_ code: Int32) -> SijilError {
        SijilError(.inputOutput, "SQLite failed with code \(code).")
    }
}

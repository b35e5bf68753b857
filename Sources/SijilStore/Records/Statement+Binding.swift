import Foundation
import GRDB
import GRDBSQLite

extension Statement {
    /// Runs a statement that returns no rows, its arguments bound straight to SQLite: for the statements that
    /// run once a record, where the way through `StatementArguments` costs as much as the row.
    ///
    /// - Throws: `DatabaseError`, without the arguments.
    func run(_ arguments: [DatabaseValue]) throws {
        let statement = unsafe sqliteStatement
        for (index, argument) in arguments.enumerated() {
            unsafe Self.bind(argument, to: statement, at: CInt(index + 1))
        }
        let code = unsafe sqlite3_step(statement)
        unsafe sqlite3_reset(statement)
        // What was bound must not linger in memory until the next use: these are people's numbers.
        unsafe sqlite3_clear_bindings(statement)
        guard code == SQLITE_DONE else {
            throw DatabaseError(resultCode: ResultCode(rawValue: code))
        }
    }

    @unsafe
    private static func bind(
        _ argument: DatabaseValue, to statement: OpaquePointer, at index: CInt
    ) {
        // SQLite takes a copy before the call returns.
        let copy = unsafe unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        let code: CInt
        switch argument.storage {
        case .null: code = unsafe sqlite3_bind_null(statement, index)
        case .int64(let integer): code = unsafe sqlite3_bind_int64(statement, index, integer)
        case .double(let real): code = unsafe sqlite3_bind_double(statement, index, real)
        case .string(var text):
            code = text.withUTF8 { utf8 in
                unsafe utf8.withMemoryRebound(to: CChar.self) { bytes in
                    // An empty text may have no address, and no address would be NULL.
                    unsafe bytes.isEmpty
                        ? sqlite3_bind_text(statement, index, "", 0, copy)
                        : sqlite3_bind_text(
                            statement, index, bytes.baseAddress, CInt(bytes.count), copy)
                }
            }
        case .blob(let data):
            code = unsafe data.withUnsafeBytes { bytes in
                unsafe bytes.isEmpty
                    ? sqlite3_bind_zeroblob(statement, index, 0)
                    : sqlite3_bind_blob(
                        statement, index, bytes.baseAddress, CInt(bytes.count), copy)
            }
        }
        precondition(code == SQLITE_OK, "An argument does not fit its statement.")
    }
}

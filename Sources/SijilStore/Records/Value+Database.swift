import Foundation
import GRDB
import SijilCore

/// How a value lies in SQLite: natively, so that any SQLite tool can read it, with its kind beside it where
/// the column does not tell.
extension Value {
    /// The kind as stored beside a value in the tables `cell` and `sibling`.
    var storedKind: Int64 {
        switch self {
        case .none: 0
        case .text: 1
        case .integer: 2
        case .real: 3
        case .boolean: 4
        case .date: 6
        case .reference: 7
        case .unknown(let tag, _): Int64(tag)
        }
    }

    var stored: DatabaseValue {
        switch self {
        case .none: .null
        case .text(let text): text.databaseValue
        case .integer(let integer): integer.databaseValue
        case .real(let real): real.databaseValue
        case .boolean(let boolean): boolean.databaseValue
        case .date(let date): date.description.databaseValue
        case .reference(let id): Data(id.bytes).databaseValue
        case .unknown(_, let bytes): Data(bytes).databaseValue
        }
    }

    /// Reads a value back.
    ///
    /// - Throws: `badData` when a program other than ours has written the value.
    static func read(_ stored: DatabaseValue, kind: Int64) throws(SijilError) -> Value {
        switch kind {
        case 0: return .none
        case 1: if let text = String.fromDatabaseValue(stored) { return .text(text) }
        case 2: if let integer = Int64.fromDatabaseValue(stored) { return .integer(integer) }
        case 3: if let real = Double.fromDatabaseValue(stored) { return .real(real) }
        case 4: if let boolean = Bool.fromDatabaseValue(stored) { return .boolean(boolean) }
        case 6:
            if let text = String.fromDatabaseValue(stored), let date = PartialDate(text) {
                return .date(date)
            }
        case 7:
            if let data = Data.fromDatabaseValue(stored), let id = Identifier(bytes: data) {
                return .reference(id)
            }
        case 8..<31:
            return .unknown(
                tag: UInt8(kind), bytes: Array(Data.fromDatabaseValue(stored) ?? Data()))
        default: break
        }
        throw SijilError(
            .badData, "The database holds a value that Sijil did not write.",
            hint: "Run 'sijil verify'.")
    }

    /// The key column of `cell` and `sibling`: '' for a single field, text keys as text, others as bytes.
    var storedKey: DatabaseValue {
        switch self {
        case .none: "".databaseValue
        case .text(let text): text.databaseValue
        default: Data(bytes).databaseValue
        }
    }

    init(storedKey: DatabaseValue) throws(SijilError) {
        if case .string(let text) = storedKey.storage {
            self = text.isEmpty ? .none : .text(text)
        } else {
            var reader = ByteReader(Array(Data.fromDatabaseValue(storedKey) ?? Data()))
            self = try Value(from: &reader)
        }
    }
}

extension Field.Kind {
    /// The kind number of the values that this field's column holds.
    var storedKind: Int64 {
        switch self {
        case .text: 1
        case .integer: 2
        case .real: 3
        case .boolean: 4
        case .date: 6
        case .reference: 7
        }
    }

    /// The tags of the values of this kind.
    var tags: ClosedRange<UInt8> {
        self == .boolean
            ? ValueTag.no...ValueTag.yes : UInt8(storedKind)...UInt8(storedKind)
    }

    var columnType: String {
        switch self {
        case .text, .date: "TEXT"
        case .integer, .boolean: "INTEGER"
        case .real: "REAL"
        case .reference: "BLOB"
        }
    }
}

extension Identifier {
    var stored: DatabaseValue { Data(bytes).databaseValue }

    init(stored: DatabaseValue) throws(SijilError) {
        guard let id = Data.fromDatabaseValue(stored).flatMap({ Identifier(bytes: $0) }) else {
            throw SijilError(
                .badData, "The database holds an identifier that Sijil did not write.",
                hint: "Run 'sijil verify'.")
        }
        self = id
    }
}

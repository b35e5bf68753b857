import SijilCore

/// What one row of a file says about one record, before it is compared with what is here.
struct ImportedRecord: Equatable {
    enum Identity {
        /// The file names the record.
        case named
        /// The row itself is all that tells the record from others: it is made once, and what people do to
        /// it later is none of the file's business.
        case content
    }

    enum Life {
        /// The record lives; a deleted one is brought back.
        case living
        /// The row says nothing of it: a record that somebody deleted stays deleted.
        case untold
        case deleted
    }

    struct Rival: Equatable {
        var cell: CellName
        var value: JSON
    }

    var type: String
    var id: RecordID
    var identity: Identity
    var life: Life
    var fields: [ImportedField]
    /// Values that waited for a decision where the file was written, as an export of ours says.
    var rivals: [Rival] = []
    /// Where it lies, as an export of ours says.
    var origin: CollectionID?
    /// How it is found when the file does not name it.
    var resembles: Resemblance?
    /// What the file has and no field can hold.
    var leftOut = 0
}

struct ImportedField: Equatable {
    enum Content: Equatable {
        /// The whole field, as an export has it.
        case json(JSON)
        /// A single field's value, or that of one key.
        case text(String, key: String?)
        case reference(RecordID, key: String?)
        /// A set's members; `replaces` when those not named leave it.
        case members([String], replaces: Bool)
        /// A value of a keyed field whose key the file does not tell: nothing new when some key shows it.
        case keyless(String, key: String)
        /// Lines of a card that mean nothing to us, for a keyed field that keeps them.
        case properties([CardProperty])
    }

    var name: String
    var content: Content
}

/// A row of the file: what it says, or why it is refused.
struct SourceRow {
    /// The line on which it begins, counted from 1.
    var line: Int
    /// As it was read, without the end of the line; only the beginning of one that is too long.
    var raw: [UInt8]
    var content: Result<[ImportedRecord], RowFailure>
}

struct RowFailure: Error {
    /// Of a row of several lines the one that is to blame; `nil` for the first.
    var line: Int?
    /// In JSON a place in the line, in CSV the number of the cell, both counted from 1; `nil` when the row
    /// as a whole is refused.
    var column: Int?
    var error: SijilError
}

/// Reads a file row by row.
///
/// What is wrong with one row is in that row; an error ends the import.
protocol RowReader {
    mutating func next() throws -> SourceRow?
}

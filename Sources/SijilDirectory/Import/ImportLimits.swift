import SijilCore

/// Sizes and counts that a file to import does not go beyond: it is hostile until it is read.
enum ImportLimits {
    /// One row or line: the largest record that an export writes, with all its values in conflict.
    static let rowBytes = 4 * 1024 * 1024
    /// Read from the file at once.
    static let chunkBytes = 64 * 1024
    /// What the reject file keeps of a row.
    static let rejectedRowBytes = 64 * 1024
    /// Columns of a CSV.
    static let columns = 1024
    /// A mapping file.
    static let mappingBytes = 256 * 1024
    /// Records that a mapping makes of one row.
    static let recordsPerRow = 64
    /// Lines of one card, and the records that they become: a person may have a channel in each line.
    static let linesPerCard = 4096
    static let recordsPerCard = Limits.recordsPerChange
    /// Of one line of a card; each costs a look at those before it.
    static let parametersPerCardLine = 256
    /// Of a line that is written out again with parameters of ours.
    static let parametersBesideOurs = 192
    /// What is looked at to tell a file's encoding.
    static let encodingSampleBytes = 64 * 1024
    /// An identifier of another system.
    static let foreignIDBytes = 1024
    /// Records in one change.
    static let recordsPerBatch = 500
    /// Of an edit of a single record that is larger than a batch, what goes into one change.
    static let pieceBytes = Limits.changeBytes / 2
    /// Rejections that the report names; all are in the reject file.
    static let namedRejections = 20
}

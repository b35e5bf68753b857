public import SijilCore

/// What an import did, or in a dry run would do.
public struct ImportReport: Sendable {
    /// A row that was refused.
    public struct Rejection: Sendable {
        /// The line on which the row begins, counted from 1.
        public var line: Int
        /// In JSON the place in the line, in CSV the number of the cell, counted from 1.
        public var column: Int?
        /// Why; never the content.
        public var error: SijilError
    }

    /// Rows read, the header and empty lines not counted.
    public var rows = 0
    /// Records that were made.
    public var created = 0
    /// Records that were changed, deleted or brought back.
    public var updated = 0
    /// Records of which the file says nothing new.
    public var unchanged = 0
    /// Rows of which nothing was taken.
    public var rejected = 0
    /// Where the refused rows lie; `nil` when there are none or none was asked for.
    public var rejectFile: String?
    /// The first of the refused rows.
    public var rejections: [Rejection] = []
    /// Texts that lost invisible controls.
    public var cleanedTexts = 0
    /// Fields such as a contact rule that the file would have loosened, and that stayed as they are.
    public var keptRestrictions = 0
    /// Telephone numbers that could not be read and stay as they are written.
    public var unreadableNumbers = 0
    /// E-mail addresses that are none and stay as they are written.
    public var unreadableAddresses = 0
    /// Dates that end something before it begins and stay as they are written.
    public var earlyEnds = 0
    /// Consents to something that nobody looks for.
    public var unknownConsents = 0
    /// Values that waited for a decision where the file was written, and were not taken in.
    public var lostRivals = 0
    /// Records that are deleted here and stay so.
    public var leftDeleted = 0

    /// Lines of cards, such as pictures, that are too long to be kept.
    public var leftOut = 0
    /// Rows about records that were erased; they are among ``rejected``.
    public var erased = 0

    /// As `sijil import --json` prints it.
    public var json: JSON {
        [
            "created": .integer(Int64(created)), "updated": .integer(Int64(updated)),
            "unchanged": .integer(Int64(unchanged)), "rejected": .integer(Int64(rejected)),
            "reject_file": rejectFile.map { .string($0) } ?? .null,
            "notices": .array(notices.map { .string($0) }),
        ]
    }

    /// What a person should know beside the counts, one sentence each.
    public var notices: [String] {
        var notices: [String] = []
        if cleanedTexts > 0 {
            notices.append("Invisible control characters were taken out of texts: \(cleanedTexts).")
        }
        if keptRestrictions > 0 {
            notices.append(
                "Restrictions that the file would have loosened stay: \(keptRestrictions)."
                    + " Loosen them one by one with 'sijil edit'.")
        }
        if unreadableNumbers > 0 {
            notices.append(
                "Telephone numbers that could not be read are kept as they are written: "
                    + "\(unreadableNumbers). 'sijil region' says where numbers without the code of "
                    + "a country belong.")
        }
        if erased > 0 {
            notices.append(
                "Records that were erased are not taken in again: \(erased). Leave them out of the file."
            )
        }
        if unreadableAddresses > 0 {
            notices.append(
                "E-mail addresses that are none are kept as they are written: "
                    + "\(unreadableAddresses).")
        }
        if unknownConsents > 0 {
            notices.append(
                "Consents to something that nobody looks for have no effect: \(unknownConsents).")
        }
        if earlyEnds > 0 {
            notices.append(
                "Ends before their beginnings are kept as they are written: \(earlyEnds).")
        }
        if lostRivals > 0 {
            notices.append(
                "Values that waited for a decision where the file was written, and are not taken in: \(lostRivals)."
                    + " They are under 'conflicts' in the file.")
        }
        if leftDeleted > 0 {
            notices.append("Records that were deleted here stay deleted: \(leftDeleted).")
        }
        if leftOut > 0 {
            notices.append(
                "Lines of cards that are too long to be kept, such as pictures: \(leftOut).")
        }
        return notices
    }
}

/// How far an import has come.
public struct ImportProgress: Sendable {
    public var rows: Int
    /// Of the file, not what is kept of it.
    public var bytes: Int
    /// `nil` for what has no size, such as a pipe.
    public var totalBytes: Int?
}

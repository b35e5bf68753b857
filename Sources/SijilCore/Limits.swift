/// Sizes and counts that no replica and no server goes beyond, each with its reason.
public enum Limits {
    /// One value: a long note or a page of a practice, not a file.
    public static let valueBytes = 64 * 1024
    /// One change: a batch of an import.
    ///
    /// Must fit a piece beside its run's header.
    public static let changeBytes = 192 * 1024
    /// One change from which something was erased.
    ///
    /// What takes the place of a record's content may be larger than that was, by no more than 32 bytes. Leaves
    /// that are left count as what would take their place, if that is more: so whatever else is erased, no
    /// change that was read grows beyond this.
    public static let erasedChangeBytes = changeBytes + 32 * (recordsPerChange + 1)
    /// What an import puts into one change: small enough that one bad line loses little time.
    public static let batchBytes = 48 * 1024
    /// Records that one change may touch.
    public static let recordsPerChange = 4096
    /// One piece of a sync, before compression: what a cut line may cost.
    public static let pieceBytes = 256 * 1024
    /// One piece of a snapshot, before compression: what a cut line may cost, and what a reader has to hold.
    public static let snapshotPieceBytes = 256 * 1024
    /// What a snapshot says of itself: its authors and its pieces.
    ///
    /// Two thousand authors who have all seen each other, and 300,000 pieces.
    public static let snapshotManifestBytes = 32 * 1024 * 1024
    /// Everything in one request or answer beside the pieces: vectors, certificates, counts.
    public static let messageBytes = 1024 * 1024
    /// Collections in one request.
    public static let collectionsPerRequest = 4096
    /// Runs in one request, in all collections: more than a piece has room for, each with a change.
    ///
    /// Each costs the server questions to its database, also the empty ones that a compressed body of a
    /// thousand bytes could hold a million of.
    public static let runsPerRequest = 8192
    /// A field's name, a type's name, a key.
    public static let nameBytes = 128
    /// The reason given for a change.
    public static let noteBytes = 2048
    /// A device's or a collection's name for people.
    public static let displayNameBytes = 256
    /// Changes held per collection while what they had seen is missing.
    public static let heldChanges = 10_000
    /// The bytes of these; the last may go beyond it.
    public static let heldBytes = 64 * 1024 * 1024
    /// How far a request's time may lie from the server's before the server tells its own,
    /// milliseconds.
    ///
    /// The device then corrects itself and asks again; its clock is never a reason to refuse it.
    public static let requestSkewMilliseconds: Int64 = 15 * 60 * 1000
}

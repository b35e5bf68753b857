/// What went wrong, in words that a practitioner can act on.
///
/// The `code` is stable and is what programs test; `message` and `hint` are for people and may be reworded.
/// None of them ever holds a name, a note, a phone number or a statement's arguments: an error may be
/// printed on a shared screen or kept in a log.
///
/// ```swift
/// throw SijilError(.notPermitted, "This replica may read the collection, not change it.",
///                  hint: "Ask a coordinator for the role of editor.")
/// ```
public struct SijilError: Error, Sendable, CustomStringConvertible {
    /// A stable machine name.
    ///
    /// The set is open: a newer version may add names.
    public struct Code: RawRepresentable, Hashable, Sendable {
        public let rawValue: String

        public init(rawValue: String) { self.rawValue = rawValue }
    }

    public var code: Code
    public var message: String
    /// What the person can do next, when there is something.
    public var hint: String?
    /// The place in the input that the error is about: a field, a line, a collection; never its content.
    public var place: String?
    /// The error below this one, for a log; it must obey the same rule about names.
    public var underlying: (any Error)?

    public init(
        _ code: Code, _ message: String, hint: String? = nil, place: String? = nil,
        underlying: (any Error)? = nil
    ) {
        self.code = code
        self.message = message
        self.hint = hint
        self.place = place
        self.underlying = underlying
    }

    public var description: String {
        var text = "\(code.rawValue): \(message)"
        if let place { text += " (\(place))" }
        if let hint { text += " \(hint)" }
        return text
    }
}

extension SijilError.Code {
    /// The command was not understood.
    public static let usage = Self(rawValue: "usage")
    /// Input that is not what it claims to be: malformed, oversized, of the wrong kind.
    public static let badData = Self(rawValue: "bad-data")
    /// A field that the record type does not have.
    public static let unknownField = Self(rawValue: "unknown-field")
    /// A record type that the schema does not have.
    public static let unknownType = Self(rawValue: "unknown-type")
    /// No such file, record, collection or replica.
    public static let notFound = Self(rawValue: "not-found")
    /// Nothing answered, or it could not be reached in time.
    public static let unreachable = Self(rawValue: "unreachable")
    /// The other side's TLS certificate could not be trusted.
    public static let untrusted = Self(rawValue: "untrusted")
    /// Something broke half way; the same command run again goes on from there.
    public static let tryAgain = Self(rawValue: "try-again")
    /// A program of another version has made the replica anew meanwhile: started again, this one could go on.
    public static let otherVersion = Self(rawValue: "other-version")
    /// The person pressed Ctrl-C, or the process was asked to stop.
    public static let cancelled = Self(rawValue: "cancelled")
    /// The two sides do not speak the same protocol.
    public static let protocolMismatch = Self(rawValue: "protocol")
    /// Bytes of a later format version.
    public static let futureVersion = Self(rawValue: "future-version")
    /// No right to do this: wrong role, revoked, not enrolled.
    public static let notPermitted = Self(rawValue: "not-permitted")
    /// An invitation code that does not exist.
    public static let codeUnknown = Self(rawValue: "code-unknown")
    /// An invitation code whose time is over.
    public static let codeExpired = Self(rawValue: "code-expired")
    /// An invitation code that someone has used.
    public static let codeUsed = Self(rawValue: "code-used")
    /// The replica or the server is not set up for this.
    public static let configuration = Self(rawValue: "configuration")
    /// A file could not be made.
    public static let cannotCreate = Self(rawValue: "cannot-create")
    /// Reading or writing a file failed.
    public static let inputOutput = Self(rawValue: "input-output")
    /// A signature, a hash or a chain that does not hold.
    public static let notAuthentic = Self(rawValue: "not-authentic")
    /// Two different changes with one name: the file was cloned, or somebody lies.
    public static let fork = Self(rawValue: "fork")
    /// A change whose author had seen something that is not here yet.
    public static let unseen = Self(rawValue: "unseen")
    /// A record that was erased: nothing is written to it any more.
    public static let erased = Self(rawValue: "erased")
    /// Our own mistake.
    public static let bug = Self(rawValue: "bug")
}

public import SijilCore

extension SijilError.Code {
    /// What a command that fails with this error exits with: the numbers of `sysexits.h`, the same in both
    /// command lines.
    ///
    /// 75 always means that the same command run again goes on. A code that this version does not know,
    /// from a newer server, is 70.
    public var exitCode: Int32 {
        switch self {
        case .usage: 64
        case .badData, .unknownField, .unknownType, .notAuthentic, .fork, .tooLarge, .erased: 65
        case .notFound: 66
        // A server with a wrong certificate cannot be reached safely, which is all that matters here.
        case .unreachable, .untrusted: 69
        case .cannotCreate: 73
        case .inputOutput: 74
        case .tryAgain, .otherVersion, .clockUnknown, .unseen, .cancelled: 75
        case .protocolMismatch, .futureVersion: 76
        case .notPermitted, .unauthenticated, .codeUnknown, .codeUsed, .codeExpired: 77
        case .configuration: 78
        default: 70
        }
    }
}

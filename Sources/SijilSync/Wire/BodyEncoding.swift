package import SijilCore
import SijilStore

/// How the body of a request or an answer may be compressed, by its name in HTTP.
package enum BodyEncoding: String, CaseIterable, Sendable {
    case zstd, gzip

    /// Below this a body goes as it is: what is saved would not pay for the frame.
    static let minimumBytes = 256

    /// The best that a header `accept-encoding` names.
    static func best(accepted header: String?) -> BodyEncoding? {
        allCases.first { header?.contains($0.rawValue) == true }
    }

    package func compress(_ bytes: [UInt8]) -> [UInt8] {
        switch self {
        case .zstd: Zstd.compress(bytes, level: 3)
        case .gzip: Gzip.compress(bytes)
        }
    }

    /// - Throws: `badData` for what is damaged or grows beyond `limit` bytes: it is never held whole.
    package func decompress(_ bytes: [UInt8], limit: Int) throws(SijilError) -> [UInt8] {
        switch self {
        case .zstd: try Zstd.decompress(bytes, limit: limit)
        case .gzip: try Gzip.decompress(bytes, limit: limit)
        }
    }
}

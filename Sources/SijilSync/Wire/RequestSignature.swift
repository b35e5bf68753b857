import Foundation
import SijilCore
import SijilStore

/// How a request proves which device sends it: a signature by the device's key over method, path, time and
/// body, for this server only.
///
/// Argued in `Documentation/Decisions/0005-request-signatures.md`.
package enum RequestSignature {
    package static let deviceHeader = "sijil-device"
    package static let timeHeader = "sijil-time"
    package static let signatureHeader = "sijil-signature"

    /// What is signed.
    ///
    /// `time` is the sender's estimate of the server's clock, milliseconds since 1970.
    package static func message(
        authority: [UInt8], method: String, path: String, time: Int64, body: [UInt8]
    ) -> [UInt8] {
        var writer = ByteWriter()
        writer.raw("sijil request 1".utf8)
        writer.raw(authority)
        writer.text(method)
        writer.text(path)
        writer.signed(time)
        writer.raw(sha256(body))
        return writer.bytes
    }

    package static func encode(_ signature: [UInt8]) -> String {
        Data(signature).base64EncodedString()
    }
    package static func decode(_ text: String) -> [UInt8]? {
        Data(base64Encoded: text).map(Array.init)
    }
}

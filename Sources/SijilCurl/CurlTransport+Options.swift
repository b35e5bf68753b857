import Foundation
import SijilCore

extension CurlTransport {
    /// How long to wait, how much to accept and whom to trust.
    public struct Options: Sendable {
        /// A PEM file with the authorities to trust *instead of* the system's.
        public var caFile: String?

        /// The hash of the public key that the server must have, *besides* a certificate that
        /// verifies.
        ///
        /// It is the SHA-256 of the SubjectPublicKeyInfo: `sha256//` and base64, or 64 hexadecimal
        /// digits. Several keys, so that the server can change its own, are separated by `;`.
        public var pinnedPublicKey: String?

        /// The longest time for a whole exchange, from its start on the wire.
        ///
        /// Default: none, because on a thin line a long transfer that moves is a good one; what does
        /// not move is ended by ``stallSeconds``.
        public var totalDeadline: Duration?

        /// The longest time for finding the host, connecting and the TLS handshake together.
        public var connectDeadline: Duration = .seconds(10)

        /// A transfer slower than ``stallBytesPerSecond`` for this long is ended, also while the
        /// server thinks.
        public var stallSeconds: Int = 30

        /// Below any line that people would still call working: GPRS gives a few thousand.
        public var stallBytesPerSecond: Int = 100

        /// The largest body of an answer, decompressed.
        ///
        /// A larger one ends the transfer with `badData`.
        public var maximumResponseBytes: Int = 4 << 20

        /// What the server's log calls this client, such as `sijil/1.0`.
        ///
        /// It must say nothing about the device or its owner.
        public var userAgent: String = "sijil"

        public init() {}

        /// The pins in libcurl's form; checked here because libcurl takes any other text for a file
        /// name.
        func pin() throws(SijilError) -> String? {
            guard let pinnedPublicKey else { return nil }
            var pins: [String] = []
            for text in pinnedPublicKey.split(separator: ";", omittingEmptySubsequences: false) {
                guard let hash = Self.hash(ofPin: text) else {
                    throw SijilError(
                        .configuration, "The pinned key is not a SHA-256.",
                        hint: "Give 64 hexadecimal digits, or sha256// and the hash in base64.")
                }
                pins.append("sha256//" + hash.base64EncodedString())
            }
            return pins.joined(separator: ";")
        }

        private static func hash(ofPin text: Substring) -> Data? {
            let prefix = "sha256//"
            if text.hasPrefix(prefix) {
                let hash = Data(base64Encoded: String(text.dropFirst(prefix.count)))
                return hash?.count == 32 ? hash : nil
            }
            let digits = text.compactMap(\.hexDigitValue)
            guard digits.count == 64, text.count == 64 else { return nil }
            return Data((0..<32).map { UInt8(digits[2 * $0] << 4 | digits[2 * $0 + 1]) })
        }
    }
}

internal import NIOSSL
public import SijilCore

/// A certificate with its chain, and its private key, read from PEM files.
public struct TLSFiles: Sendable {
    let configuration: TLSConfiguration

    /// Reads both files and checks that they belong together.
    ///
    /// The certificate's file begins with the server's own, then come those between it and the root.
    ///
    /// - Throws: `configuration` for files that cannot be read or do not fit.
    public init(certificate: String, key: String) throws(SijilError) {
        let chain = try Self.read("certificate") {
            try NIOSSLCertificate.fromPEMFile(certificate)
        }
        guard !chain.isEmpty else { throw Self.unreadable("certificate") }
        let privateKey = try Self.read("private key") {
            try NIOSSLPrivateKey(file: key, format: .pem)
        }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(privateKey))
        configuration.minimumTLSVersion = .tlsv12
        do {
            _ = try NIOSSLContext(configuration: configuration)
        } catch {
            throw SijilError(
                .configuration, "The TLS certificate and the private key do not belong together.")
        }
        self.configuration = configuration
    }

    private static func read<Content>(
        _ what: String, _ body: () throws -> Content
    ) throws(SijilError) -> Content {
        do {
            return try body()
        } catch {
            throw unreadable(what)
        }
    }

    private static func unreadable(_ what: String) -> SijilError {
        SijilError(
            .configuration, "The file of the TLS \(what) cannot be read.",
            hint: "It must be a PEM file that this user may read; a key without a passphrase.")
    }
}

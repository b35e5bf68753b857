import ArgumentParser
import Foundation
import Logging
import SijilCore
import SijilServer
import SijilStore
import SijilSync

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Answer replicas until SIGTERM or SIGINT.",
        discussion: """
            Examples:
              sijil-server serve --data /var/lib/sijil --listen 0.0.0.0:8443 \\
                --tls-certificate chain.pem --tls-key key.pem
              sijil-server serve --data /var/lib/sijil --listen 127.0.0.1:8080 --insecure

            When it is ready it prints one line: {"ready":true,"url":"…"}.
            A signal makes it finish what runs, for up to ten seconds, and exit with 0.
            The log goes to standard error.
            """)

    @OptionGroup var options: ServerOptions

    @Option(help: "Where to listen; port 0 takes a free one.")
    var listen = "127.0.0.1:8080"

    @Option(
        name: .customLong("tls-certificate"),
        help: ArgumentHelp("The certificate and its chain, PEM.", valueName: "file"))
    var tlsCertificate: String?

    @Option(
        name: .customLong("tls-key"),
        help: ArgumentHelp("The certificate's private key, PEM.", valueName: "file"))
    var tlsKey: String?

    @Flag(help: "Plain HTTP, on this machine only.")
    var insecure = false

    @Flag(
        name: .customLong("behind-proxy"),
        help: "With --insecure: a proxy in front speaks TLS, so any address will do.")
    var behindProxy = false

    @Option(
        name: .customLong("log-level"),
        help: "error, warning, notice, info (one line per request) or debug.")
    var logLevel = Level.notice

    enum Level: String, ExpressibleByArgument, CaseIterable {
        case error, warning, notice, info, debug
    }

    private struct Ready: Encodable {
        var ready = true
        var url: String
    }

    func run() async throws {
        let address = try ListenAddress(listen)
        let tls = try tlsFiles(for: address)
        let store = try options.folder().open()
        let environment = ServerEnvironment.system
        let application = ServerApplication(
            store: store, authority: try await Authority.read(from: store), environment: environment
        )
        let server = HTTPServer(
            application: application, store: store, address: address, tls: tls, logger: logger())
        try await server.run(stopsOnSignals: true) { url in
            // It serves all the same when nobody reads this.
            try? Output.data(Output.line(Ready(url: url)))
        }
        try store.close()
    }

    private func tlsFiles(for address: ListenAddress) throws(SijilError) -> TLSFiles? {
        switch (tlsCertificate, tlsKey, insecure) {
        case (let certificate?, let key?, false):
            return try TLSFiles(certificate: certificate, key: key)
        case (nil, nil, true):
            guard address.isLoopback || behindProxy else {
                throw SijilError(
                    .configuration, "Plain HTTP is for loopback addresses only.",
                    hint: "Give a TLS certificate, or --behind-proxy if a proxy speaks TLS.")
            }
            return nil
        case (nil, nil, false):
            throw SijilError(
                .configuration, "The server needs a TLS certificate.",
                hint: "Give --tls-certificate and --tls-key, or --insecure on this machine only.")
        default:
            throw SijilError(
                .usage, "--tls-certificate and --tls-key belong together, without --insecure.")
        }
    }

    private func logger() -> Logger {
        var logger = Logger(label: "sijil-server") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = Logger.Level(rawValue: logLevel.rawValue) ?? .notice
        return logger
    }
}

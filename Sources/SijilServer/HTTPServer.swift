import Foundation
import Hummingbird
import HummingbirdCore
import HummingbirdHTTP2
public import Logging
import NIOCore
import ServiceLifecycle
import SijilCore
public import SijilStore
public import SijilSync
import UnixSignals

/// ``ServerApplication`` on a socket: HTTP/1.1, and with TLS HTTP/2 too.
///
/// Besides the application's routes it answers `GET /health` (`{"ok":true}`, 503 when the store does not
/// answer) and `GET /metrics` (Prometheus text). It writes one line per request to the logger, at level info:
/// method, route, status, milliseconds, bytes, failure and the first digits of the device; never a body, a
/// name or a code.
public struct HTTPServer: Sendable {
    private let address: ListenAddress
    private let tls: TLSFiles?
    private let responder: ServerResponder
    private let logger: Logger
    /// ``ServerLimits/idleSeconds``, but for tests.
    var idleSeconds = ServerLimits.idleSeconds

    /// Prepares a server; nothing listens before ``run(stopsOnSignals:onReady:)``.
    ///
    /// Without `tls` it speaks plain HTTP, fit for loopback and behind a proxy only: the caller sees to it.
    public init(
        application: ServerApplication, store: any LogStore, address: ListenAddress,
        tls: TLSFiles?, logger: Logger
    ) {
        self.address = address
        self.tls = tls
        self.logger = logger
        responder = ServerResponder(
            application: application, store: store,
            allowance: BodyAllowance(bytes: ServerLimits.receivingBytes), logger: logger)
    }

    /// Serves until it is told to stop.
    ///
    /// Then it refuses new connections, lets running requests end and returns; what takes longer than ten
    /// seconds is cut. Cancelling the task cuts at once.
    ///
    /// - Parameters:
    ///   - stopsOnSignals: whether SIGTERM and SIGINT make it stop.
    ///   - onReady: is given the base URL once connections are accepted.
    /// - Throws: `cannotCreate` when the address cannot be listened on, `configuration` for unusable TLS.
    public func run(
        stopsOnSignals: Bool = false,
        onReady: @escaping @Sendable (_ url: String) async -> Void
    ) async throws {
        var quiet = logger
        // What the library has to say below that is either in our own line or holds what it should not.
        quiet.logLevel = max(logger.logLevel, .notice)
        let (address, isSecure) = (address, tls != nil)
        let application = Application(
            responder: responder, server: try channels(),
            configuration: ApplicationConfiguration(
                address: .hostname(address.host, port: address.port),
                availableConnectionsDelegate: MaximumAvailableConnections(
                    ServerLimits.affordableConnections, logger: quiet)),
            onServerRunning: { channel in
                let port = channel.localAddress?.port ?? address.port
                await onReady(
                    ListenAddress(host: address.host, port: port).url(isSecure: isSecure))
            }, logger: quiet)
        var configuration = ServiceGroupConfiguration(
            services: [Draining(base: application, logger: logger)],
            gracefulShutdownSignals: stopsOnSignals ? [.sigterm, .sigint] : [], logger: quiet)
        configuration.maximumGracefulShutdownDuration = .seconds(ServerLimits.drainSeconds)
        do {
            try await ServiceGroup(configuration: configuration).run()
        } catch is CancellationError {
            return
        } catch let error as IOError {
            throw Self.translated(error)
        } catch let error as SocketAddressError {
            throw SijilError(
                .cannotCreate, "The address to listen on cannot be found.", underlying: error)
        }
    }

    private func channels() throws(SijilError) -> HTTPServerBuilder {
        let http1 = HTTP1Channel.Configuration(
            idleTimeout: .seconds(Int64(idleSeconds)),
            httpDecoderConfiguration: .init(
                maxHeaderFieldSize: ServerLimits.headerBytes,
                maxHeaderListSize: ServerLimits.headerBytes,
                maxHeaderFieldCount: ServerLimits.headerFields))
        guard let tls else { return .http1(configuration: http1) }
        let http2 = HTTP2ChannelConfiguration(
            idleTimeout: .seconds(idleSeconds),
            gracefulCloseTimeout: .seconds(ServerLimits.drainSeconds),
            streamConfiguration: http1)
        return HTTPServerBuilder { responder in
            HandshakeDeadline(
                base: try HTTP2UpgradeChannel(
                    tlsConfiguration: tls.configuration, configuration: http2,
                    responder: responder),
                deadline: .seconds(Int64(ServerLimits.handshakeSeconds)))
        }
    }

    private static func translated(_ error: IOError) -> SijilError {
        switch error.errnoCode {
        case EADDRINUSE:
            SijilError(
                .cannotCreate, "Another program listens on this address.",
                hint: "Choose another port with --listen, or stop that program.")
        case EACCES:
            SijilError(
                .cannotCreate, "This user may not listen on this address.",
                hint: "Choose a port above 1023.")
        case EADDRNOTAVAIL:
            SijilError(
                .cannotCreate, "The address to listen on is not one of this machine's.",
                hint: "Use 127.0.0.1, or 0.0.0.0 for all of them.")
        default:
            SijilError(
                .cannotCreate, "The address cannot be listened on (error \(error.errnoCode)).")
        }
    }
}

/// A service that says so when a stop had to cut what it still did.
private struct Draining<Base: Service>: Service {
    let base: Base
    let logger: Logger

    func run() async throws {
        defer {
            if Task.isCancelled, Task.isShuttingDownGracefully {
                logger.warning(
                    "Connections still open \(ServerLimits.drainSeconds) s after the stop were cut."
                )
            }
        }
        try await base.run()
    }
}

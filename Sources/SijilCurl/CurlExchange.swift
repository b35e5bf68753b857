import Dispatch
import SijilCore
import SijilSync
import Synchronization

/// One request between the task that waits for it and the thread that carries it out.
///
/// Whoever ends it first, the transfer or a cancellation, resumes the task; it is resumed exactly
/// once.
final class CurlExchange: Sendable {
    typealias Outcome = Result<TransportResponse, SijilError>

    private struct State {
        /// The waiting task, until it is resumed.
        var continuation: CheckedContinuation<Outcome, Never>?
        var isRunning = false
        var isCancelled = false
    }

    private let connection: CurlConnection
    private let state = Mutex(State())

    init(_ connection: CurlConnection) {
        self.connection = connection
    }

    var isCancelled: Bool { state.withLock { $0.isCancelled } }

    func submit(_ request: TransportRequest, _ continuation: CheckedContinuation<Outcome, Never>) {
        let isLate = state.withLock { state in
            if !state.isCancelled { state.continuation = continuation }
            return state.isCancelled
        }
        if isLate { return continuation.resume(returning: .failure(.transferCancelled)) }
        connection.queue.async { self.run(request) }
    }

    /// Ends a request that waits for its turn here, and one on the wire by waking its thread, which
    /// then finds ``isCancelled`` set.
    func cancel() {
        let (continuation, isRunning) = state.withLock { state in
            state.isCancelled = true
            let waiting = state.isRunning ? nil : state.continuation.take()
            return (waiting, state.isRunning)
        }
        continuation?.resume(returning: .failure(.transferCancelled))
        if isRunning { connection.wake() }
    }

    private func run(_ request: TransportRequest) {
        let mayBegin = state.withLock { state in
            state.isRunning = state.continuation != nil
            return state.isRunning
        }
        guard mayBegin else { return }
        let outcome: Outcome
        do throws(SijilError) {
            outcome = .success(try connection.transfer(request) { self.isCancelled })
        } catch {
            outcome = .failure(error)
        }
        let continuation = state.withLock { state in
            state.isRunning = false
            return state.continuation.take()
        }
        continuation?.resume(returning: outcome)
    }
}

extension SijilError {
    static var transferCancelled: SijilError {
        SijilError(.cancelled, "The request was cancelled before its answer had arrived.")
    }
}

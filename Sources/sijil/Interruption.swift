import Dispatch
import Foundation
import SijilCore
import Synchronization

/// Turns Ctrl-C, SIGTERM and a deadline into cancelling the command's task.
///
/// For commands that can stop between two steps; the others are ended by the signal as usual.
final class Interruption: Sendable {
    static let shared = Interruption()

    private struct State {
        var cancel: (@Sendable () -> Void)?
        var isDeadline = false
    }

    private let state = Mutex(State())

    /// Names what is to be cancelled; called once, before the command runs.
    func onInterruption(_ cancel: @escaping @Sendable () -> Void) {
        state.withLock { $0.cancel = cancel }
    }

    /// Cancels instead of dying, from now on.
    ///
    /// A second Ctrl-C ends the process at once.
    ///
    /// - Parameter deadline: seconds from now after which it cancels too.
    func listen(deadline: Double? = nil) {
        for number in [SIGINT, SIGTERM] {
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            // The handler holds its source: both live as long as the process.
            source.setEventHandler { [self] in
                _ = source
                signal(number, SIG_DFL)
                interrupt(isDeadline: false)
            }
            source.resume()
        }
        guard let deadline else { return }
        let timer = DispatchSource.makeTimerSource(queue: .global())
        timer.schedule(deadline: .now() + deadline)
        timer.setEventHandler { [self] in
            _ = timer
            interrupt(isDeadline: true)
        }
        timer.resume()
    }

    /// The error for a person: a deadline that passed is told as such.
    func explained(_ error: any Error) -> any Error {
        let isDeadline = state.withLock { $0.isDeadline }
        guard isDeadline, Failure.known(error).code == .cancelled else { return error }
        return SijilError(
            .tryAgain, "The time given with --deadline was over. What was done so far is kept.",
            hint: "Run the command again to go on.")
    }

    private func interrupt(isDeadline: Bool) {
        let cancel = state.withLock { state in
            state.isDeadline = state.isDeadline || isDeadline
            return state.cancel
        }
        cancel?()
    }
}

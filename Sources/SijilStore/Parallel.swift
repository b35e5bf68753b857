import Dispatch
import SijilCore

/// Work for the second core: pure functions of values, beside what waits for SQLite.
enum Parallel {
    /// Begins to compute something; the function returned waits for it.
    ///
    /// - Parameter isLarge: whether it is worth a thread; else it is computed when it is asked for.
    static func start<Output: Sendable>(
        isLarge: Bool, _ body: @escaping @Sendable () -> Output
    ) -> () -> Output {
        guard isLarge else { return body }
        let box = Box<Output>()
        let done = DispatchSemaphore(value: 0)
        DispatchQueue.global()
            .async {
                unsafe box.output = body()
                done.signal()
            }
        return {
            done.wait()
            done.signal()
            return unsafe box.output!
        }
    }

    /// Maps values in their order, on all cores.
    ///
    /// - Throws: what `body` throws for the first value for which it does.
    static func map<Input: Sendable, Output: Sendable>(
        _ inputs: ArraySlice<Input>, isLarge: Bool,
        _ body: @Sendable (Int, Input) throws(SijilError) -> Output
    ) throws(SijilError) -> [Output] {
        guard isLarge, inputs.count > 1 else {
            var outputs: [Output] = []
            outputs.reserveCapacity(inputs.count)
            for (index, input) in inputs.enumerated() { outputs.append(try body(index, input)) }
            return outputs
        }
        let boxes = inputs.map { _ in Box<Result<Output, SijilError>>() }
        DispatchQueue.concurrentPerform(iterations: inputs.count) { index in
            let input = inputs[inputs.startIndex + index]
            unsafe boxes[index].output = Result { () throws(SijilError) in try body(index, input) }
        }
        var outputs: [Output] = []
        outputs.reserveCapacity(inputs.count)
        for box in boxes { outputs.append(try unsafe box.output!.get()) }
        return outputs
    }

    /// Written by one thread, then read by another that has waited for it.
    private final class Box<Output: Sendable>: Sendable {
        nonisolated(unsafe) var output: Output?
    }
}

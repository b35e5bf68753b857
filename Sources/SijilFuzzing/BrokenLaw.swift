import SijilCore

/// A law that did not hold for some input.
public struct BrokenLaw: Error, CustomStringConvertible {
    public let description: String

    init(_ description: String) { self.description = description }
}

func expect(_ condition: Bool, _ law: @autoclosure () -> String) throws {
    guard condition else { throw BrokenLaw(law()) }
}

/// What `body` gives, or `nil` when it refuses its input as it may: with an error of ours that blames no
/// mistake of ours and is short enough for a screen.
func readable<Result>(_ body: () throws -> Result) throws -> Result? {
    do {
        return try body()
    } catch let error as SijilError {
        try checkRefusal(error)
        return nil
    }
}

/// The same for what waits.
func readable<Result>(_ body: () async throws -> Result) async throws -> Result? {
    do {
        return try await body()
    } catch let error as SijilError {
        try checkRefusal(error)
        return nil
    }
}

private func checkRefusal(_ error: SijilError) throws {
    try expect(error.code != .bug, "an input is refused as a mistake of ours: \(error)")
    try expect(
        error.code != .inputOutput && error.code != .tryAgain,
        "an input makes the database fail: \(error)")
    try expect(error.description.utf8.count <= 4096, "an error is longer than a screen")
}

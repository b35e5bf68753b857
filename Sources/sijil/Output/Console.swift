import Foundation
import SijilCore
import SijilDirectory

/// Where a command's words go: data to standard output, messages to standard error.
///
/// Output is gathered and written in large pieces; ``flush()`` writes the rest.
final class Console {
    let isJSON: Bool
    let isQuiet: Bool
    /// How texts of people's are shown on standard output.
    let text: TerminalText
    private let showsProgress: Bool
    private var buffer: [UInt8] = []
    private var progressWidth = 0
    /// Why data did not get out; ``flush()`` tells, also when a message came between.
    private var failure: SijilError?

    private static let bufferBytes = 64 * 1024

    init(_ options: CommonOptions) {
        isJSON = options.json
        isQuiet = options.quiet
        let environment = ProcessInfo.processInfo.environment
        let isPlain = environment["NO_COLOR"].map { !$0.isEmpty } ?? false
        text = TerminalText(isTerminal: isatty(STDOUT_FILENO) == 1, isPlain: isPlain)
        showsProgress = isatty(STDERR_FILENO) == 1 && !options.quiet && !options.json
    }

    // MARK: Standard output

    /// Writes one line of JSON.
    func emit(_ json: JSON) throws { try append(json.bytes + [UInt8(ascii: "\n")]) }

    /// Writes a line of text for people.
    func print(_ line: String = "") throws { try append(Array((line + "\n").utf8)) }

    /// Writes what is data already.
    func append(_ bytes: [UInt8]) throws {
        buffer += bytes
        if buffer.count >= Self.bufferBytes { try flush() }
    }

    func flush() throws {
        defer { buffer.removeAll(keepingCapacity: true) }
        if let failure { throw failure }
        guard !buffer.isEmpty else { return }
        guard Self.write(buffer, to: .standardOutput) else {
            let failure = SijilError(.inputOutput, "Standard output could not be written.")
            self.failure = failure
            throw failure
        }
    }

    // MARK: Standard error

    /// Tells people what was done, unless they asked for silence or for JSON.
    func message(_ line: String) {
        guard !isQuiet, !isJSON else { return }
        try? flush()
        endProgress()
        Self.write(TerminalText.neutralised(line, keepsLines: true) + "\n", to: .standardError)
    }

    /// Tells what a person should know although the command succeeded.
    func warning(_ line: String) { message("warning: " + line) }

    /// Shows how far a long command is, on one line that the next call overwrites.
    func progress(_ line: @autoclosure () -> String) {
        guard showsProgress else { return }
        let line = line()
        let padding = String(repeating: " ", count: max(0, progressWidth - line.count))
        progressWidth = line.count
        Self.write("\r" + line + padding, to: .standardError)
    }

    /// Clears the line of ``progress(_:)``.
    func endProgress() {
        guard progressWidth > 0 else { return }
        Self.write("\r" + String(repeating: " ", count: progressWidth) + "\r", to: .standardError)
        progressWidth = 0
    }

    /// Writes at once.
    ///
    /// - Returns: whether it got out.
    @discardableResult
    static func write(_ text: String, to handle: FileHandle) -> Bool {
        write(Array(text.utf8), to: handle)
    }

    private static func write(_ bytes: [UInt8], to handle: FileHandle) -> Bool {
        (try? handle.write(contentsOf: Data(bytes))) != nil
    }
}

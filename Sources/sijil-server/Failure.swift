import ArgumentParser
import SijilCore
import SijilSync

/// How an error is told: on standard error, as text or as one JSON object, and as an exit code.
enum Failure {
    private struct Message: Encodable {
        struct Content: Encodable {
            var code: String
            var message: String
            var hint: String?
        }

        var error: Content
    }

    /// - Returns: what the process exits with.
    static func report(_ error: any Error, asJSON isJSON: Bool) -> Int32 {
        if let error = error as? SijilError {
            write(error, asJSON: isJSON)
            return error.code.exitCode
        }
        let code = SijilServerCommand.exitCode(for: error)
        guard !code.isSuccess else {
            let isOut = (try? Output.data(SijilServerCommand.fullMessage(for: error) + "\n")) != nil
            return isOut ? 0 : SijilError.Code.inputOutput.exitCode
        }
        if code == .validationFailure {
            let arguments = CommandLine.arguments.dropFirst()
            if isJSON {
                write(
                    SijilError(
                        .usage,
                        UsageMessage.withoutArguments(
                            SijilServerCommand.message(for: error), arguments),
                        hint: "'sijil-server help' shows how it is used."), asJSON: true)
            } else {
                let text = UsageMessage.withoutArguments(
                    SijilServerCommand.fullMessage(for: error), arguments)
                let known = "Error: "
                Output.message(
                    (text.hasPrefix(known) ? "error: " + text.dropFirst(known.count) : text) + "\n")
            }
            return SijilError.Code.usage.exitCode
        }
        // Of an error that is not ours nothing is told: nobody knows what it holds.
        let bug = SijilError(.bug, "The server made a mistake.", hint: "Please report it.")
        write(bug, asJSON: isJSON)
        return bug.code.exitCode
    }

    private static func write(_ error: SijilError, asJSON isJSON: Bool) {
        if isJSON {
            let content = Message.Content(
                code: error.code.rawValue, message: error.message, hint: error.hint)
            Output.message(Output.line(Message(error: content)))
        } else {
            Output.message("error: \(error.message)\n")
            if let hint = error.hint { Output.message("hint: \(hint)\n") }
        }
    }
}

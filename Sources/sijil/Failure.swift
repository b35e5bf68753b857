import ArgumentParser
import Foundation
import SijilCore
import SijilDirectory
import SijilSync

/// How an error is told: on standard error, as text or as one JSON object, and as an exit code.
enum Failure {
    /// Tells what went wrong while the command ran.
    ///
    /// - Returns: what the process exits with.
    static func report(_ error: any Error, asJSON isJSON: Bool) -> Int32 {
        if let code = error as? ExitCode { return code.rawValue }
        if error is CleanExit || error is ValidationError {
            return report(parsing: error, asJSON: isJSON)
        }
        let error = known(error)
        write(error, asJSON: isJSON)
        return error.code.exitCode
    }

    /// Tells why the command line was not understood, or shows the help that it asks for.
    static func report(parsing error: any Error, asJSON isJSON: Bool) -> Int32 {
        let code = Sijil.exitCode(for: error)
        guard !code.isSuccess else {
            let help = HelpWording.translated(Sijil.fullMessage(for: error), into: .current)
            let isOut = Console.write(help + "\n", to: .standardOutput)
            return isOut ? 0 : SijilError.Code.inputOutput.exitCode
        }
        let arguments = CommandLine.arguments.dropFirst()
        if isJSON {
            let failure = SijilError(
                .usage, UsageMessage.withoutArguments(Sijil.message(for: error), arguments),
                hint: "'sijil help' shows how it is used.")
            write(failure, asJSON: true)
        } else {
            let text = UsageMessage.withoutArguments(Sijil.fullMessage(for: error), arguments)
            let prefix = "Error: "
            let message = text.hasPrefix(prefix) ? "error: " + text.dropFirst(prefix.count) : text
            Console.write(
                HelpWording.translated(message, into: .current) + "\n", to: .standardError)
        }
        return SijilError.Code.usage.exitCode
    }

    /// Tells an error after which the command goes on.
    static func write(_ error: SijilError, asJSON isJSON: Bool) {
        if isJSON {
            var content: [JSON.Member] = [
                JSON.Member("code", .string(error.code.rawValue)),
                JSON.Member("message", .string(error.message)),
                JSON.Member("hint", error.hint.json),
            ]
            if let place = error.place { content.append(JSON.Member("place", .string(place))) }
            let object: JSON = ["error": .object(content)]
            Console.write(object.description + "\n", to: .standardError)
        } else {
            let place = error.place.map { " (\($0))" } ?? ""
            var text = "error: \(error.message)\(place)\n"
            if let hint = error.hint { text += "hint: \(hint)\n" }
            Console.write(TerminalText.neutralised(text, keepsLines: true), to: .standardError)
        }
    }

    /// The error as one of ours; of others nothing is told, because nobody knows what they hold.
    static func known(_ error: any Error) -> SijilError {
        if let error = error as? SijilError { return error }
        if error is CancellationError {
            return SijilError(
                .cancelled, "Stopped. What was done so far is kept.",
                hint: "Run the command again to go on.")
        }
        return SijilError(
            .bug, "Sijil made a mistake. Nothing half-done was kept.",
            hint: "Please report the command, without people's data.")
    }
}

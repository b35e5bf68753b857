/// What the argument parser says of a command line, without what a person typed.
///
/// An argument may be a name, a number or a note, and errors are copied into reports. The names of options stay:
/// they are what the message is about.
package enum UsageMessage {
    /// The message with `'…'` for every argument that it repeats.
    ///
    /// - Parameter arguments: the command line, without the command's own name.
    package static func withoutArguments(
        _ message: String, _ arguments: some Sequence<String>
    ) -> String {
        var typed = Set<String>()
        for argument in arguments where !isOptionName(argument) {
            typed.insert(argument)
            // Of --limit=abc the value may be named alone, of -oabc each letter.
            if argument.hasPrefix("-"), let sign = argument.firstIndex(of: "=") {
                typed.insert(String(argument[argument.index(after: sign)...]))
            }
        }
        // The longest first: one argument may be a part of another.
        return typed.filter { !$0.isEmpty }
            .sorted { ($0.utf8.count, $0) > ($1.utf8.count, $1) }
            .reduce(message) { $0.replacing("'\($1)'", with: "'…'") }
    }

    /// `--json`, `-q`.
    private static func isOptionName(_ argument: String) -> Bool {
        let name = argument.drop { $0 == "-" }
        guard argument.hasPrefix("-"), name.allSatisfy({ $0.isLowercase || $0 == "-" }) else {
            return false
        }
        return argument.hasPrefix("--") || name.count <= 1
    }
}

import Foundation

/// A language that the program speaks.
enum InterfaceLanguage: String, CaseIterable, Sendable {
    case arabic = "ar"
    case french = "fr"
    case english = "en"

    /// The one of this run: `--lang`, else what `LC_ALL`, `LC_MESSAGES` or `LANG` says first, else English.
    static let current = InterfaceLanguage(
        arguments: CommandLine.arguments, environment: ProcessInfo.processInfo.environment)

    /// - Parameter arguments: looked at before they are parsed, because help speaks that language too.
    init(arguments: [String], environment: [String: String]) {
        let own = Array(arguments.prefix { $0 != "--" })
        var said: String?
        for (index, argument) in own.enumerated() {
            if argument == "--lang", index + 1 < own.count { said = own[index + 1] }
            if argument.hasPrefix("--lang=") { said = String(argument.dropFirst(7)) }
        }
        let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].lazy
            .compactMap { environment[$0] }.first { !$0.isEmpty }
        self = (said ?? locale).flatMap(Self.init(tag:)) ?? .english
    }

    /// The language of a tag or of a POSIX locale, `fr`, `ar-MA`, `fr_FR.UTF-8`; `nil` for another.
    init?(tag: String) {
        self.init(rawValue: tag.lowercased().prefix { $0.isASCII && $0.isLetter }.description)
    }

    /// The best language of a keyed field first, for `RecordView.label(preferring:)`.
    var preferences: [String] {
        [rawValue] + ["en", "fr", "ar"].filter { $0 != rawValue }
    }
}

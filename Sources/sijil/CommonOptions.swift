import ArgumentParser
import SijilCore
import SijilStore

/// What every verb takes.
struct CommonOptions: ParsableArguments {
    @Flag(help: ArgumentHelp(Phrase.jsonHelp.here))
    var json = false

    @Flag(name: .shortAndLong, help: ArgumentHelp(Phrase.quietHelp.here))
    var quiet = false

    @Flag(name: .customLong("no-input"), help: ArgumentHelp(Phrase.noInputHelp.here))
    var noInput = false

    @Option(
        help: ArgumentHelp(Phrase.homeHelp.here, valueName: "directory"),
        completion: .directory)
    var home: String?

    func validate() throws {
        // As a variable that is not set makes it: that is no wish for the working directory.
        guard home != "" else { throw ValidationError(Phrase.homeIsEmpty.here) }
    }
}

/// What the verbs that speak three languages take besides: those for people and practices, and those of every day.
struct LanguageOptions: ParsableArguments {
    @Option(
        name: .customLong("lang"),
        help: ArgumentHelp(Phrase.languageHelp.here, valueName: "ar|fr|en"),
        completion: .list(InterfaceLanguage.allCases.map(\.rawValue)))
    var language: String?

    func validate() throws {
        guard let language, InterfaceLanguage(tag: language) == nil else { return }
        throw ValidationError(Phrase.unknownLanguage.here)
    }
}

extension Phrase {
    fileprivate static let jsonHelp = Phrase(
        ar: "كائن JSON واحد، أو كائن في كل سطر، بدل النص.",
        fr: "Un objet JSON, ou un par ligne, au lieu de texte.",
        en: "One JSON object, or one per line, instead of text.")
    fileprivate static let quietHelp = Phrase(
        ar: "بلا رسائل: البيانات والأخطاء فقط.",
        fr: "Sans messages : données et erreurs seulement.",
        en: "No messages; data and errors only.")
    fileprivate static let noInputHelp = Phrase(
        ar: "لا تسأل عن شيء أبدًا.", fr: "Ne jamais rien demander.", en: "Never ask anything.")
    fileprivate static let homeIsEmpty = Phrase(
        ar: "--home فارغ.", fr: "--home est vide.", en: "--home is empty.")
    fileprivate static let homeHelp = Phrase(
        ar: "أين النسخة. الافتراضي: $SIJIL_HOME، وإلا فمجلد بيانات XDG.",
        fr: "Où est la réplique. Par défaut : $SIJIL_HOME, sinon le dossier de données XDG.",
        en: "Where the replica is. Default: $SIJIL_HOME, else the XDG data directory.")
    fileprivate static let languageHelp = Phrase(
        ar: "لغة الرسائل والنصوص: ar أو fr أو en. الافتراضي: لغة النظام.",
        fr: "Langue des messages et des textes : ar, fr ou en. Par défaut, celle du système.",
        en: "Language of messages and texts: ar, fr or en. Default: the system's.")
    fileprivate static let unknownLanguage = Phrase(
        ar: "اللغات هي ar و fr و en.", fr: "Les langues sont ar, fr et en.",
        en: "The languages are ar, fr and en.")
}

/// A command of the program.
///
/// What it prints is written out when it returns or throws.
protocol Verb: AsyncParsableCommand {
    var common: CommonOptions { get }

    func run(_ console: Console) async throws
}

extension Verb {
    mutating func run() async throws {
        let console = Console(common)
        do {
            try await run(console)
        } catch {
            // What was found before the error is data all the same.
            try? console.flush()
            throw error
        }
        try console.flush()
    }

    var home: Home { Home(option: common.home) }

    func openReplica() throws -> Replica { try home.open() }
}

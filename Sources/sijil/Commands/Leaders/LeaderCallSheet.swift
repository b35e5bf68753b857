import ArgumentParser
import SijilCore
import SijilDirectory
import SijilStore

struct LeaderCallSheet: Verb {
    static let configuration = CommandConfiguration(
        commandName: "call-sheet",
        abstract: Phrase(
            ar: "بمن يُتّصل الآن، وبأيّ رقم، وبأيّ لغة، وعبر من.",
            fr: "Qui appeler maintenant, à quel numéro, dans quelle langue, par qui.",
            en: "Whom to call now, on which number, in which language, through whom."
        )
        .here,
        discussion: Phrase.callSheetExamples.here)

    @OptionGroup var filter: LeaderFilter

    @Option(help: ArgumentHelp(Phrase.atHelp.here, valueName: "2026-03-11T10:30Z"))
    var at: String?

    @Flag(help: ArgumentHelp(Phrase.crisisHelp.here))
    var crisis = false

    @OptionGroup var language: LanguageOptions
    @OptionGroup var common: CommonOptions

    func run(_ console: Console) async throws {
        let replica = try openReplica()
        let moment = try moment(replica)
        let roster = try filter.roster(of: replica)
        let sheet = roster.callSheet(
            try filter.query(in: roster), at: moment, inCrisis: crisis)
        if console.isJSON {
            for entry in sheet {
                try console.emit(entry.json(in: roster, preferring: preferences))
            }
            return
        }
        let words = LeaderText(roster: roster, text: console.text)
        for (index, entry) in sheet.enumerated() {
            for line in words.lines(of: entry, number: index + 1) { try console.print(line) }
        }
        if sheet.isEmpty { console.message(Phrase.noLeaders.here) }
        if sheet.contains(where: { $0.reason == .obstacle(.crisisOnly) }) {
            console.message(Phrase.crisisHint.here)
        }
    }

    private func moment(_ replica: Replica) throws -> Int64 {
        guard let at else { return try replica.now }
        guard let moment = Timestamp.milliseconds(at) else {
            throw SijilError(
                .badData, Phrase.badMoment.here, hint: "2026-03-11T10:30Z, 2026-03-11T10:30+01:00",
                place: "--at")
        }
        return moment
    }
}

extension LeaderText {
    /// A person, how to reach them and what to heed, each line by itself.
    func lines(of entry: CallSheetEntry, number: Int) -> [String] {
        let person = entry.leader.person
        var lines = ["\(number). \(line(entry.leader))"]
        if entry.leader.status == .disputed { lines[0] += " · " + status(.disputed) }
        if let channel = entry.channel {
            let way = self.channel(channel)
            lines.append(
                entry.via.map { Phrase.callThrough(name($0), way) } ?? Phrase.call(way))
            if let hours = hours(of: channel, entry) { lines.append(hours) }
            if !channel.channel.avoid.isEmpty { lines.append(Phrase.avoid(channel.channel.avoid)) }
            let speaker = entry.via ?? person
            if !speaker.languages.isEmpty { lines.append(Phrase.speaks(languages(speaker))) }
            if let greeting = speaker.formOfAddress.best(preferences) {
                lines.append(Phrase.greet(text.own(greeting)))
            }
            if let rule = rule(entry.leader), entry.via == nil { lines.append("! " + rule) }
        } else {
            lines.append("! " + Phrase.notCallable(reason(entry)))
        }
        if entry.via == nil {
            let first = person.intermediaries.compactMap { roster.people[$0] }.map(name)
            if !first.isEmpty, entry.isCallable {
                lines.append(Phrase.askFirst(first.joined(separator: Phrase.comma.here)))
            }
        }
        if let notes = person.protocolNotes.best(preferences) {
            lines.append(Phrase.heed(text.own(notes)))
        }
        return lines.prefix(1) + lines.dropFirst().map { "   " + $0 }
    }

    private var preferences: [String] { InterfaceLanguage.current.preferences }

    private func hours(of channel: ReachableChannel, _ entry: CallSheetEntry) -> String? {
        guard let hours = channel.channel.hours else { return nil }
        let said = text.value(.text(hours))
        let clock = entry.localTime.map { text.code($0.text) } ?? ""
        return switch channel.hours {
        case .open: Phrase.openNow(said, clock)
        case .closed: Phrase.closedNow(said, clock)
        case .unknown: Phrase.hours(said)
        }
    }

    private func reason(_ entry: CallSheetEntry) -> String {
        switch entry.reason {
        case .obstacle(.deceased): Phrase.deceased.here
        case .obstacle(.never): Phrase.ruleNever.here
        case .obstacle(.consentWithdrawn): Phrase.consentWithdrawn.here
        case .obstacle(.viaIntermediary): Phrase.ruleVia.here
        case .obstacle(.crisisOnly): Phrase.ruleCrisisOnly.here
        case .noIntermediary: Phrase.noIntermediary.here
        case .noChannel, nil: Phrase.noChannel.here
        }
    }
}

extension Phrase {
    fileprivate static let callSheetExamples = Phrase(
        ar: """
            أمثلة:
              sijil leader call-sheet --area XM01
              sijil leader call-sheet --area XM01 --language ar --crisis
              sijil leader call-sheet --category religious --at 2026-03-11T10:30Z --json

            الأوقات بتوقيت المنطقة. من قال "أبدا" أو سحب موافقته لا يظهر له رقم.
            """,
        fr: """
            Exemples :
              sijil leader call-sheet --area XM01
              sijil leader call-sheet --area XM01 --language fr --crisis
              sijil leader call-sheet --category religious --at 2026-03-11T10:30Z --json

            Les heures sont celles de la zone. Qui a dit « jamais » ou retiré son accord paraît sans \
            numéro.
            """,
        en: """
            Examples:
              sijil leader call-sheet --area XM01
              sijil leader call-sheet --area XM01 --language fr --crisis
              sijil leader call-sheet --category religious --at 2026-03-11T10:30Z --json

            Hours are those of the area. Whoever said never, or took back their consent, has no number \
            here.
            """)
    fileprivate static let atHelp = Phrase(
        ar: "اللحظة المقصودة. الافتراضي: الآن.", fr: "Le moment voulu. Par défaut : maintenant.",
        en: "The moment that is meant. Default: now.")
    fileprivate static let crisisHelp = Phrase(
        ar: "هذه أزمة: أظهر من لا يُتّصل به إلا في الأزمات.",
        fr: "C'est une crise : montrer aussi qui n'est joignable qu'en cas de crise.",
        en: "It is a crisis: show those too who are to be called in a crisis only.")
    fileprivate static let crisisHint = Phrase(
        ar: "في الأزمات: --crisis", fr: "en cas de crise : --crisis", en: "in a crisis: --crisis")
    fileprivate static let badMoment = Phrase(
        ar: "هذه ليست لحظة بصيغة ISO 8601 مع فارق التوقيت.",
        fr: "Ce n'est pas un moment ISO 8601 avec son fuseau.",
        en: "This is no moment of ISO 8601 with its offset from UTC.")
    fileprivate static let call = Phrase(ar: "اتّصل: {0}", fr: "appeler : {0}", en: "call: {0}")
    fileprivate static let callThrough = Phrase(
        ar: "اتّصل عبر {0}: {1}", fr: "appeler par {0} : {1}", en: "call through {0}: {1}")
    fileprivate static let greet = Phrase(ar: "التحيّة: {0}", fr: "saluer : {0}", en: "greet: {0}")
    fileprivate static let heed = Phrase(ar: "يُراعى: {0}", fr: "à respecter : {0}", en: "heed: {0}")
    fileprivate static let askFirst = Phrase(
        ar: "يُستأذن أولا: {0}", fr: "demander d'abord à : {0}", en: "ask first: {0}")
    fileprivate static let openNow = Phrase(
        ar: "الأوقات: {0}؛ متاح الآن، الساعة هناك {1}",
        fr: "heures : {0} ; joignable maintenant, il est {1}",
        en: "hours: {0}; open now, it is {1} there")
    fileprivate static let closedNow = Phrase(
        ar: "الأوقات: {0}؛ خارج الأوقات، الساعة هناك {1}",
        fr: "heures : {0} ; hors des heures, il est {1}",
        en: "hours: {0}; out of hours, it is {1} there")
    fileprivate static let notCallable = Phrase(
        ar: "لا يُتّصل به: {0}", fr: "ne pas appeler : {0}", en: "do not call: {0}")
    fileprivate static let consentWithdrawn = Phrase(
        ar: "سحب موافقته", fr: "accord retiré", en: "consent was taken back")
    fileprivate static let noIntermediary = Phrase(
        ar: "عبر وسيط فقط، ولا وسيط يمكن الاتصال به",
        fr: "seulement par un intermédiaire, et aucun n'est joignable",
        en: "through an intermediary only, and none can be called")
    fileprivate static let noChannel = Phrase(
        ar: "لا رقم ولا قناة معروفة", fr: "aucun moyen de contact connu", en: "no channel is known")
}

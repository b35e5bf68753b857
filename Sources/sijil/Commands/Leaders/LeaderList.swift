import ArgumentParser
import SijilCore
import SijilDirectory
import SijilStore

struct LeaderList: Verb {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: Phrase(
            ar: "من يشغل المناصب اليوم أو في تاريخ ما.",
            fr: "Qui occupe les charges, aujourd'hui ou à une date.",
            en: "Who holds the offices, today or on a date."
        )
        .here,
        discussion: Phrase.leaderListExamples.here)

    @OptionGroup var filter: LeaderFilter
    @OptionGroup var on: OnDate
    @OptionGroup var language: LanguageOptions
    @OptionGroup var common: CommonOptions

    func run(_ console: Console) async throws {
        let replica = try openReplica()
        let roster = try filter.roster(of: replica)
        let leaders = roster.leaders(
            try filter.query(in: roster), on: try on.date(for: replica))
        if console.isJSON {
            for leader in leaders { try console.emit(leader.json(in: roster)) }
            return
        }
        let words = LeaderText(roster: roster, text: console.text)
        var table = Table("ID", "", "")
        for leader in leaders {
            var parts = [words.line(leader)]
            if !leader.person.languages.isEmpty { parts.append(words.languages(leader.person)) }
            if let rule = words.rule(leader) { parts.append(rule) }
            if let channel = leader.channels.first { parts.append(words.channel(channel)) }
            table.add(
                console.text.code(leader.person.id.description), words.status(leader.status),
                parts.joined(separator: " · "))
        }
        try console.print(table, whenEmpty: Phrase.noLeaders.here)
    }
}

extension Phrase {
    fileprivate static let leaderListExamples = Phrase(
        ar: """
            أمثلة:
              sijil leader list --area XM01
              sijil leader list --category religious --language ar
              sijil leader list --office-type mayor --on 2026-03-10 --json
            """,
        fr: """
            Exemples :
              sijil leader list --area XM01
              sijil leader list --category religious --language ar
              sijil leader list --office-type mayor --on 2026-03-10 --json
            """,
        en: """
            Examples:
              sijil leader list --area XM01
              sijil leader list --category religious --language ar
              sijil leader list --office-type mayor --on 2026-03-10 --json
            """)
}

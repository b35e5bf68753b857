import ArgumentParser

/// `sijil leader …`.
struct LeaderGroup: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "leader",
        abstract: Phrase(
            ar: "القادة: أشخاص في مناصب، وكيف يُتّصل بهم.",
            fr: "Les leaders : des personnes, leur charge, comment les joindre.",
            en: "Leaders: people in offices, and how to reach them."
        )
        .here,
        discussion: Phrase.leaderExamples.here,
        subcommands: [
            LeaderAdd.self, LeaderList.self, LeaderShow.self, LeaderCallSheet.self,
            LeaderVerify.self, LeaderConsent.self,
        ])
}

extension Phrase {
    fileprivate static let leaderExamples = Phrase(
        ar: """
            أمثلة:
              sijil leader add "ar=نادية أمزيان" --in roster-xm01 --office-type mayor
              sijil leader call-sheet --area XM01 --language ar
            """,
        fr: """
            Exemples :
              sijil leader add "fr=Nadia Amziane" --in roster-xm01 --office-type mayor
              sijil leader call-sheet --area XM01 --language fr
            """,
        en: """
            Examples:
              sijil leader add "fr=Nadia Amziane" --in roster-xm01 --office-type mayor
              sijil leader call-sheet --area XM01 --language fr
            """)
}

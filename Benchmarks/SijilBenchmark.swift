import ArgumentParser

@main
struct SijilBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "One measurement of Sijil or of its baseline, as one JSON object.",
        discussion: "Scripts/benchmark runs them all, next to their peers.",
        subcommands: [
            Generate.self, Prepare.self, WriteRaw.self, WriteRecords.self, ReceiveLog.self,
            LoadSnapshot.self, ExportSnapshot.self, EditRecords.self, MergeTrace.self,
            FindNames.self, SyncLoopback.self,
        ])
}

/// Where the generated data lies, and where databases may be made.
struct Folders: ParsableArguments {
    @Option(help: "The folder of the generated data.")
    var data: String

    @Option(help: "A folder for databases; those that are there are replaced.")
    var at: String

    var stage: Stage { Stage(folder: at) }
}

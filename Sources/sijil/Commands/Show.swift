import ArgumentParser
import SijilCore
import SijilDirectory
import SijilStore

struct Show: Verb {
    static let configuration = CommandConfiguration(
        abstract: "Show one record.",
        discussion: """
            Examples:
              sijil show ID
              sijil show ID --json
              sijil show ID --stored

            A person into whom others are merged is shown with what all of their records say, under any \
            of their ids.
            """)

    @Argument(help: "The record's id.")
    var id: String

    @Flag(help: "A person's record as it is stored, whatever it is merged with.")
    var stored = false

    @OptionGroup var common: CommonOptions

    func run(_ console: Console) async throws {
        let replica = try openReplica()
        var record = try replica.record(try Arguments.recordID(id))
        var merged: [RecordID] = []
        if record.type == "person", !stored {
            let people = try MergedPeople(replica)
            record = try people.view(of: record, on: replica)
            merged = Array(people.members(of: record.id).dropFirst())
        }
        if !stored, merged.isEmpty { record = record.withCountingEnd }
        let names = try replica.replicaNames()
        if record.isErased {
            return try show(record, names, console)
        }
        if console.isJSON {
            return try console.emit(record.json(replicaNames: names, merged: merged))
        }
        let text = console.text
        try console.print("id: \(text.code(record.id.description))")
        if !merged.isEmpty {
            let ids = merged.map { text.code($0.description) }.joined(separator: ", ")
            try console.print("merged: \(ids)")
        }
        try console.print("type: \(text.own(record.type))")
        try console.print("collection: \(text.own(record.collectionName))")
        if record.isDeleted { try console.print("deleted: yes") }
        for field in record.fields { try show(field, of: record, console) }
        for flag in record.flags {
            let kind =
                flag.reason == .unreadableNumber ? "a telephone number" : "an e-mail address"
            try console.print("! \(flag.field): could not be read as \(kind)")
        }
        guard !record.conflicts.isEmpty else { return }
        try console.print()
        try console.print("! \(count(record.conflicts.count, "conflict")):")
        for cell in record.conflicts {
            try console.print("  " + record.conflictLine(cell, names, text, withLabel: false))
        }
        console.message(Phrase.nextConflicts.here)
    }

    /// Of a record that was erased: that it was, when and by whom.
    private func show(
        _ erased: RecordView, _ names: [ReplicaID: String], _ console: Console
    ) throws {
        if console.isJSON { return try console.emit(erased.json(replicaNames: names)) }
        let text = console.text
        try console.print("id: \(text.code(erased.id.description))")
        try console.print("type: \(text.own(erased.type))")
        try console.print("collection: \(text.own(erased.collectionName))")
        for sibling in erased.cells[.erasure]?.siblings ?? [] {
            try console.print("erased: \(text.origin(sibling, names))")
        }
    }

    private func show(_ field: String, of record: RecordView, _ console: Console) throws {
        let text = console.text
        let shape = record.shape(of: field)
        if shape == .set {
            let members = record.members(field).map(text.value).joined(separator: ", ")
            return try console.print("\(text.own(field)): \(members)")
        }
        if record[field] != .none { try print(field, record[field], console) }
        for (key, value) in record.keyed(field) {
            try print("\(field).\(key.plainText)", value, console)
        }
    }

    /// A value of several lines goes below its label.
    private func print(_ label: String, _ value: Value, _ console: Console) throws {
        let label = TerminalText.neutralised(label)
        if case .text(let long) = value, long.contains("\n") {
            try console.print("\(label):")
            for line in long.split(separator: "\n", omittingEmptySubsequences: false) {
                try console.print("  " + console.text.own(String(line)))
            }
        } else {
            try console.print("\(label): \(console.text.value(value))")
        }
    }
}

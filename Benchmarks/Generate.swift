import ArgumentParser
import Foundation
import SijilCore
import SijilStore

/// Writes the data that all programs read.
struct Generate: ParsableCommand {
    @Option(help: "Records.")
    var count: Int

    @Option(help: "Where to.")
    var folder: String

    func run() throws {
        let generator = RosterGenerator(count: count)
        var roster = DataFile(cellsPerRow: 16)
        for index in 0..<count { roster.add(generator.id(index), generator.texts(index)) }
        var edits = DataFile(cellsPerRow: 3)
        for edit in generator.edits(10_001) {
            edits.add(edit.id, [String(edit.field + 1), edit.value])
        }
        var trace = DataFile(cellsPerRow: 5)
        for operation in generator.trace(min(2000, count)) {
            let field = operation.field.map { $0 + 1 } ?? 0
            trace.add(
                operation.id,
                [String(field), operation.value, String(operation.time), operation.writer])
        }
        var queries = DataFile(cellsPerRow: 1)
        for query in generator.queries(400) { queries.add(nil, [query]) }
        try roster.write("roster", in: folder)
        try edits.write("edits", in: folder)
        try trace.write("trace", in: folder)
        try queries.write("queries", in: folder)
        try writePeople(generator)
        let hash = [roster, edits, trace, queries]
            .reduce(into: RowHash()) { $0.add($1.hash) }
        try Measurement(Double(count), ["hash": .text(hash.description)]).print()
    }

    /// The same people for `sijil import`.
    private func writePeople(_ generator: RosterGenerator) throws {
        struct Line: Encodable {
            struct Fields: Encodable {
                var name: [String: String]
                var languages: [String]
                var notes: String
            }

            var type = "person"
            var id: String
            var fields: Fields
        }
        let path = "\(folder)/people.jsonl"
        try Data().write(to: URL(fileURLWithPath: path))
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        let encoder = JSONEncoder()
        var text = Data()
        for index in 0..<count {
            let texts = generator.texts(index)
            let fields = Line.Fields(
                name: ["ar": texts[0], "ar-Latn": texts[1]],
                languages: texts[9].split(separator: ",").map(String.init), notes: texts[10])
            text += try encoder.encode(Line(id: generator.id(index).description, fields: fields))
            text.append(UInt8(ascii: "\n"))
            if text.count > 1 << 20 {
                try file.write(contentsOf: text)
                text.removeAll()
            }
        }
        try file.write(contentsOf: text)
        try file.close()
    }
}

/// Makes the replicas that other measurements begin with, beside the data.
struct Prepare: ParsableCommand {
    @Option(help: "The folder of the generated data; the replicas are put there too.")
    var data: String

    func run() throws {
        let records = try RosterRecord.all(in: data)
        let stage = Stage(folder: data)
        let author = try stage.create(.author)
        try author.write(records, perChange: WriteRecords.perChange)
        var dispatch = Dispatch()
        try dispatch.takeAll(from: author)
        try RunFile.write(dispatch.runs.map(\.bytes), to: "\(data)/log.runs")
        try Data(dispatch.hash.bytes).write(to: URL(fileURLWithPath: "\(data)/log.hash"))
        try Data(ExportSnapshot.bytes(of: author))
            .write(to: URL(fileURLWithPath: "\(data)/roster.snapshot"))
        let receiver = try stage.create(.receiver)
        try ReceiveLog.receive(dispatch.runs.map(\.bytes), in: receiver)
        let searcher = try stage.create(.searcher, searched: true)
        try searcher.write(records, perChange: WriteRecords.perChange)
        for replica in [author, receiver, searcher] { try replica.close() }
        for device in [Stage.Device.author, .receiver, .searcher] {
            _ = try RawDatabase.fileBytes(stage.path(device))
        }
        try Measurement(Double(records.count)).print()
    }
}

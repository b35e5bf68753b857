import Foundation
import Testing

/// The frozen bytes of `Fixtures/Format/v1`: read by every run, added to by a run that records.
///
/// `SIJIL_RECORD=1` writes the files that are missing and fails the run, so that it cannot stay on.
/// It never writes over a file: bytes that a user's database may hold must be read for ever.
enum GoldenFiles {
    static let folder = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Fixtures/Format/v1")

    static let isRecording = ProcessInfo.processInfo.environment["SIJIL_RECORD"] == "1"

    static func names() throws -> Set<String> {
        Set(
            try FileManager.default.contentsOfDirectory(atPath: folder.path)
                .filter { $0.hasSuffix(".bin") || $0.hasSuffix(".json") })
    }

    /// The bytes of a golden file; `made` makes them when they are recorded for the first time.
    static func bytes(_ name: String, made: () throws -> [UInt8]) throws -> [UInt8] {
        let file = folder.appending(path: name + ".bin")
        if isRecording, !FileManager.default.fileExists(atPath: file.path) {
            try Data(try made()).write(to: file)
            Issue.record("\(name).bin was recorded; run again without SIJIL_RECORD.")
        }
        return Array(try Data(contentsOf: file))
    }

    static func expectDescription(_ name: String, _ description: JSON) throws {
        let file = folder.appending(path: name + ".json")
        if isRecording, !FileManager.default.fileExists(atPath: file.path) {
            try Data(description.text.utf8).write(to: file)
            Issue.record("\(name).json was recorded; run again without SIJIL_RECORD.")
        }
        let expected = String(decoding: try Data(contentsOf: file), as: UTF8.self)
        #expect(description.text.utf8.elementsEqual(expected.utf8), "\(name).json differs")
    }
}

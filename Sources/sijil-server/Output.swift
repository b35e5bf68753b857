import Foundation
import SijilCore

/// Writes without a buffer: what was written is out, also when the process is killed.
enum Output {
    /// - Throws: `inputOutput`.
    static func data(_ text: String) throws {
        do {
            try FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
        } catch {
            throw SijilError(.inputOutput, "Standard output could not be written.")
        }
    }

    /// Where nobody reads any more, there is nobody to tell.
    static func message(_ text: String) {
        try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
    }

    /// Text of other people's without what could steer a terminal.
    static func plain(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map {
                    $0.properties.generalCategory == .control ? "\u{FFFD}" : $0
                }))
    }

    /// One object on one line.
    static func line(_ value: some Encodable) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let bytes = (try? encoder.encode(value)) ?? Data("{}".utf8)
        return String(decoding: bytes, as: UTF8.self) + "\n"
    }
}

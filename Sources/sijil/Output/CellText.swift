import Foundation
import SijilCore
import SijilDirectory
import SijilStore

extension CellName {
    /// `notes`, `name.ar`; the life of a record is the field `deleted`.
    var path: String {
        if self == .liveness { return "deleted" }
        if self == .erasure { return "erased" }
        return key == .none ? field : "\(field).\(key.plainText)"
    }

    /// The field for JSON.
    var fieldJSON: JSON {
        .string(self == .liveness ? "deleted" : self == .erasure ? "erased" : field)
    }

    /// The key for JSON: null for a single field.
    var keyJSON: JSON {
        switch self == .erasure ? .none : key {
        case .none: .null
        case .text(let text): .string(text)
        default: .string("$" + key.json.description)
        }
    }
}

extension SijilError {
    /// Nothing is written any more to a record that was erased.
    static var recordErased: SijilError {
        SijilError(
            .erased, "The record was erased: nothing is written to it any more.",
            hint: "'sijil show ID' says who erased it and when.")
    }
}

extension RecordView {
    /// The label in the language of the person's terminal, if there is one.
    var label: String { label(preferring: Languages.preferred) }
}

/// The languages that the person's environment asks for.
enum Languages {
    static let preferred: [String] = {
        let environment = ProcessInfo.processInfo.environment
        let setting = ["LC_ALL", "LC_MESSAGES", "LANG"].lazy
            .compactMap { environment[$0] }.first { !$0.isEmpty }
        let language = String((setting ?? "").prefix { $0.isLetter })
        return ["", "C", "POSIX"].contains(language) ? [] : [language]
    }()
}

extension TerminalText {
    /// A value as people read it: words in their own direction, everything else from left to right.
    func value(_ value: Value) -> String {
        switch value {
        case .none: "(none)"
        case .text(let text) where !Self.isCode(text): own(text)
        default: code(value.plainText)
        }
    }

    /// Whether a text is a phone number or the like: no letters but ASCII ones, and a digit.
    private static func isCode(_ text: String) -> Bool {
        text.unicodeScalars.allSatisfy(\.isASCII) && text.contains(where: \.isNumber)
    }

    /// `tab-07, 2026-03-07T14:05:09.123Z`: who wrote it, and when.
    func origin(_ sibling: Sibling, _ names: [ReplicaID: String]) -> String {
        let name = names[sibling.dot.replica] ?? sibling.dot.replica.abbreviated
        return "\(own(name)), \(code(Timestamp.text(milliseconds: sibling.at)))"
    }
}

/// A number with its noun: `1 change`, `2 changes`.
func count(_ number: Int, _ noun: String) -> String {
    "\(number) \(noun)\(number == 1 ? "" : "s")"
}

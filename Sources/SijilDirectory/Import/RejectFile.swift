import Foundation
import SijilCore

/// The rows that an import refused, a JSON object a line:
/// `{"line":17,"column":3,"code":"bad-data","field":"from","reason":"…","raw":"…"}`.
///
/// `raw` is the row as it was read, or `{"hex":"…"}` when it is not UTF-8; `truncated` is true when only
/// its beginning was kept. The file is made with the first row, for its owner's eyes only: it holds what the
/// import file holds.
final class RejectFile {
    let path: String
    private(set) var isMade = false
    private var handle: FileHandle?

    init(path: String) { self.path = path }

    /// - Throws: `cannotCreate` or `inputOutput`.
    func write(_ row: SourceRow, _ failure: RowFailure) throws {
        let handle = try handle ?? make()
        self.handle = handle
        let kept = row.raw.prefix(ImportLimits.rejectedRowBytes)
        var members = [
            JSON.Member("line", .integer(Int64(failure.line ?? row.line))),
            JSON.Member("column", failure.column.map { .integer(Int64($0)) } ?? .null),
            JSON.Member("code", .string(failure.error.code.rawValue)),
            JSON.Member("field", failure.error.place.map { .string($0) } ?? .null),
            JSON.Member(
                "reason",
                .string(
                    [failure.error.message, failure.error.hint].compactMap(\.self)
                        .joined(separator: " "))),
        ]
        let text = String(validating: kept, as: UTF8.self)
        members.append(
            JSON.Member("raw", text.map { .string($0) } ?? ["hex": .string(hexadecimal(kept))]))
        if kept.count < row.raw.count { members.append(JSON.Member("truncated", true)) }
        do {
            try handle.write(contentsOf: Data(JSON.object(members).bytes + [0x0A]))
        } catch {
            throw SijilError(
                .inputOutput, "Writing the reject file failed.",
                hint: "What was imported until now stays; import the file again.",
                underlying: error)
        }
    }

    private func make() throws -> FileHandle {
        // A file of an earlier run is replaced; a link goes, what it leads to stays. All else stays: folders, devices,
        // pipes, and files that no import has made.
        guard isOurs else {
            throw SijilError(
                .cannotCreate, "There is something else where the reject file should be.",
                hint: "Name another place with --rejects.")
        }
        _ = unsafe unlink(path)
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw SijilError(
                .cannotCreate, "The reject file cannot be made.",
                hint: "Name a place that you may write to with --rejects.")
        }
        isMade = true
        return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }

    /// Whether nothing is there, or what an import may replace.
    private var isOurs: Bool {
        var (own, target) = (stat(), stat())
        guard unsafe lstat(path, &own) == 0 else { return true }
        // A link to a device or a pipe is the name of it.
        guard unsafe stat(path, &target) != 0 || target.st_mode & S_IFMT == S_IFREG else {
            return false
        }
        guard own.st_mode & S_IFMT == S_IFREG, own.st_size > 0 else { return true }
        let handle = FileHandle(forReadingAtPath: path)
        return (try? handle?.read(upToCount: Self.beginning.utf8.count))
            == Data(Self.beginning.utf8)
    }

    /// Of every row.
    private static let beginning = #"{"line":"#
}

import Foundation
import SijilCore
public import SijilStore

/// A copy of a server's whole database in one file, also while the server runs.
public enum Backup {
    /// Writes the copy whole or not at all; it is on the disk when this returns, readable for its owner only.
    ///
    /// - Throws: `cannotCreate` when there is such a file already, or none can be made.
    public static func write(_ store: SQLiteLogStore, to path: String) throws {
        guard !FileManager.default.fileExists(atPath: path) else {
            throw SijilError(
                .cannotCreate, "There is such a file already.", hint: "Choose another name.")
        }
        let unfinished = "\(path).\(getpid()).part"
        // Made here so that nobody else can read it from the first byte on; SQLite fills an empty file.
        let descriptor = unsafe open(unfinished, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw SijilError(.cannotCreate, "The backup cannot be made there.")
        }
        defer { close(descriptor) }
        do {
            try store.copy(to: unfinished)
            guard fsync(descriptor) == 0, unsafe link(unfinished, path) == 0 else {
                throw SijilError(.inputOutput, "The backup could not be written.")
            }
        } catch {
            unsafe unlink(unfinished)
            throw error
        }
        unsafe unlink(unfinished)
        syncFolder(of: path)
    }

    private static func syncFolder(of path: String) {
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
        let descriptor = unsafe open(folder, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }
}

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
        let unfinished = unfinishedPath(of: path)
        // Made here so that nobody else can read it from the first byte on; SQLite fills an empty file.
        let descriptor = unsafe open(unfinished, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw SijilError(.cannotCreate, "The backup cannot be made there.")
        }
        defer { close(descriptor) }
        do {
            try store.copy(to: unfinished)
            guard fsync(descriptor) == 0, place(unfinished, at: path) else {
                throw SijilError(.inputOutput, "The backup could not be written.")
            }
        } catch {
            unsafe unlink(unfinished)
            throw error
        }
        unsafe unlink(unfinished)
        syncFolder(of: path)
    }

    /// Where the copy is until it is whole; gone when ``write(_:to:)`` returns.
    ///
    /// Whoever ends the process before has to remove it: it holds the server's private key.
    public static func unfinishedPath(of path: String) -> String { "\(path).\(getpid()).part" }

    /// Gives the copy its name, never that of a file which is there.
    private static func place(_ unfinished: String, at path: String) -> Bool {
        if unsafe link(unfinished, path) == 0 { return true }
        // FAT and others know no second name for a file.
        guard [EPERM, ENOTSUP, EOPNOTSUPP, ENOSYS].contains(errno) else { return false }
        return moveWithoutLinks(unfinished, to: path)
    }

    /// Takes the name first, so that nobody else's file is replaced.
    static func moveWithoutLinks(_ unfinished: String, to path: String) -> Bool {
        let taken = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard taken >= 0 else { return false }
        close(taken)
        if unsafe rename(unfinished, path) == 0 { return true }
        unsafe unlink(path)
        return false
    }

    private static func syncFolder(of path: String) {
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
        let descriptor = unsafe open(folder, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }
}

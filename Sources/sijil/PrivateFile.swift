import Foundation
import SijilCore

/// Files that only their owner reads and that are on the disk when the call returns.
enum PrivateFile {
    /// Does something that only one process may do in a directory at a time; others wait.
    ///
    /// The lock is gone with the process that holds it, however this ends.
    static func whileLocked<Result>(
        _ directory: String, _ body: () throws -> Result
    ) throws -> Result {
        let descriptor = unsafe open(directory, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw SijilError(.cannotCreate, "The directory cannot be read.", place: directory)
        }
        defer { close(descriptor) }
        // Some file systems have no locks; there people have to take care.
        while flock(descriptor, LOCK_EX) != 0, errno == EINTR {}
        return try body()
    }

    /// Writes a file that does not exist yet, whole or not at all; the directory must be locked.
    ///
    /// - Throws: `cannotCreate` when it cannot be made, `inputOutput` when writing fails.
    static func create(_ path: String, _ bytes: [UInt8]) throws(SijilError) {
        let unfinished = path + ".new"
        unsafe unlink(unfinished)
        let descriptor = unsafe open(unfinished, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw SijilError(.cannotCreate, "A file could not be made.", place: path)
        }
        let isWritten = write(bytes, to: descriptor) && fsync(descriptor) == 0
        guard close(descriptor) == 0, isWritten, unsafe rename(unfinished, path) == 0 else {
            unsafe unlink(unfinished)
            throw SijilError(.inputOutput, "A file could not be written.", place: path)
        }
        try syncDirectory(directory(of: path))
    }

    /// Writes a file whole or not at all; one that is there is replaced at the last moment.
    ///
    /// A task that was cancelled does not write on: see ``Interruption``.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - body: is handed a function that appends bytes.
    /// - Throws: `cannotCreate`, `inputOutput`, and what `body` throws; then nothing has changed.
    static func replace(
        _ path: String, _ body: (_ append: ([UInt8]) throws -> Void) throws -> Void
    ) throws {
        let path = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        if let attributes, attributes[.type] as? FileAttributeType != .typeRegular {
            throw SijilError(
                .cannotCreate, "There is something that is not a file.", place: path)
        }
        let unfinished = "\(path).\(getpid()).part"
        let descriptor = make(unfinished, O_WRONLY)
        guard descriptor >= 0 else {
            throw SijilError(.cannotCreate, "The file could not be made.", place: path)
        }
        do {
            try body { bytes in
                try Task.checkCancellation()
                guard write(bytes, to: descriptor) else { throw writeFailed(path) }
            }
            guard fsync(descriptor) == 0 else { throw writeFailed(path) }
            try Task.checkCancellation()
            close(descriptor)
        } catch {
            close(descriptor)
            unsafe unlink(unfinished)
            throw error
        }
        guard unsafe rename(unfinished, path) == 0 else {
            unsafe unlink(unfinished)
            throw SijilError(.cannotCreate, "The file could not be made.", place: path)
        }
        try syncDirectory(directory(of: path))
    }

    /// A file without a name, for what has to wait for something that comes before it; gone with the process.
    ///
    /// - Parameter path: a file in the directory in which there is room.
    static func scratch(beside path: String) throws -> FileHandle {
        let name = "\(URL(fileURLWithPath: path).path).\(getpid()).pieces"
        let descriptor = make(name, O_RDWR)
        guard descriptor >= 0 else {
            throw SijilError(.cannotCreate, "The file could not be made.", place: path)
        }
        unsafe unlink(name)
        return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }

    /// Opens a new file, never one that somebody else put there or that a link leads to.
    ///
    /// - Returns: its descriptor, negative when it cannot be made.
    private static func make(_ path: String, _ access: Int32) -> Int32 {
        unsafe unlink(path)
        return unsafe open(path, access | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
    }

    /// The permission bits of a file; `nil` without one.
    static func mode(of path: String) -> UInt32? {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        return (attributes?[.posixPermissions] as? NSNumber)?.uint32Value
    }

    /// Makes the names in a directory survive a power cut.
    static func syncDirectory(_ path: String) throws(SijilError) {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        // Some file systems cannot do this and say so; then there is nothing more to be done.
        guard fsync(descriptor) == 0 || errno == EINVAL else {
            throw SijilError(.inputOutput, "A directory could not be written.", place: path)
        }
    }

    private static func directory(of path: String) -> String {
        URL(fileURLWithPath: path).deletingLastPathComponent().path
    }

    private static func writeFailed(_ path: String) -> SijilError {
        SijilError(.inputOutput, "The file could not be written.", place: path)
    }

    private static func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { buffer in
                unsafe Foundation.write(descriptor, buffer.baseAddress, buffer.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }
}

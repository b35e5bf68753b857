import Foundation
import SijilCore
public import SijilStore

/// The folder where a server keeps its database, for its owner only: the database holds the authority's key.
public struct DataFolder: Sendable {
    private static let fileName = "server.sqlite"

    private let path: String
    private var file: String { path + "/" + Self.fileName }

    public init(_ path: String) {
        self.path = path.isEmpty ? "." : path
    }

    /// Makes the folder (0700) with an empty database (0600), as far as they are missing.
    ///
    /// - Throws: `cannotCreate` when they cannot be made, `configuration` when others may look into a folder
    ///   that is in use for something.
    public func create() throws -> SQLiteLogStore {
        let files = FileManager.default
        if !files.fileExists(atPath: path) {
            do {
                try files.createDirectory(
                    atPath: path, withIntermediateDirectories: true,
                    attributes: [.posixPermissions: 0o700])
            } catch {
                throw SijilError(.cannotCreate, "The data folder cannot be made.")
            }
        } else if try contents().isEmpty {
            unsafe chmod(path, 0o700)
        }
        try checkMode(of: path, "The data folder", is: 0o700)
        let descriptor = unsafe Foundation.open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw SijilError(.cannotCreate, "The server's database cannot be made.")
        }
        Foundation.close(descriptor)
        return try open()
    }

    /// Opens the database.
    ///
    /// - Throws: `notFound` without the folder, `configuration` without a database or when others may read
    ///   it.
    public func open() throws -> SQLiteLogStore {
        guard FileManager.default.fileExists(atPath: path) else {
            throw SijilError(
                .notFound, "There is no such data folder.",
                hint: "'sijil-server init --data DIR' makes one.")
        }
        try checkMode(of: path, "The data folder", is: 0o700)
        guard FileManager.default.fileExists(atPath: file) else {
            throw SijilError(
                .configuration, "The server is not set up.",
                hint: "Run 'sijil-server init --data DIR' first.")
        }
        for suffix in ["", "-wal", "-shm"]
        where FileManager.default.fileExists(atPath: file + suffix) {
            try checkMode(of: file + suffix, "The server's database", is: 0o600)
        }
        return try SQLiteLogStore(path: file)
    }

    private func contents() throws(SijilError) -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: path)
        } catch {
            throw SijilError(.cannotCreate, "The data folder is not a folder, or cannot be read.")
        }
    }

    private func checkMode(
        of path: String, _ what: String, is wanted: UInt16
    ) throws(SijilError) {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        guard let mode = (attributes?[.posixPermissions] as? NSNumber)?.uint16Value else {
            throw SijilError(.inputOutput, "\(what) cannot be read.")
        }
        guard mode & 0o077 == 0 else {
            throw SijilError(
                .configuration, "\(what) can be read by others, and it holds the server's key.",
                hint: "chmod \(String(wanted, radix: 8)) \(path)")
        }
    }
}

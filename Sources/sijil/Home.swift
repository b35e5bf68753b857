import Foundation
import SijilCore
import SijilDirectory
import SijilStore

/// The directory that holds a replica: its database, and the key that signs what is written in it.
struct Home {
    let directory: String

    var database: String { directory + "/replica.sqlite" }
    var key: String { directory + "/replica.key" }

    /// - Parameters:
    ///   - option: what `--home` says; else the environment decides.
    ///   - environment: of the process.
    init(
        option: String?, environment: [String: String] = ProcessInfo.processInfo.environment
    ) {
        func value(_ name: String) -> String? {
            environment[name].flatMap { $0.isEmpty ? nil : $0 }
        }
        let path =
            option ?? value("SIJIL_HOME")
            ?? value("XDG_DATA_HOME").map { $0 + "/sijil" }
            ?? (value("HOME") ?? NSHomeDirectory()) + "/.local/share/sijil"
        directory = URL(fileURLWithPath: path).standardizedFileURL.path
    }

    // MARK: Making

    /// Makes a replica with a new key.
    ///
    /// Both files get their names when they are whole, the key first. Killed in between, the same command does the
    /// work. Of two that run at once one makes the replica.
    ///
    /// - Throws: `cannotCreate` when there is a replica, or the directory cannot be written.
    func create(name: String) throws -> Replica {
        try makeDirectory()
        return try PrivateFile.whileLocked(directory) {
            guard !FileManager.default.fileExists(atPath: database) else {
                throw SijilError(
                    .cannotCreate, "There is a replica already.",
                    hint: "Choose another --home, or use the one that is there.")
            }
            let unfinished = database + ".new"
            var left = "lost"
            if FileManager.default.fileExists(atPath: key) {
                if FileManager.default.fileExists(atPath: unfinished) {
                    // An init that was killed at its last step; nobody has seen the key.
                    unsafe unlink(key)
                } else {
                    // The file is gone: another under this key would be a copy of a replica that others know. The
                    // key is put aside, should the file be elsewhere.
                    left = ReplicaID(publicKey: try readKey().publicKey).abbreviated
                    unsafe rename(key, key + "." + left)
                }
            }
            // What a killed process left beside the lost file, SQLite would put into the new one; it may be all that
            // there is of somebody's work.
            for suffix in ["-wal", "-journal"] {
                unsafe rename(database + suffix, database + "." + left + suffix)
            }
            unsafe unlink(database + "-shm")
            for suffix in ["", "-wal", "-shm", "-journal"] { unsafe unlink(unfinished + suffix) }
            unsafe unlink(key + ".new")
            let signingKey = try SigningKey(seed: Environment.system.randomBytes(32))
            try PrivateFile.create(
                key + ".new", Array((hexadecimal(signingKey.seed) + "\n").utf8))
            try Replica.create(
                at: unfinished, name: name, key: signingKey, schema: .directory,
                environment: .system
            )
            .close()
            guard unsafe rename(key + ".new", key) == 0, unsafe rename(unfinished, database) == 0
            else {
                throw SijilError(.cannotCreate, "The replica's file could not be made.")
            }
            try PrivateFile.syncDirectory(directory)
            try PrivateFile.syncDirectory(directory + "/..")
            return try open()
        }
    }

    private func makeDirectory() throws {
        let manager = FileManager.default
        var isDirectory: ObjCBool = false
        if unsafe manager.fileExists(atPath: directory, isDirectory: &isDirectory) {
            guard isDirectory.boolValue else {
                throw SijilError(.cannotCreate, "There is a file where the home should be.")
            }
            // An empty directory becomes ours; one with other things in it stays as its owner wants it.
            if (try? manager.contentsOfDirectory(atPath: directory))?.isEmpty == true {
                unsafe chmod(directory, 0o700)
            }
            return
        }
        do {
            try manager.createDirectory(
                atPath: directory, withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700])
        } catch {
            throw SijilError(
                .cannotCreate, "The home directory could not be made.",
                hint: "Choose a place that you may write to with --home.")
        }
    }

    // MARK: Opening

    /// - Throws: `notFound` without a replica, `configuration` for a missing or open key.
    func open() throws -> Replica {
        guard FileManager.default.fileExists(atPath: database) else {
            throw SijilError(
                .notFound, "There is no replica here.", hint: "Make one with 'sijil init'.",
                place: directory)
        }
        if let mode = PrivateFile.mode(of: database), mode & 0o077 != 0 {
            throw SijilError(
                .configuration, "Others on this machine may read the replica's file.",
                hint: "Run 'chmod 600' on it.", place: database)
        }
        return try Replica.open(
            at: database, key: try readKey(), schema: .directory, environment: .system)
    }

    private func readKey() throws -> SigningKey {
        guard let mode = PrivateFile.mode(of: key) else {
            throw SijilError(
                .configuration, "The replica's key is missing.",
                hint: "A replica without its key cannot write. Make a new one with 'sijil init'.",
                place: key)
        }
        guard mode & 0o077 == 0 else {
            throw SijilError(
                .configuration, "Others on this machine may read the replica's key.",
                hint: "Run 'chmod 600' on it, and join again if it may have been copied.",
                place: key)
        }
        let text = (try? String(contentsOfFile: key, encoding: .utf8)) ?? ""
        let digits = text.trimmingCharacters(in: .whitespacesAndNewlines)
            .compactMap(\.hexDigitValue)
        guard digits.count == 64 else {
            throw SijilError(.configuration, "The replica's key is damaged.", place: key)
        }
        let seed = (0..<32).map { UInt8(digits[2 * $0] << 4 | digits[2 * $0 + 1]) }
        return try SigningKey(seed: seed)
    }

    private func hexadecimal(_ bytes: [UInt8]) -> String {
        bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }
}

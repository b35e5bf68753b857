public import Foundation

extension FuzzTarget {
    /// An input with a name for a file.
    public struct Input: Sendable {
        public let name: String
        public let bytes: [UInt8]
    }

    /// What to start from: the seeds, and the fixture files as far as ``maximumBytes`` goes.
    public func inputs(fixtures folder: URL) throws -> [Input] {
        var inputs = try seeds().enumerated()
            .map { Input(name: "seed-\($0)", bytes: $1) }
        for path in fixtures {
            let beginning = folder.appending(path: path)
            let files = try Self.files(
                beginning.lastPathComponent, in: beginning.deletingLastPathComponent())
            for file in files {
                let bytes = Array(try Data(contentsOf: file).prefix(maximumBytes))
                inputs.append(Input(name: file.lastPathComponent, bytes: bytes))
            }
        }
        return inputs
    }

    /// The inputs that once broke this target, or took it too long.
    public func crashers(fixtures folder: URL) throws -> [Input] {
        let folder = folder.appending(path: "Crashers/\(name)")
        guard FileManager.default.fileExists(atPath: folder.path) else { return [] }
        return try Self.files("", in: folder)
            .map { Input(name: $0.lastPathComponent, bytes: Array(try Data(contentsOf: $0))) }
    }

    private static func files(_ beginning: String, in folder: URL) throws -> [URL] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path)
            .filter { $0.hasPrefix(beginning) }.sorted().map { folder.appending(path: $0) }
    }
}
